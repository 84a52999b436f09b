"""What a processor is given and what it gives back. The generic activity around it is `runner`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Protocol

import pandas as pd
from pydantic import SecretStr

from activities.scrape.guard import SourceGuard

Frames = Mapping[str, pd.DataFrame]
"""A processor's inputs by the names of its registry reads."""

Fact = str | int | float | bool

NO_KEY = SecretStr("")


class Progress(Protocol):
    """Tells how far a processor is; heartbeats the activity around it. Cheap: call it per item."""

    def __call__(self, done: int, total: int, note: str = "") -> None: ...


class ObjectStore(Protocol):
    """Stored responses, content-addressed: the same bytes always have the same path."""

    def put(self, source: str, body: bytes) -> str:
        """Stores a body (gzip at rest) and returns its path."""

    def get(self, path: str) -> bytes:
        """The body stored at a path. Raises `DataNotReady` naming the path if it isn't there."""


class Exports(Protocol):
    """Published documents, by path: `2025-11-07/predictions.json`."""

    def write(self, path: str, body: bytes) -> None:
        """Puts a document in place of the one that is there, if any; never half of it."""

    def read(self, path: str) -> bytes | None:
        """The document as it lies there; None if there is none."""

    def address(self, path: str) -> str:
        """Where a person finds it."""


@dataclass(frozen=True)
class Upstreams:
    """Where the upstreams are and with which keys; `base` ends before the upstream's own name."""

    base: str | None
    """`http://127.0.0.1:9100/as-of/2025-11-07T18:01:00Z` for a replay; None: the real ones."""
    source: str
    """`recorded`, `simulated` or `live`."""
    odds_api_key: SecretStr = NO_KEY
    balldontlie_api_key: SecretStr = NO_KEY
    token: SecretStr | None = None
    """Of the replay server, where it asks for one."""
    guard: SourceGuard = field(default_factory=SourceGuard)
    """Whether a source may be asked now; one for all activities of a worker."""


@dataclass(frozen=True)
class ProcessorContext:
    """The surroundings of one run of a processor."""

    game_date: date
    """D, the US/Eastern date that is run."""
    as_of: datetime
    """The instant the day was planned for; aware UTC."""
    now: datetime
    """`as_of` plus the time elapsed since the day began; aware UTC. Never the wall clock."""
    dates: tuple[date, ...]
    """The scope: dates whose games this run brings in."""
    objects: ObjectStore
    models: Path
    exports: Exports
    upstreams: Upstreams
    run_id: str = ""
    chunk: int = 0
    chunk_size: int = 60
    staged: pd.DataFrame = field(default_factory=pd.DataFrame)
    """For a consolidation: the rows of all chunks."""


@dataclass(frozen=True)
class Output:
    """A processor's rows, and what is worth telling about them."""

    frame: pd.DataFrame
    partitions: tuple[date, ...]
    """Exactly these partitions are replaced; one without rows ends up empty."""
    warnings: tuple[str, ...] = ()
    facts: Mapping[str, Fact] = field(default_factory=dict)
    """A few figures for status and logs, under 1 kB."""
    refusal: str = ""
    """Why the phase must not go on although the rows are written: what a gate says."""


ProcessFunction = Callable[[ProcessorContext, Frames, Progress], Output]
