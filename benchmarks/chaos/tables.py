"""What a round is judged by: the final rows of every table, and how those of two runs differ."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path

import pandas as pd

from warehouse.hashing import hash_table
from warehouse.protocol import Warehouse
from warehouse.schema import TableSchema

KEPT = timedelta(days=10)
"""Rows from so long before the round's first day on are kept to be named; the hash covers all."""

ON_THE_WAY = ("nba_raw.scrape_log", "nba_orchestration.quality_results")
"""Tables of what was met on the way, not of what came of it: which source was asked, what a check saw."""

PROVENANCE: Mapping[str, tuple[str, ...]] = {
    "nba_raw.player_box_scores": (
        "source", "player_name", "minutes", "minutes_fractional", "is_starter", "plus_minus",
        "points_in_paint", "resolution",
    ),
    "nba_raw.team_box_scores": ("source", "completed_by", "player_minutes"),
    "nba_analytics.player_game_summary": ("is_starter",),
    "nba_raw.schedule": ("nba_game_id",),
}  # fmt: skip
"""Columns that say which source won, or that only some have. A fallback may differ there."""

ONLY_ACTIVE = "nba_predictions.player_prop_predictions"
"""A prediction that was replaced stays, inactive: a day that was run again after a fault has more of them."""

ONLY_FIRST = "nba_reference.players"
"""A player's later rows are names and ids that a source taught, which a fallback may not have."""

NOT_ALL = (ONLY_ACTIVE, ONLY_FIRST)
"""Tables of whose rows only some count, so that their hashes may differ and nothing be wrong."""


def judged(schema: TableSchema) -> bool:
    """Whether a table must be the same in equal worlds."""
    return not schema.volatile and schema.name not in ON_THE_WAY


def rows_of(warehouse: Warehouse, schema: TableSchema, since: date) -> pd.DataFrame:
    """The rows of a table that count, from a date on, without what differs between equal runs."""
    whole = schema.name == ONLY_FIRST or not schema.partition
    frame = warehouse.read(schema.name, since=None if whole else since)
    if schema.name == ONLY_FIRST:
        frame = frame.drop_duplicates("player_id", ignore_index=True)
    if schema.name == ONLY_ACTIVE:
        frame = frame.loc[frame["is_active"].to_numpy(dtype=bool)].reset_index(drop=True)
    return frame[[c.name for c in schema.columns if not c.volatile or c.name in schema.key]]


class Expected:
    """The tables of an undisturbed run, in a folder: their hashes, and the rows to name differences by."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, warehouse: Warehouse, first: date) -> None:
        """Takes them from a finished warehouse."""
        self._folder.mkdir(parents=True, exist_ok=True)
        hashes = {}
        for schema in warehouse.schemas.values():
            if judged(schema):
                hashes[schema.name] = hash_table(warehouse, schema.name)
                rows_of(warehouse, schema, first - KEPT).to_pickle(self._folder / f"{schema.name}.pickle")
        (self._folder / "hashes.json").write_text(json.dumps(hashes))

    @property
    def hashes(self) -> dict[str, str]:
        """By table."""
        found: dict[str, str] = json.loads((self._folder / "hashes.json").read_text())
        return found

    def rows(self, table: str) -> pd.DataFrame:
        """Of one table."""
        frame: pd.DataFrame = pd.read_pickle(self._folder / f"{table}.pickle")
        return frame


def comparable(value: object) -> object:
    """A cell as something that equals itself."""
    if isinstance(value, float):
        return None if value != value else value + 0.0
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, list | tuple):
        return tuple(comparable(one) for one in value)
    return None if value is None or value is pd.NaT or value is pd.NA else value


def differing(
    expected: pd.DataFrame, got: pd.DataFrame, key: tuple[str, ...], ignored: tuple[str, ...]
) -> dict[tuple[object, ...], str]:
    """By key: what is wrong with the row, `lost`, `not expected` or the columns that differ."""
    names = [name for name in expected.columns if name not in ignored]
    before, after = _by_key(expected, key, names), _by_key(got, key, names)
    found: dict[tuple[object, ...], str] = {}
    for one in before.keys() - after.keys():
        found[one] = "lost"
    for one in after.keys() - before.keys():
        found[one] = "not expected"
    for one in before.keys() & after.keys():
        if before[one] != after[one]:
            columns = [
                f"{name} {a!r} for {b!r}"
                for name, b, a in zip(names, before[one], after[one], strict=True)
                if a != b
            ]
            found[one] = "; ".join(columns)[:300]
    return found


def _by_key(
    frame: pd.DataFrame, key: tuple[str, ...], names: list[str]
) -> dict[tuple[object, ...], tuple[object, ...]]:
    keys = zip(*(map(comparable, frame[name]) for name in key), strict=True)
    cells = zip(*(map(comparable, frame[name]) for name in names), strict=True)
    return dict(zip(keys, cells, strict=True))
