"""Training of `xgboost_v1`: past mornings in, an artefact and its registry row out.

Objective: squared error, so the model predicts the mean of points; the median, which is what a line is, is
that of the distribution around it (`activities.predictions.distribution`). Measured walk-forward on 2024-25
(25,063 player-games, seasons since 2018-19): RMSE 6.02, bias -0.09; MAE of the median 4.58, against 4.58 for
a second model trained for medians. One model says both.

The last 30 dates with games are held out for `validation_mae` and the spread of errors; then the model is
fitted again on every row. Dates with games, not days: after the summer the last 30 days have none.
Deterministic: ordered rows, fixed seed and threads, so the same rows give the same bytes.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xgboost as xgb

from activities.precompute.training_features import training_features
from activities.predictions.artefacts import (
    METADATA_FILE,
    MODEL_COLUMNS,
    MODEL_FILE,
    SERVED,
    UNUSED,
    Artefact,
    canonical,
    load_artefact,
    model_data,
    model_matrix,
    sha256_of,
    write_artefact,
)
from activities.processor import Progress
from activities.training.compare import segment_metrics
from shared.clock import utc_now
from shared.errors import DataNotReady
from shared.features import FEATURE_NAMES, FEATURE_VERSION, check_contract, contract_checksum
from shared.ids import content_digest
from shared.inputs import MODEL_INPUT_NAMES, inputs_checksum

SYSTEM_ID = "xgboost_v1"
ROUNDS = 300
HELD_OUT_DATES = 30
LEAST_ROWS = 500
"""Fewer rows than this make a model that no one should be shown."""

NTHREAD = 1
"""One thread, fixed in the artefact. Two spin at each other's barriers as soon as anything else runs on the
machine: measured on 49,123 rows and two busy cores, 1.5-2.8 s a fit with one thread, 7-19 s with two."""

PARAMETERS: dict[str, Any] = {
    "objective": "reg:squarederror",
    "tree_method": "hist",
    "max_depth": 5,
    "eta": 0.03,
    "min_child_weight": 30,
    "subsample": 0.7,
    "colsample_bytree": 0.4,
    "lambda": 5.0,
    "seed": 20260125,
    "nthread": NTHREAD,
}

_KEY = ["game_date", "player_id", "game_id"]


@dataclass(frozen=True)
class TrainedModel:
    """A trained model: its row for `nba_predictions.ml_models`, and its checked artefact."""

    row: pd.DataFrame
    artefact: Artefact


class _Beat(xgb.callback.TrainingCallback):  # type: ignore[misc]  # xgboost is untyped
    """Says after each round how far boosting is, so that the activity stays visibly alive."""

    def __init__(self, progress: Progress, done: int, total: int, note: str) -> None:
        super().__init__()
        self._progress, self._done, self._total, self._note = progress, done, total, note

    def after_iteration(self, _model: Any, epoch: int, _evals_log: Any) -> bool:
        self._progress(self._done + epoch + 1, self._total, self._note)
        return False


def training_hash(rows: pd.DataFrame) -> str:
    """SHA-256 over keys, outcome and features of the ordered rows, hexadecimal."""
    keys = "\n".join(
        f"{day:%Y-%m-%d}|{player}|{game}|{points}"
        for day, player, game, points in zip(
            rows["game_date"], rows["player_id"], rows["game_id"], rows["points"], strict=True
        )
    )
    values = np.ascontiguousarray(rows[list(MODEL_COLUMNS)].to_numpy(dtype="<f8"))
    return sha256_of(keys.encode() + values.tobytes())


def training_matrix(rows: pd.DataFrame) -> xgb.QuantileDMatrix:
    """Rows of `training_features` as XGBoost learns from them, points as labels."""
    return xgb.QuantileDMatrix(
        model_matrix(rows), label=rows["points"].to_numpy(dtype=np.float32),
        feature_names=list(MODEL_COLUMNS), nthread=NTHREAD,
    )  # fmt: skip


def _boosted(rows: pd.DataFrame, beat: _Beat) -> xgb.Booster:
    return xgb.train(PARAMETERS, training_matrix(rows), num_boost_round=ROUNDS, callbacks=[beat])


def _predicted(booster: xgb.Booster, rows: pd.DataFrame) -> np.ndarray[Any, np.dtype[Any]]:
    points: np.ndarray[Any, np.dtype[Any]] = booster.predict(model_data(rows, NTHREAD)).astype(np.float64)
    return points


def error_spread(
    predicted: np.ndarray[Any, np.dtype[Any]], actual: np.ndarray[Any, np.dtype[Any]]
) -> dict[str, Any]:
    """MAE, bias and spread of held-out errors; the variance as a + b x predicted, by least squares.

    Scorers of 25 vary by more points than scorers of 5. Falls back to a constant variance where the fit
    has no positive slope.
    """
    errors = predicted - actual
    std = float(np.std(errors, ddof=1))
    a, b = std**2, 0.0
    if len(errors) >= 50 and float(np.std(predicted)) > 0:
        slope, intercept = np.polyfit(predicted, errors**2, 1)
        if slope > 0:
            a, b = float(intercept), float(slope)
    return {
        "mae": round(float(np.mean(np.abs(errors))), 6),
        "rmse": round(float(np.sqrt(np.mean(errors**2))), 6),
        "bias": round(float(np.mean(errors)), 6),
        "rows": len(errors),
        "residual_std": round(std, 6),
        "variance": [round(a, 6), round(b, 6)],
    }


def _held_out(rows: pd.DataFrame) -> np.ndarray[Any, np.dtype[Any]]:
    """Which rows belong to the last dates: at most 30 dates, at most a fifth of all."""
    dates = np.sort(rows["game_date"].unique())
    wanted = min(HELD_OUT_DATES, max(1, len(dates) // 5))
    late: np.ndarray[Any, np.dtype[Any]] = np.asarray(rows["game_date"] >= dates[-wanted], dtype=bool)
    return late


def fit_rows(
    rows: pd.DataFrame,
    *,
    trained_through: date,
    models: Path,
    code_version: str,
    progress: Progress,
    now: datetime | None = None,
    status: str = "challenger",
) -> TrainedModel:
    """Trains on feature rows (as `training_features` gives them) and writes the artefact.

    Raises:
        DataNotReady: too few rows, or a single date of them.
        ValueError: a row is later than `trained_through`.
        FeatureContractViolation: the contract in force is not the frozen one of its version.
    """
    check_contract()
    rows = rows.sort_values(_KEY, ignore_index=True)
    if len(rows) < LEAST_ROWS or rows["game_date"].nunique() < 2:
        raise DataNotReady(
            f"{len(rows)} training rows up to {trained_through}, at least {LEAST_ROWS} needed: backfill first"
        )
    if rows["game_date"].iloc[-1] > pd.Timestamp(trained_through):
        msg = f"training rows reach {rows['game_date'].iloc[-1]:%Y-%m-%d}, after {trained_through}"
        raise ValueError(msg)
    held_out = _held_out(rows)
    trial = _boosted(rows.loc[~held_out], _Beat(progress, 0, 2 * ROUNDS, "walk-forward fit"))
    late = rows.loc[held_out]
    held_out_mean = _predicted(trial, late)
    metrics = error_spread(held_out_mean, late["points"].to_numpy(dtype=np.float64))
    booster = _boosted(rows, _Beat(progress, ROUNDS, 2 * ROUNDS, "final fit"))

    first = pd.Timestamp(rows["game_date"].iloc[0]).date()
    hashed = training_hash(rows)
    recipe = canonical({**PARAMETERS, "rounds": ROUNDS, "unused": UNUSED, "xgboost": xgb.__version__})
    digest = content_digest(
        SYSTEM_ID, contract_checksum(), first.isoformat(), trained_through.isoformat(), hashed, recipe
    )
    model_id = f"{SYSTEM_ID}-{trained_through:%Y%m%d}-{digest}"
    served = {
        "system_id": SYSTEM_ID,
        "feature_version": FEATURE_VERSION,
        "feature_names": list(FEATURE_NAMES),
        "contract_checksum": contract_checksum(),
        "inputs": list(MODEL_INPUT_NAMES),
        "inputs_checksum": inputs_checksum(),
        "unused_features": list(UNUSED),
        "residual_std": metrics["residual_std"],
        "variance": metrics["variance"],
        "nthread": NTHREAD,
        "trained_from": first.isoformat(),
        "trained_through": trained_through.isoformat(),
        "training_rows": len(rows),
        "training_hash": hashed,
    }
    booster.set_attr(**{SERVED: canonical(served)})
    body = bytes(booster.save_raw("ubj"))
    metadata = {
        "model_id": model_id,
        "checksum": sha256_of(body),
        "served": served,
        "validation": {
            **metrics,
            "segments": segment_metrics(late, held_out_mean),
            "from": f"{late['game_date'].min():%Y-%m-%d}",
            "to": f"{late['game_date'].max():%Y-%m-%d}",
        },
        "parameters": {**PARAMETERS, "rounds": ROUNDS},
        "xgboost_version": xgb.__version__,
        "code_version": code_version,
    }
    write_artefact(models, model_id, body, metadata)
    artefact = load_artefact(models, model_id, str(metadata["checksum"]))
    return TrainedModel(_row(artefact, status, now or utc_now()), artefact)


def _row(artefact: Artefact, status: str, now: datetime) -> pd.DataFrame:
    metadata, served = artefact.metadata, artefact.metadata["served"]
    row = {
        "trained_through": pd.Timestamp(served["trained_through"]),
        "model_id": artefact.model_id,
        "system_id": served["system_id"],
        "status": status,
        "feature_version": served["feature_version"],
        "feature_names": list(served["feature_names"]),
        "checksum": metadata["checksum"],
        "artifact_path": f"{artefact.model_id}/{MODEL_FILE}",
        "trained_from": pd.Timestamp(served["trained_from"]),
        "training_rows": int(served["training_rows"]),
        "training_hash": served["training_hash"],
        "validation_mae": float(metadata["validation"]["mae"]),
        "residual_std": float(served["residual_std"]),
        "code_version": metadata["code_version"],
        "created_at": pd.Timestamp(now),
        "metrics": canonical(metadata["validation"]),
        "approved_by": None,
        "approved_reason": None,
        "approved_at": pd.NaT,
    }
    frame = pd.DataFrame([row])
    for name in ("trained_through", "trained_from"):
        frame[name] = frame[name].astype("datetime64[us]")
    for name in ("created_at", "approved_at"):
        frame[name] = pd.to_datetime(frame[name], utc=True).astype("datetime64[us, UTC]")
    return frame


def train_model(
    player_games: pd.DataFrame,
    team_offense: pd.DataFrame,
    team_defense: pd.DataFrame,
    *,
    trained_through: date,
    models: Path,
    code_version: str,
    progress: Progress,
    now: datetime | None = None,
    status: str = "challenger",
    trained_from: date | None = None,
) -> TrainedModel:
    """Trains `xgboost_v1` on every game up to and including a date.

    Args:
        player_games: `player_game_summary` of the range; later rows are left out.
        team_offense: `team_offense_game_summary` of the range.
        team_defense: `team_defense_game_summary` of the range.
        trained_through: the last game date it may see.
        models: the models folder.
        code_version: version of tipoff, kept in the metadata.
        progress: called per step and boosting round.
        now: when it is registered; the present unless given.
        status: its status in the registry; who serves is decided elsewhere.
        trained_from: the first game date it learns from, the earlier ones being history to its features;
            the first there is unless given.

    Raises:
        DataNotReady: there are too few games.
    """
    if player_games.empty:
        raise DataNotReady(f"no games up to {trained_through} to train on: backfill first")
    until = pd.Timestamp(trained_through)
    games, offense, defense = (
        frame.loc[(frame["game_date"] <= until).to_numpy(dtype=bool)]
        for frame in (player_games, team_offense, team_defense)
    )
    if games.empty:
        raise DataNotReady(f"no games up to {trained_through} to train on: backfill first")
    first = trained_from or pd.Timestamp(games["game_date"].min()).date()
    progress(0, 2 * ROUNDS, "features of past mornings")
    rows = training_features(games, offense, defense, first, trained_through)
    return fit_rows(
        rows, trained_through=trained_through, models=models, code_version=code_version,
        progress=progress, now=now, status=status,
    )  # fmt: skip


def read_metadata(models: Path, model_id: str) -> dict[str, Any]:
    """An artefact's metadata, unchecked; for showing, never for serving."""
    found: dict[str, Any] = json.loads((models / model_id / METADATA_FILE).read_text())
    return found
