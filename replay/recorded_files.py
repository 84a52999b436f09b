"""Which recorded files there are, which dates and seasons each holds, and whether they agree."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from replay.asof import season_of

#: The kinds of file that may come in any number, by folder.
MANY = ("box_scores", "box_scores_second_source", "points_lines")

#: The columns that hold fractions, in files of any kind; a number in another one is a whole number.
FRACTIONAL = frozenset({"minutes", "min", "line", "over_odds", "under_odds", "fg_pct", "fg3_pct", "ft_pct"})


class BadDataError(ValueError):
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
        if not file.dates:
            continue
        for day in sorted(file.dates):
            if day in seen:
                raise BadDataError(f"{kind}: {day} is in two files, {seen[day].name} and {path.name}")
            seen[day] = path
        files.append(file)
    return files


def _dates(path: Path) -> list[date]:
    try:
        column = read(path, ["game_date"])["game_date"]
        return [as_date(value) for value in pc.unique(column).to_pylist()]
    except (pa.ArrowException, KeyError, OSError) as error:
        raise BadDataError(f"can't read {path}: {error}") from error


def as_date(value: Any) -> date:
    """Return the calendar date of a parquet value, which is a midnight timestamp or a date."""
    return value.date() if isinstance(value, datetime) else value


def read(path: Path, names: list[str] | None = None) -> Any:
    """Read a file's columns as an arrow table.

    Through ParquetFile: `read_table` loads the dataset layer and pandas, a second of start-up.
    """
    with pq.ParquetFile(path) as file:
        return file.read(columns=names)


def columns(path: Path, only: list[str] | None = None, **equal: str) -> dict[str, list[Any]]:
    """Read the file's columns as lists, keeping the rows whose column equals the given value."""
    table = read(path, only)
    data = {name: _values(name, table[name]) for name in table.column_names}
    # In Python: arrow's own comparison with a Python value loads pandas, a second of start-up.
    for name, value in equal.items():
        keep = [at for at, got in enumerate(data[name]) if got == value]
        if len(keep) < len(data[name]):
            data = {column: [values[at] for at in keep] for column, values in data.items()}
    return data


def _values(name: str, column: Any) -> list[Any]:
    """Return a column as a list; times and names, which repeat, are made once per value.

    Ids and counts are whole numbers, also in a file where a missing value has made floats of them.
    """
    if pa.types.is_integer(column.type) or (pa.types.is_floating(column.type) and name in FRACTIONAL):
        values: list[Any] = column.to_pylist()
        return values
    if pa.types.is_floating(column.type):
        return [None if value is None or value != value else int(value) for value in column.to_pylist()]  # noqa: PLR0124
    encoded = column.combine_chunks().dictionary_encode()
    distinct = encoded.dictionary
    if pa.types.is_timestamp(column.type) and column.type.tz:
        # By way of naive UTC: an aware timestamp's Python value loads pandas too.
        naive = distinct.cast(pa.timestamp("us")).to_pylist()
        distinct = [moment.replace(tzinfo=UTC) for moment in naive]
    else:
        distinct = distinct.to_pylist()
    return [None if at is None else distinct[at] for at in encoded.indices.to_pylist()]
