"""Who changed what, and why, is kept in whatever order the commands come to be written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio.testing import ActivityEnvironment

from activities.operations.operator_actions import ACTIONS, ActionKeeper
from activities.operations.reconcile import RECONCILIATIONS, Reconciler
from activities.surroundings import Surroundings
from shared.config import load_settings
from shared.operator_actions import OperatorAction
from shared.reconcile import Found, Kind, ReconcileRecord, Remedy
from warehouse.connect import connect
from warehouse.writer import Writer

NOON = datetime(2025, 11, 7, 12, tzinfo=UTC)


@pytest.fixture
def around(tmp_path: Path) -> Iterator[Surroundings]:
    warehouse = connect("duckdb", home=tmp_path)
    warehouse.ensure_tables()
    yield Surroundings(load_settings({}, home=tmp_path), warehouse, Writer(warehouse))
    warehouse.close()


def attempt(activity: Callable[[Any], Any], request: Any, run: str, started: datetime) -> Any:
    """One attempt of an activity in a run of its own that starts at an instant."""
    environment = ActivityEnvironment()
    environment.info = replace(environment.info, workflow_run_id=run, started_time=started)
    return environment.run(activity, request)


def action(number: int) -> OperatorAction:
    return OperatorAction(
        action_id=f"action-{number}", action="schedule pause", subject="daily", requested_by="ada@desk",
        reason="maintenance", requested_at=NOON + timedelta(seconds=number),
    )  # fmt: skip


def test_an_action_is_kept_though_a_later_one_was_written_before_it(around: Surroundings) -> None:
    keep = ActionKeeper(around).keep_action
    attempt(keep, action(2), "run-2", NOON + timedelta(seconds=2))
    for _ in range(2):
        attempt(keep, action(1), "run-1", NOON + timedelta(seconds=1))
    assert around.warehouse.read(ACTIONS)["action_id"].tolist() == ["action-1", "action-2"]


def test_two_reconciliations_at_once_both_keep_what_they_found(around: Surroundings) -> None:
    record = Reconciler(around).record_reconcile
    for second in (2, 1):
        what = f"found by {second}"
        one = Found(kind=Kind.FAILED, game_date=NOON.date(), what=what, remedy=Remedy.NONE, done="told")
        found = ReconcileRecord(found=(one,), requested_by="ada@desk", at=NOON)
        attempt(record, found, f"run-{second}", NOON + timedelta(seconds=second))
    assert set(around.warehouse.read(RECONCILIATIONS)["found"]) == {"found by 1", "found by 2"}
