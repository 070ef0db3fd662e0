"""`lgsp topics acls`: the rights of each role's certificate on Kafka, against `gateway/stream/kafka/acls.csv`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from functools import partial

from rich.console import Console

from contracts.problems import Language
from gateway.cli.exit_codes import ExitCode
from gateway.cli.serve import read_settings
from gateway.cli.session import print_json
from gateway.cli.texts import say
from gateway.cli.topics import ask_kafka
from gateway.stream.kafka import acls
from gateway.stream.kafka.acls import AclDrift
from gateway.stream.kafka.rights import Right, principals, wanted


def show(principal_form: str, as_json: bool = False, lang: Language = "vi") -> int:
    """The table alone; no broker is asked. Raises CliFault."""
    rights = _wanted(principal_form)
    if as_json:
        print_json({"rights": [asdict(one) for one in rights]})
        return ExitCode.OK
    console = _console()
    for right in rights:
        console.print(_line("acls.right", right, lang))
    console.print(say("acls.hint", lang))
    return ExitCode.OK


def check(principal_form: str, as_json: bool = False, lang: Language = "vi") -> int:
    """Say every difference; the exit code is DRIFTED if there is one. Raises CliFault."""
    rights, ours = _wanted(principal_form), principals(principal_form)
    drifts = ask_kafka(partial(acls.check, wanted=rights, ours=ours))
    _tell(rights, drifts, {"missing": "acls.missing", "surplus": "acls.surplus"}, as_json, lang)
    return ExitCode.DRIFTED if drifts else ExitCode.OK


def apply(principal_form: str, as_json: bool = False, lang: Language = "vi") -> int:
    """Give what is missing, take what is surplus. Raises CliFault."""
    rights, ours = _wanted(principal_form), principals(principal_form)
    drifts = ask_kafka(partial(acls.apply, wanted=rights, ours=ours))
    _tell(rights, drifts, {"missing": "acls.given", "surplus": "acls.taken"}, as_json, lang)
    return ExitCode.OK


def _wanted(principal_form: str) -> list[Right]:
    return wanted(read_settings().kafka.group_prefix, principal_form)


def _tell(
    rights: Sequence[Right], drifts: Sequence[AclDrift], words: dict[str, str], as_json: bool, lang: Language
) -> None:
    if as_json:
        print_json({"rights": [asdict(one) for one in rights], "drifts": [asdict(one) for one in drifts]})
        return
    console = _console()
    for drift in drifts:
        console.print(_line(words[drift.kind], drift.right, lang))
    if not drifts:
        console.print(say("acls.as-wanted", lang, count=len(rights)))


def _line(key: str, right: Right, lang: Language) -> str:
    name = f"{right.name}*" if right.pattern == "prefixed" else right.name
    permission = "" if right.permission == "Allow" else f"{right.permission} "
    what = f"{permission}{right.operation} {right.resource} {name}"
    return say(key, lang, principal=right.principal, what=what)


def _console() -> Console:
    # `User:watch:` would come out as a picture of a watch.
    return Console(highlight=False, markup=False, emoji=False, soft_wrap=True)
