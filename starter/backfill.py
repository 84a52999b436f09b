"""`tipoff backfill START END`: the past dates that need it, in order, as one durable workflow."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from shared.backfill import MOST_DATES, BackfillInput, BackfillPlan, BackfillProgress, BackfillSummary, Only
from shared.config import load_settings
from shared.errors import BadRequest
from shared.names import BACKFILL
from shared.phases import phase_named
from starter.embedded import Stack
from starter.failure import DONE, FAILED, CommandError
from starter.home import running_stack
from starter.options import (
    AddressOption,
    DataOption,
    HomeOption,
    JsonOption,
    KeptReasonOption,
    SourceOption,
    parse_day,
    requester,
)
from starter.output import print_json, stderr_console, stdout_console
from starter.run import run, run_stack
from starter.up import make_stack

if TYPE_CHECKING:
    from rich.console import Console
    from temporalio.client import WorkflowHandle

    from starter.temporal import Connection

POLL_SECONDS = 1.0


def backfill(
    start: Annotated[str, typer.Argument(metavar="START", help="First game date, as 2024-10-22.")],
    end: Annotated[str, typer.Argument(metavar="END", help="Last game date, included.")],
    phase: Annotated[
        str | None, typer.Option("--phase", help="This phase and what depends on it. Default: the whole day.")
    ] = None,
    only: Annotated[
        Only | None, typer.Option("--only", help="Which dates. Default: missing, failed and stale ones.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the plan and run nothing.")] = False,
    max_parallel: Annotated[
        int, typer.Option("--max-parallel", min=1, max=8, help="Days under way at once.")
    ] = 2,
    pause: Annotated[bool, typer.Option("--pause", help="Start no further day of it.")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Go on after --pause.")] = False,
    stop: Annotated[
        bool, typer.Option("--stop", help="End it when the days under way are finished.")
    ] = False,
    reason: KeptReasonOption = "",
    source: SourceOption = None,
    as_json: JsonOption = False,
    home: HomeOption = None,
    data: DataOption = None,
    address: AddressOption = None,
) -> None:
    """Run the past dates that need it, in order: a plan first, a summary at the end.

    Uses the stack of the home if one is up, else starts one for as long as it
    takes. Given again it finds the one that runs. Exit code 1 if a date failed, or no
    model can serve them.
    """
    asked = _asked(start, end, phase, only, dry_run, max_parallel)
    folder = load_settings(home=home).home
    word = next((w for w, given in (("pause", pause), ("resume", resume), ("stop", stop)) if given), "")
    if address or word or running_stack(folder):

        async def command() -> int:
            from starter.recorded import record  # noqa: PLC0415
            from starter.temporal import connect  # noqa: PLC0415

            connection = await connect(address, home)
            if not dry_run:
                await record(connection, f"backfill {word}".strip(), f"{start} to {end}", reason)
            return await (_tell(connection, asked, word) if word else _backfilled(connection, asked, as_json))

        raise typer.Exit(run(command()))

    async def work(started: Stack) -> int:
        from starter.recorded import record  # noqa: PLC0415
        from starter.temporal import connect  # noqa: PLC0415

        connection = await connect(home=started.info.home)
        if not dry_run:
            await record(connection, "backfill", f"{start} to {end}", reason)
        return await _backfilled(connection, asked, as_json)

    raise typer.Exit(run_stack(make_stack(home, source, data), work))


def _asked(
    start: str, end: str, phase: str | None, only: Only | None, dry_run: bool, max_parallel: int
) -> BackfillInput:
    first, last = parse_day(start), parse_day(end)
    if last < first:
        raise BadRequest(f"end: {last} is before {first}")
    if (last - first).days >= MOST_DATES:
        raise BadRequest(f"end: {first} to {last} is more than {MOST_DATES:,} dates; split it")
    return BackfillInput(
        start=first,
        end=last,
        phase=phase_named(phase).name if phase else "",
        only=only,
        dry_run=dry_run,
        max_parallel=max_parallel,
        history_seasons=load_settings().history_seasons,
        requested_by=requester(),
    )


def backfill_workflow_id(start: date, end: date) -> str:
    """The id follows from the dates: a command that was killed finds what it had started."""
    return f"backfill-{start}-{end}"


async def _tell(connection: Connection, asked: BackfillInput, word: str) -> int:
    """Pauses, resumes or stops the backfill of these dates."""
    from temporalio.service import RPCError, RPCStatusCode  # noqa: PLC0415

    from starter.temporal import patiently  # noqa: PLC0415

    workflow_id = backfill_workflow_id(asked.start, asked.end)
    handle: WorkflowHandle[Any, Any] = connection.client.get_workflow_handle(workflow_id)
    try:
        await patiently(lambda: handle.signal(word))
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        raise CommandError(f"no backfill of {asked.start} to {asked.end} runs") from None
    stdout_console().print(f"{workflow_id}: {word} sent", soft_wrap=True)
    return DONE


async def _backfilled(connection: Connection, asked: BackfillInput, as_json: bool) -> int:
    from starter.backfill_view import plan_view, summary_view  # noqa: PLC0415
    from starter.temporal import result_of, start_or_join  # noqa: PLC0415

    if connection.stack and connection.stack.source == "simulated":
        # An invented league teaches nothing more by a second season.
        asked = asked.model_copy(update={"history_seasons": min(asked.history_seasons, 1)})
    workflow_id = backfill_workflow_id(asked.start, asked.end) + ("-plan" if asked.dry_run else "")
    handle = await start_or_join(connection, BACKFILL, asked, workflow_id, BackfillSummary)
    # Without a run id: it continues as new, and the last run has the result.
    latest: WorkflowHandle[Any, BackfillSummary] = connection.client.get_workflow_handle(
        handle.id, result_type=BackfillSummary
    )
    summary = await _followed(latest, result_of(latest, "backfill"), stderr_console(), asked)
    if as_json:
        print_json(summary)
    else:
        view = plan_view(summary.plan, asked) if summary.plan else summary_view(summary)
        stdout_console().print(view)
    refused = summary.plan is not None and bool(summary.plan.refusal)
    return DONE if summary.status in ("planned", "completed") and not refused else FAILED


async def _followed(
    handle: WorkflowHandle[Any, BackfillSummary], result: Any, notes: Console, asked: BackfillInput
) -> BackfillSummary:
    """The summary; plan and progress are told on the way."""
    from starter.backfill_view import plan_view, progress_line  # noqa: PLC0415
    from starter.temporal import ask_query  # noqa: PLC0415

    ended = asyncio.ensure_future(result)
    plan: BackfillPlan | None = None
    said = -1
    try:
        with notes.status("backfill") as status:
            while not ended.done():
                await asyncio.wait({ended}, timeout=POLL_SECONDS)
                if plan is None and not asked.dry_run:
                    plan = await ask_query(handle, "plan", BackfillPlan)
                    if plan:
                        notes.print(plan_view(plan, asked))
                progress = None if ended.done() else await ask_query(handle, "progress", BackfillProgress)
                if progress:
                    status.update(progress_line(progress))
                    # Where no terminal shows the line above, one is printed for every tenth date.
                    if not notes.is_terminal and progress.done // 10 != said:
                        said = progress.done // 10
                        notes.print(progress_line(progress), soft_wrap=True)
        summary: BackfillSummary = ended.result()
        return summary
    finally:
        ended.cancel()
