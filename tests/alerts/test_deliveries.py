"""One alert is sent once, whoever delivers: two desks over one warehouse, and a channel that counts."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from activities.alerts import desk as desk_module
from activities.alerts.book import ALERTS, AlertBook
from activities.alerts.channels import channels_of
from activities.alerts.deliveries import DELIVERIES, LEASE, DeliveryBook
from activities.alerts.desk import AlertDesk
from shared.alerts import Resolution
from shared.config import load_settings
from shared.ids import content_digest
from shared.messages import Alert
from tests.alerts.receivers import Webhook
from warehouse.bigquery_engine import BigQueryWarehouse
from warehouse.duckdb_engine import DuckDBWarehouse
from warehouse.protocol import Fence, Warehouse
from warehouse.schema import load_schemas
from warehouse.writer import Writer

DAY = date(2025, 11, 7)
TABLES = (ALERTS, DELIVERIES, "nba_orchestration.write_ledger", "nba_orchestration.write_fences")


@pytest.fixture(params=["duckdb", "emulator"])
def warehouse(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Warehouse]:
    """The tables of alerts, on either engine."""
    schemas = load_schemas()
    tables = {name: schemas[name] for name in TABLES}
    made: Any
    if request.param == "duckdb":
        made = DuckDBWarehouse(tmp_path / "warehouse.duckdb", tables)
    else:
        address = request.getfixturevalue("emulator_address")
        project = f"tipoff-{content_digest(str(tmp_path))[:12]}"
        made = BigQueryWarehouse.from_url(f"bigquery://{project}?endpoint={address}", tables)
    made.ensure_tables()
    yield made
    made.close()


@dataclass
class Office:
    """Desks of several workers over one warehouse, with one clock and one channel."""

    warehouse: Warehouse
    url: str
    now: datetime = datetime(2025, 11, 7, 11, tzinfo=UTC)
    keys: Iterator[int] = field(default_factory=lambda: iter(range(1_000)))

    def desk(self) -> AlertDesk:
        """A desk of one more worker."""
        writer = Writer(self.warehouse)
        channels = channels_of(load_settings({"TIPOFF_ALERT_URLS": self.url}))
        deliveries = DeliveryBook(self.warehouse, writer, now=lambda: self.now)
        return AlertDesk(AlertBook(self.warehouse, writer), deliveries, channels, now=lambda: self.now)

    def key(self) -> str:
        return f"test/{next(self.keys)}"

    def note(self, severity: str = "error") -> None:
        self.desk().note(
            Alert.model_validate(
                {"cause": "raw/x/Y", "severity": severity, "title": "t", "text": "x", "game_date": DAY}
            ),
            self.key(),
        )

    def deliver(self) -> desk_module.Delivered:
        return self.desk().deliver(self.key(), "default")


@pytest.fixture
def office(warehouse: Warehouse, hook: Webhook) -> Office:
    return Office(warehouse, f"json://127.0.0.1:{hook.port}/")


def at_once(*work: Callable[[], Any]) -> list[Any]:
    """Does all of it at the same time."""
    start = threading.Barrier(len(work))

    def one(what: Callable[[], Any]) -> Any:
        start.wait()
        return what()

    with ThreadPoolExecutor(len(work)) as pool:
        return list(pool.map(one, work))


def test_an_alert_that_two_workers_deliver_at_once_is_sent_once(office: Office, hook: Webhook) -> None:
    hook.pause = 0.3
    office.note()
    delivered = at_once(office.deliver, office.deliver)
    assert hook.titles() == ["[error] t"]
    (row,) = office.warehouse.read(ALERTS).to_dict("records")
    assert (row["sent_severity"], row["undelivered"]) == ("error", [])
    (claim,) = office.warehouse.read(DELIVERIES).to_dict("records")
    assert claim["status"] == "sent"
    assert [d.held_for for d in delivered].count(None) >= 1
    office.desk().resolve(Resolution(game_date=DAY, causes=("raw",), text="mended"), office.key())
    at_once(office.deliver, office.deliver)
    assert hook.titles()[1:] == ["[resolved] t"]


def test_what_a_worker_had_claimed_when_it_died_is_sent_after_the_lease(
    office: Office, hook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.note()

    def killed(*_: Any) -> dict[str, str]:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(desk_module, "send_all", killed)
        with pytest.raises(KeyboardInterrupt):
            office.deliver()
    assert office.deliver().held_for == LEASE
    assert hook.posts == []
    office.now += LEASE
    assert office.deliver().held_for is None
    assert hook.titles() == ["[error] t"]
    office.now += LEASE
    office.deliver()
    assert len(hook.posts) == 1


def test_what_was_sent_by_a_worker_that_died_before_it_told_the_alerts_is_not_sent_again(
    office: Office, hook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.note()

    def killed(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(AlertBook, "write", killed)
        with pytest.raises(KeyboardInterrupt):
            office.deliver()
    office.now += timedelta(hours=1)
    office.deliver()
    assert hook.titles() == ["[error] t"]
    assert office.warehouse.read(ALERTS)["last_sent"].notna().all()


def test_what_is_noted_and_what_ends_while_an_alert_is_sent_is_kept_and_told(
    office: Office, hook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.note("warning")
    send, sent = desk_module.send_all, []

    def meanwhile(work: Any) -> dict[str, str]:
        outcome = send(work)
        if not sent:
            sent.append(outcome)
            office.note("critical")
        return outcome

    monkeypatch.setattr(desk_module, "send_all", meanwhile)
    office.deliver()
    (row,) = office.warehouse.read(ALERTS).to_dict("records")
    assert (row["severity"], row["sent_severity"], row["occurrences"]) == ("critical", "warning", 2)
    office.deliver()
    assert hook.titles() == ["[warning] t", "[critical] t"]


def test_deliveries_restored_from_an_older_copy_than_the_ledger_are_claimed_all_the_same(
    office: Office, hook: Webhook
) -> None:
    office.note()
    office.deliver()
    nothing = pd.DataFrame()
    Writer(office.warehouse).replace(
        DELIVERIES, nothing, partitions=(), write_key="restored", fence=Fence(0), run_id=""
    )
    office.note("critical")
    office.deliver()
    assert hook.titles() == ["[error] t", "[critical] t"]
    assert office.warehouse.read(DELIVERIES)["status"].tolist() == ["sent"]
