"""What a home's tables hold, beside what they should: rows lost, rows there twice, hashes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from warehouse.connect import connect
from warehouse.hashing import hash_table


@dataclass(frozen=True)
class Contents:
    """One table: its content hash, its keys and how many rows have one that another has."""

    content_hash: str
    keys: frozenset[tuple[object, ...]]
    doubled: int


@dataclass(frozen=True)
class Difference:
    """How a home's tables differ from an undisturbed run's."""

    unequal: tuple[str, ...]
    lost: int
    doubled: int
    added: int


def contents(home: Path) -> dict[str, Contents]:
    """Every table whose rows a day decides, by name. Nothing else may have the home open."""
    warehouse = connect("duckdb", home=home)
    try:
        found = {}
        for name, schema in warehouse.schemas.items():
            if schema.volatile:
                continue
            rows = warehouse.read(name, columns=list(schema.key))
            keys = [tuple(row) for row in rows.astype(str).itertuples(index=False, name=None)]
            found[name] = Contents(hash_table(warehouse, name), frozenset(keys), len(keys) - len(set(keys)))
        return found
    finally:
        warehouse.close()


def difference(found: Mapping[str, Contents], expected: Mapping[str, Contents]) -> Difference:
    """What is wrong with these tables."""
    return Difference(
        unequal=tuple(sorted(t for t, c in found.items() if c.content_hash != expected[t].content_hash)),
        lost=sum(len(expected[t].keys - c.keys) for t, c in found.items()),
        doubled=sum(c.doubled for c in found.values()),
        added=sum(len(c.keys - expected[t].keys) for t, c in found.items()),
    )
