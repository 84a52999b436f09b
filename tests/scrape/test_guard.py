"""A source that fails, asks for a pause or is slow: how often it is called, and what the others notice."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.operations.sources import SourceDesk
from activities.processor import Upstreams
from activities.scrape.guard import FRESH_SECONDS, SourceGuard
from activities.scrape.http import UpstreamClient
from activities.scrape.limits import LIMITS
from activities.scrape.sources import balldontlie, espn, nba_cdn, odds_api
from activities.source_states import BREAKERS, WarehouseStates
from activities.surroundings import Surroundings
from shared.config import load_settings
from shared.errors import DataNotReady, SourceOnHold, TipoffError, UpstreamUnavailable
from shared.registry import Processor
from shared.sources import SourcesInput
from tests.in_process import Morning
from tests.replay.conftest import Replay, start, stop
from warehouse.connect import connect
from warehouse.frames import arrow_schema, validated
from warehouse.hashing import content_hash
from warehouse.writer import Writer

DAY = date(2025, 11, 26)
PROVENANCE = ["source", "resolution"]
"""Columns of the raw tables that say where a row came from: the only ones in which two sources may differ."""


@dataclass
class Clock:
    """A wall clock that the test moves."""

    now: datetime = datetime(2025, 11, 26, 11, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture
def replay(replay: Replay) -> Iterator[Replay]:
    """The simulated league over HTTP; no faults, no requests yet."""
    for path in ("/faults", "/requests"):
        replay.http.delete(path)
    yield replay
    replay.http.delete("/faults")


@pytest.fixture(scope="module")
def recorded(recorded_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replay]:
    """Recorded seasons over HTTP."""
    server = start(tmp_path_factory.mktemp("recorded"), "--source", "recorded", "--data", str(recorded_data))
    yield server
    stop(server)


def calls(replay: Replay, route: str) -> int:
    counts: dict[str, int] = replay.http.get("/requests").json()["counts"]
    return counts.get(route, 0)


def client_of(replay: Replay, guard: SourceGuard) -> UpstreamClient:
    base = f"{replay.base}/as-of/2025-11-26T17:01:00Z"
    return UpstreamClient(Upstreams(base, "simulated", SecretStr("key"), SecretStr("key"), guard=guard))


def ask(client: UpstreamClient) -> str:
    """Asks nba.com for a box score, which may not be there; what came of it, in a word."""
    try:
        nba_cdn.box_score(client, "0022500001")
    except DataNotReady:
        return "answered"
    except TipoffError as error:
        return type(error).__name__
    return "answered"


def before_predictions(processor: Processor) -> bool:
    return processor.name == "prediction_chunk"


def hashes(morning: Morning) -> dict[str, str]:
    """Of every table that a day has written so far, but for the logs and the provenance of raw rows."""
    told = ("nba_raw.scrape_log", "nba_orchestration.")
    names = [n for n in morning.warehouse.schemas if not n.startswith(told)]
    raw = [n for n in names if n.startswith(("nba_raw.", "nba_reference."))]
    found = {}
    for name in names:
        schema, rows = morning.warehouse.schemas[name], morning.warehouse.read(name)
        if name in raw and len(rows):
            rows = rows.assign(**{c: "" for c in PROVENANCE if c in rows.columns})
        found[name] = content_hash(validated(rows, schema).cast(arrow_schema(schema)), schema)
    return found


def test_a_first_source_that_is_down_all_day_costs_five_calls_and_the_day_has_the_same_tables(
    recorded: Replay, tmp_path: Path
) -> None:
    replay, day = recorded, date(2024, 12, 20)
    undisturbed, disturbed = (
        Morning(tmp_path / name, replay.base, "recorded", day) for name in ("undisturbed", "disturbed")
    )
    for morning in (undisturbed, disturbed):
        morning.history(date(2024, 10, 20), day - timedelta(days=2))
    undisturbed.run(before_predictions)
    assert calls(replay, "nba-cdn/boxscore") == 13
    replay.http.delete("/requests")
    replay.fault("nba-cdn/boxscore", "status", value=503)
    disturbed.run(before_predictions)
    # As operators do when a source is down: the phase is asked for again, twice.
    disturbed.run_one("scrape_box_scores")
    disturbed.run_one("scrape_box_scores")
    assert 3 <= calls(replay, "nba-cdn/boxscore") <= 5
    boxes = disturbed.warehouse.read("nba_raw.team_box_scores", dates=[day - timedelta(days=1)])
    assert set(boxes["source"]) == {"espn"}
    assert boxes["is_complete"].all()
    assert hashes(disturbed) == hashes(undisturbed)
    log = disturbed.warehouse.read("nba_raw.scrape_log", equals={"source": "nba_cdn"})
    assert log["detail"].str.contains("not asked before .* calls in a row failed", regex=True).any()
    (breaker,) = disturbed.warehouse.read(BREAKERS).to_dict("records")
    assert (breaker["source"], breaker["state"]) == ("nba-cdn", "open")
    for morning in (undisturbed, disturbed):
        morning.warehouse.close()


def test_a_source_down_for_24_hours_is_probed_five_times_however_often_it_is_wanted(replay: Replay) -> None:
    replay.fault("nba-cdn/boxscore", "status", value=500)
    clock = Clock()
    with client_of(replay, SourceGuard(paced=False, now=clock)) as client:
        assert [ask(client) for _ in range(4)] == ["UpstreamUnavailable"] * 3 + ["SourceOnHold"]
        opened = calls(replay, "nba-cdn/boxscore")
        for _ in range(24 * 60):
            clock.move(minutes=1)
            ask(client)
        assert calls(replay, "nba-cdn/boxscore") - opened == 5
        replay.http.delete("/faults")
        clock.move(hours=24)
        assert [ask(client) for _ in range(3)] == ["answered"] * 3


def test_nobody_calls_a_source_before_its_retry_after_not_even_the_next_process(
    replay: Replay, tmp_path: Path
) -> None:
    replay.fault("odds-api/events", "status", value={"code": 429, "retry_after": 20}, times=1)
    clock = Clock(datetime.now(UTC))
    morning = Morning(tmp_path / "home", replay.base, "simulated", DAY)
    store = WarehouseStates(morning.warehouse, morning.around.writer)
    one, other = (SourceGuard(store, paced=False, now=clock) for _ in range(2))
    with client_of(replay, one) as client:
        with pytest.raises(UpstreamUnavailable) as told:
            odds_api.events(client, DAY)
        assert told.value.retry_after == timedelta(seconds=20)
        replay.http.delete("/requests")
        with pytest.raises(SourceOnHold, match="asked to be left alone for 20 s") as held:
            odds_api.event_odds(client, "any")
        assert timedelta(seconds=19) < (held.value.retry_after or timedelta()) <= timedelta(seconds=20)
        espn.injuries(client)
    with client_of(replay, other) as client:
        clock.move(seconds=19.9)
        with pytest.raises(SourceOnHold):
            odds_api.events(client, DAY)
        assert calls(replay, "odds-api/events") + calls(replay, "odds-api/event-odds") == 0
        clock.move(seconds=0.2)
        odds_api.events(client, DAY)
    morning.warehouse.close()


def test_a_pause_in_the_middle_loses_no_lines_the_activity_comes_again(
    replay: Replay, tmp_path: Path
) -> None:
    morning = Morning(tmp_path / "home", replay.base, "simulated", DAY)
    morning.run(lambda processor: processor.name == "scrape_prop_lines")
    replay.fault("odds-api/event-odds", "status", value={"code": 429, "retry_after": 1}, times=1)
    with pytest.raises(UpstreamUnavailable) as told:
        morning.run_one("scrape_prop_lines")
    assert told.value.retry_after
    time.sleep(1.1)
    morning.run_one("scrape_prop_lines")
    rows = morning.warehouse.read("nba_raw.scrape_log", equals={"processor": "scrape_prop_lines"})
    morning.warehouse.close()
    assert set(rows["status"]) == {"ok"}
    assert len(rows) > 2


def test_a_source_is_not_shut_out_for_hours_because_the_clock_was_ahead_when_it_failed(
    replay: Replay, tmp_path: Path
) -> None:
    replay.fault("odds-api/events", "status", value={"code": 429, "retry_after": 20}, times=1)
    clock = Clock(datetime.now(UTC) + timedelta(hours=30))
    morning = Morning(tmp_path / "home", replay.base, "simulated", DAY)
    store = WarehouseStates(morning.warehouse, morning.around.writer)
    with client_of(replay, SourceGuard(store, paced=False, now=clock)) as client, pytest.raises(TipoffError):
        odds_api.events(client, DAY)
    clock.move(hours=-30)
    guard = SourceGuard(store, paced=False, now=clock)
    with client_of(replay, guard):
        assert guard.hold_left("odds-api") == timedelta(seconds=20)
    clock.move(seconds=21)
    with client_of(replay, guard) as client:
        odds_api.events(client, DAY)
    morning.warehouse.close()


def test_a_hanging_source_holds_two_threads_and_the_others_answer_meanwhile(replay: Replay) -> None:
    replay.fault("balldontlie/games", "latency", value=1.5)
    guard = SourceGuard(paced=False)
    begun = threading.Barrier(7)

    def slow(_: int) -> float:
        begun.wait()
        started = time.monotonic()
        with client_of(replay, guard) as client:
            balldontlie.games(client, DAY)
        return time.monotonic() - started

    with ThreadPoolExecutor(6) as pool:
        waits = [pool.submit(slow, n) for n in range(6)]
        begun.wait()
        started = time.monotonic()
        with client_of(replay, guard) as client:
            for _ in range(4):
                espn.injuries(client)
        assert time.monotonic() - started < 1.5
        took = sorted(w.result() for w in waits)
    # Two at a time: three turns.
    assert took[1] < 3 <= took[2]
    assert took[-1] >= 4.5


def test_calls_begin_no_faster_than_the_rate_of_the_source(replay: Replay) -> None:
    limits = {**LIMITS, "espn": replace(LIMITS["espn"], per_second=20)}
    started = time.monotonic()
    with client_of(replay, SourceGuard(limits=limits)) as client, ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: espn.injuries(client), range(11)))
    assert time.monotonic() - started >= 10 / 20


def test_a_source_that_fails_every_other_time_is_left_alone_once_its_budget_is_spent(replay: Replay) -> None:
    limits = {**LIMITS, "nba-cdn": replace(LIMITS["nba-cdn"], failed_a_day=4)}
    clock = Clock()
    with client_of(replay, SourceGuard(limits=limits, paced=False, now=clock)) as client:
        for _ in range(4):
            fault = replay.fault("nba-cdn/boxscore", "status", value=500)
            ask(client)
            replay.http.delete(f"/faults/{fault}")
            ask(client)
        assert ask(client) == "SourceOnHold"
        clock.move(hours=13)
        assert ask(client) == "answered"


def test_a_source_that_a_person_closes_is_asked_again_by_every_worker(replay: Replay, tmp_path: Path) -> None:
    warehouse = connect("duckdb", home=tmp_path)
    warehouse.ensure_tables()
    around = Surroundings(load_settings({}, home=tmp_path), warehouse, Writer(warehouse))
    other = SourceGuard(WarehouseStates(warehouse, around.writer), paced=False)
    replay.http.post("/faults", json={"route": "nba-cdn/boxscore", "kind": "status", "value": 503})
    with client_of(replay, other) as client:
        asked = [ask(client) for _ in range(4)]
    assert asked[-1] == "SourceOnHold"
    replay.http.delete("/faults")

    desk, environment = SourceDesk(around), ActivityEnvironment()
    before = {row.source: row for row in environment.run(desk.look_at_sources, SourcesInput()).sources}
    assert list(before) == sorted(LIMITS), "every source is shown, asked before or not"
    assert (before["nba-cdn"].state, before["espn"].state) == ("open", "closed")
    with pytest.raises(ApplicationError, match="'nba' is none; possible: balldontlie, espn, nba-cdn"):
        environment.run(desk.look_at_sources, SourcesInput(close="nba", reason="back"))
    closed = environment.run(desk.look_at_sources, SourcesInput(close="nba-cdn", reason="back"))
    (row,) = [row for row in closed.sources if row.source == "nba-cdn"]
    assert (row.state, row.not_before, row.failed_today, row.reason) == ("closed", None, 0, "")

    other._loaded = -FRESH_SECONDS  # What it looks at every few seconds, it looks at now.
    other.refresh()
    with client_of(replay, other) as client:
        assert ask(client) == "answered"
    warehouse.close()
