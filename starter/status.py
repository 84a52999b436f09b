"""`tipoff status DATE [--watch]`, and without a date the grid of dates by phases."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Annotated

import typer
from rich.console import Console
from rich.live import Live

from shared.grid import GridInput, StatusGrid
from shared.messages import DayReport
from shared.names import STATUS_GRID
from starter.options import AddressOption, JsonOption, parse_day
from starter.output import print_json, stdout_console
from starter.run import run

WATCH_SECONDS = 1.0


def status(
    day: Annotated[
        str | None, typer.Argument(metavar="[DATE]", help="Game date. Without one: the latest dates.")
    ] = None,
    watch: Annotated[bool, typer.Option("--watch", help="Until it ends.")] = False,
    days: Annotated[int, typer.Option("--days", min=1, max=400, help="Without a date: how many.")] = 14,
    until: Annotated[
        str | None, typer.Option("--until", metavar="DATE", help="Without a date: the last one.")
    ] = None,
    address: AddressOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show a day, or dates by phases. Exit code 3 while a day waits for an operator.

    A day: phases, processors, rows, blockers. Without a date a grid; exit code 1 if a phase there failed, is
    missing or is stale.
    """
    if day is None:
        asked = GridInput(until=parse_day(until) if until else None, days=days)
        raise typer.Exit(run(_grid(asked, address, as_json)))
    game_date = parse_day(day)
    raise typer.Exit(run(_status(game_date, watch, address, as_json)))


async def _grid(asked: GridInput, address: str | None, as_json: bool) -> int:
    from starter.grid_view import grid_exit_code, grid_view  # noqa: PLC0415
    from starter.temporal import connect  # noqa: PLC0415
    from starter.warehouse import answer  # noqa: PLC0415

    grid = await answer(await connect(address), STATUS_GRID, asked, StatusGrid, "status grid")
    if as_json:
        print_json(grid)
    else:
        stdout_console().print(grid_view(grid))
    return grid_exit_code(grid)


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
