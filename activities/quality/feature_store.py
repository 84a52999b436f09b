"""The gate after phase 4, `feature_store_quality`: what is odd although each vector keeps the contract.

A feature that is 0.5 for everyone lies within its bounds, and teaches and predicts nothing: only a look at
the whole slate finds it.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from activities.analytics.windows import Array
from activities.processor import Frames, Output, ProcessorContext, Progress
from activities.quality.checks import NONE_MAY, SAMPLE, Blocks, Check, Limit, Outcome, Seen, Skipped, none_of
from activities.quality.gate import run_gate
from shared.features import FEATURE_NAMES, FEATURE_VERSION, FEATURES

DATASET = "nba_predictions.ml_feature_store_v2"
LEAST_PLAYERS = 30
"""A smaller slate may share a value by chance."""

MOST_DEFAULTS = 0.30
"""Of all values of a slate, the share that may come from defaults."""


def constant_features(values: Array) -> dict[str, float]:
    """The features with one value for all players that the contract does not allow, and that value."""
    if not len(values):
        return {}
    same = (values == values[0]).all(axis=0)
    return {
        spec.name: float(values[0, place])
        for place, spec in enumerate(FEATURES)
        if same[place] and not spec.may_be_constant
    }


def _constants(values: Array, season_begins: bool) -> tuple[Outcome, tuple[str, ...]]:
    """The check, and a warning for each feature.

    While every player is in his first games of the season a shared value has a plain reason (no team has a
    record yet, nobody has played this week): it is told, and no error.
    """
    name, limit, players = "constant_features", "> 0", len(values)
    if players < LEAST_PLAYERS:
        note = f"{players} players, fewer than {LEAST_PLAYERS}"
        return Outcome(name, "info", "skipped", np.nan, error_if=limit, sample_ref=note), ()
    found = constant_features(values)
    if not found:
        return Outcome(name, "info", "pass", 0.0, error_if=limit), ()
    severity, status = ("warning", "warn") if season_begins else ("error", "fail")
    check = Outcome(
        name, severity, status, float(len(found)), error_if=limit, failed_rows=players,
        sample_ref=", ".join(found),
    )  # fmt: skip
    return check, tuple(f"{n} is {value:g} for all {players} players" for n, value in found.items())


def _defaults(sources: pd.Series) -> tuple[Outcome, tuple[str, ...]]:
    """How much of the slate is defaults, and whose vectors exceed the limit."""
    shares = sources.map(lambda names: float(np.mean([name == "default" for name in names])))
    share = float(shares.mean())
    over = shares[shares > MOST_DEFAULTS]
    bad = share > MOST_DEFAULTS
    check = Outcome(
        "default_share", "warning" if bad else "info", "warn" if bad else "pass", round(share, 4),
        warn_if=f"> {MOST_DEFAULTS:g}", failed_rows=len(over),
        sample_ref=", ".join(str(player) for player in over.index[:SAMPLE]) or None,
    )  # fmt: skip
    return check, (f"{share:.0%} of the slate's values are defaults",) if bad else ()


def _versions(rows: pd.DataFrame, of_contract: Array) -> tuple[Outcome, tuple[str, ...]]:
    """How many vectors are not of the contract in force."""
    others = rows.loc[~of_contract]
    if others.empty:
        return Outcome("feature_version", "info", "pass", 0.0, error_if="> 0", blocking=Blocks.PHASE), ()
    there = ", ".join(sorted(set(others["feature_version"].astype(str))))
    check = Outcome(
        "feature_version", "error", "fail", float(len(others)), error_if="> 0", failed_rows=len(others),
        sample_ref=", ".join(others["player_lookup"].astype(str)[:SAMPLE]), blocking=Blocks.PHASE,
    )  # fmt: skip
    return check, (f"{len(others)} vectors are not of {FEATURE_VERSION} and its names: {there}",)


def _coverage(frames: Frames) -> Seen | Skipped:
    players = frames["upcoming_players"]
    eligible = players.loc[players["eligible"].to_numpy(dtype=bool)]
    if eligible.empty:
        return Skipped("nobody is to be predicted")
    lacking = eligible.loc[~eligible["player_id"].isin(frames["features"]["player_id"]).to_numpy(dtype=bool)]
    return Seen(1 - len(lacking) / len(eligible), tuple(sorted(lacking["player_lookup"].astype(str))))


def _default_features(frames: Frames) -> Seen | Skipped:
    """The features that are defaults for most of a slate. What a line gives is the lines' own business."""
    rows = frames["features"]
    if len(rows) < LEAST_PLAYERS:
        return Skipped(f"{len(rows)} players, fewer than {LEAST_PLAYERS}")
    sources = np.array([list(s) for s in rows["feature_sources"] if len(s) == len(FEATURES)], dtype=object)
    shares = (sources == "default").mean(axis=0)
    named = {
        spec.name: float(share)
        for spec, share in zip(FEATURES, shares, strict=True)
        if not spec.name.startswith("vegas_")
    }
    over = tuple(f"{name} ({share:.0%})" for name, share in named.items() if share > MOST_OF_A_FEATURE)
    return Seen(max(named.values()), over)


def _rolling_bounds(frames: Frames) -> Seen | Skipped:
    rows = frames["player_cache"]
    if rows.empty:
        return Skipped("no rolling averages")
    wrong = pd.Series(False, index=rows.index)
    for column, most in ROLLING_BOUNDS.items():
        wrong |= rows[column].notna() & ~rows[column].between(0.0, most)
    return none_of(rows, wrong, ["player_id"])


def _made_after_tip(frames: Frames) -> Seen | Skipped:
    rows = frames["features"].merge(
        frames["upcoming_players"][["game_id", "player_id", "tip_time"]], on=["game_id", "player_id"]
    )
    if rows.empty:
        return Skipped("no vectors")
    late = rows["tip_time"].notna() & (rows["as_of"] >= rows["tip_time"])
    return none_of(rows, late, ["game_id"], concerned="game_id")


def _on_partial_games(frames: Frames) -> Seen | Skipped:
    rows = frames["features"]
    if rows.empty:
        return Skipped("no vectors")
    marked = rows.loc[rows["partial_games"].map(lambda games: games is not None and len(games) > 0)]
    games = sorted({game for marks in marked["partial_games"] for game in marks})
    return Seen(float(len(marked)), tuple(sorted(marked["player_lookup"].astype(str))), note="; ".join(games))


ROLLING_BOUNDS = {
    "points_avg_last_5": 80.0, "points_avg_last_10": 80.0, "points_avg_season": 60.0,
    "points_std_last_10": 40.0, "minutes_avg_last_10": 63.0, "minutes_avg_season": 53.0,
    "ppm_avg_last_10": 20.0, "usage_rate_last_10": 100.0, "usage_rate_season": 100.0,
}  # fmt: skip
"""Most that a rolling average can be: points, minutes, points per minute, percent. None is below 0."""

MOST_OF_A_FEATURE = 0.5
"""Of a slate, the share for which one feature may be its default."""

RETRIGGER = "tipoff retrigger {day} --phase precompute --reason …"

CHECKS = (
    Check(
        "feature_coverage", DATASET, _coverage, RETRIGGER,
        warn_if=Limit("<", 0.95), error_if=Limit("<", 0.6), blocks=Blocks.PHASE,
    ),
    Check(
        "default_share_per_feature", DATASET, _default_features,
        "tipoff retrigger {day} --phase analytics --reason …", warn_if=Limit(">", MOST_OF_A_FEATURE),
    ),
    Check(
        "rolling_averages_within_bounds", "nba_precompute.player_daily_cache", _rolling_bounds, RETRIGGER,
        error_if=NONE_MAY, blocks=Blocks.PLAYERS,
    ),
    Check(
        "vectors_made_before_tip_off", DATASET, _made_after_tip, RETRIGGER,
        error_if=NONE_MAY, blocks=Blocks.GAMES,
    ),
    Check(
        "vectors_on_complete_games", DATASET, _on_partial_games,
        "none: the games are looked for again on the next seven days", warn_if=NONE_MAY,
    ),
)  # fmt: skip


def process(context: ProcessorContext, frames: Frames, progress: Progress) -> Output:
    """One row per check; none on a day without vectors and without players."""
    rows = frames["features"]
    of_contract: Array = np.array(
        [
            version == FEATURE_VERSION and tuple(names) == FEATURE_NAMES and len(values) == len(names)
            for version, names, values in zip(
                rows["feature_version"], rows["feature_names"], rows["features"], strict=True
            )
        ],
        dtype=bool,
    )
    good = rows.loc[of_contract]
    values = np.array([list(v) for v in good["features"]], dtype=np.float64)
    begins = bool(rows["early_season"].all())
    sources = rows.set_index("player_lookup")["feature_sources"]
    judged = (
        [_constants(values, begins), _defaults(sources), _versions(rows, of_contract)] if len(rows) else []
    )
    return run_gate(
        context, frames, CHECKS, name="feature_store_quality",
        judged=[(replace(outcome, dataset=DATASET), words) for outcome, words in judged],
    )  # fmt: skip
