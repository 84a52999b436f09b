"""Writes docs/quality.md from the checks: `python -m activities.quality.reference > docs/quality.md`."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

from activities.exports import FolderExports
from activities.quality import analytics, feature_store, grading, predictions, publishing, raw, scrape
from activities.quality.checks import Check
from shared.phases import PHASES

CHECKS: dict[str, tuple[Check, ...]] = {
    "scrape_quality": scrape.CHECKS,
    "raw_quality": raw.CHECKS,
    "analytics_quality": analytics.CHECKS,
    "feature_store_quality": feature_store.CHECKS,
    "prediction_quality": predictions.CHECKS,
    "grading_quality": grading.CHECKS,
    "publishing_quality": publishing.checks_of(
        FolderExports(Path("exports")), datetime(2000, 1, 1, tzinfo=UTC)
    ),
}

_SLATE = f"""
Of the whole slate besides, in `{feature_store.DATASET}`:
`constant_features` (an error where a feature that may not be constant is; see features.md), `default_share`
(a warning above {feature_store.MOST_DEFAULTS:.0%} of all values) and `feature_version` (an error that holds back the phase
where a vector is not of the contract in force).
"""  # noqa: E501

_HEAD = """# Quality gates

Written by `python -m activities.quality.reference > docs/quality.md` from `activities/quality/`; a test keeps
both equal.

After every phase stands a gate, a processor of the registry (`shared/gates.py`). Its checks assert one
property of one table each. Every result is a row of `nba_orchestration.quality_results`: the figure, its
limits, the keys of the failing rows (the first 500), and whom an error holds back.

An error holds back what it concerns and nothing else:

- **players**, **games**: the players concerned, or those of the games concerned, are not predicted that day.
  `nba_predictions.withheld_players` and the published document say so: stage `quality`, the check's name.
- **phase**: the phase ends `waiting` with `QualityGateFailed`, is tried again on a widening interval, and
  nothing that depends on it runs. The gate of phase 5 stands before the predictions become current.
- **nothing**: it is told, in the brief, in the log and in the table.

A warning holds nothing back. `tipoff sql "SELECT check_name, observed, failing FROM
nba_orchestration.quality_results WHERE status = 'fail'"` shows what failed.
"""


def quality_reference() -> str:
    """The page."""
    parts = [_HEAD]
    for phase in PHASES:
        gate = next(p for p in phase.processors if p.gate)
        parts.append(f"\n## {phase.name}: `{gate.name}`\n")
        parts.append("| check | table | warning | error | holds back |\n| --- | --- | --- | --- | --- |")
        for check in CHECKS[gate.name]:
            limits = " | ".join(str(limit or "") for limit in (check.warn_if, check.error_if))
            parts.append(f"| `{check.name}` | `{check.dataset}` | {limits} | {check.blocks} |")
        if gate.name == "feature_store_quality":
            parts.append(_SLATE.rstrip())
    return "\n".join(parts) + "\n"


if __name__ == "__main__":
    sys.stdout.write(quality_reference())
