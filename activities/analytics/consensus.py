"""One points line per player out of many books, and when it is from."""

from __future__ import annotations

import pandas as pd

COLUMNS = {"player_id": "int64", "game_id": "str", "points_line": "float64", "books": "int64"}


def consensus_lines(props: pd.DataFrame, game_ids: set[str]) -> pd.DataFrame:
    """Per player and game: the median over books of each book's main line, and how many books.

    Fantasy operators count only where no sportsbook has a line: theirs are good but late and flat.
    A book with two main lines counts once, with their median. Lines of games that are not on the
    slate (postponed since) are void and left out; alternates (`is_main` false) never count.
    """
    main = props.loc[props["is_main"].to_numpy(dtype=bool) & props["game_id"].isin(game_ids)]
    keys = ["player_id", "game_id"]
    if main.empty:
        return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in COLUMNS.items()})
    is_dfs = main["is_dfs"].astype(bool)
    only_dfs = is_dfs.groupby([main[k] for k in keys], sort=False).transform("all")
    per_book = main.loc[~is_dfs | only_dfs].groupby([*keys, "bookmaker"])["points_line"].median()
    grouped = per_book.groupby(level=keys)
    lines = pd.DataFrame({"points_line": grouped.median(), "books": grouped.size()}).reset_index()
    # Two games on one day are impossible; should a source say so, the one more books offer counts.
    lines = lines.sort_values(["player_id", "books", "game_id"], ascending=[True, False, True])
    return lines.drop_duplicates("player_id").reset_index(drop=True).astype(COLUMNS)


def snapshot_times(props: pd.DataFrame, games: pd.Series) -> pd.Series:
    """When the lines of each of these games are from: the latest change by a sportsbook to any of them.

    By the books' clock, not ours: asking twice for lines that nobody has touched is one snapshot, so a
    recorded day, of which there is only one, can be asked for as often as one likes. NaT for a game without
    lines; indexed like `games`.
    """
    books = props.loc[~props["is_dfs"].astype(bool)]
    latest = books.groupby("game_id")["last_update"].max().to_dict()
    times = [latest.get(game, pd.NaT) for game in games]
    return pd.Series(pd.to_datetime(times, utc=True), index=games.index)
