"""The audit trail for those who examine it: pages of the chain, its signed end, and the key to check it with."""

from __future__ import annotations

from gateway.audit.chain import ChainRow, Checkpoint, Head
from gateway.permissions import Caller, require
from gateway.security.signing import Signer
from gateway.store.audit import AuditWriter
from gateway.store.audit_chain import AuditChain, Unchained


class AuditTrail:
    """The room's answers about the trail. Its methods block: call them from a worker thread."""

    def __init__(self, chain: AuditChain, audit: AuditWriter, signer: Signer) -> None:
        self._chain = chain
        self._audit = audit
        self._signer = signer

    def head(self, reader: Caller) -> Head:
        """Where the chain ends now, signed. Raises NotPermitted."""
        require(reader, "audit.read")
        return self._chain.head(self._signer.key_id, self._signer.sign)

    def page(self, after: int, limit: int, reader: Caller) -> list[ChainRow | Checkpoint]:
        """Rows behind a position with the checkpoints among them; reading them is audited too. Raises NotPermitted."""
        require(reader, "audit.read")
        found = self._chain.after(after, limit)
        rows = sum(isinstance(part, ChainRow) for part in found)
        self._audit.write(reader.name, "audit:read", "audit", {"after": after, "rows": rows})
        return found

    def public_key(self) -> tuple[str, str]:
        """Its id, and the key in PEM."""
        return self._signer.key_id, self._signer.public_pem()

    def unchained(self) -> Unchained:
        """What has no place in the chain yet."""
        return self._chain.unchained()
