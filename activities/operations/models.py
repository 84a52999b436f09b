"""Trains a prediction system and registers its artefact."""

from __future__ import annotations

from datetime import date, timedelta
from importlib.metadata import version

import pandas as pd
from temporalio import activity

from activities.failures import as_application_errors
from activities.heartbeat import heartbeating
from activities.operations.decision_book import Book, BookKeeper
from activities.predictions.champions import champion_row, serving_decision
from activities.surroundings import Surroundings
from activities.training.train import train_model
from shared.clock import utc_now
from shared.errors import BadRequest
from shared.features import FEATURE_VERSION
from shared.ids import content_digest
from shared.jobs import TrainInput, TrainResult
from shared.models import ModelDecision
from shared.names import TRAIN_MODEL_ACTIVITY
from warehouse.protocol import Warehouse

TRAINABLE = ("xgboost_v1",)
FRESH_FOR = timedelta(days=60)
"""A champion trained through a date no longer ago than this need not be trained again."""

TRAINING_DAYS = 1_200
"""How far before its last date a training reads; the first of it is history to the features only."""

BOOTSTRAPPED_BY = "tipoff"
"""A bootstrap is nobody's decision, and must be the same row whoever runs the demo."""


class ModelTrainer:
    """The activity that trains."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._surroundings = surroundings
        self._keeper = BookKeeper(surroundings)

    @activity.defn(name=TRAIN_MODEL_ACTIVITY)
    def train_model(self, request: TrainInput) -> TrainResult:
        """Trains on the games of a range of dates, or returns the champion that is fresh enough."""
        with as_application_errors(), heartbeating() as progress:
            if request.system not in TRAINABLE:
                msg = f"system: {request.system!r} can't be trained; possible: {', '.join(TRAINABLE)}"
                raise BadRequest(msg)
            if request.trained_from and request.trained_from > request.trained_through:
                raise BadRequest(f"from: {request.trained_from} is after {request.trained_through}")
            book = self._keeper.read()
            if request.only_if_missing:
                champion = _fresh_champion(book, request.system, request.trained_through)
                if champion is not None:
                    return _result(champion, existed=True)
            frames = game_frames(
                self._surroundings.warehouse,
                request.trained_from or request.trained_through + timedelta(days=1),
                request.trained_through,
            )
            trained = train_model(
                frames["player_game_summary"],
                frames["team_offense_game_summary"],
                frames["team_defense_game_summary"],
                trained_through=request.trained_through,
                trained_from=request.trained_from,
                models=self._surroundings.models,
                code_version=version("tipoff"),
                progress=progress,
            )
            model_id = str(trained.row["model_id"].iloc[0])
            existed = bool((book.registered["model_id"] == model_id).any())
            self._surroundings.keep_model(model_id)
            self._keeper.register(trained.row)
            if request.as_champion:
                self._bootstrap(request, model_id)
            return _result(self._keeper.read().model(model_id), existed=existed)

    def _bootstrap(self, request: TrainInput, model_id: str) -> None:
        """Lets the model serve from the day after its training on, unless a fresh champion does."""
        book = self._keeper.read()
        day = request.trained_through + timedelta(days=1)
        if _fresh_champion(book, request.system, request.trained_through) is None:
            before = serving_decision(book.registered, book.decisions, request.system, day)
            decision = ModelDecision(
                # Of nothing but the model and the date: two homes that bootstrap alike have the same row.
                decision_id=content_digest("bootstrap", request.system, model_id, day.isoformat()),
                system=request.system,
                model_id=model_id,
                previous_model_id="" if before is None else str(before["model_id"]),
                action="bootstrap",
                effective_from=day,
                decided_by=BOOTSTRAPPED_BY,
                reason=f"no fresh champion served {day}",
                decided_at=utc_now(),
            )
            self._keeper.decide(decision, book.fence)
        self._keeper.show()


def game_frames(warehouse: Warehouse, first: date, last: date | None = None) -> dict[str, pd.DataFrame]:
    """The summaries that `training_features` need for games from first to last (None: all), by table."""
    until = last + timedelta(days=1) if last else None
    since = first - timedelta(days=TRAINING_DAYS)
    return {
        table: warehouse.read(f"nba_analytics.{table}", since=since, until=until)
        for table in ("player_game_summary", "team_offense_game_summary", "team_defense_game_summary")
    }


def _fresh_champion(book: Book, system: str, trained_through: date) -> pd.Series | None:
    """The champion of the day after, unless it is a bootstrap that is outdated.

    What an operator promoted is never replaced by a bootstrap, however old.
    """
    day = trained_through + timedelta(days=1)
    decision = serving_decision(book.registered, book.decisions, system, day)
    if decision is None:
        return None
    row = champion_row(book.registered, book.decisions, system, day)
    fresh = pd.Timestamp(row["trained_through"]) >= pd.Timestamp(day - FRESH_FOR)
    if decision["action"] == "bootstrap" and not (fresh and row["feature_version"] == FEATURE_VERSION):
        return None
    return row


def _result(row: pd.Series, *, existed: bool) -> TrainResult:
    return TrainResult(
        model_id=str(row["model_id"]),
        system=str(row["system_id"]),
        trained_through=pd.Timestamp(row["trained_through"]).date(),
        rows=int(row["training_rows"]),
        checksum=str(row["checksum"]),
        existed=existed,
        status=str(row["status"]),
        validation_mae=None if pd.isna(row["validation_mae"]) else float(row["validation_mae"]),
    )
