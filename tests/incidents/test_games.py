"""Incidents of games: late, missing, moved, half read, or under another name."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from activities.predictions.player_prop_predictions import WITHDRAWN, consolidated
from activities.raw.assembly import assemble
from activities.raw.resolution import Registry
from activities.scrape import box_scores
from activities.scrape.schedule import read_schedule
from activities.scrape.sources import espn, nba_cdn
from activities.scrape.sources.nba_cdn import ScheduledGame
from shared.errors import SchemaViolation, UpstreamUnavailable
from shared.ids import game_key
from shared.registry import Processor
from tests.grading.test_grading import bet, grade
from tests.in_process import Morning
from tests.incidents.incident import incident
from tests.predictions.tables import DAY, GAME, PREDICTIONS, predictions, upcoming_row
from tests.replay.conftest import Replay
from warehouse import frames as warehouse_frames
from warehouse.protocol import Warehouse
from warehouse.writer import Fence, Writer

SLATE = date(2025, 11, 26)
"""A morning of the simulated season; games were played the day before."""

PLAYED = SLATE - timedelta(days=1)
BOXES = ("nba-cdn/boxscore", "espn/summary", "balldontlie/stats")
LISTS = ("nba-cdn/boxscore", "espn/summary", "balldontlie/games")
TEAMS, PROPS = "nba_raw.team_box_scores", "nba_raw.player_points_props"


@pytest.fixture
def early(replay: Replay, tmp_path: Path) -> Iterator[Morning]:
    """A morning without history; no faults set, and none left."""
    made = Morning(tmp_path / "home", replay.base, "simulated", SLATE)
    yield made
    made.warehouse.close()
    replay.http.delete("/faults")


Played = tuple[ScheduledGame, Callable[[], dict[str, Any]]]
"""A game that was played, and what fetches its box score as nba.com writes it."""


@pytest.fixture(scope="module")
def played_game(replay: Replay, tmp_path_factory: pytest.TempPathFactory) -> Played:
    """A game of the day before."""
    made = Morning(tmp_path_factory.mktemp("played"), replay.base, "simulated", SLATE)
    made.run(before("scrape_box_scores"))
    game = scheduled(made)[0]
    made.warehouse.close()
    return game, lambda: replay.box(f"{made.as_of:%Y-%m-%dT%H:%M:%SZ}", game.nba_game_id).json()


def before(name: str) -> Callable[[Processor], bool]:
    """Stops before a processor."""
    return lambda processor: processor.name == name


def scheduled(morning: Morning) -> list[ScheduledGame]:
    """The games of the day before, by the morning's stored schedule."""
    responses = morning.warehouse.read("nba_raw.scrape_log", dates=[morning.day])
    return [g for g in read_schedule(responses, morning.around.objects) if g.game_date == PLAYED]


@incident(
    13, "Box scores were scraped too early, roster rows counted as success, and nobody came back for them",
    prevented="A box score counts once it adds up; without one a game is looked for again for seven days",
    fix_out=lambda patch: patch.setattr(
        box_scores, "complete_games", lambda known: set(known.get("game_id", ()))
    ),
    fails_with="players sum to",
)  # fmt: skip
def test_incident_13_rows_that_do_not_add_up_are_no_success_and_are_fetched_again(
    replay: Replay, early: Morning
) -> None:
    for route in BOXES:
        replay.fault(route, "missing_player")
    early.run(before("raw_rosters"))
    first = early.warehouse.read(TEAMS, dates=[PLAYED])
    assert not first["is_complete"].all()
    replay.http.delete("/faults")
    # Two days on: what was stored the day before is compared with the source in any case.
    early.advance_to(SLATE + timedelta(days=2))
    early.run(before("raw_rosters"))
    assert early.warehouse.read(TEAMS, dates=[PLAYED])["incomplete_reason"].dropna().tolist() == []


def _once_is_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """The dedupe of old: once a success is on record for the date, nothing more is written."""
    right = Writer._apply

    def apply(self: Writer, schema: Any, rows: Any, mode: Any, dates: Any, part: Any, *rest: Any) -> Any:
        _, *others = rest
        return right(self, schema, rows, mode, dates, part, f"{schema.name}/{dates}/{part}", *others)

    monkeypatch.setattr(Writer, "_apply", apply)


@incident(
    14, "A batch of odds was skipped for an old 'success' on record: 2,040 predictions without a line",
    prevented="A write is known again by its own run and activity; a later run writes what it found",
    fix_out=_once_is_for_ever, fails_with="assert 0.0 == 1.0",
)  # fmt: skip
def test_incident_14_odds_that_are_fetched_again_are_stored_again(replay: Replay, early: Morning) -> None:
    early.run(before("scrape_box_scores"))
    means = []
    for moved in (False, True):
        if moved:
            replay.fault("odds-api/event-odds", "moved_line", value=1)
        for name in ("scrape_prop_lines", "raw_prop_lines"):
            early.run_one(name)
        means.append(float(early.warehouse.read(PROPS, dates=[SLATE])["points_line"].mean()))
    assert round(means[1] - means[0], 6) == 1.0


def wire_schedule(*wire_games: dict[str, Any]) -> list[ScheduledGame]:
    """Games as nba.com's schedule writes them, parsed."""
    nba_cdn._parsed_schedule.cache_clear()
    body = json.dumps({"leagueSchedule": {"gameDates": [{"games": list(wire_games)}]}}).encode()
    parsed = nba_cdn.parse_schedule(body)
    nba_cdn._parsed_schedule.cache_clear()
    return parsed


def wire_game(day: date, status: int, score: int | None) -> dict[str, Any]:
    """LAC at PHX on a date, always under the same id of the league's."""
    return {
        "gameId": "0022500191", "gameCode": f"{day:%Y%m%d}/LACPHX", "gameStatus": status,
        "gameDateTimeUTC": f"{day}T23:30:00Z", "postponedStatus": "N",
        "homeTeam": {"teamTricode": "PHX", "score": score},
        "awayTeam": {"teamTricode": "LAC", "score": score},
    }  # fmt: skip


@incident(
    18, "A postponed game stood as Final without a score, on two dates under one id: 55 predictions in vain",
    prevented="A final without a result counts as postponed: it leaves the slate, its predictions are void",
    fix_out=lambda patch: patch.setattr(nba_cdn, "without_result", lambda home, away: False),
    fails_with="['20251107_LAC_PHX']",
)  # fmt: skip
@pytest.mark.parametrize("score", [None, 0])
def test_incident_18_a_final_without_a_score_is_a_postponed_game(score: int | None) -> None:
    moved = wire_schedule(wire_game(DAY, 3, score), wire_game(DAY + timedelta(days=1), 1, score))
    assert [game.key for game in moved if game.postponed] == [GAME]
    assert [game.key for game in moved] == [GAME, "20251108_LAC_PHX"]
    assert box_scores.games_wanted(moved, DAY + timedelta(days=1), set()) == []
    rows = tuple(
        {"game_id": g.key, "game_date": pd.Timestamp(g.game_date), "is_postponed": g.postponed} for g in moved
    )
    assert grade(bet("OVER"), [], (), rows)["void_reason"].tolist() == ["postponed"]
    # Predicted before it was known, and run again since.
    made = predictions([upcoming_row(1)])
    after, counts, _ = consolidated(made.iloc[:0], made, made["as_of"].iloc[0])
    assert (counts["withdrawn"], after["is_active"].tolist()) == (1, [False])
    assert after["reason"].str.startswith(WITHDRAWN).all()


@incident(
    19, "Two games without a box score raised errors, and the day with them",
    prevented="That no source has a game is an answer: the day goes on, says so, and looks again tomorrow",
    fix_out=lambda patch: patch.setattr(
        box_scores.GameAnswers, "unanswered", property(lambda self: not any(a.reply for a in self.answers))
    ),
    fails_with=UpstreamUnavailable,
)  # fmt: skip
def test_incident_19_a_box_score_that_is_legitimately_missing_stops_nothing(
    replay: Replay, early: Morning
) -> None:
    early.run(before("scrape_box_scores"))
    lost, *others = [game.key for game in scheduled(early)]
    for route in LISTS:
        replay.fault(route, "missing_game", value=lost)
    early.run_one("scrape_box_scores")
    early.run_one("raw_schedule")
    early.run_one("raw_players")
    early.run_one("raw_team_box_scores")
    (warning,) = early.runs["scrape_box_scores"][2].warnings
    assert warning.startswith(f"{lost}: no source has its box score; looked for again until ")
    assert sorted(set(early.warehouse.read(TEAMS, dates=[PLAYED])["game_id"])) == sorted(others)


def _everybody_played(monkeypatch: pytest.MonkeyPatch) -> None:
    """COALESCE(points, 0): who is listed has a row."""
    right = nba_cdn.parse

    def parsed(model: Any, body: bytes, what: str) -> Any:
        wire = right(model, body, what)
        if isinstance(wire, nba_cdn._Box):
            for player in (*wire.game.home.players, *wire.game.away.players):
                player.played = "1"
        return wire

    monkeypatch.setattr(nba_cdn, "parse", parsed)


@incident(
    20, "Who did not play was stored with 0 points: 32.7 % of January's rows",
    prevented="A row means that he appeared; who did not has none, and a bet on him is void and not lost",
    fix_out=_everybody_played, fails_with="'Bench Warmer' not in",
)  # fmt: skip
def test_incident_20_who_did_not_play_has_no_row_with_0_points(played_game: Played) -> None:
    game, box_of = played_game
    wire = box_of()
    players = wire["game"]["homeTeam"]["players"]
    nothing = dict.fromkeys(players[0]["statistics"], 0) | {"minutes": "PT00M00.00S"}
    players.append(
        {**players[0], "personId": 99, "name": "Bench Warmer", "played": "0", "starter": "0",
         "statistics": nothing}
    )  # fmt: skip
    box = nba_cdn.parse_box_score(json.dumps(wire).encode())
    teams = assemble(game, [box], Registry(pd.DataFrame()), PLAYED)
    rows = pd.DataFrame([row for team in teams for row in team.player_rows()])
    assert "Bench Warmer" not in set(rows["player_name"])
    assert (rows["minutes"] > 0).all()
    assert {team.incomplete_reason for team in teams} == {""}
    absent = grade(bet("OVER"), [{"game_id": GAME, "player_id": 2, "points": 10, "minutes_played": 30}])
    assert absent["void_reason"].tolist() == ["did_not_play"]


@incident(
    21, "AWAY_HOME and HOME_AWAY: team rows doubled, and usage was NULL for 42 % of the players",
    prevented="Every source's game goes by one key, date, away and home, made by one function",
    fix_out=lambda patch: patch.setattr(espn, "game_key", lambda day, away, home: game_key(day, home, away)),
    fails_with="set() == {",
)  # fmt: skip
def test_incident_21_a_game_from_another_source_joins_the_schedule_s(replay: Replay, early: Morning) -> None:
    for route in ("nba-cdn/boxscore", "balldontlie/stats"):
        replay.fault(route, "status", value=503)
    early.run(before("raw_rosters"))
    early.run_one("player_game_summary")
    expected = {(g.key, team) for g in scheduled(early) for team in (g.away, g.home)}
    teams = early.warehouse.read(TEAMS, dates=[PLAYED])
    assert set(teams["source"]) <= {"espn"}
    assert set(zip(teams["game_id"], teams["team_abbr"], strict=True)) == expected
    assert len(teams) == len(expected)
    players = early.warehouse.read("nba_analytics.player_game_summary", dates=[PLAYED])
    assert players.loc[players["minutes_played"] >= 2, "usage_rate"].notna().all()


@incident(
    22, "An official id leaked out of the box scores: 5,514 predictions that joined with nothing",
    prevented="A game_id that is not the canonical key is refused before any write, whatever the table",
    fix_out=lambda patch: patch.setattr(warehouse_frames, "GAME_KEY", re.compile("")),
    fails_with="DID NOT RAISE",
)  # fmt: skip
def test_incident_22_a_game_under_an_id_of_a_source_s_own_is_not_written(warehouse: Warehouse) -> None:
    writer = Writer(warehouse)
    rows = predictions([upcoming_row(1)])
    for game in ("0022500191", "20251107_PHX", "401810077"):
        with pytest.raises(SchemaViolation, match=rf"game_id .*canonical key .*'{game}'"):
            writer.merge(PREDICTIONS, rows.assign(game_id=game), write_key=game, fence=Fence(1), run_id="r")
    assert warehouse.read(PREDICTIONS).empty
