"""The worlds a round can be lived in: edits of the league that last the whole round and change the truth.

Whatever a round's faults do, its final tables must be those of an undisturbed run of the same world; and in
each of them something more must hold, which `promises` tells from the tables.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import httpx
import pandas as pd

from warehouse.protocol import Warehouse

Edit = dict[str, Any]
"""The body of a POST to `{replay_url}/faults`, without `times`: it lasts the round."""
Promises = Callable[[Warehouse, Sequence[date]], Sequence[str]]

EVERYBODY = "league"
SCHEDULE = "nba-cdn/static/json/staticData/scheduleLeagueV2.json"
BOXES = ("nba-cdn/boxscore", "espn/summary", "balldontlie/stats")
TEAMS = "nba_raw.team_box_scores"


def _nothing_more(_warehouse: Warehouse, _days: Sequence[date]) -> Sequence[str]:
    return ()


@dataclass(frozen=True)
class World:
    """One world."""

    name: str
    about: str
    """What is different, for the documentation."""
    edits: Callable[[Sequence[date], str], Sequence[Edit]]
    """From the round's days and the base URL of its replay server, where games can be looked up. Called
    again whenever the replay server was started again, so it must give the same each time."""
    sources: tuple[str, ...] = ("recorded", "simulated")
    """The leagues in which it can be lived."""
    promises: Promises = _nothing_more
    """What its finished tables must show beyond those of an undisturbed run: the promises they break."""


def _first_game(days: Sequence[date], url: str) -> dict[str, Any]:
    """The first game by key of the first day, as nba.com's schedule has it on the morning after."""
    answer = httpx.get(f"{url}/as-of/{days[0]}T12:00:00Z/{SCHEDULE}", timeout=30, trust_env=False)
    answer.raise_for_status()
    listed = [game for one in answer.json()["leagueSchedule"]["gameDates"] for game in one["games"]]
    return min(
        (game for game in listed if game["gameCode"].startswith(f"{days[0]:%Y%m%d}")),
        key=lambda game: str(game["gameCode"]),
    )


def _of_first_game(
    kind: str, routes: Sequence[str] = (EVERYBODY,)
) -> Callable[[Sequence[date], str], Sequence[Edit]]:
    """The same change of the first game, on each of the routes."""

    def edits(days: Sequence[date], url: str) -> Sequence[Edit]:
        match = {"game_id": _first_game(days, url)["gameId"]}
        return [{"route": route, "kind": kind, "match": match} for route in routes]

    return edits


def _first_key(warehouse: Warehouse, days: Sequence[date]) -> str:
    """The key of that game, from the schedule of the first day's own morning."""
    games = warehouse.read("nba_raw.schedule", dates=[days[0]])
    own = games.loc[(pd.to_datetime(games["game_date"]).dt.date == days[0]).to_numpy(dtype=bool)]
    return str(own["game_id"].min())


def _of_game(warehouse: Warehouse, table: str, days: Sequence[date]) -> pd.DataFrame:
    rows = warehouse.read(table, dates=[days[0]])
    return rows.loc[(rows["game_id"] == _first_key(warehouse, days)).to_numpy(dtype=bool)]


def _later(days: Sequence[date], number: int) -> bool:
    return len(days) > number


def _partial(warehouse: Warehouse, days: Sequence[date]) -> Sequence[str]:
    """Players whom no source has leave their game partial, and who depends on it is marked."""
    if not _later(days, 1):
        return ()
    key = _first_key(warehouse, days)
    teams = _of_game(warehouse, TEAMS, days)
    broken = ["every team of the game is called whole"] if teams["is_complete"].all() else []
    vectors = warehouse.read("nba_predictions.ml_feature_store_v2", dates=[days[1]])
    concerned = vectors["team_abbr"].isin(set(teams["team_abbr"])).to_numpy(dtype=bool)
    marked = (
        vectors["partial_games"].map(lambda games: any(key in game for game in games)).to_numpy(dtype=bool)
    )
    unmarked = int((concerned & ~marked).sum())
    return (
        [*broken, f"{unmarked} vectors of {days[1]} depend on it and are not marked"] if unmarked else broken
    )


def _put_right(warehouse: Warehouse, days: Sequence[date]) -> Sequence[str]:
    """By the third morning what was wrong on the second has been noticed."""
    if not _later(days, 2):
        return ()
    log = warehouse.read("nba_raw.scrape_log", dates=[days[2]], equals={"processor": "scrape_box_scores"})
    again = log["request"].str.startswith(f"box_score/{_first_key(warehouse, days)}/").any()
    return () if again else [f"{days[2]} did not bring the box score in again"]


def _from_the_second(warehouse: Warehouse, days: Sequence[date]) -> Sequence[str]:
    """With the first source down all box scores are whole, and of the second."""
    if not _later(days, 1):
        return ()
    teams = warehouse.read(TEAMS, dates=list(days[:-1]))
    lacking = teams.loc[~teams["is_complete"].to_numpy(dtype=bool), "game_id"]
    broken = [f"partial: {', '.join(sorted(set(lacking)))}"] if len(lacking) else []
    other = set(teams["source"]) - {"espn"}
    return [*broken, f"sources: {', '.join(sorted(other))}"] if other else broken


CALM = World("calm", "the league as it is", lambda _days, _url: ())

WORLDS: tuple[World, ...] = (
    CALM,
    World(
        "corrected_box", "a box score that is put right the day after",
        _of_first_game("corrected_box"), promises=_put_right,
    ),
    World(
        "missing_players", "a game of which every source lacks the top scorer",
        _of_first_game("missing_player", BOXES), promises=_partial,
    ),
    World(
        "first_source_down", "nba.com's box scores are down all the time",
        lambda _days, _url: [{"route": BOXES[0], "kind": "status", "value": 503}],
        promises=_from_the_second,
    ),
)  # fmt: skip
"""The calm one first. The plan deals the others out evenly."""
