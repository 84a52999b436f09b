"""Phase 5, consolidation: the staged predictions become the current ones, by one MERGE.

Exactly one prediction per game, player and system is active. What it replaces stays, inactive, and names
its successor; one of another feature version stays even where the new one has its id. After a game's tip-off
nothing of that game changes any more: neither is a prediction made after the fact kept, nor one made before
it touched.
"""

from __future__ import annotations

import pandas as pd

from activities.analytics.windows import shaped
from activities.predictions.table import COLUMNS, ONE_ACTIVE
from activities.processor import Frames, Output, ProcessorContext, Progress
from shared.errors import SchemaViolation
from shared.ids import replaced_prediction_id

TABLE = "nba_predictions.player_prop_predictions"
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
        known = rows.loc[rows["tip_time"].notna(), ["game_id", "tip_time"]]
        tips.update({str(g): t for g, t in zip(known["game_id"], known["tip_time"], strict=True)})
    return tips


def _shaped_or_empty(rows: pd.DataFrame) -> pd.DataFrame:
    if rows.empty:
        return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in COLUMNS.items()})
    return shaped(rows, COLUMNS)


def _of_other_versions(current: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    """Present rows whose id the new ones take over with another feature version, under an id of their own."""
    versions = new.set_index("prediction_id")["feature_version"]
    following = current["prediction_id"].map(versions)
    other = (following.notna() & (following != current["feature_version"])).to_numpy(dtype=bool)
    rows = current.loc[other]
    kept = [
        replaced_prediction_id(str(one), str(version))
        for one, version in zip(rows["prediction_id"], rows["feature_version"], strict=True)
    ]
    return rows.assign(superseded_by=rows["prediction_id"], prediction_id=kept, is_active=False)


def consolidated(
    staged: pd.DataFrame, current: pd.DataFrame, now: pd.Timestamp
) -> tuple[pd.DataFrame, dict[str, int], tuple[str, ...]]:
    """(rows to MERGE, counts, warnings) out of all chunks' rows and the date's present rows.

    Raises:
        SchemaViolation: two staged rows share their id, or their game, player and system.
    """
    staged, current = _shaped_or_empty(staged), _shaped_or_empty(current)
    _no_duplicates(staged, ["game_date", "prediction_id"])
    _no_duplicates(staged, ONE_ACTIVE)
    begun = {game for game, tip in _tips(staged, current).items() if tip <= now}
    late = staged["game_id"].isin(begun)
    new = staged.loc[~late].assign(is_active=True, superseded_by=None)
    open_before = current.loc[
        current["is_active"].to_numpy(dtype=bool)
        & ~current["game_id"].isin(begun).to_numpy(dtype=bool)
        & ~current["prediction_id"].isin(new["prediction_id"]).to_numpy(dtype=bool)
    ]
    successors = new[[*ONE_ACTIVE, "prediction_id"]].rename(columns={"prediction_id": "successor"})
    old = open_before.merge(successors, on=ONE_ACTIVE, how="left", validate="m:1")
    gone = old["successor"].isna().to_numpy(dtype=bool)
    old = old.assign(is_active=False, superseded_by=old["successor"])
    # A player who is out by now must not keep the number of an hour ago.
    old["reason"] = old["reason"].where(~gone, WITHDRAWN + old["reason"])
    replaced = _of_other_versions(current, new)
    parts = [_shaped_or_empty(part) for part in (new, old, replaced)]
    rows = pd.concat([part for part in parts if len(part)] or [parts[0]], ignore_index=True)
    rows = rows.sort_values("prediction_id", ignore_index=True)
    warnings = []
    if late.any():
        games = ", ".join(sorted(set(staged.loc[late, "game_id"]))[:5])
        warnings.append(f"{int(late.sum())} predictions dropped, made after tip-off of {games}")
    if gone.any():
        names = ", ".join(sorted(set(old.loc[gone, "player_name"]))[:5])
        warnings.append(f"{int(gone.sum())} earlier predictions withdrawn: {names}")
    counts = {
        "active": len(new),
        "superseded": int((~gone).sum()) + len(replaced),
        "withdrawn": int(gone.sum()),
        "late": int(late.sum()),
    }
    return rows, counts, tuple(warnings)


def _one_active(rows: pd.DataFrame, current: pd.DataFrame) -> None:
    """What the table will hold after the MERGE has one active prediction of each key."""
    kept = current.loc[~current["prediction_id"].isin(rows["prediction_id"]).to_numpy(dtype=bool)]
    both = pd.concat([rows[[*ONE_ACTIVE, "is_active"]], kept[[*ONE_ACTIVE, "is_active"]]])
    active = both.loc[both["is_active"].to_numpy(dtype=bool)]
    twice = active.duplicated(ONE_ACTIVE, keep=False)
    if twice.any():
        shown = active.loc[twice, ONE_ACTIVE].head(5).to_dict("records")
        raise SchemaViolation(f"{TABLE}: more than one active prediction after the merge: {shown}")


def process(context: ProcessorContext, frames: Frames, progress: Progress) -> Output:
    """The rows to MERGE: new and changed ones. What is unchanged is left alone."""
    rows, counts, warnings = consolidated(context.staged, frames["current"], pd.Timestamp(context.now))
    if len(frames["current"]):
        _one_active(rows, frames["current"])
    progress(len(rows), len(rows))
    players = rows.loc[rows["is_active"].to_numpy(dtype=bool)]
    facts = {
        **counts,
        "predicted": int(players["player_id"].nunique()),
        "predicted_with_line": int(
            players.loc[players["has_prop_line"].to_numpy(dtype=bool), "player_id"].nunique()
        ),
        **{
            name.lower(): int((players["recommendation"] == name).sum())
            for name in ("OVER", "UNDER", "PASS", "NO_LINE")
        },
    }
    return Output(rows, (context.game_date,), warnings, facts)
