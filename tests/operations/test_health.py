"""What `tipoff health` finds, from rows that can be read by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
from temporalio.testing import ActivityEnvironment

from activities.operations.health import (
    HealthChecks,
    breaker_findings,
    day_findings,
    freshness,
    loads,
    source_findings,
)
from activities.surroundings import Surroundings
from shared.config import load_settings
from shared.health import HealthInput
from shared.schedules import ScheduleName
from warehouse.connect import connect
from warehouse.writer import Writer
from worker.temporal_health import PAUSED, schedule_finding

NOW = datetime(2025, 11, 7, 22, tzinfo=UTC)
DAY = pd.Timestamp("2025-11-07")


def asked(*statuses: str, source: str = "odds_api", hours: float = 1.0) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "game_date": DAY, "request": f"event_odds/{n}", "source": source, "status": status,
                "detail": "503" if status != "ok" else None, "fetched_at": NOW - timedelta(hours=hours),
            }
            for n, status in enumerate(statuses)
        ]
    )  # fmt: skip


@pytest.mark.parametrize(
    ("statuses", "status", "said"),
    [
        (("ok", "incomplete"), "ok", "2 of 2 answers for 2025-11-07"),
        (("ok", "failed"), "warn", "1 of 2 answers for 2025-11-07; event_odds/1 failed: 503"),
        (("unavailable",), "fail", "0 of 1 answers"),
    ],
)
def test_a_source_is_judged_by_its_answers_to_the_latest_day(
    statuses: tuple[str, ...], status: str, said: str
) -> None:
    (found,) = source_findings(asked(*statuses))
    assert (found.check, found.status) == ("source odds_api", status)
    assert said in found.observed
    assert bool(found.remedy) == (status != "ok")


def test_a_source_that_is_not_asked_is_named_with_the_time_when_it_will_be() -> None:
    breakers = pd.DataFrame(
        [
            ("espn", "closed", None, None),
            ("balldontlie", "open", NOW - timedelta(hours=1), "3 calls failed"),
            ("nba-cdn", "open", NOW + timedelta(minutes=2), "3 calls in a row failed, the last: 503"),
            ("odds-api", "closed", NOW + timedelta(seconds=20), "it asked to be left alone for 20 s"),
        ],
        columns=["source", "state", "not_before", "reason"],
    ).assign(not_before=lambda f: pd.to_datetime(f["not_before"], utc=True))  # fmt: skip
    found = {f.check: f.observed for f in breaker_findings(breakers, NOW)}
    assert found == {
        "breaker balldontlie": "open; asked again at the next occasion. 3 calls failed",
        "breaker nba-cdn": "open; asked again not before 2025-11-07 22:02:00 UTC. "
        "3 calls in a row failed, the last: 503",
        "breaker odds-api": "closed; asked again not before 2025-11-07 22:00:20 UTC. "
        "it asked to be left alone for 20 s",
    }


def test_data_a_day_and_a_half_old_are_stale_when_live_and_not_judged_in_a_replay() -> None:
    assert freshness(asked("ok", hours=35), NOW, live=True).status == "ok"
    assert freshness(asked("ok", hours=37), NOW, live=True).status == "fail"
    assert freshness(asked("ok", hours=9_000), NOW, live=False).status == "ok"
    assert freshness(asked("ok").iloc[:0], NOW, live=True).status == "warn"


@pytest.mark.parametrize(("writes", "status"), [(0, "ok"), (749, "ok"), (750, "warn"), (1_350, "fail")])
def test_the_busiest_table_is_held_against_the_quota_that_once_stopped_everything(
    writes: int, status: str
) -> None:
    ledger = pd.DataFrame({"table_name": ["nba_raw.schedule"] * writes + ["nba_raw.rosters"] * (writes > 0)})
    # A write without rows is recorded, and no load job.
    ledger["row_count"] = 1
    ledger = pd.concat([ledger, pd.DataFrame({"table_name": ["nba_raw.schedule"] * 700, "row_count": 0})])
    found = loads(ledger, 1_500)
    assert found.status == status
    assert not writes or f"{writes:,} of 1,500 for nba_raw.schedule" in found.observed
    assert loads(ledger, None).status == "ok", "the embedded engine has no quota"


def test_days_that_wait_failed_or_are_stuck_are_named_with_the_command() -> None:
    rows = [
        ("raw", "waiting", 1), ("scrape", "completed", 2), ("grading", "running", 0.5),
        ("predictions", "running", 3), ("publishing", "failed", 2), ("analytics", "failed", 24 * 30),
    ]  # fmt: skip
    statuses = pd.DataFrame(
        [
            {
                "game_date": DAY, "phase_name": phase, "status": status, "message": "no box score",
                "updated_at": pd.Timestamp(NOW - timedelta(hours=hours)),
            }
            for phase, status, hours in rows
        ]
    )  # fmt: skip
    found = {f.observed.split(" since")[0]: f for f in day_findings(statuses, NOW)}
    assert {name: f.status for name, f in found.items()} == {
        "raw waiting": "warn", "predictions stuck running": "warn", "publishing failed": "fail",
    }  # fmt: skip
    assert found["raw waiting"].remedy == "tipoff retrigger 2025-11-07 --phase raw --reason …"
    (well,) = day_findings(statuses.iloc[1:2], NOW)
    assert well.status == "ok"


EVERY_ONE = {name.schedule_id: "next 2025-11-08 11:00 UTC" for name in ScheduleName}


@pytest.mark.parametrize(
    ("found", "live", "status", "said", "remedy"),
    [
        ({}, False, "ok", "none: days are started by hand", ""),
        ({}, True, "warn", "no schedule daily, refresh, absence, reconcile", "tipoff schedule create"),
        (EVERY_ONE, True, "ok", "next 2025-11-08 11:00 UTC", ""),
        (
            {**EVERY_ONE, ScheduleName.DAILY.schedule_id: PAUSED},
            True,
            "warn",
            "paused",
            "tipoff schedule unpause",
        ),
        (
            {ScheduleName.DAILY.schedule_id: "next"},
            False,
            "warn",
            "no schedule refresh",
            "tipoff schedule create",
        ),
    ],
)
def test_schedules_that_are_not_there_are_named_where_something_must_start_the_days(
    found: dict[str, str], live: bool, status: str, said: str, remedy: str
) -> None:
    judged = schedule_finding(found, live=live)
    assert (judged.status, said in judged.observed) == (status, True), judged
    assert judged.remedy.startswith(remedy)
    assert bool(judged.remedy) == bool(remedy)


@pytest.mark.parametrize("replay_url", [None, "http://127.0.0.1:9"])
def test_a_worker_says_whether_its_days_are_live(tmp_path: Path, replay_url: str | None) -> None:
    settings = load_settings({"TIPOFF_REPLAY_URL": replay_url} if replay_url else {}, home=tmp_path)
    warehouse = connect("duckdb", home=tmp_path)
    warehouse.ensure_tables()
    checks = HealthChecks(Surroundings(settings, warehouse, Writer(warehouse)))
    assert ActivityEnvironment().run(checks.check_health, HealthInput()).live == (replay_url is None)
    warehouse.close()
