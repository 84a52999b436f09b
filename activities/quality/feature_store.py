"""Phase 4, `feature_store_quality`: what is odd about the day's vectors although each keeps the contract.

A feature that is 0.5 for everyone lies within its bounds, and teaches and predicts nothing: only a look at
the whole slate finds it. The findings are rows and warnings; they never hold a day up.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from activities.analytics.windows import Array
from activities.processor import Frames, Output, ProcessorContext, Progress
from activities.quality.checks import SAMPLE, Outcome, result_rows
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
        return Outcome("feature_version", "info", "pass", 0.0, error_if="> 0"), ()
    there = ", ".join(sorted(set(others["feature_version"].astype(str))))
    check = Outcome(
        "feature_version", "error", "fail", float(len(others)), error_if="> 0", failed_rows=len(others),
        sample_ref=", ".join(others["player_lookup"].astype(str)[:SAMPLE]),
    )  # fmt: skip
    return check, (f"{len(others)} vectors are not of {FEATURE_VERSION} and its names: {there}",)


def process(context: ProcessorContext, frames: Frames, progress: Progress) -> Output:
    """One row per check; none on a day without vectors."""
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
    outcomes = (
        [_constants(values, begins), _defaults(sources), _versions(rows, of_contract)] if len(rows) else []
    )
    checks = result_rows(
        [(context.game_date, replace(outcome, dataset=DATASET)) for outcome, _ in outcomes],
        checked_by="feature_store_quality",
        run_id=context.run_id,
        checked_at=context.now,
    )
    progress(len(checks), len(checks))
    return Output(
        checks,
        (context.game_date,),
        warnings=tuple(warning for _, warnings in outcomes for warning in warnings),
        facts={"checks": len(checks), "failed": int((checks["status"] == "fail").sum())},
    )
