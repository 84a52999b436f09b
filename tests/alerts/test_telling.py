"""The activities that tell people: none of them fails a day, and a day that does not begin is told of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.alerts import desk
from activities.alerts.book import ALERTS
from activities.alerts.deliveries import LEASE
from activities.alerts.telling import AlertActivities
from activities.operations.status import PHASE_STATUS
from activities.surroundings import Surroundings
from shared.alerts import AbsenceCheck, AlertsInput, Resolution
from shared.config import load_settings
from shared.messages import Alert
from tests.alerts.receivers import Webhook
from warehouse.connect import connect
from warehouse.writer import Fence, Writer

DAY = date(2025, 11, 7)
DUE = datetime(2025, 11, 7, 11, 30, tzinfo=UTC)


@pytest.fixture
def around(tmp_path: Path, hook: Webhook) -> Iterator[Surroundings]:
    warehouse = connect("duckdb", home=tmp_path)
    warehouse.ensure_tables()
    settings = load_settings({"TIPOFF_ALERT_URLS": f"json://127.0.0.1:{hook.port}/"}, home=tmp_path)
    yield Surroundings(settings, warehouse, Writer(warehouse))
    warehouse.close()


def check(minutes: float) -> AbsenceCheck:
    """A look so long after the day was due."""
    now = DUE + timedelta(minutes=minutes)
    return AbsenceCheck(game_date=DAY, due=DUE, now=now, workflow_id=f"daily-{DAY}")


def look(told: AlertActivities, minutes: float) -> bool:
    # A run of its own each time, as of the schedule.
    environment = ActivityEnvironment()
    environment.info = replace(environment.info, workflow_run_id=f"run-{minutes}")
    return environment.run(told.check_absence, check(minutes)).absent


def test_a_day_that_has_not_begun_by_its_time_is_told_of_once_and_so_is_that_it_has(
    around: Surroundings, hook: Webhook
) -> None:
    told = AlertActivities(around)
    assert [look(told, minutes) for minutes in (-15, 0, 15, 30)] == [False, True, True, True]
    (post,) = hook.posts
    assert post["title"] == "[critical] 2025-11-07: the day has not begun"
    assert "Run:      tipoff health; tipoff start 2025-11-07" in post["message"]
    (row,) = around.warehouse.read(ALERTS).to_dict("records")
    assert row["occurrences"] == 3
    begun = {
        "game_date": DAY, "phase_name": "scrape", "processor_name": "", "status": "running",
        "rows_written": 0, "error_type": None, "message": None, "retrigger": 0, "run_id": "r",
        "updated_at": DUE,
    }  # fmt: skip
    around.writer.merge(PHASE_STATUS, pd.DataFrame([begun]), write_key="begun", fence=Fence(1), run_id="r")
    assert not look(told, 45)
    assert hook.titles()[1:] == ["[resolved] 2025-11-07: the day has not begun"]
    assert not look(told, 60)
    assert len(hook.posts) == 2


def test_an_attempt_that_is_repeated_counts_and_tells_once(around: Surroundings, hook: Webhook) -> None:
    told, environment = AlertActivities(around), ActivityEnvironment()
    alert = Alert(cause="raw/x/Y", severity="error", title="t", text="x", game_date=DAY)
    for _ in range(2):
        environment.run(told.send_alert, alert)
    (row,) = around.warehouse.read(ALERTS).to_dict("records")
    assert (row["occurrences"], len(hook.posts)) == (1, 1)


def test_an_attempt_after_one_that_died_waits_for_its_claim_instead_of_leaving_the_alert_to_chance(
    around: Surroundings, hook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    told, environment = AlertActivities(around), ActivityEnvironment()
    alert = Alert(cause="raw/x/Y", severity="error", title="t", text="x", game_date=DAY)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(desk, "send_all", killed)
        with pytest.raises(KeyboardInterrupt):
            environment.run(told.send_alert, alert)
    environment.info = replace(environment.info, attempt=2)
    with pytest.raises(ApplicationError, match="held by an attempt") as again:
        environment.run(told.send_alert, alert)
    delay = again.value.next_retry_delay
    assert delay is not None
    assert timedelta() < delay <= LEASE
    assert hook.posts == []


def test_neither_a_refusing_warehouse_nor_a_dead_channel_fails_the_activities(
    around: Surroundings, hook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    told, environment = AlertActivities(around), ActivityEnvironment()
    alert = Alert(cause="raw/x/WarehouseUnavailable", severity="error", title="t", text="x", game_date=DAY)
    monkeypatch.setattr(around.warehouse, "loads_a_day", 0)
    environment.run(told.send_alert, alert)
    environment.run(told.resolve_alerts, Resolution(game_date=DAY, causes=("raw",), text="completed"))
    assert hook.titles() == ["[error] t"]
    assert around.warehouse.read(ALERTS).empty
    monkeypatch.setattr(around.warehouse, "loads_a_day", None)
    hook.status = 500
    environment.run(told.send_alert, alert)
    report = environment.run(told.look_at_alerts, AlertsInput(test=True))
    (row,) = report.alerts
    assert (row.undelivered, row.failure) == (("json#1",), "json#1: refused with 500")
    (channel,) = report.channels
    assert (channel.tried, channel.error) == (True, "refused with 500")
