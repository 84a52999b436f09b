"""`tipoff alerts …`: what a person was told or should have been, and whether the channels work."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from shared.alerts import SEVERITIES, AlertRow, AlertsInput, AlertsReport, ChannelReport, Severity
from shared.errors import BadRequest
from shared.names import ALERTS
from starter.failure import DONE, FAILED
from starter.options import AddressOption, JsonOption
from starter.output import print_json, stdout_console
from starter.run import run

STYLES = {"info": "cyan", "warning": "yellow", "error": "red", "critical": "bold red"}

alerts = typer.Typer(
    name="alerts", help="What a person should know, and how it is told.", no_args_is_help=True
)


@alerts.command(name="list")
def list_alerts(
    days: Annotated[int, typer.Option("--days", metavar="N", min=1, max=90, help="How far back.")] = 14,
    address: AddressOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the alerts of the last days, open ones first, and the channels."""

    async def command() -> int:
        report = await _report(address, AlertsInput(days=days))
        if as_json:
            print_json(report)
            return DONE
        console = stdout_console()
        if report.alerts:
            console.print(_alerts_table(report.alerts))
        else:
            console.print(f"No alert in the last {days} days.")
        for channel in report.channels:
            console.print(f"channel {channel.name}: {', '.join(channel.severities)}", soft_wrap=True)
        if not report.channels:
            console.print(NO_CHANNEL, soft_wrap=True)
        return DONE

    raise typer.Exit(run(command()))


NO_CHANNEL = (
    "No channel: alerts go to the worker's log. TIPOFF_ALERT_URLS or TIPOFF_ALERT_URLS_FILE names some."
)


@alerts.command(name="test")
def try_channels(
    severity: Annotated[
        str, typer.Option("--severity", help=f"Goes where one of these would: {', '.join(SEVERITIES)}.")
    ] = "error",
    address: AddressOption = None,
    as_json: JsonOption = False,
) -> None:
    """Send a test to every channel of a severity. Exit code 1 if one did not take it."""
    known: dict[str, Severity] = {name: name for name in SEVERITIES}
    if severity not in known:
        raise BadRequest(f"severity: {severity!r} is none; possible: {', '.join(SEVERITIES)}")

    async def command() -> int:
        report = await _report(address, AlertsInput(test=True, severity=known[severity]))
        tried = [c for c in report.channels if c.tried]
        if as_json:
            print_json(report)
        elif not report.channels:
            stdout_console().print(NO_CHANNEL, soft_wrap=True)
        elif not tried:
            stdout_console().print(f"No channel is told of severity {severity}.")
        else:
            for channel in tried:
                stdout_console().print(_tried(channel), soft_wrap=True)
        return DONE if tried and not any(c.error for c in tried) else FAILED

    raise typer.Exit(run(command()))


async def _report(address: str | None, request: AlertsInput) -> AlertsReport:
    from starter.temporal import connect  # noqa: PLC0415
    from starter.warehouse import answer  # noqa: PLC0415

    return await answer(await connect(address), ALERTS, request, AlertsReport, "alerts")


def _tried(channel: ChannelReport) -> str:
    return f"{channel.name}: " + (f"[red]{escape(channel.error)}[/]" if channel.error else "[green]taken[/]")


def _alerts_table(rows: tuple[AlertRow, ...]) -> Table:
    table = Table(header_style="bold", show_lines=True)
    table.add_column("date", no_wrap=True)
    table.add_column("", no_wrap=True)
    table.add_column("what", overflow="fold", ratio=1)
    for row in rows:
        state = f"resolved {row.resolved_at:%m-%d %H:%M}" if row.resolved_at else "open"
        times = f", {row.occurrences} times" if row.occurrences > 1 else ""
        told = f"told {row.last_sent:%m-%d %H:%M}" if row.last_sent else "not told yet"
        what = f"{escape(row.title)}\n[dim]{state} since {row.first_seen:%m-%d %H:%M} UTC{times}; {told}[/]"
        if row.undelivered:
            what += f"\n[yellow]undelivered: {escape(row.failure)}[/]"
        if row.command and not row.resolved_at:
            what += f"\n[bold]{escape(row.command)}[/]"
        style = "dim" if row.resolved_at else STYLES[row.severity]
        table.add_row(row.game_date.isoformat(), f"[{style}]{row.severity}[/]", what)
    return table
