"""The simulated market: the books' lines near what a player can be expected to score."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

import numpy as np

from replay.league import Event, Offer

BOOKS = ("betmgm", "draftkings", "fanduel", "fanatics", "williamhill_us")
SNAPSHOT_TIME = time(17, 0)
BEFORE_TIP = timedelta(hours=2)
#: Who gets a line: enough points expected, in enough minutes.
LEAST_POINTS, LEAST_MINUTES = 6.0, 15.0
#: A book's share of the price, and how wide points spread round what is expected.
_MARGIN, _NOISE = 0.045, 0.45


def snapshot_of(day: date, first_tip: datetime) -> datetime:
    """Return when the day's one snapshot is taken: 17:00 UTC, or 2 h before the first tip."""
    return min(datetime.combine(day, SNAPSHOT_TIME, tzinfo=UTC), first_tip - BEFORE_TIP)


def event_id(seed: int, game_id: str) -> str:
    """Return the market's id of the game: 32 hex digits, as The Odds API's are."""
    return hashlib.blake2s(f"{seed}:{game_id}".encode(), digest_size=16).hexdigest()


class Market(Mapping[str, Sequence[Offer]]):
    """Each event's offers, made when they are first asked for: a season has 120,000."""

    def __init__(
        self,
        seed: int,
        events: Mapping[str, Event],
        expected: Mapping[str, list[tuple[str, float]]],
        books: Sequence[str] = BOOKS,
    ) -> None:
        self._seed, self._events, self._expected, self._books = seed, events, expected, books
        self._offers = lru_cache(maxsize=512)(self._make)

    def __getitem__(self, key: str) -> Sequence[Offer]:
        return self._offers(key)

    def __iter__(self) -> Iterator[str]:
        return iter(self._events)

    def __len__(self) -> int:
        return len(self._events)

    def _make(self, key: str) -> Sequence[Offer]:
        snapshot = self._events[key].snapshot
        rng = np.random.default_rng([self._seed, int(key[:12], 16)])
        offers = []
        for player, points in self._expected[key]:
            spread = 1.0 + 1.35 * math.sqrt(points)
            # The median of points lies a little below their mean.
            centre = 0.97 * points + float(rng.normal(0, _NOISE))
            for book in self._books:
                line = max(0.5, math.floor(centre + float(rng.normal(0, 0.35))) + 0.5)
                over = 0.5 * math.erfc((line - centre) / spread / math.sqrt(2))
                over = min(0.9, max(0.1, over + float(rng.normal(0, 0.012))))
                offers.append(Offer(book, player, line, _american(over), _american(1 - over), snapshot))
        return tuple(sorted(offers, key=lambda offer: (offer.book, offer.player)))


def _american(chance: float) -> int:
    """Return the American price of a chance with the book's margin in it, to the nearest 2."""
    priced = min(0.97, chance * (1 + _MARGIN))
    raw = -100 * priced / (1 - priced) if priced >= 0.5 else 100 * (1 - priced) / priced
    return round(raw / 2) * 2 if abs(raw) >= 101 else -100
