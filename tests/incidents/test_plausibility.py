"""Incidents of answers and figures that were there, and could not be right."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest

from activities.analytics import slate_players
from activities.precompute import factors, player_composite_factors
from activities.processor import Upstreams
from activities.quality import analytics as analytics_gate
from activities.quality import feature_store as feature_gate
from activities.quality import raw as raw_gate
from activities.raw import assembly
from activities.raw.resolution import Registry
from activities.scrape import box_scores
from activities.scrape.box_score import BoxScore, PlayerLine, TeamBox, shortcomings
from activities.scrape.http import Reply
from activities.scrape.sources import espn
from activities.scrape.sources.nba_cdn import ScheduledGame
from shared import features
from shared.errors import FeatureContractViolation
from shared.features import FEATURE_VERSION, FEATURES
from tests.analytics.raw_frames import context_of
from tests.incidents.hand import BOSTON, NEW_YORK, D, games, hand_morning, hand_schedule, roster
from tests.incidents.incident import incident
from tests.incidents.switches import without_check
from tests.predictions.tables import (
    CACHE,
    FEATURE_STORE,
    PROPS,
    UPCOMING,
    context,
    feature_row,
    frame,
    silent,
    upcoming_row,
)

PLAYERS, TEAMS = "nba_raw.player_box_scores", "nba_raw.team_box_scores"
NIGHT = date(2025, 11, 6)


def scheduled(number: int = 0, **changes: Any) -> ScheduledGame:
    """A game of the night before that is over."""
    key = f"20251106_NYK_BOS{number or ''}"
    game = ScheduledGame(
        key, "", NIGHT, "NYK", "BOS", datetime(2025, 11, 7, tzinfo=UTC), False, 3, False, "regular", 110, 100
    )
    return replace(game, **changes)


def line(name: str, points: int = 20, minutes: float = 48.0) -> PlayerLine:
    """A player who made his points by twos."""
    shots = points // 2
    return PlayerLine(
        None, name, minutes, None, points, shots, 2 * shots, 0, 0, 0, 0, 1, 3, 2, 1, 0, 1, 2, None
    )


def box(source: str, share: float = 1.0) -> BoxScore:
    """The whole game, or a share of it, as a source has it."""
    teams = [
        TeamBox(
            team, team == "BOS", round(5 * each * share),
            tuple(line(f"{team} {n}", round(each * share), 48 * share) for n in range(5)),
        )
        for team, each in (("NYK", 20), ("BOS", 22))
    ]  # fmt: skip
    return BoxScore(source, True, False, True, tuple(teams))


class Wire:
    """Answers as the upstreams write them: nba.com has none, and one of ESPN's numbers is empty."""

    upstreams = Upstreams(None, "simulated")

    def get(self, upstream: str, path: str, *_: object, **__: object) -> Reply:
        """The body for a path."""
        stats = [
            {"player": {"id": n, "first_name": team, "last_name": str(n)}, "team": {"abbreviation": team},
             "game": {"id": 7, "status": "Final", "home_team_score": 110, "visitor_team_score": 100},
             "min": "48", "fgm": each, "fga": 2 * each, "fg3m": 0, "fg3a": 0, "ftm": 0, "fta": 0, "oreb": 1,
             "dreb": 3, "ast": 2, "stl": 1, "blk": 0, "turnover": 1, "pf": 2, "pts": 2 * each}
            for team, each in (("NYK", 10), ("BOS", 11)) for n in range(5)
        ]  # fmt: skip
        labels = ["MIN", "FG", "3PT", "FT", "OREB", "DREB", "AST", "STL", "BLK", "TO", "PF", "PTS"]
        stats_of_al = ["30", "5-9", "0-0", "0-0", "", "3", "2", "1", "1", "0", "0", "10"]
        al = {"athlete": {"displayName": "Al Horford"}, "stats": stats_of_al}
        sides = [
            {"homeAway": side, "team": {"abbreviation": team}, "score": score}
            for side, team, score in (("home", "BOS", "110"), ("away", "NY", "100"))
        ]
        over = {"competitors": sides, "status": {"type": {"state": "post", "completed": True}}}
        blocks = [{"labels": labels, "athletes": [al]}]
        bodies = {
            "scoreboard": {"events": [{"id": "4", "date": "2025-11-07T00:00Z", "competitions": [over]}]},
            "summary": {
                "header": {"competitions": [over]},
                "boxscore": {"players": [{"team": {"abbreviation": "BOS"}, "statistics": blocks}]},
            },
            "games": {"data": [
                {"id": 7, "status": "Final", "home_team": {"abbreviation": "BOS"},
                 "visitor_team": {"abbreviation": "NYK"}},
            ]},
            "stats": {"data": stats},
        }  # fmt: skip
        return Reply(json.dumps(bodies[path.rsplit("/", 1)[1]]).encode(), f"{upstream}{path}")


@incident(
    27, "The team summaries crashed on int(''): a source had written an empty text for a number",
    prevented="A number that is none spoils one answer, named by its field, and the next source is asked",
    fix_out=lambda patch: patch.setattr(espn, "_whole", lambda text, what: int(text)), fails_with=ValueError,
)  # fmt: skip
def test_incident_27_an_empty_number_costs_one_answer_and_the_next_source_is_asked() -> None:
    (entry,) = box_scores.ask_for(Wire(), [scheduled()], silent)  # type: ignore[arg-type]
    refused, taken = entry.answers
    assert str(refused.error) == "ESPN summary: OREB of Al Horford: '' is not a whole number"
    assert (taken.source, taken.error, taken.shortcomings) == ("balldontlie", None, "")
    assert entry.complete


@incident(
    33, "Of nine games one was fetched: the resolver gave the first only",
    prevented="Every final game of the schedule must have both teams' box scores; who lacks one is named",
    fix_out=without_check(raw_gate, "every_final_game_has_a_box_score"), fails_with="assert None == 8",
)  # fmt: skip
def test_incident_33_of_nine_games_the_eight_that_were_not_fetched_are_named() -> None:
    nine = [scheduled(number) for number in range(1, 10)]
    assert len(box_scores.games_wanted(nine, NIGHT.replace(day=7), set())) == 9
    schedule = pd.DataFrame(
        {"snapshot_date": pd.Timestamp("2025-11-07"), "game_date": pd.Timestamp(NIGHT), "game_status": 3,
         "is_postponed": False, "game_id": [game.key for game in nine]}
    )  # fmt: skip
    boxes = [
        {"game_date": NIGHT, "game_id": nine[0].key, "team_abbr": team, "points": 100, "is_complete": True,
         "incomplete_reason": None}
        for team in ("NYK", "BOS")
    ]  # fmt: skip
    frames = {
        "schedule": schedule, "recent_team_boxes": frame(TEAMS, boxes), "props": frame(PROPS, []),
        "player_box_scores": frame(PLAYERS, []), "responses": frame("nba_raw.scrape_log", []),
    }  # fmt: skip
    output = raw_gate.process(context(), frames, silent)
    failed = dict(zip(output.frame["check_name"], output.frame["failed_rows"], strict=True))
    assert failed.get("every_final_game_has_a_box_score") == 8
    assert any(nine[-1].key in warning for warning in output.warnings)


@incident(
    40, "team_win_pct was 0.5 for everyone, back-to-back always 0, usage 98.8 % and pace 93.9 % zeros",
    prevented="A feature with one value for a whole slate is an error by name, and so one mostly by default",
    fix_out=lambda patch: patch.setattr(feature_gate, "constant_features", lambda values: {}),
    fails_with="'pass'",
)  # fmt: skip
def test_incident_40_a_feature_that_is_the_same_for_everyone_is_found() -> None:
    rows = []
    for n in range(40):
        values = {s.name: s.lower + (s.upper - s.lower) * (n + 1) / 50 for s in FEATURES}
        sources = ["default" if s.name == "usage_spike_score" and n else "computed" for s in FEATURES]
        vector = [0.5 if s.name == "team_win_pct" else values[s.name] for s in FEATURES]
        rows.append(feature_row(n + 1, features=vector, feature_sources=sources))
    frames = {
        "features": frame(FEATURE_STORE, rows), "player_cache": frame(CACHE, []),
        "upcoming_players": frame(UPCOMING, [upcoming_row(n + 1) for n in range(40)]),
    }  # fmt: skip
    output = feature_gate.process(context(), frames, silent)
    found = output.frame.set_index("check_name")
    same, by_default = found.loc["constant_features"], found.loc["default_share_per_feature"]
    assert (same["status"], same["sample_ref"]) == ("fail", "team_win_pct")
    assert (by_default["status"], by_default["sample_ref"]) == ("warn", "usage_spike_score (98%)")


@incident(
    41, "The fatigue score lay between -5 and 0: an adjustment was stored, and the check relaxed",
    prevented="Who makes a figure checks it against its feature's bounds, and the bounds are frozen",
    fix_out=lambda patch: patch.setattr(player_composite_factors, "check_figures", lambda rows: None),
    fails_with="DID NOT RAISE",
)  # fmt: skip
def test_incident_41_a_figure_out_of_its_range_is_refused_where_it_is_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    frames = hand_morning()
    right = factors.fatigue_score
    monkeypatch.setattr(factors, "fatigue_score", lambda rows: (right(rows) - 100.0) / 20.0 - 0.5)
    with pytest.raises(FeatureContractViolation, match=r"player 1: fatigue_score is -0\.5, outside 0\.\.100"):
        player_composite_factors.process(context_of(D), frames, silent)
    relaxed = tuple(replace(s, lower=-5) if s.name == "fatigue_score" else s for s in FEATURES)
    assert "makes a new version" in features._contract_fault(FEATURE_VERSION, relaxed)


@incident(
    45, "A source had stopped at half-time: 43 % of its minutes were off by more than five",
    prevented="Minutes must make a game and nobody more than it; a source that is whole by itself stands in",
    fix_out=lambda patch: patch.setattr(assembly, "_whole_by_itself", lambda *_: None),
    fails_with="'nba_cdn'",
)  # fmt: skip
def test_incident_45_half_a_game_is_not_taken_for_one() -> None:
    long = replace(box("espn").teams[0], players=(line("NYK 0", 20, 62.0), *box("espn").teams[0].players[1:]))
    shorter = tuple(replace(p, minutes=44.5) for p in long.players[1:])
    assert shortcomings(replace(long, players=(long.players[0], *shorter)), fractional=False) == (
        "NYK: NYK 0 with 62.0 minutes in a game of 48"
    )
    registry = Registry(frame("nba_reference.players", []))
    half_time = assembly.assemble(scheduled(), [box("nba_cdn", 0.5)], registry, D)
    assert [team.incomplete_reason for team in half_time] == [
        f"{team}: 120.0 minutes, at least 237 expected" for team in ("NYK", "BOS")
    ]
    teams = assembly.assemble(scheduled(), [box("nba_cdn", 0.5), box("espn")], registry, D)
    assert [(team.source, team.points, team.incomplete_reason) for team in teams] == [
        ("espn", 100, ""),
        ("espn", 110, ""),
    ]


@incident(
    46, "One row of 187 stood in the table, so it counted as there and nothing stood in: for six days",
    prevented="A table is held against what the slate calls for, and a row or two of it park the day",
    fix_out=without_check(analytics_gate, "half_of_the_slate_is_there"),
    fails_with="assert 'half_of_the_slate_is_there' in",
)  # fmt: skip
def test_incident_46_one_row_is_no_slate() -> None:
    slate = hand_schedule().iloc[[1]].assign(game_id="20251107_LAC_PHX", away_team_abbr="LAC")
    schedule = slate.assign(home_team_abbr="PHX", snapshot_date=slate["game_date"])
    frames = {
        "schedule": schedule, "upcoming_players": frame(UPCOMING, [upcoming_row(1)]),
        "player_games": frame("nba_analytics.player_game_summary", []), "box_score_keys": frame(PLAYERS, []),
    }  # fmt: skip
    assert "half_of_the_slate_is_there" in analytics_gate.process(context(), frames, silent).refusal
    five = [upcoming_row(n, team_abbr=team) for team in ("LAC", "PHX") for n in range(5)]
    whole = {**frames, "upcoming_players": frame(UPCOMING, five)}
    assert "half_of_the_slate_is_there" not in analytics_gate.process(context(), whole, silent).refusal


@incident(
    47, "Toronto at Portland had no predictions: the roster at hand was an old one",
    prevented="A roster without most of those who have played for the team lately is not believed alone",
    fix_out=lambda patch: patch.setattr(slate_players, "_stale", lambda *_: []),
    fails_with="assert [] == [1, ",
)  # fmt: skip
def test_incident_47_a_team_whose_roster_is_of_another_time_keeps_its_players() -> None:
    rosters = roster()
    players, of_new_york = rosters["player_id"], rosters["team_abbr"] == "NYK"
    old = rosters.assign(player_id=players.where(of_new_york, 100 + players))
    teams = pd.DataFrame(
        {"game_date": pd.Timestamp(D), "game_id": "20241220_NYK_BOS", "team_abbr": ["BOS", "NYK"]}
    )
    nobody = pd.DataFrame({"player_id": np.zeros(0, dtype="int64"), "game_id": []})
    pool = slate_players.slate_players(teams, old, games()["player_games"], nobody, {})
    there = set(pool.players["player_id"])
    assert [player for player in BOSTON if player in there] == list(BOSTON)
    assert set(NEW_YORK) <= there
    (warning,) = pool.warnings
    assert warning.startswith("BOS: roster out of date")
