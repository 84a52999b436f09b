"""`tipoff status DATE [--watch]`."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Annotated

import typer
from rich.console import Console
from rich.live import Live

from shared.messages import DayReport
from starter.options import AddressOption, DayArgument, JsonOption, parse_day
from starter.output import print_json, stdout_console
from starter.run import run

WATCH_SECONDS = 1.0


def status(
    day: DayArgument,
    watch: Annotated[bool, typer.Option("--watch", help="Until it ends.")] = False,
    address: AddressOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show a day: phases, processors, rows, blockers. Exit code 3 while it waits for an operator."""
    game_date = parse_day(day)
    raise typer.Exit(run(_status(game_date, watch, address, as_json)))


async def _status(day: date, watch: bool, address: str | None, as_json: bool) -> int:
    from starter.status_source import find_status  # noqa: PLC0415
    from starter.status_view import ENDED, day_view, exit_code  # noqa: PLC0415
    from starter.temporal import connect  # noqa: PLC0415

    connection = await connect(address)
    report = await find_status(connection, day)
    if watch and not as_json:
        console = stdout_console()
        with _screen(report, console) as live:
            while report.status not in ENDED:
                await asyncio.sleep(WATCH_SECONDS)
                report = await find_status(connection, day)
                live.update(day_view(report, processors=True))
        return exit_code(report.status)
    while watch and report.status not in ENDED:
        # With --json there is one object, at the end.
        await asyncio.sleep(WATCH_SECONDS)
        report = await find_status(connection, day)
    if as_json:
        print_json(report)
    else:
        stdout_console().print(day_view(report, processors=True))
    return exit_code(report.status)


def _screen(report: DayReport, console: Console) -> Live:
    from starter.status_view import day_view  # noqa: PLC0415

    return Live(day_view(report, processors=True), console=console, refresh_per_second=4)
