"""`tipoff demo`: the stack plus one day, from an empty folder to graded predictions."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from shared.errors import BadRequest
from starter.embedded import Stack
from starter.failure import DONE, CommandError, one_line
from starter.options import DataOption, HomeOption, JsonOption, SourceOption, parse_day
from starter.output import print_json, stderr_console, stdout_console
from starter.run import run_stack
from starter.up import make_stack, print_links


def demo(
    date: Annotated[
        str | None, typer.Option("--date", metavar="DATE", help="Game date, as 2025-11-07.")
    ] = None,
    source: SourceOption = None,
    once: Annotated[bool, typer.Option("--once", help="Stop when the day is done.")] = False,
    as_json: JsonOption = False,
    home: HomeOption = None,
    data: DataOption = None,
) -> None:
    """Run one day from start to end: history, training, seven phases, predictions, grading."""
    began = time.monotonic()
    day = parse_day(date) if date else None
    if source == "live":
        raise BadRequest("source: a demo is of recorded or simulated data; `tipoff up` runs live")
    stack = make_stack(home, source, data)
    code = DONE

    async def work(started: Stack) -> int | None:
        nonlocal code
        from starter.demo_run import DemoRun  # noqa: PLC0415

        run = DemoRun(started.info, stderr_console(), None if as_json else stdout_console())
        try:
            code, facts = await run.run(day, give_up_when_waiting=once, began=began)
        except CommandError as error:
            if as_json:
                # Whoever reads the object should find the failure in it too.
                print_json({"game_date": date, "status": "failed", "message": one_line(error)})
            raise
        if as_json:
            print_json(facts)
        else:
            print_links(started.info, stdout_console())
        if once:
            return code
        stderr_console().print("Ctrl-C stops it.")
        return None

    ended = run_stack(stack, work)
    raise typer.Exit(ended or code)
