"""What reaches the person on call, over real HTTP and SMTP: what, when, how often, and how it reads."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email.header import decode_header, make_header
from itertools import count
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from apprise.plugins.slack import NotifySlack

from activities.alerts.book import ALERTS, AlertBook
from activities.alerts.channels import channels_of
from activities.alerts.deliveries import DeliveryBook
from activities.alerts.desk import AlertDesk
from shared.alerts import Resolution
from shared.config import load_settings
from shared.errors import ConfigurationError
from shared.messages import Alert
from tests.alerts.receivers import Mailbox, Webhook
from warehouse.connect import connect
from warehouse.protocol import Warehouse
from warehouse.writer import Writer

DAY = date(2025, 11, 7)
UI = "http://127.0.0.1:8233"


@dataclass
class Clock:
    now: datetime = datetime(2025, 11, 7, 11, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass
class Desk:
    """The desk over a real warehouse, and what a test does with it."""

    warehouse: Warehouse
    clock: Clock
    keys: Iterator[int]
    desk: AlertDesk

    def tell(self, alert: Alert) -> int:
        self.desk.note(alert, f"test/{next(self.keys)}")
        return self.deliver()

    def deliver(self) -> int:
        return self.desk.deliver(f"test/{next(self.keys)}", "default").undelivered

    def end(self, cause: str, day: date = DAY) -> None:
        ended = Resolution(game_date=day, causes=(cause,), text="scrape completed")
        self.desk.resolve(ended, f"test/{next(self.keys)}")
        self.deliver()


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    mailbox = Mailbox()
    yield mailbox
    mailbox.close()


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[Warehouse]:
    warehouse = connect("duckdb", home=tmp_path)
    warehouse.ensure_tables()
    yield warehouse
    warehouse.close()


def desk_of(warehouse: Warehouse, *urls: str) -> Desk:
    settings = load_settings({"TIPOFF_ALERT_URLS": " ".join(urls)} if urls else {})
    clock = Clock()
    writer = Writer(warehouse)
    deliveries = DeliveryBook(warehouse, writer, now=clock)
    desk = AlertDesk(AlertBook(warehouse, writer), deliveries, channels_of(settings), ui=UI, now=clock)
    return Desk(warehouse, clock, count(), desk)


def json_to(hook: Webhook) -> str:
    return f"json://127.0.0.1:{hook.port}/"


def alert(cause: str = "scrape/scrape_prop_lines/UpstreamUnavailable", day: date = DAY, **more: str) -> Alert:
    return Alert.model_validate(
        {
            "cause": cause, "severity": "error", "title": f"{day}: scrape waits for scrape_prop_lines",
            "text": "UpstreamUnavailable: odds-api: 503", "blocks": "raw, analytics",
            "doing": "tries again by itself at 11:01:00 UTC",
            "command": f'tipoff retrigger {day} --phase scrape --reason "mended"',
            "workflow_id": f"daily-{day}", "game_date": day, **more,
        }
    )  # fmt: skip


def test_an_alert_says_what_broke_what_it_blocks_what_is_done_and_what_to_run(
    warehouse: Warehouse, hook: Webhook
) -> None:
    desk_of(warehouse, json_to(hook)).tell(alert())
    (post,) = hook.posts
    assert post["title"] == "[error] 2025-11-07: scrape waits for scrape_prop_lines"
    assert post["message"] == (
        "Broke:    UpstreamUnavailable: odds-api: 503\n"
        "Blocks:   raw, analytics\n"
        "tipoff:   tries again by itself at 11:01:00 UTC\n"
        'Run:      tipoff retrigger 2025-11-07 --phase scrape --reason "mended"\n'
        f"Workflow: {UI}/namespaces/default/workflows/daily-2025-11-07\n"
        "Seen:     since 2025-11-07 11:00 UTC"
    )


def test_slack_and_mail_get_the_same_text_with_the_command_as_it_must_be_typed(
    warehouse: Warehouse, hook: Webhook, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The service's address alone is replaced: what is posted is what Slack would get.
    monkeypatch.setattr(NotifySlack, "webhook_url", f"http://127.0.0.1:{hook.port}/services")
    desk = desk_of(
        warehouse,
        f"https://hooks.slack.com/services/T{'1' * 8}/B{'2' * 8}/{'c' * 24}",
        f"mailto://127.0.0.1:{mailbox.port}/?from=tipoff@example.com&to=oncall@example.com",
    )
    assert desk.tell(alert()) == 0
    (post,) = hook.posts
    (letter,) = mailbox.letters
    command = 'tipoff retrigger 2025-11-07 --phase scrape --reason "mended"'
    assert "[error] 2025-11-07: scrape waits" in str(post)
    assert command in str(post["attachments"][0]["text"])
    assert str(make_header(decode_header(letter["Subject"]))).startswith("[error] 2025-11-07: scrape waits")
    assert letter["To"] == "oncall@example.com"
    parts = [p for p in letter.walk() if p.get_content_type() == "text/plain"]
    assert command in parts[0].get_payload(decode=True).decode()


def test_a_severity_goes_where_it_is_wanted_and_a_warning_is_not_hidden_by_what_is_graver(
    warehouse: Warehouse, hook: Webhook
) -> None:
    other = Webhook()
    desk = desk_of(warehouse, f"critical={json_to(other)}", json_to(hook))
    for severity in ("critical", "warning", "info"):
        desk.tell(alert(f"raw/{severity}", severity=severity, title=severity))
    assert other.titles() == ["[critical] critical"]
    assert hook.titles() == ["[critical] critical", "[warning] warning"]
    other.close()
    rows = warehouse.read(ALERTS)
    assert len(rows) == 3
    assert rows["last_sent"].notna().all()


def test_a_cause_that_arises_fifty_times_is_told_once_again_when_it_is_graver_and_once_a_half_day(
    warehouse: Warehouse, hook: Webhook
) -> None:
    desk = desk_of(warehouse, json_to(hook))
    for _ in range(25):
        desk.tell(alert(severity="warning"))
        desk.clock.move(minutes=1)
    assert len(hook.posts) == 1
    for _ in range(25):
        desk.tell(alert(severity="error"))
        desk.clock.move(minutes=1)
    assert hook.titles() == [f"[{s}] {DAY}: scrape waits for scrape_prop_lines" for s in ("warning", "error")]
    desk.clock.move(hours=12)
    desk.tell(alert())
    assert "Seen:     51 times since 2025-11-07 11:00 UTC" in hook.posts[2]["message"]
    assert len(hook.posts) == 3


def test_one_cause_on_thirty_dates_is_two_messages_with_every_date_in_the_table(
    warehouse: Warehouse, hook: Webhook
) -> None:
    desk = desk_of(warehouse, json_to(hook))
    for n in range(30):
        desk.tell(alert(day=DAY - timedelta(days=n)))
    assert len(hook.posts) == 1
    desk.clock.move(minutes=31)
    desk.deliver()
    assert len(hook.posts) == 2
    assert hook.titles()[1] == "[error] 2025-10-09: scrape waits for scrape_prop_lines (and 28 more dates)"
    assert "Also:     2025-10-10, 2025-10-11" in hook.posts[1]["message"]
    assert len(warehouse.read(ALERTS)) == 30
    desk.clock.move(minutes=31)
    desk.deliver()
    assert len(hook.posts) == 2


def test_many_causes_at_once_are_one_message_that_names_them_all_the_gravest_first(
    warehouse: Warehouse, hook: Webhook
) -> None:
    desk = desk_of(warehouse, json_to(hook))
    for n in range(8):
        severity = "critical" if n == 4 else "warning"
        desk.desk.note(alert(f"raw/{n}", severity=severity, title=f"cause {n}"), f"noted/{n}")
    desk.deliver()
    (post,) = hook.posts
    assert post["title"] == "[critical] 8 alerts of tipoff"
    lines = post["message"].splitlines()
    assert lines[0] == "[critical] cause 4"
    assert all(f"[warning] cause {n}" in lines for n in range(8) if n != 4)


def test_what_has_ended_is_told_once_and_only_to_whom_the_beginning_was(
    warehouse: Warehouse, hook: Webhook
) -> None:
    desk = desk_of(warehouse, json_to(hook))
    desk.tell(alert())
    desk.end("scrape")
    desk.end("scrape")
    assert hook.titles()[1:] == [f"[resolved] {DAY}: scrape waits for scrape_prop_lines"]
    assert hook.posts[1]["message"].startswith("Ended:    scrape completed\nIt was:   UpstreamUnavailable")
    assert hook.posts[1]["type"] == "success"
    desk.clock.move(hours=1)
    desk.tell(alert())
    assert len(hook.posts) == 3
    assert "Seen:     2 times" in hook.posts[2]["message"]


def test_a_dead_channel_costs_seconds_delays_no_other_and_gets_its_message_later(
    warehouse: Warehouse, hook: Webhook
) -> None:
    other = Webhook()
    hook.status, other.pause = 500, 30
    desk = desk_of(warehouse, json_to(hook), json_to(other), "json://127.0.0.1:9/")
    well = Webhook()
    whole = desk_of(warehouse, json_to(hook), json_to(other), "json://127.0.0.1:9/", json_to(well))
    started = time.monotonic()
    assert whole.tell(alert()) == 1
    assert time.monotonic() - started < 15
    assert len(well.posts) == 1
    (row,) = warehouse.read(ALERTS).to_dict("records")
    assert row["undelivered"] == ["json#1", "json#2", "json#3"]
    assert "json#1: refused with 500" in row["failure"]
    assert "json#3: not reached" in row["failure"]
    hook.status, other.pause = 200, 0.0
    whole.deliver()
    assert hook.posts == []
    whole.clock.move(minutes=6)
    assert whole.deliver() == 1
    assert (len(hook.posts), len(other.posts), len(well.posts)) == (1, 1, 1)
    assert desk.desk.try_channels("error")["json#3"] == "not reached"
    for one in (other, well):
        one.close()


def test_an_alert_that_the_warehouse_does_not_take_is_told_all_the_same_and_once(
    warehouse: Warehouse, hook: Webhook
) -> None:
    desk = desk_of(warehouse, json_to(hook))
    for _ in range(3):
        desk.desk.tell_unrecorded(alert(), "default")
    assert len(hook.posts) == 1


def test_one_about_a_date_of_years_ago_is_told_and_dates_of_older_ones_are_not_read(
    warehouse: Warehouse, hook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = desk_of(warehouse, json_to(hook))
    desk.tell(alert())
    desk.clock.move(days=30)
    whole: list[object] = []
    read = warehouse.read

    def watched(table: str, **how: Any) -> pd.DataFrame:
        if table == ALERTS and how.get("columns") is None:
            whole.append(how.get("dates"))
        return read(table, **how)

    monkeypatch.setattr(warehouse, "read", watched)
    desk.deliver()
    assert whole == []
    desk.tell(alert(day=date(2022, 1, 2)))
    assert whole[1:] == [[date(2022, 1, 2)]] * 2, "before it is told and after"
    assert [post["title"][:18] for post in hook.posts] == ["[error] 2025-11-07", "[error] 2022-01-02"]


def test_a_channel_that_can_not_be_is_named_by_its_number_and_never_by_its_address(tmp_path: Path) -> None:
    file = tmp_path / "urls"
    file.write_text("# on call\nerror,critical=json://127.0.0.1:9/\n\ngrave=json://secret-host/\n")
    with pytest.raises(ConfigurationError, match="entry 2: grave is no severity") as refused:
        channels_of(load_settings({"TIPOFF_ALERT_URLS_FILE": str(file)}))
    assert "secret" not in str(refused.value)
    for url in ("nowhere://secret", "secret"):
        with pytest.raises(ConfigurationError, match="TIPOFF_ALERT_URLS: entry 1: ") as refused:
            channels_of(load_settings({"TIPOFF_ALERT_URLS": url}))
        assert "secret" not in str(refused.value)
    assert "secret" not in repr(load_settings({"TIPOFF_ALERT_URLS": "json://secret"}))
