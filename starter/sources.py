"""`tipoff sources …`: how each upstream stands, and that one which was left alone is asked again at once."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from shared.clock import utc_now
from shared.names import SOURCES
from shared.sources import SourcesInput, SourcesReport
from starter.failure import DONE
from starter.options import AddressOption, JsonOption, KeptReasonOption, check_reason, requester
from starter.output import print_json, stdout_console
from starter.run import run

sources = typer.Typer(
    name="sources", help="How the upstreams stand, and which are left alone.", no_args_is_help=True
)


@sources.command(name="list")
def list_sources(address: AddressOption = None, as_json: JsonOption = False) -> None:
    """Show every source: its breaker, when it is asked again, and today's failed calls against the budget."""
    _run(SourcesInput(), address, as_json)


@sources.command()
def close(
    name: Annotated[str, typer.Argument(metavar="NAME", help="As `list` shows it, like espn.")],
    reason: KeptReasonOption,
    address: AddressOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask a source again at once, by every worker: its breaker closes and the day's budget begins anew.

    For when somebody knows that it is back. Its own Retry-After is forgotten as well.
    """
    check_reason(reason)
    _run(SourcesInput(close=name, reason=reason, requested_by=requester()), address, as_json)


def _run(request: SourcesInput, address: str | None, as_json: bool) -> None:
    async def command() -> int:
        from starter.recorded import record  # noqa: PLC0415
        from starter.temporal import connect  # noqa: PLC0415
        from starter.warehouse import answer  # noqa: PLC0415

        connection = await connect(address)
        if request.close:
            await record(connection, "sources close", request.close, request.reason)
        report = await answer(connection, SOURCES, request, SourcesReport, "sources")
        if as_json:
            print_json(report)
        else:
            stdout_console().print(sources_table(report))
        return DONE

    raise typer.Exit(run(command()))


def sources_table(report: SourcesReport) -> Table:
    """A row a source."""
    now = utc_now()
    table = Table(header_style="bold")
    for name in ("source", "breaker", "asked again"):
        table.add_column(name, no_wrap=True)
    table.add_column("failed today", justify="right")
    table.add_column("why", overflow="fold", ratio=1)
    for row in report.sources:
        held = row.not_before is not None and row.not_before > now
        when = f"{row.not_before:%m-%d %H:%M:%S}" if held else "now"
        style = "green" if row.state == "closed" and not held else "yellow"
        failed = f"{row.failed_today} of {row.failed_a_day}"
        table.add_row(row.source, f"[{style}]{row.state}[/]", when, failed, escape(row.reason))
    return table
