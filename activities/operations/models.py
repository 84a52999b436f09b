"""Trains a prediction system and registers its artefact."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from importlib.metadata import version

import pandas as pd
from temporalio import activity

from activities.failures import as_application_errors
from activities.heartbeat import heartbeating
from activities.surroundings import Surroundings
from activities.training.train import train_model
from shared.errors import BadRequest
from shared.features import FEATURE_VERSION
from shared.jobs import TrainInput, TrainResult
from shared.messages import TRAIN_MODEL_ACTIVITY
from warehouse.writer import Fence

MODELS = "nba_predictions.ml_models"
TRAINABLE = ("xgboost_v1",)
FRESH_FOR = timedelta(days=60)
"""A champion trained through a date no longer ago than this need not be trained again."""

TRAINING_DAYS = 1_200


class ModelTrainer:
    """The activity that trains."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._surroundings = surroundings

    @activity.defn(name=TRAIN_MODEL_ACTIVITY)
    def train_model(self, request: TrainInput) -> TrainResult:
        """Trains on the games up to a date, or returns the champion that is fresh enough."""
        info = activity.info()
        with as_application_errors(), heartbeating() as progress:
            if request.system not in TRAINABLE:
                msg = f"system: {request.system!r} can't be trained; possible: {', '.join(TRAINABLE)}"
                raise BadRequest(msg)
            existing = self._champion(request)
            if existing is not None and request.only_if_missing:
                return existing
            warehouse = self._surroundings.warehouse
            until = request.trained_through + timedelta(days=1)
            since = until - timedelta(days=TRAINING_DAYS)
            frames = {
                table: warehouse.read(f"nba_analytics.{table}", since=since, until=until)
                for table in (
                    "player_game_summary",
                    "team_offense_game_summary",
                    "team_defense_game_summary",
                )
            }
            trained = train_model(
                frames["player_game_summary"],
                frames["team_offense_game_summary"],
                frames["team_defense_game_summary"],
                trained_through=request.trained_through,
                models=self._surroundings.models,
                code_version=version("tipoff"),
                progress=progress,
            )
            epoch = int((info.scheduled_time - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(microseconds=1))
            with activity.shield_thread_cancel_exception():
                self._surroundings.writer.merge(
                    MODELS,
                    trained.row,
                    write_key=f"{info.workflow_run_id}/{info.activity_id}/{MODELS}",
                    fence=Fence(epoch, 0),
                    run_id=info.workflow_run_id or "",
                )
            return _result(trained.row.iloc[0], existed=False)

    def _champion(self, request: TrainInput) -> TrainResult | None:
        until = request.trained_through + timedelta(days=1)
        rows = self._surroundings.warehouse.read(
            MODELS, since=until - FRESH_FOR, until=until, equals={"system_id": request.system}
        )
        if len(rows):
            rows = rows[(rows["status"] == "champion") & (rows["feature_version"] == FEATURE_VERSION)]
        return _result(rows.iloc[-1], existed=True) if len(rows) else None


def _result(row: pd.Series, *, existed: bool) -> TrainResult:
    return TrainResult(
        model_id=str(row["model_id"]),
        system=str(row["system_id"]),
        trained_through=pd.Timestamp(row["trained_through"]).date(),
        rows=int(row["training_rows"]),
        checksum=str(row["checksum"]),
        existed=existed,
    )
