"""`tipoff start DATE`."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from starter.failure import DONE
from starter.options import AddressOption, DayArgument, JsonOption, parse_day, requester
from starter.output import print_json, stderr_console, stdout_console
from starter.run import run


def start(
    day: DayArgument,
    wait: Annotated[bool, typer.Option("--wait", help="Until it ends or needs an operator.")] = False,
    address: AddressOption = None,
    as_json: JsonOption = False,
) -> None:
    """Start a day."""
    game_date = parse_day(day)
    raise typer.Exit(run(_start(game_date, wait, address, as_json)))


async def _start(day: date, wait: bool, address: str | None, as_json: bool) -> int:
    from shared.ids import daily_workflow_id  # noqa: PLC0415
    from shared.messages import DailyPipelineInput, DayReport  # noqa: PLC0415
    from shared.names import DAILY_PIPELINE  # noqa: PLC0415
    from starter.day import follow_day  # noqa: PLC0415
    from starter.status_view import day_view, exit_code  # noqa: PLC0415
    from starter.temporal import connect, start_or_attach  # noqa: PLC0415

    connection = await connect(address)
    handle, started = await start_or_attach(
        connection,
        DAILY_PIPELINE,
        DailyPipelineInput(game_date=day, requested_by=requester()),
        daily_workflow_id(day),
        DayReport,
    )
    described = await handle.describe()
    running = described.status is not None and described.status.name == "RUNNING"
    if wait:
        report = await follow_day(handle, day, stderr_console(), give_up_when_waiting=True)
        if as_json:
            print_json(report)
        else:
            stdout_console().print(day_view(report))
        return exit_code(report.status)
    state = "started" if started and running else "running" if running else "completed before"
    if as_json:
        print_json({"game_date": day, "workflow_id": handle.id, "state": state})
    elif running:
        stdout_console().print(f"{day} {state}; `tipoff status {day} --watch` shows it")
    else:
        stdout_console().print(
            f"{day} was completed before; `tipoff retrigger {day} --phase P --reason R` runs a phase again",
            soft_wrap=True,
        )
    return DONE
