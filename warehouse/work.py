"""On whose behalf the warehouse is asked, and what that cost: labels for its jobs, a count of their bytes.

Kept per thread of execution (a context variable): the engine is shared by every activity of a worker.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

_NOT_IN_A_LABEL = re.compile(r"[^a-z0-9_-]")
LONGEST = 63


@dataclass
class Work:
    """Jobs made since it began. The embedded engine bills nothing and counts nothing."""

    labels: Mapping[str, str] = field(default_factory=dict)
    jobs: int = 0
    bytes_processed: int = 0
    bytes_billed: int = 0

    def add(self, processed: int | None, billed: int | None) -> None:
        """Counts one job."""
        self.jobs += 1
        self.bytes_processed += processed or 0
        self.bytes_billed += billed or 0


_WORK: ContextVar[Work] = ContextVar("_WORK")


@contextmanager
def work(**labels: str) -> Iterator[Work]:
    """Jobs made inside carry these labels, and are counted."""
    made = Work({name: label(value) for name, value in labels.items()})
    token = _WORK.set(made)
    try:
        yield made
    finally:
        _WORK.reset(token)


def current_work() -> Work:
    """The work under way; one of its own, which nobody reads, outside of any."""
    return _WORK.get(Work())


def label(value: str) -> str:
    """A value as BigQuery takes it in a label: lower case letters, digits, dashes, at most 63."""
    return _NOT_IN_A_LABEL.sub("-", value.lower())[:LONGEST]
