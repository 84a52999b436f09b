"""Incidents of what was there and not looked at: gaps, empty columns, names that join with nobody."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from activities.precompute import ml_feature_store_v2
from activities.quality import analytics as analytics_gate
from activities.quality import feature_store as feature_gate
from activities.quality import raw as raw_gate
from activities.quality.games import finals_have_box_scores
from activities.raw.prop_lines import prop_rows
from activities.raw.resolution import Registry
from activities.scrape.sources.odds_api import OddsEvent, Offer
from shared.errors import UpstreamContractViolation
from shared.ids import game_key
from tests.analytics.slates import morning as analysed
from tests.incidents.hand import D, games, hand_morning, hand_schedule, lines, roster, schedule_received
from tests.incidents.incident import incident
from tests.incidents.switches import without_check
from tests.predictions.tables import DAY, context, frame, silent
from tests.scrape.test_nba_cdn_box import box_score

TEAMS, BOX_SCORES, PROPS = (
    "nba_raw.team_box_scores", "nba_raw.player_box_scores", "nba_raw.player_points_props",
)  # fmt: skip


def week() -> pd.DataFrame:
    """A schedule that a morning saw: one final game on each of the eight days before."""
    rows = [
        hand_schedule(
            game_date=pd.Timestamp(D - timedelta(days=n)), game_status=3,
            game_id=game_key(D - timedelta(days=n), "NYK", "BOS"),
        ).iloc[1:]
        for n in range(1, 9)
    ]  # fmt: skip
    return pd.concat(rows, ignore_index=True)


def raw_findings(**changed: pd.DataFrame) -> pd.DataFrame:
    """What the gate after phase 2 says of a morning, by check."""
    usual = {
        "schedule": week(), "player_box_scores": frame(BOX_SCORES, []), "recent_team_boxes": frame(TEAMS, []),
        "props": frame(PROPS, []), "responses": schedule_received(),
    }  # fmt: skip
    made = raw_gate.process(context(game_date=D), {**usual, **changed}, silent)
    return made.frame.set_index("check_name").assign(refusal=made.refusal)


def both_teams(keys: list[str]) -> pd.DataFrame:
    """Complete team box scores of games."""
    return pd.DataFrame(
        [
            {"game_date": pd.Timestamp(key[:8]), "game_id": key, "team_abbr": team, "is_complete": True,
             "incomplete_reason": None, "points": 100}
            for key in keys
            for team in ("NYK", "BOS")
        ]
    )  # fmt: skip


@incident(
    16, "Team box scores were missing for 26 days, 100 games: the checks looked at today only",
    prevented="A gate holds the week's schedule against what is stored, `tipoff validate` that of any dates",
    fix_out=lambda patch: patch.setattr(raw_gate, "LOOKED_BACK", 1),
    fails_with="[] == ['20241214_NYK_BOS']",
)  # fmt: skip
def test_incident_16_a_game_that_is_missing_for_days_is_still_named() -> None:
    keys = sorted(week()["game_id"])
    there = both_teams([key for key in keys if key != "20241214_NYK_BOS"])
    found = raw_findings(recent_team_boxes=there)
    assert list(found.loc["every_final_game_has_a_box_score", "failing"]) == ["20241214_NYK_BOS"]
    validated = finals_have_box_scores({"final_schedule": week(), "teams": there})
    assert validated.failed == ("20241214_NYK_BOS",)


@incident(
    17, "Rolling averages were biased: the most recent ten rows were not the most recent ten games",
    prevented="A vector names every game behind it that the schedule has and the box scores lack",
    fix_out=lambda patch: patch.setattr(
        ml_feature_store_v2, "partial_games", lambda players, *known: [[] for _ in range(len(players))]
    ),
    fails_with="20241219_MIA_BOS missing",
)  # fmt: skip
def test_incident_17_an_average_over_a_gap_says_which_game_it_lacks() -> None:
    schedule = hand_schedule()
    schedule.loc[schedule["game_id"] == "20241219_MIA_BOS", "game_status"] = 3
    made = analysed(D, games(), schedule=schedule, rosters=roster(), props=lines())
    marked = made["features"]["partial_games"].map(list)
    # Both teams: Boston lacks a game of its own, New York one of its opponent's.
    assert marked.tolist() == [["20241219_MIA_BOS missing"]] * 16
    found = feature_gate.process(context(game_date=D), made, silent).frame.set_index("check_name")
    assert found.loc["vectors_on_complete_games", "status"] == "warn"


@incident(
    25, "Minutes were NULL in 99.5 % of the rows: '45:58' had been read as a number",
    prevented="Minutes are parsed or refused, and a gate holds back a night whose columns are empty",
    fix_out=without_check(analytics_gate, "columns_are_filled"), fails_with="'columns_are_filled' in",
)  # fmt: skip
def test_incident_25_a_column_that_is_nearly_empty_holds_back_the_night() -> None:
    with pytest.raises(UpstreamContractViolation, match="minutes: '45:58'"):
        box_score(minutes="45:58")
    made = hand_morning()
    night = games([D - timedelta(days=1)])["player_games"]
    keys = night[["game_date", "game_id", "player_id"]]
    for minutes, held in ((night["minutes_played"], False), (0, True)):
        frames = {**made, "player_games": night.assign(minutes_played=minutes), "box_score_keys": keys}
        output = analytics_gate.process(context(game_date=D), frames, silent)
        assert ("columns_are_filled" in output.refusal) == held


def named(name: str) -> dict[str, pd.DataFrame]:
    """The lines of twelve players whom everybody knows, as a source writes their names."""
    known = pd.DataFrame(
        [
            {"registered_on": pd.Timestamp(DAY), "player_id": n, "player_lookup": f"cole{letter}anthony",
             "player_name": f"Cole {letter} Anthony", "nba_player_id": 1_630_000 + n, "team_abbr": "PHX",
             "source": "nba_cdn"}
            for n, letter in enumerate("abcdefghijkl")
        ]
    )  # fmt: skip
    at = datetime(2025, 11, 7, 17, tzinfo=UTC)
    offers = [
        Offer("fanduel", at, name.format(id=row.nba_player_id, name=row.player_name), side, -110.0, 12.5)
        for row in known.itertuples()
        for side in ("Over", "Under")
    ]
    event = OddsEvent("e", at + timedelta(hours=9), "PHX", "LAC")
    rows, _ = prop_rows(DAY, [(event, offers)], Registry(known))
    return {"props": rows.assign(game_date=pd.Timestamp(DAY))}


@incident(
    26, "Shot zones were known for 0 % of the players: the source had put its ids before their names",
    prevented="A gate wants the players of a source to be known ones: half of them, or the phase waits",
    fix_out=without_check(raw_gate, "lines_are_of_known_players"), fails_with="in ''",
)  # fmt: skip
def test_incident_26_names_that_join_with_nobody_hold_back_the_phase() -> None:
    plain, prefixed = (raw_findings(**named(name)) for name in ("{name}", "{id}, {name}"))
    assert plain["refusal"].iloc[0] == ""
    assert "lines_are_of_known_players: 0 where < 0.5" in prefixed["refusal"].iloc[0]
    assert len(prefixed.loc["lines_are_of_known_players", "failing"]) == 12
