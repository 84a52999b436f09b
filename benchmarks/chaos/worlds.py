"""The worlds a round can be lived in: edits of the league that last the whole round and change the truth.

Whatever a round's faults do, its final tables must be those of an undisturbed run of the same world; and in
each of them something more must hold, which `promises` tells from the tables.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any

import httpx
import pandas as pd

from shared.clock import eastern
from shared.ids import player_lookup
from warehouse.protocol import Warehouse

Edit = dict[str, Any]
"""The body of a POST to `{replay_url}/faults`, without `times`: it lasts the round."""
Promises = Callable[[Warehouse, Sequence[date]], Sequence[str]]

EVERYBODY = "league"
BOX = "nba-cdn/static/json/liveData/boxscore/boxscore_{}.json"
SCHEDULE = "nba-cdn/static/json/staticData/scheduleLeagueV2.json"
BOXES = ("nba-cdn/boxscore", "espn/summary", "balldontlie/stats")
TEAMS = "nba_raw.team_box_scores"
SIDES = 2
NEW_NAME = "Thaddeus Quillfeather"


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


def _told(url: str, day: date, path: str) -> Any:
    """What an upstream says at noon UTC of a day."""
    answer = httpx.get(f"{url}/as-of/{day}T12:00:00Z/{path}", timeout=30, trust_env=False)
    answer.raise_for_status()
    return answer.json()


def _games_of(days: Sequence[date], url: str) -> list[dict[str, Any]]:
    """The games of the first day in the order of their keys, as nba.com's schedule has them."""
    dates = _told(url, days[0], SCHEDULE)["leagueSchedule"]["gameDates"]
    listed = [game for one in dates for game in one["games"]]
    own = [game for game in listed if game["gameCode"].startswith(f"{days[0]:%Y%m%d}")]
    return sorted(own, key=lambda game: str(game["gameCode"]))


def _of_first_game(
    kind: str, routes: Sequence[str] = (EVERYBODY,)
) -> Callable[[Sequence[date], str], Sequence[Edit]]:
    """The same change of the first game, on each of the routes."""

    def edits(days: Sequence[date], url: str) -> Sequence[Edit]:
        match = {"game_id": _games_of(days, url)[0]["gameId"]}
        return [{"route": route, "kind": kind, "match": match} for route in routes]

    return edits


def _two_past_midnight(days: Sequence[date], url: str) -> Sequence[Edit]:
    """The first game begins after midnight Eastern, the second one only ends then."""
    edits = []
    for game, at in zip(_games_of(days, url), ("00:15", "23:30"), strict=False):
        match = {"game_id": game["gameId"]}
        edits.append({"route": EVERYBODY, "kind": "late_tip", "match": match, "value": at})
    return edits


def _named_anew(name_of: Callable[[dict[str, Any]], str]) -> Callable[[Sequence[date], str], Sequence[Edit]]:
    """The top scorer of the first game's home team has another name at nba.com, which keeps his id."""

    def edits(days: Sequence[date], url: str) -> Sequence[Edit]:
        number = _games_of(days, url)[0]["gameId"]
        game = _told(url, days[0] + timedelta(days=1), BOX.format(number))["game"]
        match = {"player": _top_scorer(game["homeTeam"])["name"], "team": game["homeTeam"]["teamTricode"]}
        value = {"to": name_of(game), "from": str(days[0])}
        return [{"route": BOXES[0], "kind": "renamed_player", "match": match, "value": value}]

    return edits


def _top_scorer(team: dict[str, Any]) -> dict[str, Any]:
    """Of those of whom nba.com has the id."""
    known: list[dict[str, Any]] = [player for player in team["players"] if player["personId"]]
    return max(known, key=lambda player: (player["statistics"]["points"], player["name"]))


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


def _not_missed(warehouse: Warehouse, days: Sequence[date]) -> Sequence[str]:
    """A postponed game has no box score, nobody looks for one, and what was predicted of it is void."""
    if not _later(days, 1):
        return ()
    key, after = _first_key(warehouse, days), list(days[1:])
    broken = [f"{len(rows)} team rows of {key}" for rows in [_of_game(warehouse, TEAMS, days)] if len(rows)]
    checks = warehouse.read("nba_orchestration.quality_results", dates=after)
    missed = [row.check_name for row in checks.itertuples() if any(key in one for one in row.failing)]
    broken += [f"{key} is missed: {name}" for name in sorted(set(missed))]
    log = warehouse.read("nba_raw.scrape_log", dates=after, equals={"processor": "scrape_box_scores"})
    if log["request"].str.startswith(f"box_score/{key}/").any():
        broken.append(f"{key} was asked for")
    results = _of_game(warehouse, "nba_predictions.prediction_results", days)
    graded = results.loc[(results["void_reason"] != "postponed").to_numpy(dtype=bool)]
    return (
        [*broken, f"{len(graded)} predictions of {key} are not void as postponed"] if len(graded) else broken
    )


def _of_its_evening(warehouse: Warehouse, days: Sequence[date]) -> Sequence[str]:
    """A game past midnight is its evening's: its lines, and its box score."""
    key = _first_key(warehouse, days)
    midnight = eastern(days[0] + timedelta(days=1), time.min)
    games = warehouse.read("nba_raw.schedule", dates=[days[0]])
    own = games.loc[(games["game_id"] == key).to_numpy(dtype=bool)]
    broken = [] if (own["tip_time"] > midnight).all() else [f"{key} is to begin before midnight"]
    lines = warehouse.read("nba_raw.player_points_props", dates=[days[0]])
    if len(lines) and key not in set(lines["game_id"]):
        broken.append(f"{key} has no lines")
    if _later(days, 1) and len(_of_game(warehouse, TEAMS, days)) != SIDES:
        broken.append(f"{key} has no box score")
    return broken


def _bearers(warehouse: Warehouse, days: Sequence[date], lookup: str) -> tuple[set[int], set[int]]:
    """Who has a name: those who had another before, and those who had it first."""
    players = warehouse.read("nba_reference.players", until=days[-1] + timedelta(days=1))
    named = players.loc[(players["player_lookup"] == lookup).to_numpy(dtype=bool)]
    first = players.drop_duplicates("player_id").set_index("player_id")["player_lookup"]
    ids = {int(player) for player in named["player_id"]}
    return {p for p in ids if first[p] != lookup}, {p for p in ids if first[p] == lookup}


def _seen_by_nba(warehouse: Warehouse, days: Sequence[date]) -> bool:
    """Whether the first game's home team is as nba.com, which alone has ids, told of it."""
    teams = _of_game(warehouse, TEAMS, days)
    return set(teams.loc[teams["is_home"].to_numpy(dtype=bool), "source"]) == {"nba_cdn"}


def _still_himself(warehouse: Warehouse, days: Sequence[date]) -> Sequence[str]:
    """A player's new name is one of his, and nobody else's."""
    if not _later(days, 1):
        return ()
    renamed, strangers = _bearers(warehouse, days, player_lookup(NEW_NAME))
    broken = [f"{NEW_NAME} is a player of his own: {one}" for one in sorted(strangers)]
    if _seen_by_nba(warehouse, days) and len(renamed) != 1:
        broken.append(f"{len(renamed)} players are known as {NEW_NAME} too")
    return broken


def _each_himself(warehouse: Warehouse, days: Sequence[date]) -> Sequence[str]:
    """Of two players of one name each is on his own team's roster, and there is no third."""
    if not _later(days, 1):
        return ()
    boxes = _of_game(warehouse, "nba_raw.player_box_scores", days)
    away = boxes.loc[~boxes["is_home"].to_numpy(dtype=bool)]
    ids = {int(player) for player in away["player_id"]}
    found = [_bearers(warehouse, days, str(lookup)) for lookup in away["player_lookup"]]
    shared = [(taking, having) for taking, having in found if taking]
    if not shared:
        return ["nobody took another's name"] if _seen_by_nba(warehouse, days) else []
    ((taking, having),) = shared
    broken = [f"{len(taking)} have taken a name of {len(having)}"] if len(taking) + len(having) != 2 else []
    rosters = warehouse.read("nba_raw.rosters", dates=list(days[1:]))
    for team, own, other in (
        (away["team_abbr"].iloc[0], having, taking), (away["opponent_abbr"].iloc[0], taking, having),
    ):  # fmt: skip
        listed = set(rosters.loc[(rosters["team_abbr"] == team).to_numpy(dtype=bool), "player_id"])
        if listed and not (own <= listed and not other & listed):
            broken.append(f"{team}: the roster has the wrong one of {sorted(taking | having)}")
    return broken if having <= ids else [*broken, "who had the name first did not play under it"]


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
    World(
        "postponed_game", "a game that is called off on its evening",
        _of_first_game("postponed_game"), promises=_not_missed,
    ),
    World(
        "past_midnight", "a game that begins after midnight Eastern, and one that ends then",
        _two_past_midnight, promises=_of_its_evening,
    ),
    World(
        "renamed_player", "a player has another name at nba.com from a date on",
        _named_anew(lambda _game: NEW_NAME), promises=_still_himself,
    ),
    World(
        "namesakes", "a player takes the name of one of the other team",
        _named_anew(lambda game: str(_top_scorer(game["awayTeam"])["name"])), promises=_each_himself,
    ),
)  # fmt: skip
"""The calm one first. The plan deals the others out evenly."""
