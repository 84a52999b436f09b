"""What the comparison with the peers relies on: the same steps in order, and eyes for what a kill spoils."""

from __future__ import annotations

from benchmarks.peers.tables import Contents, difference
from benchmarks.peers.work import LEVELS
from shared.phases import PROCESSOR_NAMES, processor_named

WHOLE = {
    "games": Contents("a", frozenset({("1",), ("2",)}), 0),
    "players": Contents("b", frozenset({("x",)}), 0),
}


def test_the_steps_are_all_processors_each_after_those_it_reads() -> None:
    order = [name for _, names in LEVELS for name in names]
    assert sorted(order) == sorted(PROCESSOR_NAMES)
    for name in order:
        assert {order.index(other) for other in processor_named(name).after} <= set(range(order.index(name)))


def test_rows_lost_doubled_and_changed_are_told_apart() -> None:
    assert difference(WHOLE, WHOLE).unequal == ()
    spoilt = {
        "games": Contents("c", frozenset({("1",), ("3",)}), 2),
        "players": Contents("changed", frozenset({("x",)}), 0),
    }
    found = difference(spoilt, WHOLE)
    assert (found.unequal, found.lost, found.added, found.doubled) == (("games", "players"), 1, 1, 2)
