"""The Cup final on its way from the schedules to the summaries: who tells of it and what counts it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pydantic import SecretStr

from activities.processor import Upstreams
from activities.scrape.http import UpstreamClient
from activities.scrape.sources import espn, nba_cdn
from shared.phases import phase_named
from tests.in_process import Morning
from tests.replay.conftest import Replay

DAY = date(2025, 11, 26)
FINAL_DAY = DAY - timedelta(days=1)


@pytest.fixture
def morning(replay: Replay, tmp_path: Path) -> Iterator[Morning]:
    """A morning with the season so far, and phase 1."""
    morning = Morning(tmp_path / "home", replay.base, "simulated", DAY)
    morning.history(date(2025, 10, 1), FINAL_DAY - timedelta(days=1))
    morning.run(lambda processor: processor.name == "raw_schedule")
    yield morning
    morning.warehouse.close()


def make_cup_final(morning: Morning, day: date, teams: set[str] | None = None) -> str:
    """Makes a date's first game (of these teams) the Cup final in the stored schedule; returns its key."""
    objects = morning.context(()).objects
    log = morning.warehouse.read("nba_raw.scrape_log", dates=[DAY])
    row = log.index[log["request"] == "schedule/nba_cdn"][0]
    body = json.loads(objects.get(str(log.loc[row, "object_path"])))
    games: list[dict[str, Any]] = [g for d in body["leagueSchedule"]["gameDates"] for g in d["games"]]
    for game in games:
        on, letters = game["gameCode"].split("/")
        away, home = letters[:3], letters[3:]
        if on == f"{day:%Y%m%d}" and (teams is None or {away, home} & teams):
            break
    game["gameId"] = "0062500001"
    log.loc[row, "object_path"] = objects.put(nba_cdn.SOURCE, json.dumps(body).encode())
    morning.write("nba_raw.scrape_log", log, (DAY,))
    return f"{on}_{away}_{home}"


def prepare(morning: Morning) -> None:
    """Phases 2 to 4, from what phase 1 has stored."""
    for name in ("raw", "analytics", "precompute"):
        for processor in phase_named(name).processors:
            morning.run_one(processor.name)


def test_a_cup_finals_rows_carry_its_type_and_change_no_average(morning: Morning) -> None:
    def cache() -> pd.DataFrame:
        rows = morning.warehouse.read("nba_precompute.player_daily_cache", dates=[DAY])
        return rows.set_index("player_id")

    prepare(morning)
    as_regular = cache()
    upcoming = morning.warehouse.read("nba_analytics.upcoming_team_game_context", dates=[DAY])
    final = make_cup_final(morning, FINAL_DAY, set(upcoming["team_abbr"]))
    prepare(morning)
    for table in ("player_game_summary", "team_offense_game_summary", "team_defense_game_summary"):
        rows = morning.warehouse.read(f"nba_analytics.{table}", dates=[FINAL_DAY])
        kinds = rows.groupby("game_id")["season_type"].agg(set).to_dict()
        assert kinds.pop(final) == {"cup_final"}
        assert all(kind == {"regular"} for kind in kinds.values())
    games = morning.warehouse.read("nba_analytics.player_game_summary", until=DAY)
    games = games.loc[games["minutes_played"] >= 1]
    finalists = set(games.loc[games["game_id"] == final, "player_id"]) & set(as_regular.index)
    assert len(finalists) >= 8
    for player, row in cache().loc[sorted(finalists)].iterrows():
        own = games.loc[games["player_id"] == player]
        counted = own.loc[own["game_id"] != final]
        assert row["games_played_season"] == len(counted) == as_regular["games_played_season"][player] - 1
        assert row["points_avg_season"] == pytest.approx(counted["points"].mean())
        assert row["last_game_date"] == pd.Timestamp(FINAL_DAY)


def test_a_day_whose_game_is_the_cup_final_has_a_slate(morning: Morning) -> None:
    make_cup_final(morning, DAY)
    prepare(morning)
    players = morning.warehouse.read("nba_analytics.upcoming_player_game_context", dates=[DAY])
    finalists = players.loc[players["season_type"] == "cup_final"]
    stored = morning.warehouse.read("nba_predictions.ml_feature_store_v2", dates=[DAY])
    assert finalists["game_id"].nunique() == 1
    assert finalists["has_prop_line"].any()
    assert set(finalists.loc[finalists["eligible"], "player_id"]) <= set(stored["player_id"])


@pytest.mark.parametrize(
    ("headline", "kind"),
    [
        ("NBA Cup - Championship", "cup_final"),
        ("Emirates NBA Cup Championship", "cup_final"),
        ("In-Season Tournament - Championship", "cup_final"),
        ("NBA Cup - Semifinals", "regular"),
        ("NBA Cup - Group Play", "regular"),
        ("", "regular"),
    ],
)
def test_espn_tells_the_cup_final_by_the_games_headline(replay: Replay, headline: str, kind: str) -> None:
    upstreams = Upstreams(
        f"{replay.base}/as-of/2025-11-26T17:01:00Z", "simulated", SecretStr("key"), SecretStr("key")
    )
    with UpstreamClient(upstreams) as client:
        body = json.loads(espn.scoreboard(client, DAY).body)
    body["events"][0]["competitions"][0]["notes"] = [{"type": "event", "headline": headline}]
    kinds = [game.season_type for game, _ in espn.parse_scoreboard(json.dumps(body).encode())]
    assert kinds == [kind, *["regular"] * (len(kinds) - 1)]
