"""Which recorded files there are, which dates and seasons each holds, and whether they agree."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from replay.asof import season_of

#: The kinds of file that may come in any number, by folder.
MANY = ("box_scores", "box_scores_second_source", "points_lines")


class BadDataError(Exception):
    """The recorded data can't be served; the message says why in one line."""


@dataclass(frozen=True)
class DataFile:
    """One parquet file and the game dates in it."""

    path: Path
    dates: frozenset[date]

    @property
    def seasons(self) -> set[str]:
        """The seasons that the file's dates fall in."""
        return {season_of(day) for day in self.dates}


@dataclass(frozen=True)
class DataFiles:
    """Every recorded file under one data directory."""

    box_scores: list[DataFile]
    second: list[DataFile]
    lines: list[DataFile]
    schedule: list[Path]
    team_games: list[Path]
    did_not_play: list[DataFile]


def scan(root: Path) -> DataFiles:
    """Look through `root`, reading only the dates.

    Raises BadDataError when the data isn't there, a file can't be read, or a date is in two
    files of one kind: nobody could say which of the two a prediction was made from.
    """
    if not root.is_dir():
        raise BadDataError(
            f"no recorded data at {root}: set TIPOFF_DATA or --data, or use --source simulated"
        )
    kinds = {kind: _without_overlap(kind, sorted((root / kind).glob("*.parquet"))) for kind in MANY}
    if not kinds["box_scores"]:
        raise BadDataError(f"no box scores in {root / 'box_scores'}: is {root} the data directory?")
    return DataFiles(
        box_scores=kinds["box_scores"],
        second=kinds["box_scores_second_source"],
        lines=kinds["points_lines"],
        schedule=sorted(root.glob("schedule_*.parquet")),
        team_games=sorted(root.glob("team_games_*.parquet")),
        did_not_play=_without_overlap("did_not_play", sorted(root.glob("did_not_play_*.parquet"))),
    )


def _without_overlap(kind: str, paths: list[Path]) -> list[DataFile]:
    seen: dict[date, Path] = {}
    files = []
    for path in paths:
        file = DataFile(path, frozenset(_dates(path)))
        for day in sorted(file.dates):
            if day in seen:
                raise BadDataError(
                    f"{kind}: {day} is in two files, {seen[day].name} and {path.name}"
                )
            seen[day] = path
        files.append(file)
    return files


def _dates(path: Path) -> list[date]:
    try:
        column = pq.read_table(path, columns=["game_date"])["game_date"]
        return [as_date(value) for value in pc.unique(column).to_pylist()]
    except (pa.ArrowException, KeyError, OSError) as error:
        raise BadDataError(f"can't read {path}: {error}") from error


def as_date(value: Any) -> date:
    """Return the calendar date of a parquet value, which is a midnight timestamp or a date."""
    return value.date() if isinstance(value, datetime) else value


def columns(path: Path, **equal: str) -> dict[str, list[Any]]:
    """Read the file's columns as lists, keeping the rows whose column equals the given value."""
    table = pq.read_table(path)
    for name, value in equal.items():
        table = table.filter(pc.equal(table[name], value))
    return {name: table[name].to_pylist() for name in table.column_names}
