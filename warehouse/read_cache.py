"""What the one process of the embedded warehouse read lately: good until something is written there.

The processors of a phase read much of the same, many of them at once. What is asked for again is handed out
again, unless a partition that it covers was written since; who asks while another still reads it waits for
that. It is kept as Arrow has it, which nobody can change.
"""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date

import pyarrow as pa

from warehouse.protocol import UNPARTITIONED

LIMIT = 96 * 2**20
"""Bytes of tables that are kept: three years of games are a fifth, all else that a phase reads a tenth."""

LEAST = 32 * 1024
"""Bytes that a table counts for whatever is in it: its schema and a dozen objects."""


def size_of(table: pa.Table) -> int:
    """Bytes by which a table that is kept is reckoned: one without rows is something too."""
    return LEAST + int(table.nbytes)


@dataclass(frozen=True)
class Reading:
    """What is asked for: the arguments of `Warehouse.read`."""

    table: str
    columns: tuple[str, ...]
    since: date | None
    until: date | None
    dates: frozenset[date] | None
    equals: tuple[tuple[str, str], ...]

    def covers(self, day: date) -> bool:
        """Whether rows of this partition may be among it."""
        if day == UNPARTITIONED:
            return True
        if self.dates is not None and day not in self.dates:
            return False
        return (self.since is None or day >= self.since) and (self.until is None or day < self.until)


@dataclass
class _Kept:
    lock: threading.Lock = field(default_factory=threading.Lock)
    table: pa.Table | None = None
    written: int = 0
    """How many writes there had been before it was read."""
    size: int = 0


class ReadCache:
    """Tables by what was asked for, the latest used kept longest. For many threads."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._guard = threading.Lock()
        self._kept: OrderedDict[Reading, _Kept] = OrderedDict()
        self._size = 0
        self._writes = 0
        self._last_write: dict[str, dict[date, int]] = {}
        self._under_way: Counter[str] = Counter()

    def __len__(self) -> int:
        """Tables kept."""
        return len(self._kept)

    def get(self, reading: Reading, read: Callable[[], pa.Table]) -> pa.Table:
        """What was read under the same words, or what `read` gives now."""
        with self._guard:
            kept = self._kept.setdefault(reading, _Kept())
            self._kept.move_to_end(reading)
        with kept.lock:
            with self._guard:
                writes, stands = self._writes, self._stands(reading, kept)
            table = kept.table if stands else None
            if table is None:
                table = self._read(reading, kept, read)
                # The count is from before the reading, so a write beside it makes the table old, never new.
                kept.written = writes
            return table

    @contextmanager
    def writing(self, table: str, partitions: Iterable[date]) -> Iterator[None]:
        """Around a transaction that may change partitions of a table; none named means all of it.

        Nothing of the table counts as known meanwhile, nor ever again should the thread be stopped before
        the end is told.
        """
        with self._guard:
            self._under_way[table] += 1
        try:
            yield
        finally:
            with self._guard:
                self._writes += 1
                days = self._last_write.setdefault(table, {})
                days.update(dict.fromkeys(tuple(partitions) or (UNPARTITIONED,), self._writes))
                self._under_way[table] -= 1

    def forget(self) -> None:
        """Keeps nothing any longer."""
        with self._guard:
            self._kept.clear()
            self._size = 0

    def _read(self, reading: Reading, kept: _Kept, read: Callable[[], pa.Table]) -> pa.Table:
        try:
            table = read()
        except BaseException:
            with self._guard:
                if self._kept.get(reading) is kept:
                    self._size -= self._kept.pop(reading).size
            raise
        kept.table = table
        self._account(reading, kept, size_of(table))
        return table

    def _stands(self, reading: Reading, kept: _Kept) -> bool:
        if self._under_way[reading.table]:
            return False
        days = self._last_write.get(reading.table, {})
        return not any(number > kept.written and reading.covers(day) for day, number in days.items())

    def _account(self, reading: Reading, kept: _Kept, size: int) -> None:
        with self._guard:
            if self._kept.get(reading) is not kept:
                return
            if size > self._limit:
                # It would push out all else, and then itself.
                self._size -= self._kept.pop(reading).size
                return
            self._size += size - kept.size
            kept.size = size
            while self._size > self._limit and self._kept:
                _, oldest = self._kept.popitem(last=False)
                self._size -= oldest.size
