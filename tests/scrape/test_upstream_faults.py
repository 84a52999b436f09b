"""What the first source gets wrong, in form or in content, and that the tables don't notice."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from activities.processor import Upstreams
from activities.scrape import http
from activities.scrape.http import UpstreamClient
from activities.scrape.sources import nba_cdn
from shared.errors import UpstreamUnavailable
from shared.registry import Processor
from tests.in_process import Morning
from tests.replay.conftest import Replay

DAY = date(2025, 10, 27)
"""Early in the season: few games to ask for, and who plays is known by then."""

TABLES = {
    "nba_raw.player_box_scores": -1, "nba_raw.team_box_scores": -1, "nba_raw.schedule": 0,
    "nba_raw.player_points_props": 0, "nba_raw.rosters": 0,
}  # fmt: skip
#: Which source said it, and what only one of them can say: a debutant's number and accents, who started.
OF_THE_SOURCE = {
    "source", "completed_by", "minutes", "player_minutes", "minutes_fractional", "points_in_paint",
    "plus_minus", "resolution", "player_id", "player_name", "is_starter",
}  # fmt: skip
BOX, SCHEDULE, ROSTER = "nba-cdn/boxscore", "nba-cdn/schedule", "espn/roster"
EVENTS, ODDS = "odds-api/events", "odds-api/event-odds"
Rows = dict[str, list[tuple[str, ...]]]


@pytest.fixture(scope="module")
def known(replay: Replay, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that knows the season's first days."""
    home = tmp_path_factory.mktemp("known") / "home"
    morning = Morning(home, replay.base, "simulated", DAY)
    morning.history(date(2025, 10, 21), date(2025, 10, 25))
    morning.warehouse.close()
    return home


def new_morning(replay: Replay, known: Path, home: Path) -> Morning:
    shutil.copytree(known, home)
    return Morning(home, replay.base, "simulated", DAY)


@pytest.fixture
def morning(replay: Replay, known: Path, tmp_path: Path) -> Iterator[Morning]:
    """A morning in such a home; no faults set."""
    replay.http.delete("/faults")
    morning = new_morning(replay, known, tmp_path / "home")
    yield morning
    morning.warehouse.close()
    replay.http.delete("/faults")


def raw_is_done(processor: Processor) -> bool:
    return processor.name == "player_game_summary"


def said(morning: Morning) -> Rows:
    """The raw tables of the morning, without what depends on who said it."""
    told = {}
    for table, days in TABLES.items():
        schema = morning.warehouse.schemas[table]
        kept = [
            c.name
            for c in schema.columns
            if not c.description.startswith(("clock:", "run:")) and c.name not in OF_THE_SOURCE
        ]
        frame = morning.warehouse.read(table, dates=[DAY + timedelta(days=days)])
        told[table] = sorted(tuple(map(str, row)) for row in frame[kept].itertuples(index=False, name=None))
    return told


@pytest.fixture(scope="module")
def calm(replay: Replay, known: Path, tmp_path_factory: pytest.TempPathFactory) -> Rows:
    """What is said on an undisturbed morning."""
    replay.http.delete("/faults")
    morning = new_morning(replay, known, tmp_path_factory.mktemp("calm") / "home")
    morning.run(raw_is_done)
    told = said(morning)
    morning.warehouse.close()
    assert all(told.values())
    return told


def answers(morning: Morning, processor: str) -> set[tuple[str, str]]:
    rows = morning.warehouse.read("nba_raw.scrape_log", dates=[DAY], equals={"processor": processor})
    return set(zip(rows["source"], rows["status"], strict=True))


def details(morning: Morning, processor: str, status: str) -> set[str]:
    rows = morning.warehouse.read("nba_raw.scrape_log", dates=[DAY], equals={"processor": processor})
    return set(rows.loc[(rows["status"] == status).to_numpy(dtype=bool), "detail"])


@pytest.mark.parametrize("kind", ["unknown_field", "duplicate_row"])
def test_a_new_field_or_a_row_that_comes_twice_changes_nothing_on_any_route(
    replay: Replay, morning: Morning, calm: Rows, kind: str
) -> None:
    for route in (SCHEDULE, BOX, ROSTER, "espn/injuries", EVENTS, ODDS):
        replay.fault(route, kind)
    morning.run(raw_is_done)
    assert all(fault["hits"] for fault in replay.http.get("/faults").json()["faults"])
    assert said(morning) == calm


@pytest.mark.parametrize("kind", ["unknown_field", "duplicate_row"])
def test_nor_at_the_second_source(replay: Replay, morning: Morning, calm: Rows, kind: str) -> None:
    replay.fault(BOX, "status", value=404)
    replay.fault("espn/scoreboard", kind)
    replay.fault("espn/summary", kind)
    morning.run(raw_is_done)
    whole = {("espn", "ok"), ("balldontlie", "ok")}
    assert answers(morning, "scrape_box_scores") == {("nba_cdn", "unavailable"), *whole}
    assert said(morning) == calm


@pytest.mark.parametrize("kind", ["unknown_field", "duplicate_row"])
def test_nor_at_the_third(replay: Replay, morning: Morning, calm: Rows, kind: str) -> None:
    for route in (BOX, "espn/summary"):
        replay.fault(route, "status", value=404)
    replay.fault("balldontlie/games", kind)
    replay.fault("balldontlie/stats", kind)
    morning.run(raw_is_done)
    assert ("balldontlie", "ok") in answers(morning, "scrape_box_scores")
    assert said(morning) == calm


@pytest.mark.parametrize(
    ("kind", "value", "named"),
    [
        (
            "removed_field",
            None,
            "nba.com box score: game.homeTeam.players.0.statistics.points: Field required",
        ),
        ("wrong_json", "list", "nba.com box score: body: Input should be an object"),
        ("wrong_json", "page", "nba.com box score: body: Invalid JSON: expected value at line 1 column 1"),
        ("truncated", None, "nba.com box score: body: Invalid JSON: EOF while parsing"),
    ],
)
def test_a_box_score_in_another_form_is_rejected_by_name_and_the_next_source_wins(
    replay: Replay, morning: Morning, calm: Rows, kind: str, value: Any, named: str
) -> None:
    replay.fault(BOX, kind, value=value)
    morning.run(raw_is_done)
    whole = {("espn", "ok"), ("balldontlie", "ok")}
    assert answers(morning, "scrape_box_scores") == {("nba_cdn", "failed"), *whole}
    (detail,) = {detail[: len(named)] for detail in details(morning, "scrape_box_scores", "failed")}
    assert detail == named
    assert said(morning) == calm


@pytest.mark.parametrize("kind", ["missing_game", "missing_player", "no_score", "wrong_total"])
def test_a_box_score_that_lacks_something_is_made_whole_by_the_next_source(
    replay: Replay, morning: Morning, calm: Rows, kind: str
) -> None:
    replay.fault(BOX, kind)
    morning.run(raw_is_done)
    assert said(morning) == calm
    teams = morning.warehouse.read("nba_raw.team_box_scores", dates=[DAY - timedelta(days=1)])
    assert teams["is_complete"].all()
    assert (teams["points"] == teams["player_points"]).all()
    named = set(teams["completed_by"].dropna()) | set(teams["source"])
    expected = {"missing_game": {"espn"}, "missing_player": {"nba_cdn", "espn"}}
    assert named == expected.get(kind, {"nba_cdn", "espn (score)"})


@pytest.mark.parametrize("kind", ["removed_field", "truncated"])
def test_an_answer_that_is_broken_once_is_asked_for_again_at_the_same_source(
    replay: Replay, morning: Morning, calm: Rows, kind: str
) -> None:
    for route in (SCHEDULE, BOX, ROSTER, ODDS):
        replay.fault(route, kind, times=1)
    morning.run(raw_is_done)
    assert all(fault["hits"] for fault in replay.http.get("/faults").json()["faults"])
    rows = morning.warehouse.read("nba_raw.scrape_log", dates=[DAY])
    assert set(rows["status"]) == {"ok"}
    assert said(morning) == calm


def test_a_single_refusal_costs_no_team_its_roster_and_no_game_its_lines(
    replay: Replay, morning: Morning, calm: Rows
) -> None:
    for route in (ROSTER, ODDS):
        replay.fault(route, "status", value=500, times=1)
    morning.run(raw_is_done)
    assert said(morning) == calm


@pytest.mark.parametrize(
    ("route", "named"),
    [
        (ROSTER, "rosters: none could be had: ESPN roster: athletes.0.displayName: Field required"),
        (ODDS, "lines: no event's odds could be had: The Odds API event odds: bookmakers.0.markets.0"),
    ],
)
def test_a_form_that_cannot_be_read_is_found_while_it_can_be_asked_for_again_and_names_the_field(
    replay: Replay, morning: Morning, calm: Rows, route: str, named: str
) -> None:
    replay.fault(route, "removed_field")
    with pytest.raises(UpstreamUnavailable) as refused:
        morning.run(raw_is_done)
    assert str(refused.value).startswith(named)
    replay.http.delete("/faults")
    morning.run(raw_is_done)
    assert said(morning) == calm


def test_one_teams_broken_roster_leaves_the_others_and_says_so(replay: Replay, morning: Morning) -> None:
    games = replay.schedule(f"{DAY}T17:01:00Z").values()
    team = next(g["homeTeam"]["teamTricode"] for g in games if g["gameCode"].startswith(f"{DAY:%Y%m%d}"))
    replay.fault(ROSTER, "wrong_json", match={"team": team})
    morning.run(raw_is_done)
    output = morning.runs["scrape_rosters"][2]
    assert output.warnings == (f"roster of {team}: ESPN roster: body: Input should be an object",)
    rosters = morning.warehouse.read("nba_raw.rosters", dates=[DAY])
    assert team not in set(rosters["team_abbr"])
    assert rosters["team_abbr"].nunique() == output.facts["teams"]


def test_a_source_that_dribbles_is_given_up_like_a_silent_one(
    replay: Replay, monkeypatch: pytest.MonkeyPatch
) -> None:
    replay.http.delete("/faults")
    replay.fault(SCHEDULE, "drip", value=0.2)
    monkeypatch.setattr(http, "PATIENCE", 0.5)
    upstreams = Upstreams(f"{replay.base}/as-of/{DAY}T17:01:00Z", "simulated")
    with (
        UpstreamClient(upstreams) as client,
        pytest.raises(UpstreamUnavailable, match="nba-cdn: ReadTimeout for"),
    ):
        nba_cdn.schedule(client)
    replay.http.delete("/faults")
