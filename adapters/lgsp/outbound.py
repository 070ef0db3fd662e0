"""Where calls may go: to one exact origin per client, at addresses that are fit for it, behind certificates that are
checked. A name that leads to a private address leads nowhere, unless the operator named that network.
"""

from __future__ import annotations

import ipaddress
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeAlias

import httpx

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

_SCHEMES: Final = ("http", "https")
_PORTS: Final = {"http": 80, "https": 443}
_METADATA: Final = frozenset(map(ipaddress.ip_address, ("169.254.169.254", "100.100.100.200", "fd00:ec2::254")))
"""Where clouds tell a machine its own credentials. Two of them lie in ranges that an operator might name as private."""
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")


class NotAllowed(httpx.ConnectError):
    """Nobody was asked: the address, or what its name leads to, is not one that may be called."""


class NotTrusted(httpx.ConnectError):
    """Nobody was asked: who answers there could not show a certificate that is believed."""


class AddressRefused(OSError):
    """As NotAllowed, where only errors of sockets pass."""


@dataclass(frozen=True, slots=True)
class Outbound:
    """The rules of one client. The default is for trying things out: plain HTTP, and machines of one's own."""

    development: bool = True
    origins: frozenset[str] = frozenset()
    """Those that may be called at all; empty: whichever a client is given as its address."""
    networks: tuple[Network, ...] = ()
    """Private networks that are meant, such as the one between agencies."""
    ca_file: Path | None = None
    """Authorities that sign the other side (PEM); None: those that browsers know."""
    certificate_file: Path | None = None
    key_file: Path | None = None
    key_password: str | None = field(default=None, repr=False)

    def origin_for(self, base_url: str) -> str:
        """The origin of an address, if calls may go there. Raises ValueError with a sentence."""
        url = httpx.URL(base_url)
        if url.scheme not in _SCHEMES or not url.host or url.userinfo or url.query or url.fragment:
            raise ValueError(f"{base_url} is not the address of a service (https://host:port)")
        origin = origin_of(url)
        if not self.development and url.scheme != "https":
            raise ValueError(f"{origin}: outside development calls need https")
        if self.origins and origin not in self.origins:
            raise ValueError(f"{origin} is not among outbound.origins")
        if (refusal := self.refusal(url.host)) is not None:
            raise ValueError(f"{origin}: {refusal}")
        return origin

    def refusal(self, host: str) -> str | None:
        """Why an IP address must not be called; None if it may be, and for names, which have yet to be looked up."""
        try:
            address = ipaddress.ip_address(host.partition("%")[0])
        except ValueError:
            return None
        return next((why for one in _meant_by(address) if (why := self._why_not(one)) is not None), None)

    def _why_not(self, address: Address) -> str | None:
        if address in _METADATA or address.is_link_local or address.is_multicast or address.is_unspecified:
            return f"{address} is nobody's service"
        # Python calls the old site-local addresses of IPv6 global.
        is_public = address.is_global and not getattr(address, "is_site_local", False)
        if self.development or is_public:
            return None
        if address.is_loopback or address.is_reserved:
            return f"{address} is an address of this machine or of nobody"
        if any(address in network for network in self.networks):
            return None
        return f"{address} is private and in none of outbound.private_networks"

    def certificates(self) -> ssl.SSLContext:
        """Names and signatures are always checked. Raises ValueError for files that cannot be used."""
        try:
            # httpx brings the list of authorities that browsers know; the environment has no say in it.
            context = httpx.create_ssl_context(trust_env=False) if self.ca_file is None else _signed_by(self.ca_file)
            if self.certificate_file is not None:
                context.load_cert_chain(self.certificate_file, self.key_file, self.key_password or "")
        except OSError as error:
            files = ", ".join(str(one) for one in (self.ca_file, self.certificate_file, self.key_file) if one)
            raise ValueError(f"certificates ({files}): {error.strerror or error}") from None
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        assert context.check_hostname, "both ways to make a context check names"
        return context


def origin_of(url: httpx.URL) -> str:
    """Scheme, host and port (RFC 6454), the port always written out."""
    host = f"[{url.host}]" if ":" in url.host else url.host
    return f"{url.scheme}://{host}:{url.port or _PORTS.get(url.scheme, 0)}"


def _signed_by(file: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=file)


def _meant_by(address: Address) -> Iterator[Address]:
    """The address, and those IPv4 addresses that it is another way to write or to reach."""
    yield address
    if isinstance(address, ipaddress.IPv6Address):
        if address in _NAT64:
            yield ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
        yield from (one for one in (address.ipv4_mapped, address.sixtofour) if one is not None)
        yield from address.teredo or ()
