"""Prices at the consensus line: the best per side over sportsbooks, and what the market thinks of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

_SAME_LINE = 1e-9

PROBABILITY_PER_POINT = 0.06
"""How much P(over) falls when a line rises by one point, near even odds: the density of a distribution with a
standard deviation of about 6.5 points at its median."""


@dataclass(frozen=True)
class Quote:
    """What can be bought at one line: decimal odds, best per side."""

    over_price: float | None = None
    over_book: str | None = None
    under_price: float | None = None
    under_book: str | None = None
    market_over: float | None = None
    """Median over sportsbooks of the over's probability with the margin taken out."""
    market_points: float | None = None
    """The points that the market expects at even odds: the line, moved by its prices."""
    last_update: pd.Timestamp | None = None
    only_fantasy: bool = False
    """Only fantasy operators have a line: there is no price to bet at."""


NO_QUOTE = Quote()


def without_margin(over_price: float, under_price: float) -> float:
    """P(over) with the book's margin split in proportion: (1/o) / (1/o + 1/u), decimal odds."""
    return under_price / (over_price + under_price)


@dataclass(frozen=True)
class Offer:
    """A book's line on a player, as a row of `player_points_props`."""

    bookmaker: str
    points_line: float
    over_price: float | None
    under_price: float | None
    is_main: bool
    is_dfs: bool
    last_update: pd.Timestamp


def offers_of(props: pd.DataFrame) -> dict[tuple[str, int], list[Offer]]:
    """Every player's offers, by (game_id, player_id). Plain objects: thousands of tiny frames are slow."""
    found: dict[tuple[str, int], list[Offer]] = {}
    columns = (
        "game_id", "player_id", "bookmaker", "points_line", "over_price", "under_price", "is_main", "is_dfs",
        "last_update",
    )  # fmt: skip
    for game, player, *rest in zip(*(props[c] for c in columns), strict=True):
        book, line, over, under, is_main, is_dfs, updated = rest
        offer = Offer(
            str(book), float(line), None if pd.isna(over) else float(over),
            None if pd.isna(under) else float(under), bool(is_main), bool(is_dfs), updated,
        )  # fmt: skip
        found.setdefault((str(game), int(player)), []).append(offer)
    return found


def _best(prices: list[tuple[float | None, str]]) -> tuple[float | None, str | None]:
    """The highest price above 1 and its book; of equals the first by name."""
    offered = sorted((-price, book) for price, book in prices if price is not None and price > 1.0)
    return (-offered[0][0], offered[0][1]) if offered else (None, None)


def quote_for(offers: list[Offer], line: float) -> Quote:
    """The best prices at exactly this line, out of one player's offers.

    Only main lines of sportsbooks count: a fantasy operator's price is not one, and an alternate line's is
    that of another bet.
    """
    main = [o for o in offers if o.is_main]
    books = [o for o in main if not o.is_dfs]
    seen = books or main
    at_line = [o for o in books if abs(o.points_line - line) < _SAME_LINE]
    over_price, over_book = _best([(o.over_price, o.bookmaker) for o in at_line])
    under_price, under_book = _best([(o.under_price, o.bookmaker) for o in at_line])
    market = [
        without_margin(o.over_price, o.under_price)
        for o in at_line
        if o.over_price is not None and o.under_price is not None
    ]
    even = [
        o.points_line + (without_margin(o.over_price, o.under_price) - 0.5) / PROBABILITY_PER_POINT
        for o in books
        if o.over_price is not None and o.under_price is not None
    ]
    return Quote(
        over_price, over_book, under_price, under_book,
        float(np.median(market)) if market else None,
        float(np.median(even)) if even else line,
        max(o.last_update for o in seen) if seen else None,
        only_fantasy=bool(main) and not books,
    )  # fmt: skip


def quotes(props: pd.DataFrame, players: pd.DataFrame) -> dict[tuple[str, int], Quote]:
    """The quote of every player with a line, by (game_id, player_id)."""
    lined = players.loc[players["points_line"].notna()]
    lines = {
        (str(g), int(p)): float(line)
        for g, p, line in zip(lined["game_id"], lined["player_id"], lined["points_line"], strict=True)
    }
    if props.empty:
        return {}
    offers = offers_of(props)
    return {key: quote_for(offers[key], line) for key, line in lines.items() if key in offers}
