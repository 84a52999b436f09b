"""`tipoff reconcile`: what schedule, tables and statuses disagree about, and having it mended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from shared.errors import BadRequest
from shared.names import RECONCILE
from shared.reconcile import UNFINISHED_MINUTES, ReconcileInput, ReconcileReport, Remedy
from starter.failure import DONE, FAILED
from starter.options import AddressOption, JsonOption, parse_day, requester
from starter.output import print_json, stdout_console
from starter.run import run

if TYPE_CHECKING:
    from rich.table import Table

WORKFLOW_ID = "reconcile"


def reconcile(
    start: Annotated[
        str | None, typer.Argument(metavar="[START]", help="First game date. Default: the last 14 dates.")
    ] = None,
    end: Annotated[str | None, typer.Argument(metavar="[END]", help="Last game date, included.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what is found; do nothing.")] = False,
    after: Annotated[
        int,
        typer.Option("--after", metavar="MINUTES", min=0, help="How long a phase may stand unfinished."),
    ] = UNFINISHED_MINUTES,
    address: AddressOption = None,
    as_json: JsonOption = False,
) -> None:
    """Find gaps, stale statuses and orphans, and have the days mend them.

    Exit code 1 if something is left for a person.
    """
    first = parse_day(start) if start else None
    last = parse_day(end) if end else first
    if first and last and last < first:
        raise BadRequest(f"END: {last} is before START, {first}")
    request = ReconcileInput(
        start=first, end=last, dry_run=dry_run, unfinished_minutes=after, requested_by=requester()
    )

    async def command() -> int:
        from starter.temporal import connect, result_of, start_or_join  # noqa: PLC0415

        connection = await connect(address)
        workflow_id = f"{WORKFLOW_ID}-dry-run" if dry_run else WORKFLOW_ID
        handle = await start_or_join(connection, RECONCILE, request, workflow_id, ReconcileReport)
        report = await result_of(handle, "reconcile")
        if as_json:
            print_json(report.model_dump(mode="json"))
        else:
            _show(report)
        return FAILED if left_for_a_person(report) else DONE

    raise typer.Exit(run(command()))


def left_for_a_person(report: ReconcileReport) -> bool:
    """Whether something was found that is not mended by itself."""
    return any(one.remedy is Remedy.NONE and one.kind != "box_score" for one in report.found)


def _show(report: ReconcileReport) -> None:
    console = stdout_console()
    if report.end is None:
        console.print("nothing was ever run here")
        return
    span = f"{report.start} to {report.end}"
    if not report.found:
        console.print(f"{span}: schedule, tables and statuses agree")
        return
    number = len(report.found) + report.left_out
    console.print(f"{span}: {number} found{', nothing done' if report.dry_run else ''}")
    console.print(found_table(report))


def found_table(report: ReconcileReport) -> Table:
    """Each finding with what was done, or would be, in 80 columns."""
    from rich.table import Table  # noqa: PLC0415

    table = Table(header_style="bold", show_lines=True)
    table.add_column("date", no_wrap=True)
    table.add_column("found", overflow="fold", ratio=1)
    table.add_column("would do" if report.dry_run else "done", overflow="fold", ratio=1)
    for one in report.found:
        act = one.done if not report.dry_run else f"{one.remedy} {one.phase}".strip()
        if one.remedy is Remedy.NONE:
            act = "nothing" + (f"; `{escape(one.command)}`" if one.command else "")
        table.add_row(str(one.game_date or ""), f"{escape(one.what)}\n[dim]{one.kind}[/]", act)
    return table
