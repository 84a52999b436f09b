"""Box scores, team totals and did-not-plays out of the recorded files, by date and team."""

from __future__ import annotations

from datetime import date
from typing import Any

from replay.asof import season_of, season_year
from replay.league import STATS, BoxRow, TeamTotal, add_up, did_not_play, tricode_of_id
from replay.recorded_files import DataFile, DataFiles, as_date, columns

#: A team's game: it plays at most one a day, and some recorded games have no id.
TeamGame = tuple[date, str]


class Played:
    """The players' rows of one season with what the files say of each team's game."""

    def __init__(self) -> None:
        self.rows: dict[TeamGame, list[BoxRow]] = {}
        self.opponent: dict[TeamGame, str] = {}
        self.is_home: dict[TeamGame, bool] = {}
        self.game_id: dict[TeamGame, str] = {}
        self.team_pts: dict[TeamGame, int] = {}


def team_games(file: DataFile) -> set[TeamGame]:
    """Return which team played on which date in the file, without reading the box scores."""
    data = columns(file.path, ["game_date", "team"])
    pairs = set(zip(data["game_date"], data["team"], strict=True))
    return {(as_date(day), team) for day, team in pairs}


def load_played(files: DataFiles, label: str) -> Played:
    """Read the first source's box scores of the season; it may lack players."""
    played = Played()
    for file in _of_season(files.box_scores, label):
        data = columns(file.path, season=label)
        _rows(data, played.rows)
        facts = zip(
            data["game_date"], data["team"], data["opponent"], data["is_home"], data["game_id"],
            data.get("team_pts") or [None] * len(data["team"]),
            strict=True,
        )  # fmt: skip
        for day, team, opponent, is_home, game_id, team_pts in facts:
            key = (as_date(day), team)
            played.opponent[key] = opponent
            played.is_home[key] = is_home
            if game_id is not None:
                played.game_id[key] = game_id
            if team_pts is not None:
                played.team_pts[key] = team_pts
    return played


def load_second(files: DataFiles, label: str) -> dict[TeamGame, list[BoxRow]]:
    """Read the independent second source's box scores of the season, where there are any."""
    rows: dict[TeamGame, list[BoxRow]] = {}
    for file in _of_season(files.second, label):
        _rows(columns(file.path, season=label), rows)
    return rows


def load_totals(
    files: DataFiles, label: str, played: Played, second: dict[TeamGame, list[BoxRow]]
) -> dict[TeamGame, TeamTotal]:
    """Return every played team-game's true totals.

    They come from the team file where it has the season; else the points are the recorded team
    points and the rest is summed over the second source, which is complete, or else the first.
    """
    totals = _team_file_totals(files, label)
    for key, rows in played.rows.items():
        if key in totals:
            continue
        minutes, stats = add_up(second.get(key) or rows)
        points = played.team_pts.get(key, stats[-1])
        totals[key] = TeamTotal(minutes, (*stats[:-1], points), 0)
    return {
        key: total._replace(plus_minus=total.pts - totals[key[0], played.opponent[key]].pts)
        for key, total in totals.items()
        if key in played.opponent and (key[0], played.opponent[key]) in totals
    }


def _team_file_totals(files: DataFiles, label: str) -> dict[TeamGame, TeamTotal]:
    totals: dict[TeamGame, TeamTotal] = {}
    for path in files.team_games:
        data = columns(path, season=label)
        stats = zip(*(data[name] for name in STATS), strict=True)
        for day, team, minutes, counts in zip(
            data["game_date"], data["team_abbreviation"], data["min"], stats, strict=True
        ):
            totals[as_date(day), team] = TeamTotal(float(minutes), tuple(counts), 0)
    return totals


def load_absent(files: DataFiles, label: str, played: Played) -> dict[str, list[BoxRow]]:
    """Return the players who were listed and did not play, by game id.

    The record has ids only: the names come from the same season's box scores, else from the
    nearest other season. A player named in none is left out, since the wire always has a name.
    """
    listed: list[tuple[str, int, str]] = []
    for file in _of_season(files.did_not_play, label):
        data = columns(file.path)
        for day, game_id, player_id, team_id in zip(
            data["game_date"], data["game_id"], data["player_id"], data["team_id"], strict=True
        ):
            if season_of(as_date(day)) == label:
                listed.append((game_id, player_id, tricode_of_id(team_id)))
    names = {row.person_id: row.name for rows in played.rows.values() for row in rows}
    missing = {player_id for _, player_id, _ in listed} - names.keys()
    if missing:
        names |= _names_elsewhere(files, label, missing)
    absent: dict[str, list[BoxRow]] = {}
    for game_id, player_id, team in listed:
        if player_id in names:
            absent.setdefault(game_id, []).append(did_not_play(names[player_id], player_id, team))
    return absent


def _names_elsewhere(files: DataFiles, label: str, missing: set[int]) -> dict[int, str]:
    year = season_year(label)
    found: dict[int, str] = {}
    for file in sorted(files.box_scores, key=lambda it: abs(season_year(season_of(min(it.dates))) - year)):
        if missing <= found.keys():
            break
        data = columns(file.path, ["player_id", "player_name"])
        for player_id, name in zip(data["player_id"], data["player_name"], strict=True):
            if player_id in missing:
                found.setdefault(player_id, name)
    return found


def _rows(data: dict[str, list[Any]], into: dict[TeamGame, list[BoxRow]]) -> None:
    blank = [None] * len(data["team"])
    for day, row in zip(
        data["game_date"],
        map(
            BoxRow,
            data["player_name"],
            [player_id or 0 for player_id in data.get("player_id", blank)],
            data["team"],
            data["minutes"],
            *(data[name] for name in STATS),
            data.get("plus_minus", blank),
            data.get("started", blank),
        ),
        strict=True,
    ):
        into.setdefault((as_date(day), row.team), []).append(row)


def _of_season(files: list[DataFile], label: str) -> list[DataFile]:
    return [file for file in files if label in file.seasons]
