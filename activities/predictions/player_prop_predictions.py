"""Phase 5, consolidation: the staged predictions become the current ones, by one MERGE.

Exactly one prediction per game, player and system is active. What it replaces stays, inactive, and names
its successor; where the new one has its id, because the line is the same and something else is not, it stays
under an id of its own. A prediction made again as it was is no new one: it keeps the time it was first made.
After a game's tip-off nothing of that game changes any more: neither is a prediction made after the fact
kept, nor one made before it touched.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from activities.analytics.windows import Array
from activities.predictions.table import COLUMNS, ONE_ACTIVE, shaped_or_empty
from activities.processor import Frames, Output, ProcessorContext, Progress
from activities.quality.gate import blocked_by
from shared.errors import SchemaViolation
from shared.ids import replaced_prediction_id

TABLE = "nba_predictions.player_prop_predictions"
_NOT_CONTENT = ("as_of", "created_at", "line_last_update", "is_active", "superseded_by")
"""A book that confirms its line says nothing new."""

WITHDRAWN = "withdrawn: no longer predictable when the day was run again; was: "


def _no_duplicates(rows: pd.DataFrame, key: list[str]) -> None:
    twice = rows.duplicated(key, keep=False)
    if twice.any():
        shown = rows.loc[twice, key].drop_duplicates().head(5).astype(str).to_dict("records")
        raise SchemaViolation(f"{TABLE}: {int(twice.sum())} staged rows share their {key}: {shown}")


def _tips(staged: pd.DataFrame, current: pd.DataFrame) -> dict[str, pd.Timestamp]:
    """Each game's tip-off; what the present run knows counts before what an earlier one did."""
    tips: dict[str, pd.Timestamp] = {}
    for rows in (current, staged):
        known = rows[["game_id", "tip_time"]].dropna().drop_duplicates("game_id", keep="last")
        tips.update({str(g): t for g, t in zip(known["game_id"], known["tip_time"], strict=True)})
    return tips


def _among(values: pd.Series, others: pd.Series) -> Array:
    """Which values are among the others; pandas turns over each of those, even for no value."""
    return values.isin(others).to_numpy(dtype=bool) if len(values) else np.zeros(0, dtype=bool)


def _contents(rows: pd.DataFrame) -> dict[str, tuple[object, ...]]:
    """What each prediction says, by id: all but when it was made and what became of it."""
    # Lists: a column of floats would make NaN of a None again, which equals nothing.
    columns = [[_comparable(v) for v in rows[name]] for name in COLUMNS if name not in _NOT_CONTENT]
    return dict(zip(rows["prediction_id"], zip(*columns, strict=True), strict=True))


def _comparable(value: object) -> object:
    if isinstance(value, list | tuple | np.ndarray):
        return tuple(value)
    return None if pd.isna(value) else value


def _unchanged(current: pd.DataFrame, new: pd.DataFrame) -> Array:
    """Which of the new rows say what the active row of their id says already."""
    active = current.loc[current["is_active"].to_numpy(dtype=bool)]
    again = _among(new["prediction_id"], active["prediction_id"])
    known, said = (_contents(rows) for rows in (active, new.loc[again])) if again.any() else ({}, {})
    return np.array([one in said and known[one] == said[one] for one in new["prediction_id"]], dtype=bool)


def _taken_over(current: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    """Present rows whose id the new ones take, under ids of their own: rows are numbered as they come."""
    rows = current.loc[_among(current["prediction_id"], new["prediction_id"])]
    if rows.empty:
        return rows
    made = current.groupby(ONE_ACTIVE).size().to_dict()
    kept = [
        replaced_prediction_id(str(one), made[game, player, system])
        for one, game, player, system in zip(
            rows["prediction_id"], rows["game_id"], rows["player_id"], rows["system_id"], strict=True
        )
    ]
    # One that was inactive already has its successor.
    successor = rows["superseded_by"].where(~rows["is_active"].to_numpy(dtype=bool), rows["prediction_id"])
    return rows.assign(superseded_by=successor, prediction_id=kept, is_active=False)


def consolidated(
    staged: pd.DataFrame, current: pd.DataFrame, now: pd.Timestamp
) -> tuple[pd.DataFrame, dict[str, int], tuple[str, ...]]:
    """(rows to MERGE, counts, warnings) out of all chunks' rows and the date's present rows.

    Raises:
        SchemaViolation: two staged rows share their id, or their game, player and system.
    """
    staged, current = shaped_or_empty(staged), shaped_or_empty(current)
    _no_duplicates(staged, ["game_date", "prediction_id"])
    _no_duplicates(staged, ONE_ACTIVE)
    begun = {game for game, tip in _tips(staged, current).items() if tip <= now}
    late = staged["game_id"].isin(begun)
    fresh = staged.loc[~late].assign(is_active=True, superseded_by=None)
    same = _unchanged(current, fresh)
    new = fresh.loc[~same]
    open_before = current.loc[
        current["is_active"].to_numpy(dtype=bool)
        & ~current["game_id"].isin(begun).to_numpy(dtype=bool)
        & ~_among(current["prediction_id"], fresh["prediction_id"])
    ]
    successors = new[[*ONE_ACTIVE, "prediction_id"]].rename(columns={"prediction_id": "successor"})
    old = open_before.merge(successors, on=ONE_ACTIVE, how="left", validate="m:1")
    gone = old["successor"].isna().to_numpy(dtype=bool)
    old = old.assign(is_active=False, superseded_by=old["successor"])
    # A player who is out by now must not keep the number of an hour ago.
    old["reason"] = old["reason"].where(~gone, WITHDRAWN + old["reason"])
    replaced = _taken_over(current, new)
    parts = [shaped_or_empty(part) for part in (new, old, replaced)]
    rows = pd.concat([part for part in parts if len(part)] or [parts[0]], ignore_index=True)
    rows = rows.sort_values("prediction_id", ignore_index=True)
    warnings = []
    # Where one made in time stands, a later one was not wanted.
    dropped = late & ~staged["game_id"].isin(current["game_id"])
    if dropped.any():
        games = ", ".join(sorted(set(staged.loc[dropped, "game_id"]))[:5])
        warnings.append(f"{int(dropped.sum())} predictions dropped, made after tip-off of {games}")
    if gone.any():
        names = ", ".join(sorted(set(old.loc[gone, "player_name"]))[:5])
        warnings.append(f"{int(gone.sum())} earlier predictions withdrawn: {names}")
    counts = {
        "active": len(fresh),
        "unchanged": int(same.sum()),
        "superseded": int((~gone).sum()) + len(replaced),
        "withdrawn": int(gone.sum()),
        "late": int(late.sum()),
    }
    return rows, counts, tuple(warnings)


def _active_after(rows: pd.DataFrame, current: pd.DataFrame) -> pd.DataFrame:
    """The active predictions that the table will hold after the MERGE."""
    if current.empty:
        return rows.loc[rows["is_active"].to_numpy(dtype=bool)]
    kept = current.loc[~_among(current["prediction_id"], rows["prediction_id"])]
    both = pd.concat([part for part in (rows, shaped_or_empty(kept)) if len(part)] or [rows])
    return both.loc[both["is_active"].to_numpy(dtype=bool)]


def _check_one_active(active: pd.DataFrame) -> None:
    """There is one active prediction of each key."""
    twice = active.duplicated(ONE_ACTIVE, keep=False)
    if twice.any():
        shown = active.loc[twice, ONE_ACTIVE].head(5).to_dict("records")
        raise SchemaViolation(f"{TABLE}: more than one active prediction after the merge: {shown}")


def process(context: ProcessorContext, frames: Frames, progress: Progress) -> Output:
    """The rows to MERGE: new and changed ones. What is unchanged is left alone.

    Whom a gate of the day holds back gets no prediction, and loses one that he had before.
    """
    made = shaped_or_empty(context.staged)
    blocked = blocked_by(frames["quality"]).rows(made).to_numpy(dtype=bool)
    staged = made.loc[~blocked].reset_index(drop=True)
    rows, counts, warnings = consolidated(staged, frames["current"], pd.Timestamp(context.now))
    active = _active_after(rows, frames["current"])
    _check_one_active(active)
    progress(len(rows), len(rows))
    facts = {
        **counts,
        "blocked": int(blocked.sum()),
        "predicted": int(active["player_id"].nunique()),
        "predicted_with_line": int(
            active.loc[active["has_prop_line"].to_numpy(dtype=bool), "player_id"].nunique()
        ),
        **{
            name.lower(): int((active["recommendation"] == name).sum())
            for name in ("OVER", "UNDER", "PASS", "NO_LINE")
        },
    }
    return Output(rows, (context.game_date,), warnings, facts)
