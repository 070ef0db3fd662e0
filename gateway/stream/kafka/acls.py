"""Kafka's access control list against `acls.csv`: compared, and made so for our own certificates, nobody else's."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.protocol.admin import CreateAclsRequest, DeleteAclsRequest, DescribeAclsRequest

from gateway.stream.kafka.rights import Right
from gateway.stream.kafka.settings import KafkaSettings
from gateway.stream.kafka.topics import LOOK_AGAIN_S, LOOKS_MAX, administration, raise_for

AclDriftKind: TypeAlias = Literal["missing", "surplus"]
_ANY: Final = 1
# Codes of the wire protocol: org.apache.kafka.common.resource and .acl.
_RESOURCES: Final = {"topic": 2, "group": 3, "cluster": 4, "transactional-id": 5, "delegation-token": 6, "user": 7}
_PATTERNS: Final = {"literal": 3, "prefixed": 4}
_PERMISSIONS: Final = {"Deny": 2, "Allow": 3}
_OPERATIONS: Final = {
    name: code
    for code, name in enumerate(
        (
            *("All", "Read", "Write", "Create", "Delete", "Alter", "Describe", "ClusterAction", "DescribeConfigs"),
            *("AlterConfigs", "IdempotentWrite", "CreateTokens", "DescribeTokens"),
        ),
        start=2,
    )
}


@dataclass(frozen=True, slots=True)
class AclDrift:
    """A right that is missing, or that one of our certificates has beyond the table."""

    kind: AclDriftKind
    right: Right


async def check(settings: KafkaSettings, wanted: Collection[Right], ours: Collection[str]) -> list[AclDrift]:
    """Every difference for the principals `ours`; nothing is changed. Raises StreamUnavailable, TopicsRefused."""
    async with administration(settings) as admin:
        return _differences(await _present(admin), wanted, ours)


async def apply(settings: KafkaSettings, wanted: Collection[Right], ours: Collection[str]) -> list[AclDrift]:
    """Give what is missing and take what is surplus; answers what was done. Raises as `check` does."""
    async with administration(settings) as admin:
        drifts = _differences(await _present(admin), wanted, ours)
        for drift in drifts:
            await (_give if drift.kind == "missing" else _take)(admin, drift.right)
        for _ in range(LOOKS_MAX):
            # Brokers hear of it a moment after it was accepted.
            if not drifts or not _differences(await _present(admin), wanted, ours):
                break
            await asyncio.sleep(LOOK_AGAIN_S)
    return drifts


def _differences(present: Collection[Right], wanted: Collection[Right], ours: Collection[str]) -> list[AclDrift]:
    missing = [AclDrift("missing", one) for one in sorted(set(wanted) - set(present))]
    own = {one for one in present if one.principal in ours}
    return missing + [AclDrift("surplus", one) for one in sorted(own - set(wanted))]


async def _present(admin: AIOKafkaAdminClient) -> set[Right]:
    answer = await _send(admin, DescribeAclsRequest(_ANY, None, _ANY, None, None, _ANY, _ANY))
    raise_for(answer.error_code, answer.error_message)
    return set(_rights(answer.resources))


def _rights(listed: Any) -> Iterator[Right]:
    for resource, name, pattern, entries in listed:
        for principal, host, operation, permission in entries:
            yield Right(
                principal,
                _named(_OPERATIONS, operation),
                _named(_RESOURCES, resource),
                name,
                _named(_PATTERNS, pattern),
                _named(_PERMISSIONS, permission),
                host,
            )


async def _give(admin: AIOKafkaAdminClient, right: Right) -> None:
    answer = await _send(admin, CreateAclsRequest(*_coded(right)))
    for error, message in answer.creation_responses:
        raise_for(error, message)


async def _take(admin: AIOKafkaAdminClient, right: Right) -> None:
    answer = await _send(admin, DeleteAclsRequest(*_coded(right)))
    for error, message, _ in answer.filter_responses:
        raise_for(error, message)


def _coded(right: Right) -> tuple[int, str, int, str, str, int, int]:
    return (
        _code(_RESOURCES, right.resource),
        right.name,
        _code(_PATTERNS, right.pattern),
        right.principal,
        right.host,
        _code(_OPERATIONS, right.operation),
        _code(_PERMISSIONS, right.permission),
    )


def _code(codes: dict[str, int], name: str) -> int:
    return codes[name] if name in codes else int(name)


def _named(codes: dict[str, int], code: int) -> str:
    # What a later Kafka has that this table has not goes by its number, and can only be surplus.
    return next((name for name, known in codes.items() if known == code), str(code))


async def _send(admin: AIOKafkaAdminClient, request: Any) -> Any:
    # The library knows these requests, but its administration client has no methods for them yet.
    return await admin._send_request(request)
