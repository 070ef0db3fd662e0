"""Sending many views in one call when the system takes all or none of a message that it finds unfit."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeAlias, TypeVar

from contracts.adapter_port import Delivery, Outcome, PersonKey, Refused, TryLater, View

Send: TypeAlias = Callable[[Sequence[Delivery]], Awaitable[list[Outcome]]]
_Asked = TypeVar("_Asked")
_Answer = TypeVar("_Answer")


async def deliver_halving(send: Send, batch: Sequence[Delivery]) -> list[Outcome]:
    """One outcome per delivery. A batch that is refused whole is halved until the culprit stands alone.

    Raises TryLater only for the whole batch; once a part has had its effect, the rest's trouble is an outcome.
    """
    if not batch:
        return []
    try:
        return await send(batch)
    except Refused as refused:
        if len(batch) == 1:
            return [refused]
    outcomes: list[Outcome] = []
    middle = len(batch) // 2
    for half in (batch[:middle], batch[middle:]):
        try:
            outcomes += await deliver_halving(send, half)
        except TryLater as later:
            outcomes += [later] * len(half)
    return outcomes


async def read_by_number(
    ask: Callable[[Sequence[str]], Awaitable[list[View | None]]], people: Sequence[PersonKey], page_max: int
) -> list[View | None]:
    """What a system that knows people by their personal numbers holds of them, in order; each number is asked once.

    None for somebody unknown there, and for somebody without the number.
    """
    numbers = list(dict.fromkeys(one.personal_number for one in people if one.personal_number))
    held = dict(zip(numbers, await in_pages(ask, numbers, page_max), strict=True))
    return [held.get(one.personal_number or "") for one in people]


async def in_pages(
    ask: Callable[[Sequence[_Asked]], Awaitable[list[_Answer]]], asked: Sequence[_Asked], page_max: int
) -> list[_Answer]:
    """The answers to any number of questions, in order, a page at a time."""
    answers: list[_Answer] = []
    for start in range(0, len(asked), page_max):
        answers += await ask(asked[start : start + page_max])
    return answers
