"""Every fault that `tipoff validate` is there for, planted one at a time: found, named, and nothing else."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.operations.validation import GROUPS, Validator, dates_of, report, validate
from activities.surroundings import Surroundings
from shared.predeploy import Finding
from shared.validation import CheckReport, ValidateInput
from tests.docs.shown import ROOT
from tests.in_process import silent
from tests.operations.faults import Fault
from tests.operations.faults_of_games import GAME_FAULTS
from tests.operations.faults_of_mornings import MORNING_FAULTS, STATUS_FAULTS
from tests.operations.lived_days import DAYS, copied, surroundings

FAULTS = (*GAME_FAULTS, *MORNING_FAULTS, *STATUS_FAULTS)
CHECKS = {check.name for checks in GROUPS.values() for check in checks}


def validated(around: Surroundings, kind: str = "historical", day: int | None = None) -> CheckReport:
    """What is found on the lived days, or on one of them."""
    start, end = (DAYS[0], DAYS[-1]) if day is None else (DAYS[day], DAYS[day])
    return report(kind, start, end, validate(around, dates_of(kind, start, end), silent))


def bad(found: CheckReport) -> dict[str, Finding]:
    """The findings that are not well."""
    return {finding.check: finding for finding in found.findings if finding.status != "ok"}


def test_days_that_were_run_well_are_found_well_and_every_check_judged_them(
    lived_home: Path, tmp_path: Path
) -> None:
    with surroundings(copied(lived_home, tmp_path / "home"), None) as around:
        found = validated(around)
    assert bad(found) == {}
    assert {finding.check for finding in found.findings} == CHECKS


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name.replace(" ", "-"))
def test_a_planted_fault_is_found_and_named_and_nothing_else_is(
    fault: Fault, lived_home: Path, tmp_path: Path
) -> None:
    home = copied(lived_home, tmp_path / "home")
    fault.into(home)
    with surroundings(home, None) as around:
        found = bad(validated(around))
    assert set(found) == fault.found_by
    for finding in found.values():
        assert str(DAYS[1]) in finding.observed
        assert finding.remedy.startswith("tipoff "), "a person is told the command"
        assert str(DAYS[1]) in finding.remedy or str(DAYS[2]) in finding.remedy
        assert "{" not in finding.remedy


def test_every_check_is_proven_by_a_fault() -> None:
    assert set().union(*(fault.found_by for fault in FAULTS)) == CHECKS
    assert len({fault.name for fault in FAULTS}) == len(FAULTS) >= 25


def test_every_check_is_on_the_page_with_its_limits() -> None:
    page = (ROOT / "docs" / "validation.md").read_text(encoding="utf-8")
    for check in (check for checks in GROUPS.values() for check in checks):
        limits = (str(limit or "") for limit in (check.warn_if, check.error_if))
        row = " | ".join((f"| `{check.name}`", f"`{check.dataset}`", *limits)) + " |"
        assert row in page


def test_a_morning_judges_its_own_slate_and_the_games_of_the_day_before(
    lived_home: Path, tmp_path: Path
) -> None:
    named = {fault.name: fault for fault in FAULTS}
    home = copied(lived_home, tmp_path / "home")
    named["points that the shots don't give"].into(home)
    named["a probability of 1.2"].into(home)
    with surroundings(home, None) as around:
        same, after = bad(validated(around, "daily", 1)), bad(validated(around, "daily", 2))
    assert set(same) == {"probabilities_are_probabilities", "published_equals_stored"}
    assert set(after) == {"points_are_2_fgm_3pm_ftm", "summaries_equal_the_box_scores"}
    remedy = after["points_are_2_fgm_3pm_ftm"].remedy
    assert remedy == f"tipoff retrigger {DAYS[2]} --phase scrape --reason …", "the run that brings them in"


def test_a_range_that_nobody_means_is_refused_before_anything_is_read() -> None:
    asked = ValidateInput(start=date(1925, 11, 5), end=date(2025, 11, 5))
    with pytest.raises(ApplicationError, match="more than 4,000 dates; split it") as refused:
        ActivityEnvironment().run(Validator(None).validate, asked)  # type: ignore[arg-type]
    assert (refused.value.type, refused.value.non_retryable) == ("BadRequest", True)
