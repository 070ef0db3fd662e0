"""`python -m mock_services serve | generate | sample-workbook | credentials`."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from datetime import date
from pathlib import Path

import orjson

from mock_services.files.entries import FORMS, EntryPlan
from mock_services.files.workbook import write_sample_workbook
from mock_services.files.writers import write_entries
from mock_services.instants import today
from mock_services.people.world import World
from mock_services.street import NAMES, PortTaken, StreetPlan, served
from mock_services.tokens import credentials

EXIT_PORT_TAKEN = 3
EXIT_WRONG_USE = 2


def main(arguments: list[str] | None = None) -> int:
    """Run a command; gives the exit code: 0 well, 2 wrong use, 3 a port is taken."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except PortTaken as taken:
        sys.stderr.write(f"Cổng {taken.host}:{taken.port} đang được dùng / the port is taken: {taken}\n")
        return EXIT_PORT_TAKEN
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_WRONG_USE


def _serve(options: argparse.Namespace) -> int:
    plan = StreetPlan(
        people=options.people,
        seed=options.seed,
        host=options.host,
        ports=_ports(options.ports),
        latency_s=options.slow_ms / 1000,
        token_expires_in_s=options.token_expires_in_s,
    )
    asyncio.run(_serve_until_told(plan, options.ready_file))
    return 0


async def _serve_until_told(plan: StreetPlan, ready_file: Path | None) -> None:
    told = asyncio.Event()
    for one in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(one, told.set)
    async with served(plan) as ready:
        if ready_file is not None:
            # Written beside and moved, so that a reader never meets half a file.
            beside = ready_file.with_name(f"{ready_file.name}.part")
            beside.write_bytes(orjson.dumps(ready, option=orjson.OPT_INDENT_2))
            beside.replace(ready_file)
        for name in NAMES:
            sys.stdout.write(f"{name:17} {ready[name]}\n")
        sys.stdout.flush()
        await told.wait()


def _ports(text: str) -> tuple[int, int, int, int]:
    parts = [int(part) for part in text.split(",")]
    if len(parts) != len(NAMES) or not all(0 <= part <= 65535 for part in parts):
        raise ValueError("--ports: four numbers, 0 for any free port")
    return parts[0], parts[1], parts[2], parts[3]


def _credentials(_: argparse.Namespace) -> int:
    sys.stdout.write(orjson.dumps(credentials(), option=orjson.OPT_INDENT_2).decode() + "\n")
    return 0


def _generate(options: argparse.Namespace) -> int:
    plan = EntryPlan(
        world=World(options.people, options.seed),
        form=options.form,
        declared_on=options.declared_on or today().date(),
        flawed_share=options.flawed,
    )
    count = write_entries(options.out, plan)
    sys.stdout.write(f"{count} phiếu / entries: {options.out}\n")
    return 0


def _sample(options: argparse.Namespace) -> int:
    write_sample_workbook(options.out, World(options.people, options.seed))
    sys.stdout.write(f"{options.out}\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m mock_services", description=__doc__)
    commands = parser.add_subparsers(required=True)
    serve = commands.add_parser("serve", help="serve the platform and the three systems until told to stop")
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--ports", default="9701,9702,9703,9704", help="platform, then the three systems; 0 = any free")
    serve.add_argument("--ready-file", type=Path, help="JSON with the urls, written once everything answers")
    serve.add_argument("--slow-ms", type=float, default=0, help="added to every call of the three systems")
    serve.add_argument("--token-expires-in-s", type=int, default=3600)
    serve.set_defaults(run=_serve)
    generate = commands.add_parser("generate", help="entries of the same people, as .jsonl, .csv or .xlsx")
    generate.add_argument("--out", type=Path, required=True)
    generate.add_argument("--form", choices=FORMS, default="mixed")
    generate.add_argument("--declared-on", type=date.fromisoformat, help="the last day of the survey; default today")
    generate.add_argument("--flawed", type=float, default=0.0, help="share of entries with a fault, 0 to 1")
    generate.set_defaults(run=_generate)
    issued = commands.add_parser("credentials", help="the invented keys that open the simulated platform, as JSON")
    issued.set_defaults(run=_credentials)
    sample = commands.add_parser("sample-workbook", help="200 rows as a commune would send them")
    sample.add_argument("--out", type=Path, required=True)
    sample.set_defaults(run=_sample)
    for command in (serve, generate, sample):
        command.add_argument("--people", type=int, default=2_000)
        command.add_argument("--seed", type=int, default=7)
    return parser


if __name__ == "__main__":
    sys.exit(main())
