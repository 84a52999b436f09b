"""How a validator is asked from the command line, shown and turned into an exit code."""

from __future__ import annotations

from typing import Annotated

import typer

from shared.messages import Message
from shared.validation import CheckReport
from starter.failure import DONE, FAILED
from starter.findings_view import findings_table
from starter.output import print_json, stdout_console
from starter.run import run

StrictOption = Annotated[bool, typer.Option("--strict", help="Warnings fail too.")]
VerboseOption = Annotated[bool, typer.Option("--verbose", help="Show the checks that are well, too.")]

ANSWER_SECONDS = 3_600.0


def ask_validator(
    workflow: str,
    request: Message,
    what: str,
    address: str | None,
    *,
    as_json: bool,
    strict: bool,
    verbose: bool,
) -> None:
    """Runs a validator, prints its findings, and exits with 1 if one has failed."""

    async def command() -> int:
        from starter.temporal import connect  # noqa: PLC0415
        from starter.warehouse import answer  # noqa: PLC0415

        connection = await connect(address)
        report = await answer(connection, workflow, request, CheckReport, what, ANSWER_SECONDS)
        if as_json:
            print_json(report)
        else:
            show(report, verbose=verbose)
        return FAILED if report.failed() or (strict and report.warned()) else DONE

    raise typer.Exit(run(command()))


def show(report: CheckReport, *, verbose: bool) -> None:
    """The findings with their remedies, and one line that sums them up."""
    shown = [finding for finding in report.findings if verbose or finding.status != "ok"]
    if shown:
        stdout_console().print(findings_table(shown))
    counts = {status: sum(f.status == status for f in report.findings) for status in ("ok", "warn", "fail")}
    skipped = f"; {report.skipped} had nothing to judge" if report.skipped else ""
    stdout_console().print(
        f"{report.validator}, {report.subject}: {counts['ok']} checks ok, {counts['warn']} with warnings, "
        f"{counts['fail']} failed ({report.judged} results{skipped})"
    )
