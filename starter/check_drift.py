"""`tipoff check-drift`: whether every worker that runs is of the build that should."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.markup import escape

from shared.build import build_id
from shared.clock import game_date_of, utc_now
from shared.config import load_settings
from shared.deployments import DEPLOYMENT, DriftInput, DriftKept, DriftReport, RunningWorker
from shared.names import CHECK_DRIFT
from shared.predeploy import Finding
from starter.commits import commits_between, in_words
from starter.failure import DONE, FAILED, CommandError
from starter.findings_view import findings_table
from starter.options import AddressOption, JsonOption
from starter.output import print_json, stderr_console, stdout_console
from starter.run import run

if TYPE_CHECKING:
    from starter.deployments import Deployed
    from starter.temporal import Connection

KEEP_SECONDS = 20.0
COMMITS_SHOWN = 10


def check_drift(
    expect: Annotated[
        str | None,
        typer.Option("--expect", metavar="BUILD", help="Build that should run. Default: what is deployed."),
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", help="List the commits between.")] = False,
    address: AddressOption = None,
    as_json: JsonOption = False,
) -> None:
    """Compare the build of every polling worker with the one that should run; exit code 1 if one differs.

    What should run is the deployment's current build; where nothing is deployed,
    that of this checkout. Workers of a build that is draining belong there until
    its last day has ended.
    """
    settings = load_settings()
    name, ours = settings.deployment or DEPLOYMENT, build_id(settings.build_id)

    async def command() -> int:
        from starter.deployments import deployed, running_workers  # noqa: PLC0415
        from starter.temporal import connect  # noqa: PLC0415

        connection = await connect(address)
        known = await deployed(connection, name)
        report = drift(name, known, await running_workers(connection), ours=ours, expect=expect)
        await _keep(connection, report)
        if as_json:
            print_json(report)
        else:
            _show(report, verbose)
        return FAILED if report.failed() else DONE

    raise typer.Exit(run(command()))


def drift(
    name: str,
    known: Deployed,
    workers: tuple[RunningWorker, ...],
    *,
    ours: str,
    expect: str | None = None,
) -> DriftReport:
    """What runs beside what should."""
    by: Literal["deployment", "checkout", "argument"]
    expected, by = (expect, "argument") if expect else (known.current, "deployment")
    if not expected:
        expected, by = ours, "checkout"
    findings = [_of_worker(worker, known, expected) for worker in workers]
    if not any(worker.build_id == expected for worker in workers):
        findings.append(
            Finding(
                check="expected build", status="fail", observed=f"no worker of build {expected} polls",
                expected="at least one", remedy="start one, or deploy what runs: tipoff deploy BUILD",
            )
        )  # fmt: skip
    if by == "deployment":
        findings.append(_of_checkout(expected, ours))
    builds = {w.build_id for w in workers if w.build_id and w.build_id != expected} | {ours} - {expected}
    return DriftReport(
        deployment=name,
        expected=expected,
        expected_by=by,
        workers=workers,
        findings=tuple(findings),
        commits={build: found for build in sorted(builds) if (found := commits_between(build, expected))},
    )


def _of_worker(worker: RunningWorker, known: Deployed, expected: str) -> Finding:
    check, build = f"worker {worker.identity}", worker.build_id or "unknown, from before workers told theirs"
    if worker.build_id == expected:
        return Finding(check=check, status="ok", observed=f"build {build}", expected=f"build {expected}")
    if worker.versioned and known.builds.get(worker.build_id) == "draining":
        return Finding(
            check=check, status="ok", expected="to stop once drained",
            observed=f"build {build}, draining: it ends the days that it began",
        )  # fmt: skip
    if worker.versioned and known.builds.get(worker.build_id) == "inactive":
        return Finding(
            check=check, status="warn", expected=f"build {expected}",
            observed=f"build {build}, not deployed, so it is given nothing: "
            f"{in_words(worker.build_id, expected)}",
            remedy=f"tipoff deploy {build}, or stop it",
        )  # fmt: skip
    return Finding(
        check=check, status="fail", observed=f"build {build}: {in_words(worker.build_id, expected)}",
        expected=f"build {expected}",
        remedy="stop it, and start one of the expected build where it ran",
    )  # fmt: skip


def _of_checkout(expected: str, ours: str) -> Finding:
    check = "this checkout"
    if ours == expected:
        return Finding(check=check, status="ok", observed=f"build {ours}", expected=f"build {expected}")
    return Finding(
        check=check, status="warn", observed=f"build {ours}: {in_words(ours, expected)}",
        expected=f"build {expected}, as deployed",
        remedy="tipoff deploy, once its workers run; or check out what is deployed",
    )  # fmt: skip


async def _keep(connection: Connection, report: DriftReport) -> None:
    """Into the warehouse, through a worker. An old one may not know how: the answer stands without it."""
    from starter.warehouse import answer  # noqa: PLC0415

    request = DriftInput(findings=report.findings, checked_for=game_date_of(utc_now()))
    try:
        async with asyncio.timeout(KEEP_SECONDS):
            await answer(connection, CHECK_DRIFT, request, DriftKept, "check drift", KEEP_SECONDS)
    except (CommandError, TimeoutError) as error:
        said = str(error) or f"no answer within {KEEP_SECONDS:.0f} s"
        stderr_console().print(f"not kept in the warehouse: {escape(said)}", soft_wrap=True)


def _show(report: DriftReport, verbose: bool) -> None:
    console = stdout_console()
    console.print(findings_table(report.findings))
    if not verbose:
        return
    for build, commits in report.commits.items():
        console.print(f"\n[bold]between {escape(build)} and {escape(report.expected)}[/]")
        for commit in commits[:COMMITS_SHOWN]:
            console.print(f"  {escape(commit)}", soft_wrap=True)
        if len(commits) > COMMITS_SHOWN:
            console.print(f"  and {len(commits) - COMMITS_SHOWN} more")
