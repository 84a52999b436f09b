"""Raw tables for tests: out of the recorded files, or written by hand."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest

from activities.analytics import (
    player_game_summary,
    team_defense_game_summary,
    team_offense_game_summary,
)
from activities.exports import FolderExports
from activities.processor import Output, ProcessFunction, ProcessorContext, Upstreams
from shared.clock import season_of
from shared.ids import derived_player_id, player_lookup
from warehouse.frames import to_pandas, validated
from warehouse.schema import TableSchema, load_schemas

DATA = Path(os.environ.get("TIPOFF_DATA", Path(__file__).parents[3] / "shared" / "data"))

needs_data = pytest.mark.skipif(
    not (DATA / "box_scores").is_dir(), reason=f"recorded data not found at {DATA} (TIPOFF_DATA)"
)

_RENAMED = {
    "team": "team_abbr", "opponent": "opponent_abbr", "pts": "points", "ast": "assists",
    "stl": "steals", "blk": "blocks", "tov": "turnovers", "pf": "fouls", "started": "is_starter",
}  # fmt: skip
STATS = [
    "fgm", "fga", "fg3m", "fg3a", "ftm", "fta", "oreb", "dreb", "assists", "steals", "blocks",
    "turnovers", "fouls",
]  # fmt: skip
_PLAYER = [
    "game_date", "game_id", "season", "player_id", "player_lookup", "player_name", "team_abbr",
    "opponent_abbr", "is_home", "minutes", "minutes_fractional", "is_starter", "points", *STATS,
    "plus_minus", "source", "resolution", "season_type", "points_in_paint",
]  # fmt: skip
_TEAM_KEY = ["game_date", "game_id", "season", "season_type", "team_abbr", "opponent_abbr", "is_home"]


class _NoObjects:
    def put(self, source: str, body: bytes) -> str:
        raise NotImplementedError

    def get(self, path: str) -> bytes:
        raise NotImplementedError


def context_of(day: date, dates: Iterable[date] = ()) -> ProcessorContext:
    morning = datetime(day.year, day.month, day.day, 18, tzinfo=UTC)
    return ProcessorContext(
        game_date=day, as_of=morning, now=morning, dates=tuple(dates), objects=_NoObjects(),
        models=Path("models"), exports=FolderExports(Path("exports")), upstreams=Upstreams(None, "recorded"),
    )  # fmt: skip


def run(
    process: ProcessFunction, day: date, frames: dict[str, pd.DataFrame], dates: Iterable[date] = ()
) -> Output:
    return process(context_of(day, dates), frames, lambda _done, _total, _note="": None)


def _at_home(rows: pd.DataFrame) -> pd.Series:
    """As recorded; but five games of 2024-25, on neutral courts, call both teams away."""
    hosts = rows.groupby(["game_date", "game_id"], sort=False, dropna=False)["is_home"].transform("any")
    if hosts.all():
        return rows["is_home"]
    games = pd.read_parquet(DATA / "schedule_2018-19_to_2025-26.parquet", columns=["game_date", "home"])
    at_home = pd.MultiIndex.from_frame(rows[["game_date", "team_abbr"]]).isin(pd.MultiIndex.from_frame(games))
    return rows["is_home"].where(hosts, at_home)


@cache
def _schemas() -> dict[str, TableSchema]:
    return load_schemas()


def stored(module: ModuleType, output: Output) -> pd.DataFrame:
    """A processor's rows as its readers get them: checked against the table, written, read back."""
    name = module.__name__.rsplit(".", 1)[1]
    schema = next(s for s in _schemas().values() if s.name.endswith(f".{name}"))
    assert list(output.frame.columns) == list(schema.column_names)
    return to_pandas(validated(output.frame, schema))


def player_box_scores(recorded: pd.DataFrame) -> pd.DataFrame:
    """Recorded rows as `nba_raw.player_box_scores`, with the canonical game key."""
    rows = recorded.rename(columns=_RENAMED)
    rows["is_home"] = _at_home(rows)
    home = rows["team_abbr"].where(rows["is_home"], rows["opponent_abbr"])
    away = rows["opponent_abbr"].where(rows["is_home"], rows["team_abbr"])
    lookup = rows["player_name"].map(player_lookup)
    derived = lookup.map(derived_player_id)
    rows = rows.assign(
        game_id=rows["game_date"].dt.strftime("%Y%m%d") + "_" + away + "_" + home,
        player_lookup=lookup,
        player_id=rows["player_id"].astype("Int64").fillna(derived).astype("int64"),
        minutes=rows["minutes"].astype("float64"),
        minutes_fractional=rows["minutes"].dtype.kind == "f",
        is_starter=rows["is_starter"].astype("boolean"),
        plus_minus=rows["plus_minus"].astype("Int64"),
        source="recorded",
        resolution="id",
        season_type="regular",
        points_in_paint=pd.Series(pd.NA, index=rows.index, dtype="Int64"),
    )
    return rows[_PLAYER].sort_values(["game_date", "game_id", "player_id"], ignore_index=True)


def team_box_scores(
    players: pd.DataFrame, points: pd.Series | None = None, *, tolerance: float = 237.0
) -> pd.DataFrame:
    """The team rows that go with the players' rows; `points` by (game_id, team_abbr) if known."""
    grouped = players.groupby(_TEAM_KEY, sort=True)
    teams = grouped[["points", "minutes", *STATS]].sum().reset_index()
    teams = teams.rename(columns={"points": "player_points", "minutes": "player_minutes"})
    teams["players"] = grouped.size().to_numpy()
    keys = pd.MultiIndex.from_frame(teams[["game_id", "team_abbr"]])
    known = teams["player_points"] if points is None else points.reindex(keys).to_numpy()
    teams["points"] = pd.Series(known, index=teams.index).fillna(teams["player_points"])
    complete = (teams["points"] == teams["player_points"]) & (teams["player_minutes"] >= tolerance)
    return teams.assign(
        is_complete=complete, incomplete_reason=None, source="recorded", completed_by=None
    ).astype({"points": "int64"})


@cache
def raw_season(season: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """(player_box_scores, team_box_scores) of one recorded season."""
    path = sorted((DATA / "box_scores").glob(f"{season}*.parquet"))[0]
    recorded = pd.read_parquet(path)
    players = player_box_scores(recorded)
    points = None
    if "team_pts" in recorded:
        renamed = recorded.rename(columns=_RENAMED)
        games = player_box_scores(recorded)[["game_date", "team_abbr", "game_id"]].drop_duplicates()
        known = renamed[["game_date", "team_abbr", "team_pts"]].dropna().drop_duplicates()
        points = games.merge(known, on=["game_date", "team_abbr"]).set_index(["game_id", "team_abbr"])[
            "team_pts"
        ]
    return players, team_box_scores(players, points)


@cache
def summaries(*seasons: str) -> dict[str, pd.DataFrame]:
    """The three game summaries of recorded seasons, made by the processors under test."""
    raw = [raw_season(season) for season in seasons]
    players = pd.concat([r[0] for r in raw], ignore_index=True)
    teams = pd.concat([r[1] for r in raw], ignore_index=True)
    return summaries_of(players, teams)


def summaries_of(players: pd.DataFrame, teams: pd.DataFrame) -> dict[str, pd.DataFrame]:
    days = sorted({t.date() for t in teams["game_date"]})
    frames = {"player_box_scores": players, "team_box_scores": teams}
    day = days[-1]
    return {
        "player_games": stored(player_game_summary, run(player_game_summary.process, day, frames, days)),
        "team_offense": stored(
            team_offense_game_summary, run(team_offense_game_summary.process, day, frames, days)
        ),
        "team_defense": stored(
            team_defense_game_summary, run(team_defense_game_summary.process, day, frames, days)
        ),
    }


def before(frame: pd.DataFrame, day: date, days: int) -> pd.DataFrame:
    """What the registry's BEFORE window gives: `days` back, the day itself left out."""
    dates = frame["game_date"]
    end = pd.Timestamp(day)
    return frame.loc[(dates < end) & (dates >= end - pd.Timedelta(days=days))].reset_index(drop=True)


def hand_player(
    day: date, player: int, team: str = "BOS", opponent: str = "NYK", **values: object
) -> dict[str, object]:
    """One player's raw row; what is not given is 0, and the points follow from the shots."""
    row: dict[str, object] = {
        "game_date": pd.Timestamp(day), "game_id": f"{day:%Y%m%d}_{opponent}_{team}",
        "season": season_of(day), "player_id": player, "player_lookup": f"player{player}",
        "player_name": f"Player {player}", "team_abbr": team, "opponent_abbr": opponent,
        "is_home": True, "minutes": 24.0, "minutes_fractional": False, "is_starter": None,
        "points": 0, **dict.fromkeys(STATS, 0), "plus_minus": None, "source": "hand",
        "resolution": "id", "season_type": "regular", "points_in_paint": None, **values,
    }  # fmt: skip
    return row


def hand_frame(rows: list[dict[str, object]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=_PLAYER)
    frame = frame.astype({"game_date": "datetime64[us]", "is_starter": "boolean",
                          "plus_minus": "Int64", "points_in_paint": "Int64"})  # fmt: skip
    return frame.sort_values(["game_date", "game_id", "player_id"], ignore_index=True)


def empty(dataset_table: str) -> pd.DataFrame:
    """An empty table's frame: the columns of its DDL and no rows."""
    dataset, table = dataset_table.split(".")
    root = Path(__file__).parents[2] / "schemas" / "bigquery"
    return pd.DataFrame(columns=ddl_columns(root / dataset / f"{table}.sql"))


def ddl_columns(path: Path) -> list[str]:
    lines = path.read_text().splitlines()[1:]
    return [line.split()[0] for line in lines if line.startswith("  ") and "PRIMARY" not in line]
