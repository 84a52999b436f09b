"""Phase 5, who is not predicted by every system, where he was held back, and why."""

from __future__ import annotations

import pandas as pd

from activities.analytics.windows import shaped
from activities.predictions.systems import SYSTEM_IDS
from activities.processor import Frames, Output, ProcessorContext, Progress
from activities.quality.gate import Blocked, blocked_by

COLUMNS = {
    "game_date": "datetime64[us]", "game_id": "str", "player_id": "int64", "player_name": "str",
    "team_abbr": "object", "has_prop_line": "bool", "systems_missing": "object", "stage": "str",
    "reason": "str",
}  # fmt: skip

_KEY = ["game_id", "player_id"]
_KEPT = (*_KEY, "player_name", "team_abbr", "has_prop_line", "systems_missing")


def _systems_by_player(predictions: pd.DataFrame) -> dict[tuple[str, int], set[str]]:
    active = predictions.loc[predictions["is_active"].to_numpy(dtype=bool)]
    found: dict[tuple[str, int], set[str]] = {}
    for game, player, system in zip(active["game_id"], active["player_id"], active["system_id"], strict=True):
        found.setdefault((str(game), int(player)), set()).add(str(system))
    return found


def _held_back(row: pd.Series, missing: list[str], blocked: Blocked) -> tuple[str, str]:
    """(stage, reason) of a player of the upcoming table."""
    if not row["eligible"]:
        return "eligibility", str(row["ineligible_reason"] or "not eligible")
    if not row["has_features"]:
        return "features", "no feature vector was made"
    if not pd.isna(row["insufficient_data_reason"]):
        return "features", str(row["insufficient_data_reason"])
    if reason := blocked.reason(str(row["game_id"]), int(row["player_id"])):
        return "quality", reason
    return "predictions", f"no active prediction by {', '.join(missing)}"


def upcoming_withheld(
    upcoming: pd.DataFrame, features: pd.DataFrame, predictions: pd.DataFrame, quality: pd.DataFrame
) -> list[dict[str, object]]:
    """Players of the upcoming table with a line, or eligible, that some system did not predict."""
    known = features[[*_KEY, "insufficient_data_reason"]].assign(has_features=True)
    rows = upcoming.merge(known, on=_KEY, how="left", validate="1:1")
    rows["has_features"] = rows["has_features"].notna()
    made = _systems_by_player(predictions)
    blocked = blocked_by(quality)
    rows["systems_missing"] = [
        [system for system in SYSTEM_IDS if system not in made.get((str(game), int(player)), set())]
        for game, player in zip(rows["game_id"], rows["player_id"], strict=True)
    ]
    wanted = rows["has_prop_line"].to_numpy(dtype=bool) | rows["eligible"].to_numpy(dtype=bool)
    lacking = rows["systems_missing"].map(bool).to_numpy(dtype=bool)
    found: list[dict[str, object]] = []
    for _, row in rows.loc[wanted & lacking].iterrows():
        stage, reason = _held_back(row, row["systems_missing"], blocked)
        found.append({**{name: row[name] for name in _KEPT}, "stage": stage, "reason": reason})
    return found


def lines_without_player(upcoming: pd.DataFrame, props: pd.DataFrame) -> list[dict[str, object]]:
    """Players with a line who are not among the upcoming ones of that game."""
    if props.empty:
        return []
    games = set(upcoming["game_id"])
    present = {(str(g), int(p)) for g, p in zip(upcoming["game_id"], upcoming["player_id"], strict=True)}
    found: list[dict[str, object]] = []
    for (game, player), offers in props.groupby(_KEY, sort=True):
        if (str(game), int(player)) in present:
            continue
        first = offers.sort_values("bookmaker").iloc[0]
        books = offers["bookmaker"].nunique()
        unlike = str(first["resolution"]).partition(": ")[2] or "he is not among the players of its two teams"
        why = unlike if game in games else "the game is not on the slate"
        found.append(
            {
                "game_id": game, "player_id": player, "player_name": first["player_name"],
                "team_abbr": first["team_abbr"], "has_prop_line": True,
                "systems_missing": list(SYSTEM_IDS), "stage": "resolution",
                "reason": f"a line at {books} book{'s' if books != 1 else ''} for {game}, but {why}",
            }
        )  # fmt: skip
    return found


def process(context: ProcessorContext, frames: Frames, progress: Progress) -> Output:
    """One row per player who lacks an active prediction by any system."""
    upcoming = frames["upcoming_players"]
    found = upcoming_withheld(upcoming, frames["features"], frames["predictions"], frames["quality"])
    found += lines_without_player(upcoming, frames["props"])
    rows = pd.DataFrame(found, columns=[c for c in COLUMNS if c != "game_date"])
    rows.insert(0, "game_date", pd.Timestamp(context.game_date))
    rows = shaped(rows.sort_values(_KEY), COLUMNS)
    progress(len(rows), len(rows))
    facts = {
        "withheld": len(rows),
        "withheld_with_line": int(rows["has_prop_line"].sum()),
        **{f"stage_{stage}": int(n) for stage, n in rows["stage"].value_counts().sort_index().items()},
    }
    return Output(rows, (context.game_date,), facts=facts)
