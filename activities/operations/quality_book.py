"""How the results of a validator are recorded, and what of them a person is told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

import structlog
from temporalio import activity

from activities.quality.checks import QUALITY, Check, Outcome, result_rows
from activities.surroundings import Surroundings
from shared.clock import microseconds, utc_now
from shared.errors import SupersededWrite
from shared.predeploy import Finding, FindingStatus
from warehouse.writer import Fence

log = structlog.get_logger()

DATES_SHOWN = 3
WORST: dict[str, FindingStatus] = {"fail": "fail", "warn": "warn"}

_SEVERITY = {"ok": ("info", "pass"), "warn": ("warning", "warn"), "fail": ("error", "fail")}
_RANK = {"ok": 0, "warn": 1, "fail": 2}


def record(
    surroundings: Surroundings,
    outcomes: Mapping[str, Sequence[tuple[date, Outcome]]],
    dates: Mapping[str, Sequence[date]],
) -> None:
    """Replaces what each group of checks found on these dates. Of two at once the later one's stays."""
    info = activity.info()
    run_id = info.workflow_run_id or ""
    for group, found in outcomes.items():
        rows = result_rows(found, checked_by=group, run_id=run_id, checked_at=utc_now())
        try:
            with activity.shield_thread_cancel_exception():
                surroundings.writer.replace(
                    QUALITY, rows, partitions=dates[group], slice={"checked_by": group},
                    write_key=f"{run_id}/{info.activity_id}/{QUALITY}/{group}",
                    fence=Fence(microseconds(info.scheduled_time)), run_id=run_id,
                )  # fmt: skip
        except SupersededWrite:
            log.info("a later run has recorded its results already", checked_by=group)


def findings_of(checks: Iterable[Check], outcomes: Iterable[tuple[date, Outcome]]) -> tuple[Finding, ...]:
    """One finding a check, over all its dates: the worst status, the first dates and the remedy."""
    found: dict[tuple[str, str], list[tuple[date, Outcome]]] = {}
    for day, outcome in outcomes:
        if outcome.status != "skipped":
            found.setdefault((outcome.dataset, outcome.check_name), []).append((day, outcome))
    return tuple(
        _finding(check, found[check.dataset, check.name])
        for check in checks
        if (check.dataset, check.name) in found
    )


def _finding(check: Check, outcomes: Sequence[tuple[date, Outcome]]) -> Finding:
    bad = [(day, outcome) for day, outcome in outcomes if outcome.status in WORST]
    if not bad:
        dates = f"{len(outcomes)} dates" if len(outcomes) > 1 else str(outcomes[0][0])
        return Finding(check=check.name, status="ok", observed=f"{check.dataset}, {dates}", expected="")
    worst = "fail" if any(outcome.status == "fail" for _, outcome in bad) else "warn"
    said = [f"{day}: {outcome.observed:g} ({(outcome.sample_ref or '')[:120]})" for day, outcome in bad]
    more = f"; and {len(bad) - DATES_SHOWN} more dates" if len(bad) > DATES_SHOWN else ""
    limit = check.error_if if worst == "fail" else check.warn_if
    first, last = bad[0][0], bad[-1][0]
    return Finding(
        check=check.name,
        status=WORST[worst],
        observed=f"{check.dataset}, {'; '.join(said[:DATES_SHOWN])}{more}",
        expected=f"not {limit}",
        remedy=check.remedy.format(day=first, next=first + timedelta(days=1), last=last)
        + (", and so for each date" if len(bad) > 1 and "{last}" not in check.remedy else ""),
    )


def outcomes_of(findings: Iterable[Finding], dataset: str) -> list[Outcome]:
    """Findings that no `Check` made, as they are kept; of two of one name the worse."""
    kept: dict[str, Finding] = {}
    for finding in findings:
        if finding.check not in kept or _RANK[finding.status] > _RANK[kept[finding.check].status]:
            kept[finding.check] = finding
    return [
        Outcome(
            check_name=finding.check, severity=_SEVERITY[finding.status][0],
            status=_SEVERITY[finding.status][1], observed=float(finding.status != "ok"),
            failed_rows=int(finding.status != "ok"), sample_ref=finding.observed[:2_000], dataset=dataset,
        )
        for finding in kept.values()
    ]  # fmt: skip
