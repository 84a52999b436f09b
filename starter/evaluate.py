"""`tipoff evaluate START END`: every system, walk-forward, on the same rows."""

from __future__ import annotations

import asyncio
import json
import time
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from shared.clock import MORNING, eastern, utc_now
from shared.config import load_settings
from shared.errors import BadRequest
from shared.evaluation import RUN_IN_DATES, EvaluateInput, EvaluationProgress, EvaluationResult
from shared.jobs import HistoryProgress, LinesProgress, LoadHistoryInput, LoadLinesInput
from shared.names import EVALUATE, LOAD_HISTORY, LOAD_LINES
from starter.embedded import Stack
from starter.failure import DONE, FAILED
from starter.home import running_stack
from starter.options import DataOption, HomeOption, JsonOption, SourceOption, parse_day
from starter.output import print_json, stderr_console, stdout_console
from starter.run import run, run_stack
from starter.up import make_stack

SEASONS = 6
"""Seasons of history that train, before the one that is evaluated."""

POLL_SECONDS = 1.0


def evaluate(
    start: Annotated[str, typer.Argument(metavar="START", help="First game date, as 2024-10-22.")],
    end: Annotated[str, typer.Argument(metavar="END", help="Last game date, included.")],
    seasons: Annotated[
        int, typer.Option("--seasons", min=1, max=12, help="Seasons of history before the first date.")
    ] = SEASONS,
    source: SourceOption = None,
    as_json: JsonOption = False,
    home: HomeOption = None,
    data: DataOption = None,
) -> None:
    """Judge the systems on past dates, each predicted from what its morning knew.

    Uses the stack of the home if one is up, else starts one for as long as it takes. Exit code 1 if a leak
    canary fails.
    """
    asked = EvaluateInput(start=parse_day(start), end=parse_day(end), seasons=seasons)
    if asked.end < asked.start:
        raise BadRequest(f"end: {asked.end} is before {asked.start}")
    folder = load_settings(home=home).home
    if running_stack(folder):
        raise typer.Exit(run(_evaluated(asked, folder, as_json)))

    async def work(started: Stack) -> int:
        return await _evaluated(asked, started.info.home, as_json)

    raise typer.Exit(run_stack(make_stack(home, source, data), work))


async def _evaluated(asked: EvaluateInput, home: Path, as_json: bool) -> int:
    from starter.evaluate_view import evaluation_view  # noqa: PLC0415
    from starter.temporal import connect, result_of, start_or_join  # noqa: PLC0415

    began = time.monotonic()
    notes = stderr_console()
    connection = await connect(home=home)
    history = LoadHistoryInput(
        until=asked.end + timedelta(days=1), seasons=asked.seasons, as_of=_afterwards(asked.end)
    )
    # As with the lines below: files may have been added to the source since an earlier run.
    loading = await start_or_join(
        connection, LOAD_HISTORY, history, f"history-{asked.end}-{asked.seasons}", HistoryProgress
    )
    loaded = await _followed(loading, result_of(loading, "history"), HistoryProgress, notes, "history")
    notes.print(f"history: {loaded.games:,} games brought in")
    await _load_lines(connection, asked, notes)
    # The id follows from the dates: a command that was killed finds what it had started and goes on.
    handle = await start_or_join(
        connection, EVALUATE, asked, f"evaluate-{asked.start}-{asked.end}", EvaluationResult
    )
    result = await _followed(handle, result_of(handle, "evaluation"), EvaluationProgress, notes, "evaluation")
    report = json.loads(Path(result.json_path).read_text(encoding="utf-8"))
    report |= {"seconds": round(time.monotonic() - began, 1), "peak_mib": result.peak_mib}
    if as_json:
        print_json({**report, "html": result.html_path})
    else:
        stdout_console().print(evaluation_view(report))
        stdout_console().print(f"Report: {result.html_path}", soft_wrap=True)
    return DONE if all(state == "pass" for state in result.canaries.values()) else FAILED


async def _load_lines(connection: Any, asked: EvaluateInput, notes: Any) -> None:
    """Brings in the lines that the systems are compared with, where the source has any."""
    from starter.temporal import result_of, start_or_join  # noqa: PLC0415

    lines = LoadLinesInput(
        start=asked.start, end=asked.end, run_in=RUN_IN_DATES, as_of=_afterwards(asked.end)
    )
    # Not the result of an earlier run: a day may have brought lines, or a file of them been added, since.
    handle = await start_or_join(
        connection, LOAD_LINES, lines, f"lines-{asked.start}-{asked.end}", LinesProgress
    )
    loaded = await _followed(handle, result_of(handle, "lines"), LinesProgress, notes, "lines")
    notes.print(f"lines: {loaded.rows:,} brought in, of {loaded.dates} dates")
    if loaded.unavailable:
        notes.print(f"lines: none from the source: {loaded.unavailable}")


def _afterwards(end: date) -> datetime:
    """When the games of a date are all known: the next noon but one, or now."""
    return min(eastern(end + timedelta(days=2), MORNING), utc_now())


async def _followed(handle: Any, result: Any, answer: type[Any], notes: Any, name: str) -> Any:
    """The result, its progress told on the way."""
    from starter.temporal import ask_query  # noqa: PLC0415

    ended = asyncio.ensure_future(result)
    said = ""
    try:
        with notes.status(name) as status:
            while not ended.done():
                await asyncio.wait({ended}, timeout=POLL_SECONDS)
                if ended.done():
                    break
                progress = await ask_query(handle, "progress", answer)
                text = f"{name}: {progress.done} of {progress.total}, {progress.note}" if progress else name
                if text != said:
                    status.update(text)
                    said = text
        return ended.result()
    finally:
        ended.cancel()
