"""Windows over past games: which rows lie before a target's day, and exact figures over them.

A target is a pair (entity, game date): a player or a team on a morning. Everything is computed for
many targets at once, so the daily run (one date) and training (hundreds of dates) are the same code.

Sums are exact: values are held in integers (floats in billionths), and a window's sum is the
difference of two prefix sums. So a figure depends on the games in its window only, never on how much
history lies before it or on the order of a float summation.

Pure functions on arrays; phase 4 uses them too. This is the one place where "before" is decided.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

Array = Any
"""A numpy array. pandas has no types here (see pyproject), so neither have its columns' values."""

BILLIONTHS = 1_000_000_000
"""Floats are summed as integers of this unit; a rating's sum over 10 million games still fits."""

_DAY_SPAN = 1_000_000
_YEAR_SPAN = 10_000


def days_of(dates: pd.Series) -> Array:
    """Dates as whole days since 1970-01-01, int64."""
    return dates.to_numpy().astype("datetime64[D]").astype(np.int64)


def season_years(seasons: pd.Series) -> Array:
    """The first year of seasons written as '2025-26', int64."""
    codes, distinct = pd.factorize(seasons, use_na_sentinel=False)
    return np.array([int(str(season)[:4]) for season in distinct], dtype=np.int64)[codes]


@dataclass(frozen=True)
class Span:
    """For each target the rows [start, end) of a history; end is the first row not before its day."""

    start: Array
    end: Array

    @property
    def count(self) -> Array:
        """Games in the window, int64."""
        return self.end - self.start

    def last(self, games: int) -> Span:
        """The latest `games` of each window."""
        return Span(np.maximum(self.start, self.end - games), self.end)

    def without_last(self, games: int) -> Span:
        """Each window less its latest `games`."""
        return Span(self.start, np.maximum(self.start, self.end - games))


class History:
    """Past games by entity and date. `keys` are the columns that name the entity."""

    def __init__(self, games: pd.DataFrame, *keys: str) -> None:
        self._keys = keys
        self._uniques: list[pd.Index] = []
        codes: Array = np.zeros(len(games), dtype=np.int64)
        for key in keys:
            coded, unique = pd.factorize(games[key])
            self._uniques.append(pd.Index(unique))
            codes = codes * max(len(unique), 1) + coded
        days = days_of(games["game_date"])
        # Stable: games of one entity on one day keep the table's order, which is by game id.
        order = _by_code(codes) if (days[1:] >= days[:-1]).all() else np.lexsort((days, codes))
        self._table, self._order = games, order
        self._day_keys = codes[order] * _DAY_SPAN + days[order]
        years = season_years(games["season"])[order]
        self._year_keys = codes[order] * _YEAR_SPAN + years
        self._sums: dict[str, tuple[Array, Array, int]] = {}

    @property
    def games(self) -> pd.DataFrame:
        """The games by entity and date, as the spans count them."""
        return self._table.iloc[self._order]

    def _column(self, name: str) -> pd.Series:
        # Of three years of games a figure needs one column, not all of them in another order.
        return self._table[name].iloc[self._order]

    def _codes(self, targets: pd.DataFrame) -> tuple[Array, Array]:
        codes: Array = np.zeros(len(targets), dtype=np.int64)
        known: Array = np.ones(len(targets), dtype=bool)
        for key, unique in zip(self._keys, self._uniques, strict=True):
            found = unique.get_indexer(targets[key]).astype(np.int64)
            known &= found >= 0
            codes = codes * max(len(unique), 1) + found
        return codes, known

    def _span(self, known: Array, start: Array, end: Array) -> Span:
        start = np.where(known, np.minimum(start, end), 0)
        return Span(start, np.where(known, end, 0))

    def before(self, targets: pd.DataFrame, days: int, *, skip: int = 0) -> Span:
        """Games on the `days` days before each target's date, its own date never included.

        `skip` leaves out the latest so many days: days=8, skip=7 is the eighth day back alone.
        """
        codes, known = self._codes(targets)
        today = codes * _DAY_SPAN + days_of(targets["game_date"])
        start = np.searchsorted(self._day_keys, today - days, side="left")
        end = np.searchsorted(self._day_keys, today - skip, side="left")
        return self._span(known, start, end)

    def season(self, targets: pd.DataFrame) -> Span:
        """Games of each target's season before its date.

        By the games' own season, not by a calendar: 2019-20 was played into August.
        """
        codes, known = self._codes(targets)
        end = np.searchsorted(self._day_keys, codes * _DAY_SPAN + days_of(targets["game_date"]), side="left")
        season = codes * _YEAR_SPAN + season_years(targets["season"])
        return self._span(known, np.searchsorted(self._year_keys, season, side="left"), end)

    def _prefix(self, column: str) -> tuple[Array, Array, int]:
        if column not in self._sums:
            self._sums[column] = _prefix_sums(self._column(column))
        return self._sums[column]

    def total(self, column: str, span: Span) -> Array:
        """The exact sum of an integer column over each window, int64."""
        sums, _, scale = self._prefix(column)
        if scale != 1:
            raise TypeError(f"{column} holds floats; take its mean")
        return sums[span.end] - sums[span.start]

    def mean(self, column: str, span: Span) -> Array:
        """The mean of a column over each window; rows without a value don't count; NaN if none."""
        sums, there, scale = self._prefix(column)
        count = there[span.end] - there[span.start]
        return ratio(sums[span.end] - sums[span.start], count * scale)

    def deviation(self, column: str, span: Span) -> Array:
        """Sample standard deviation of an integer column; NaN under two games.

        sqrt((n Σx² - (Σx)²) / (n (n - 1))), in integers up to the last division.
        """
        squares = f"{column}²"
        if squares not in self._sums:
            self._sums[squares] = _prefix_sums(self._column(column).astype(np.int64) ** 2)
        count = span.count
        plain = self.total(column, span)
        spread = count * self.total(squares, span) - plain * plain
        return np.sqrt(ratio(spread, count * (count - 1)))

    def weighted(self, column: str, span: Span, alpha: float, games: int) -> Array:
        """Exponentially weighted mean, newest game first with weight 1, then (1-alpha), …

        At most `games` games; NaN without one. Added in the order newest to oldest, always.
        """
        values = self._column(column).to_numpy(dtype=np.float64)
        total = np.zeros(len(span.end))
        weights = np.zeros(len(span.end))
        weight = 1.0
        for back in range(1, games + 1):
            at = span.end - back
            there = at >= span.start
            total += np.where(there, values[np.maximum(at, 0)] if len(values) else 0.0, 0.0) * weight
            weights += np.where(there, weight, 0.0)
            weight *= 1.0 - alpha
        return np.divide(total, weights, out=np.full(len(total), np.nan), where=weights > 0)

    def latest(self, column: str, span: Span, missing: object = None) -> Array:
        """The column's value in each window's last game, object array; `missing` without one."""
        result: Array = np.full(len(span.end), missing, dtype=object)
        there = span.count > 0
        result[there] = self._column(column).to_numpy(dtype=object)[span.end[there] - 1]
        return result

    def days_since(self, targets: pd.DataFrame, span: Span) -> Array:
        """Days from each window's last game to the target's date; NaN without a game."""
        result = np.full(len(span.end), np.nan)
        there = span.count > 0
        played = self._day_keys[span.end[there] - 1] % _DAY_SPAN
        result[there] = days_of(targets["game_date"])[there] - played
        return result


def _by_code(codes: Array) -> Array:
    """The stable order of rows by code. Short integers are sorted by their digits, six times as fast."""
    short = codes.astype(np.uint16)
    return np.argsort(short if (short == codes).all() else codes, kind="stable")


def _prefix_sums(values: pd.Series) -> tuple[Array, Array, int]:
    """Sums and counts of the rows before each, and the unit that the sums are in, as parts of one."""
    # A table without rows has no types either.
    if values.empty or pd.api.types.is_integer_dtype(values.dtype) or values.dtype.kind == "b":
        scale, held = 1, values.to_numpy().astype(np.int64)
        there: Array = np.ones(len(held), dtype=np.int64)
    else:
        floats = values.to_numpy(dtype=np.float64, na_value=np.nan)
        there = np.isfinite(floats).astype(np.int64)
        scale = BILLIONTHS
        held = np.rint(np.where(there == 1, floats, 0.0) * BILLIONTHS).astype(np.int64)
    zero: Array = np.zeros(1, dtype=np.int64)
    return np.concatenate([zero, np.cumsum(held)]), np.concatenate([zero, np.cumsum(there)]), scale


def ratio(above: Array, below: Array) -> Array:
    """above / below; NaN where nothing is below."""
    above = np.asarray(above, dtype=np.float64)
    below = np.asarray(below, dtype=np.float64)
    return np.divide(above, below, out=np.full(len(above), np.nan), where=below != 0)


def shaped(frame: pd.DataFrame, columns: dict[str, str]) -> pd.DataFrame:
    """The table's columns in its order and dtypes, with a fresh index; a missing object is None."""
    held = dict(frame.items())
    # Made at once: a column put into a frame by itself costs more than what it holds.
    return pd.DataFrame({name: _of_kind(held[name], kind) for name, kind in columns.items()})


def _of_kind(values: pd.Series, kind: str) -> pd.Series | Array:
    if kind != "object":
        return values.array if values.dtype == kind else values.astype(kind).array
    held = values.to_numpy(dtype=object, copy=True)
    held[values.isna().to_numpy()] = None
    # A series, not its array: of an array of texts pandas would make texts, which know no None.
    return pd.Series(held, dtype=object)
