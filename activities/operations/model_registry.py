"""What is done with trained models: promoted, rolled back, shadowed, compared, listed."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pandas as pd
from temporalio import activity

from activities.failures import as_application_errors
from activities.heartbeat import heartbeating
from activities.operations.decision_book import Book, BookKeeper, decision_of, run_decision_id
from activities.operations.models import game_frames
from activities.precompute.training_features import training_features
from activities.predictions.artefacts import Artefact, load_artefact, predicted_points
from activities.predictions.champions import as_date, champion_before
from activities.surroundings import Surroundings
from activities.training.compare import segment_metrics, stored_metrics
from shared.clock import utc_now
from shared.errors import BadRequest
from shared.models import (
    CompareInput,
    ListModelsInput,
    ModelComparison,
    ModelDecision,
    ModelEntry,
    ModelList,
    PromoteInput,
    RollbackInput,
    ShadowInput,
    ShadowRecord,
)
from shared.names import (
    COMPARE_MODELS_ACTIVITY,
    LIST_MODELS_ACTIVITY,
    PROMOTE_MODEL_ACTIVITY,
    ROLLBACK_MODEL_ACTIVITY,
    SHADOW_MODEL_ACTIVITY,
)

MOST_LISTED = 100
ONE_DAY = timedelta(days=1)


class ModelRegistry:
    """The activities over registered models. Each decides at most once, however often it is tried."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._surroundings = surroundings
        self._keeper = BookKeeper(surroundings)

    @activity.defn(name=PROMOTE_MODEL_ACTIVITY)
    def promote_model(self, request: PromoteInput) -> ModelDecision:
        """Makes a model champion from a date on, its artefact checked first."""
        with as_application_errors(), heartbeating():
            book = self._keeper.read()
            decision = book.decision(run_decision_id("promote"))
            if decision is None:
                _check_words(request.approved_by, request.reason)
                model = book.model(request.model_id)
                system = str(model["system_id"])
                last = book.last_champion(system)
                if last is not None and last.model_id == request.model_id:
                    raise BadRequest(
                        f"model: {request.model_id} is the champion already, from {last.effective_from} on"
                    )
                self._load(model)
                decision = ModelDecision(
                    decision_id=run_decision_id("promote"),
                    system=system,
                    model_id=request.model_id,
                    previous_model_id=last.model_id if last else "",
                    action="promote",
                    effective_from=self._effective(book, model, request.effective_from),
                    decided_by=request.approved_by,
                    reason=request.reason,
                    decided_at=utc_now(),
                )
                self._keeper.decide(decision, book.fence)
            self._keeper.show(approval=decision)
            return decision

    @activity.defn(name=ROLLBACK_MODEL_ACTIVITY)
    def rollback_model(self, request: RollbackInput) -> ModelDecision:
        """Makes the champion before the present one champion again."""
        with as_application_errors(), heartbeating():
            book = self._keeper.read()
            decision = book.decision(run_decision_id("rollback"))
            if decision is None:
                _check_words(request.approved_by, request.reason)
                last = book.last_champion(request.system)
                if last is None:
                    raise BadRequest(f"system: {request.system} has no champion to roll back")
                before = champion_before(book.decisions, request.system)
                if before is None:
                    raise BadRequest(
                        f"system: {request.system} had no champion before {last.model_id}; "
                        "promote another model instead"
                    )
                model = book.model(before)
                self._load(model)
                decision = ModelDecision(
                    decision_id=run_decision_id("rollback"),
                    system=request.system,
                    model_id=before,
                    previous_model_id=last.model_id,
                    action="rollback",
                    effective_from=self._effective(book, model, request.effective_from, redo=True),
                    decided_by=request.approved_by,
                    reason=request.reason,
                    decided_at=utc_now(),
                )
                self._keeper.decide(decision, book.fence)
            self._keeper.show()
            return decision

    @activity.defn(name=SHADOW_MODEL_ACTIVITY)
    def shadow_model(self, request: ShadowInput) -> ModelDecision:
        """Lets a model shadow the champion, or retires it from that."""
        action = "shadow" if request.on else "retire"
        with as_application_errors(), heartbeating():
            book = self._keeper.read()
            decision = book.decision(run_decision_id(action))
            if decision is None:
                _check_words(request.requested_by, request.reason)
                model = book.model(request.model_id)
                status, system = str(model["status"]), str(model["system_id"])
                if status == "champion":
                    raise BadRequest(f"model: {request.model_id} is the champion; a shadow serves nobody")
                if request.on == (status == "shadow"):
                    word = "is a shadow already" if request.on else "is no shadow"
                    raise BadRequest(f"model: {request.model_id} {word}")
                if request.on:
                    self._load(model)
                decision = ModelDecision(
                    decision_id=run_decision_id(action),
                    system=system,
                    model_id=request.model_id,
                    action=action,
                    effective_from=self._shadow_from(book, model, request.effective_from),
                    decided_by=request.requested_by,
                    reason=request.reason,
                    decided_at=utc_now(),
                )
                self._keeper.decide(decision, book.fence)
            self._keeper.show()
            return decision

    @activity.defn(name=COMPARE_MODELS_ACTIVITY)
    def compare_models(self, request: CompareInput) -> ModelComparison:
        """Both models on the games after the later training, or what was held out when each was trained."""
        with as_application_errors(), heartbeating() as progress:
            book = self._keeper.read()
            rows = [book.model(request.model_a), book.model(request.model_b)]
            artefacts = [self._load(row) for row in rows]
            later = max(as_date(row["trained_through"]) for row in rows)
            progress(0, 2, "features of the games since")
            games = self._games_after(later)
            if games.empty:
                return ModelComparison(
                    model_a=request.model_a,
                    model_b=request.model_b,
                    same_rows=False,
                    metrics_a=stored_metrics(artefacts[0].metadata["validation"]),
                    metrics_b=stored_metrics(artefacts[1].metadata["validation"]),
                    note=f"no games after {later}: each model's own held-out metrics, NOT on the same rows",
                )
            progress(1, 2, "predictions")
            metrics = [segment_metrics(games, predicted_points(it, games)) for it in artefacts]
            return ModelComparison(
                model_a=request.model_a,
                model_b=request.model_b,
                same_rows=True,
                first=as_date(games["game_date"].min()),
                last=as_date(games["game_date"].max()),
                metrics_a=metrics[0],
                metrics_b=metrics[1],
                note=f"player-games after {later} with at least 5 earlier ones; neither model has seen them",
            )

    @activity.defn(name=LIST_MODELS_ACTIVITY)
    def list_models(self, request: ListModelsInput) -> ModelList:
        """The registered models of a system or all, or one model, and the decisions about them."""
        with as_application_errors():
            book = self._keeper.read()
            rows, decisions = book.registered, book.decisions
            if request.model_id is not None:
                book.model(request.model_id)
                rows = rows[rows["model_id"] == request.model_id]
                decisions = decisions[
                    (decisions["model_id"] == request.model_id)
                    | (decisions["previous_model_id"] == request.model_id)
                ]
            if request.system is not None:
                rows = rows[rows["system_id"] == request.system]
                decisions = decisions[decisions["system_id"] == request.system]
            rows = rows.sort_values(["trained_through", "created_at", "model_id"], ascending=False)
            decisions = decisions.sort_values(
                ["effective_from", "decided_at", "decision_id"], ascending=False
            )
            shadow = None if request.model_id is None else self._shadow_record(request.model_id)
            return ModelList(
                models=tuple(
                    _entry(row).model_copy(update={"shadow": shadow})
                    for _, row in rows.head(MOST_LISTED).iterrows()
                ),
                decisions=tuple(decision_of(row) for _, row in decisions.head(MOST_LISTED).iterrows()),
                omitted=max(0, len(rows) - MOST_LISTED),
            )

    def _shadow_record(self, model_id: str) -> ShadowRecord | None:
        rows = self._surroundings.warehouse.read(
            "nba_predictions.shadow_results",
            columns=["game_date", "absolute_error", "champion_absolute_error", "is_void"],
            equals={"model_id": model_id},
        )
        rows = rows.loc[~rows["is_void"].to_numpy(dtype=bool)]
        if rows.empty:
            return None
        return ShadowRecord(
            n=len(rows),
            first=as_date(rows["game_date"].min()),
            last=as_date(rows["game_date"].max()),
            mae=round(float(rows["absolute_error"].mean()), 3),
            champion_mae=round(float(rows["champion_absolute_error"].mean()), 3),
        )

    def _load(self, model: pd.Series) -> Artefact:
        self._surroundings.fetch_models([str(model["model_id"])])
        return load_artefact(self._surroundings.models, str(model["model_id"]), str(model["checksum"]))

    def _games_after(self, day: date) -> pd.DataFrame:
        first = day + ONE_DAY
        frames = game_frames(self._surroundings.warehouse, first)
        games = frames["player_game_summary"]
        later = games.loc[(games["game_date"] > pd.Timestamp(day)).to_numpy(dtype=bool)]
        if later.empty:
            return later
        return training_features(
            games,
            frames["team_offense_game_summary"],
            frames["team_defense_game_summary"],
            first,
            as_date(later["game_date"].max()),
        )

    def _effective(self, book: Book, model: pd.Series, given: date | None, *, redo: bool = False) -> date:
        """The date from which a model is to serve: the one given, if it may, or the first that may.

        Nothing that was decided or predicted before changes hands: with `redo`, the latest predicted date
        alone may be given, to predict it again.
        """
        last = book.last_champion(str(model["system_id"]))
        predicted = self._keeper.latest_predicted()
        trained = as_date(model["trained_through"])
        if given is None:
            return max(
                trained + ONE_DAY,
                last.effective_from if last else date.min,
                predicted + ONE_DAY if predicted else date.min,
            )
        where = f"effective from: {given}"
        if given <= trained:
            raise BadRequest(f"{where} is not after {trained}, the last date that the model was trained on")
        if last and given < last.effective_from:
            raise BadRequest(
                f"{where} is before {last.effective_from}, from which {last.model_id} is the champion"
            )
        if predicted and (given < predicted if redo else given <= predicted):
            relation = "before" if redo else "on or before"
            raise BadRequest(f"{where} is {relation} {predicted}, which has predictions already")
        return given

    def _shadow_from(self, book: Book, model: pd.Series, given: date | None) -> date:
        """The date from which a decision about a shadow holds; its own decisions stay in order."""
        trained = as_date(model["trained_through"])
        own = book.decisions[(book.decisions["model_id"] == model["model_id"]).to_numpy(dtype=bool)]
        earliest = trained + ONE_DAY
        if len(own):
            earliest = max(earliest, as_date(own["effective_from"].max()))
        if given is None:
            predicted = self._keeper.latest_predicted()
            return max(earliest, predicted + ONE_DAY) if predicted else earliest
        if given < earliest:
            raise BadRequest(f"effective from: {given} is too early; {earliest} at the earliest")
        return given


def _check_words(who: str, reason: str) -> None:
    if not who.strip():
        raise BadRequest("by: say who decides; it is kept with the decision")
    if not reason.strip():
        raise BadRequest("reason: give one of 1 to 500 characters; it is kept with the decision")


def _entry(row: pd.Series) -> ModelEntry:
    return ModelEntry(
        model_id=str(row["model_id"]),
        system=str(row["system_id"]),
        status=str(row["status"]),
        feature_version=str(row["feature_version"]),
        trained_from=as_date(row["trained_from"]),
        trained_through=as_date(row["trained_through"]),
        rows=int(row["training_rows"]),
        checksum=str(row["checksum"]),
        validation_mae=_present(row["validation_mae"]),
        residual_std=_present(row["residual_std"]),
        code_version=str(row["code_version"]),
        created_at=pd.Timestamp(row["created_at"]).to_pydatetime(),
        metrics={} if pd.isna(row["metrics"]) else stored_metrics(json.loads(str(row["metrics"]))),
        approved_by=_present(row["approved_by"]) or "",
        approved_reason=_present(row["approved_reason"]) or "",
        approved_at=_present(row["approved_at"]),
    )


def _present(value: Any) -> Any:
    return None if pd.isna(value) else value
