"""Prices at the consensus line: the best per side over sportsbooks, and what the market thinks of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

_SAME_LINE = 1e-9


@dataclass(frozen=True)
class Quote:
    """What can be bought at one line: decimal odds, best per side."""

    over_price: float | None = None
    over_book: str | None = None
    under_price: float | None = None
    under_book: str | None = None
    market_over: float | None = None
    """Median over sportsbooks of the over's probability with the margin taken out."""
    last_update: pd.Timestamp | None = None
    only_fantasy: bool = False
    """Only fantasy operators have a line: there is no price to bet at."""


NO_QUOTE = Quote()


def without_margin(over_price: float, under_price: float) -> float:
    """P(over) with the book's margin split in proportion: (1/o) / (1/o + 1/u), decimal odds."""
    return under_price / (over_price + under_price)


def _best(rows: pd.DataFrame, column: str) -> tuple[float | None, str | None]:
    offered = rows.loc[rows[column].notna() & (rows[column] > 1.0)]
    if offered.empty:
        return None, None
    best = offered.sort_values([column, "bookmaker"], ascending=[False, True]).iloc[0]
    return float(best[column]), str(best["bookmaker"])


def quote_for(offers: pd.DataFrame, line: float) -> Quote:
    """The best prices at exactly this line, out of one player's rows of `player_points_props`.

    Only main lines of sportsbooks count: a fantasy operator's price is not one, and an alternate line's is
    that of another bet.
    """
    main = offers.loc[offers["is_main"].to_numpy(dtype=bool)]
    books = main.loc[~main["is_dfs"].to_numpy(dtype=bool)]
    seen = books if len(books) else main
    updated = seen["last_update"].max() if len(seen) else None
    at_line = books.loc[(books["points_line"] - line).abs() < _SAME_LINE]
    over_price, over_book = _best(at_line, "over_price")
    under_price, under_book = _best(at_line, "under_price")
    both = at_line.dropna(subset=["over_price", "under_price"])
    market = [
        without_margin(float(o), float(u))
        for o, u in zip(both["over_price"], both["under_price"], strict=True)
    ]
    return Quote(
        over_price, over_book, under_price, under_book,
        float(np.median(market)) if market else None,
        updated,
        only_fantasy=len(main) > 0 and books.empty,
    )  # fmt: skip


def quotes(props: pd.DataFrame, players: pd.DataFrame) -> dict[tuple[str, int], Quote]:
    """The quote of every player with a line, by (game_id, player_id)."""
    lined = players.loc[players["points_line"].notna()]
    lines = {
        (str(g), int(p)): float(line)
        for g, p, line in zip(lined["game_id"], lined["player_id"], lined["points_line"], strict=True)
    }
    if props.empty or not lines:
        return {}
    found: dict[tuple[str, int], Quote] = {}
    for (game, player), offers in props.groupby(["game_id", "player_id"], sort=True):
        key = (str(game), int(player))
        if key in lines:
            found[key] = quote_for(offers, lines[key])
    return found
