"""The hand-over document, from rows that can be read by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pandas as pd

from activities.publishing.brief import Brief, brief_of
from activities.publishing.brief_pages import html, markdown
from activities.scrape.box_scores import REPAIRED
from shared.features import FEATURE_VERSION
from shared.phases import PHASE_NAMES

DAY = date(2025, 11, 7)
AT = datetime(2025, 11, 7, 17, tzinfo=UTC)


def status(phase: str, state: str = "completed", **more: Any) -> dict[str, Any]:
    return {
        "phase_name": phase, "processor_name": "", "status": state, "message": None, "error_type": None,
        "retrigger": 0, **more,
    }  # fmt: skip


def prediction(day: date, player: int, call: str = "PASS", *, active: bool = True) -> dict[str, Any]:
    return {
        "game_date": pd.Timestamp(day), "player_id": player, "has_prop_line": call != "NO_LINE",
        "recommendation": call, "is_active": active,
    }  # fmt: skip


def frames(**changed: list[dict[str, Any]]) -> dict[str, pd.DataFrame]:
    """A day on which all went well, and what is different about it."""
    day_before = DAY - timedelta(days=1)
    run = {
        "phase_name": "raw", "processor_name": "raw_schedule", "attempts": 1, "rows_written": 1_230,
        "warnings": 0, "finished_at": AT,
    }  # fmt: skip
    team = {"game_id": "20251106_LAC_PHX", "team_abbr": "LAC", "completed_by": None}
    system = {
        "game_date": pd.Timestamp(day_before), "system_id": "ensemble_v1", "graded": 180, "mae": 4.5,
        "lined": 150, "lined_mae": 4.9, "line_mae": 4.92, "hit_rate": 0.5, "recommendations": 4,
    }  # fmt: skip
    rows: dict[str, list[dict[str, Any]]] = {
        "statuses": [status(phase) for phase in PHASE_NAMES],
        "runs": [run],
        "log": [{"phase_name": "raw", "duration_seconds": 1.26, "execution_timestamp": AT}],
        "claims": [],
        "alerts": [],
        "quality": [{"dataset": "t", "check_name": "version", "status": "pass", "failed_rows": 0}],
        "features": [{"feature_version": FEATURE_VERSION}],
        "predictions": [prediction(DAY, 1, "OVER"), prediction(DAY, 2), prediction(DAY, 3, "NO_LINE")],
        "predictions_before": [prediction(day_before, n) for n in range(5)],
        "withheld": [],
        "performance": [system],
        "performance_before": [system],
        "results_before": [],
        "team_box_scores": [team],
        "responses": [{"source": "nba_cdn", "request": "schedule", "status": "ok", "detail": None}],
    } | changed
    columns = {
        "claims": ["claimed_at"], "withheld": ["has_prop_line", "player_name"],
        "alerts": [
            "severity", "title", "command", "first_seen", "last_sent", "resolved_at", "undelivered",
        ],
        "quality": ["dataset", "check_name", "status", "failed_rows", "sample_ref"],
        "performance": ["game_date"], "performance_before": ["game_date", "system_id"],
        "results_before": ["game_date", "system_id", "outcome", "prob_over"],
    }  # fmt: skip
    return {
        name: pd.DataFrame(found, columns=None if found and name != "quality" else columns.get(name))
        for name, found in rows.items()
    }


def lines(brief: Brief, title: str) -> str:
    (section,) = [s for s in brief.sections if s.title.startswith(title)]
    cells = [cell for row in section.table.rows for cell in row] if section.table else []
    return " | ".join([*section.lines, *cells])


def test_a_quiet_day_says_that_nothing_waits_and_nothing_was_repaired() -> None:
    brief = brief_of(DAY, frames(), "recorded")
    assert (brief.waiting, brief.headline) == (0, "7 of 7 phases are done, 0 under way; nothing waits.")
    assert lines(brief, "What waits") == "Nothing."
    assert lines(brief, "What was repaired") == "Nothing had to be."
    assert "raw | completed | 1,230 | 1.3 | 0 | 0" in lines(brief, "What ran")
    assert "players predicted | 3 | 5" in lines(brief, "Counts")
    assert "OVER or UNDER | 1 | 0" in lines(brief, "Counts")
    assert "ensemble_v1 | 180 | 4.50 | 150 | 4.90 | 4.92 | 50% | 4" in lines(brief, "Accuracy of 2025-11-06")


def test_alerts_are_shown_with_what_became_of_them() -> None:
    told = {
        "severity": "error", "title": "scrape waits", "command": "tipoff retrigger …", "first_seen": AT,
        "last_sent": AT, "resolved_at": None, "undelivered": [],
    }  # fmt: skip
    over = {**told, "title": "raw waits", "resolved_at": AT}
    untold = {**told, "title": "grading waits", "undelivered": ["slack#1"]}
    said = lines(brief_of(DAY, frames(alerts=[over, told, untold]), "recorded"), "Alerts")
    assert "error | scrape waits | open, told | tipoff retrigger …" in said
    assert "error | grading waits | open, not delivered" in said
    assert "error | raw waits | resolved 11-07 17:00 UTC, told" in said
    assert said.index("scrape waits") < said.index("raw waits"), "what is over comes last"
    assert lines(brief_of(DAY, frames(), "recorded"), "Alerts") == "None."


def test_what_waits_for_a_person_comes_with_its_reason_and_the_command() -> None:
    waiting = status("raw", "waiting", message="raw_schedule: the file is torn")
    brief = brief_of(DAY, frames(statuses=[status("scrape"), waiting]), "recorded")
    assert brief.waiting == 1
    assert "1 of 7 phases wait or failed; 1 are done." in brief.headline
    said = lines(brief, "What waits")
    assert "raw_schedule: the file is torn" in said
    assert "tipoff retrigger 2025-11-07 --phase raw --reason …" in said


def test_what_was_repaired_names_who_or_what_did_it() -> None:
    run = {
        "phase_name": "scrape", "processor_name": "scrape_rosters", "attempts": 3, "rows_written": 1,
        "warnings": 0, "finished_at": AT,
    }  # fmt: skip
    claim = {"claimed_at": AT, "requested_by": "ada", "action": "retrigger", "reason": "late box score"}
    box = {"game_id": "20251106_LAC_PHX", "team_abbr": "LAC", "completed_by": "balldontlie"}
    missed = {"source": "espn", "request": "injuries", "status": "unavailable", "detail": "503"}
    late = {
        "source": "nba_cdn", "request": "box_score/20251104_MIA_LAC/nba_cdn", "status": "ok",
        "detail": REPAIRED,
    }  # fmt: skip
    scraped = {"runs": [run], "claims": [claim], "team_box_scores": [box], "responses": [missed, late]}
    said = lines(brief_of(DAY, frames(**scraped), "recorded"), "What was repaired")
    assert "scrape_rosters needed 3 attempts." in said
    assert "The box score of 20251106_LAC_PHX lacked players of LAC; completed from balldontlie." in said
    assert "The box score of 20251104_MIA_LAC, missing or partial until now, came from nba_cdn." in said
    assert "espn did not answer 1 of its requests, injuries among them." in said
    assert "ada: retrigger, because: late box score" in said


def test_what_was_made_again_or_is_of_another_version_is_counted() -> None:
    old = prediction(DAY, 1, active=False)
    brief = brief_of(
        DAY, frames(predictions=[prediction(DAY, 1), old], features=[{"feature_version": "v1"}]), "recorded"
    )
    assert "1 predictions were superseded and are kept, inactive." in lines(brief, "What was made again")
    assert f"1 feature vectors are of v1, not {FEATURE_VERSION}" in lines(brief, "What was made again")


def test_both_forms_hold_every_section_and_no_cell_breaks_out_of_its_table() -> None:
    withheld = {
        "has_prop_line": True, "player_name": "A <b>| B", "stage": "features", "reason": "two\nlines"
    }  # fmt: skip
    brief = brief_of(DAY, frames(withheld=[withheld]), "simulated")
    text, page = markdown(brief), html(brief)
    assert "simulated league" in text
    assert "simulated league" in page
    assert "| A <b>\\| B | features | two lines |" in text
    assert "A &lt;b&gt;| B" in page
    for section in brief.sections:
        assert f"## {section.title}" in text
        assert section.title in page


def test_the_page_draws_the_season_s_errors_and_the_calibration_each_with_its_table() -> None:
    season = [
        {
            "game_date": pd.Timestamp(day),
            "system_id": "ensemble_v1",
            "lined": 100,
            "lined_mae": mae,
            "line_mae": 4.9,
        }
        for day, mae in (("2025-10-22", 5.0), ("2025-11-05", 4.8), ("2025-11-06", 4.7))
    ]
    last_season = {**season[0], "game_date": pd.Timestamp("2025-04-10"), "lined_mae": 9.9}
    results = [
        {
            "game_date": pd.Timestamp("2025-11-06"),
            "system_id": "ensemble_v1",
            "outcome": "over" if n % 2 else "under",
            "prob_over": 0.4 + n / 100,
        }
        for n in range(20)
    ]
    pushed = {**results[0], "outcome": "push", "prob_over": 0.99}
    changed = {"performance_before": [last_season, *season], "results_before": [*results, pushed]}
    brief = brief_of(DAY, frames(**changed), "recorded")
    assert [(m["month"], m["n"]) for m in brief.months["ensemble_v1"]] == [("2025-10", 100), ("2025-11", 200)]
    assert sum(b["n"] for b in brief.curves["ensemble_v1"]) == len(results), "a push is neither"
    page = html(brief)
    assert page.count("<figure>") == page.count("<svg") == 2
    months, curves = page.split("<figure>")[1:]
    assert "MAE of ensemble_v1 by month" in months
    assert ">2025-11</th><td>200</td><td>4.750</td>" in months
    assert "Calibration of ensemble_v1" in curves
    assert "<figure>" not in html(brief_of(DAY, frames(performance_before=[], results_before=[]), "recorded"))
