"""Tables that are read again from the embedded warehouse: the same, unless something was written there."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pyarrow as pa
import pytest

from shared.errors import WarehouseUnavailable
from warehouse.read_cache import LEAST, ReadCache, Reading

FIRST, SECOND, THIRD = date(2026, 1, 1), date(2026, 1, 2), date(2026, 1, 3)


def reading(
    since: date | None = None, until: date | None = None, dates: frozenset[date] | None = None
) -> Reading:
    """Of a table of games."""
    return Reading("nba_raw.games", ("game_date", "points"), since, until, dates, ())


class Reads:
    """A warehouse that counts how often it is asked: the count is what it answers."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> pa.Table:
        self.count += 1
        return pa.table({"points": [self.count], "features": [[1.0, 2.0]]})


def test_what_is_asked_for_again_is_read_once() -> None:
    cache, read = ReadCache(), Reads()
    assert cache.get(reading(), read)["points"][0].as_py() == 1
    assert cache.get(reading(), read)["points"][0].as_py() == 1
    assert cache.get(reading(until=SECOND), read)["points"][0].as_py() == 2


@pytest.mark.parametrize(
    ("asked", "written"),
    [
        (reading(), (SECOND,)),
        (reading(since=SECOND), (SECOND,)),
        (reading(until=THIRD), (FIRST, SECOND)),
        (reading(dates=frozenset({SECOND})), (SECOND,)),
        (reading(dates=frozenset({SECOND})), ()),
    ],
)
def test_a_write_to_what_a_reading_covers_is_seen_by_the_next(
    asked: Reading, written: tuple[date, ...]
) -> None:
    cache, read = ReadCache(), Reads()
    cache.get(asked, read)
    with cache.writing("nba_raw.games", written):
        pass
    assert cache.get(asked, read)["points"][0].as_py() == 2
    assert cache.get(asked, read)["points"][0].as_py() == 2


@pytest.mark.parametrize(
    ("asked", "table", "written"),
    [
        (reading(), "nba_raw.rosters", ()),
        (reading(until=SECOND), "nba_raw.games", (SECOND,)),
        (reading(since=SECOND), "nba_raw.games", (FIRST,)),
        (reading(dates=frozenset({FIRST})), "nba_raw.games", (SECOND, THIRD)),
    ],
)
def test_a_write_elsewhere_leaves_what_was_read(
    asked: Reading, table: str, written: tuple[date, ...]
) -> None:
    cache, read = ReadCache(), Reads()
    cache.get(asked, read)
    with cache.writing(table, written):
        pass
    assert cache.get(asked, read)["points"][0].as_py() == 1


def test_a_write_while_it_is_read_makes_it_old() -> None:
    cache, read = ReadCache(), Reads()

    def overtaken() -> pa.Table:
        table = read()
        with cache.writing("nba_raw.games", (FIRST,)):
            return table

    cache.get(reading(), overtaken)
    assert cache.get(reading(), read)["points"][0].as_py() == 2


def test_many_who_ask_at_once_wait_for_one_reading() -> None:
    cache, read = ReadCache(), Reads()
    begun, go_on = threading.Event(), threading.Event()
    asking = threading.Barrier(5)

    def slow() -> pa.Table:
        begun.set()
        go_on.wait(timeout=10)
        return read()

    def ask() -> pa.Table:
        asking.wait(timeout=10)
        return cache.get(reading(), slow)

    with ThreadPoolExecutor(5) as pool:
        first = pool.submit(cache.get, reading(), slow)
        begun.wait(timeout=10)
        others = [pool.submit(ask) for _ in range(4)]
        asking.wait(timeout=10)
        go_on.set()
        assert [one.result()["points"][0].as_py() for one in (first, *others)] == [1] * 5


def test_a_reading_that_fails_is_tried_again_by_the_next() -> None:
    cache, read = ReadCache(), Reads()

    def fail() -> pa.Table:
        raise WarehouseUnavailable("down")

    with pytest.raises(WarehouseUnavailable):
        cache.get(reading(), fail)
    assert cache.get(reading(), read)["points"][0].as_py() == 1


def test_while_something_is_written_and_when_its_end_is_never_told_nothing_is_known() -> None:
    cache, read = ReadCache(), Reads()
    cache.get(reading(), read)
    under_way = cache.writing("nba_raw.games", (FIRST,))
    under_way.__enter__()
    assert [cache.get(reading(), read)["points"][0].as_py() for _ in range(2)] == [2, 3]


OF_ONE_ROW = LEAST + Reads()().nbytes


def test_the_longest_unused_is_let_go_when_there_is_too_much() -> None:
    cache, read = ReadCache(limit=2 * OF_ONE_ROW), Reads()
    for day in (FIRST, SECOND, FIRST, THIRD):
        cache.get(reading(until=day), read)
    assert read.count == 3
    assert cache.get(reading(until=FIRST), read)["points"][0].as_py() == 1
    assert cache.get(reading(until=SECOND), read)["points"][0].as_py() == 4


def test_what_is_too_much_by_itself_is_not_kept_and_pushes_nothing_out() -> None:
    cache, read = ReadCache(limit=OF_ONE_ROW), Reads()
    cache.get(reading(until=FIRST), read)
    for _ in range(2):
        cache.get(reading(), lambda: pa.table({"points": list(range(100))}))
    assert cache.get(reading(until=FIRST), read)["points"][0].as_py() == 1


def test_tables_without_rows_and_readings_that_failed_do_not_pile_up() -> None:
    cache = ReadCache(limit=2 * LEAST)
    for day in range(1, 10):
        cache.get(reading(until=date(2026, 2, day)), lambda: pa.table({"points": []}))
        with pytest.raises(ZeroDivisionError):
            cache.get(reading(since=date(2026, 2, day)), lambda: pa.table({"points": [1 / 0]}))
    assert len(cache) == 2
