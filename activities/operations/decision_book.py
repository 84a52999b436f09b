"""The registry of models and the decisions about them, as the activities that change them need it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pandas as pd
from temporalio import activity

from activities.operations.status import latest_date
from activities.predictions.champions import as_date, latest_serving, statuses
from activities.surroundings import Surroundings
from shared.clock import microseconds, utc_now
from shared.errors import BadRequest, SupersededWrite
from shared.ids import content_digest
from shared.models import ModelDecision
from warehouse.writer import Fence

MODELS = "nba_predictions.ml_models"
DECISIONS = "nba_predictions.model_decisions"
PREDICTIONS = "nba_predictions.player_prop_predictions"


def fence_now() -> Fence:
    """The present as a fence. Of two that read and then write, the one that read later wins."""
    return Fence(microseconds(utc_now()))


def run_decision_id(action: str) -> str:
    """The id of what this activity decides, the same at every attempt."""
    info = activity.info()
    return content_digest(action, info.workflow_run_id or "", info.activity_id)


def write_key(table: str, part: str = "") -> str:
    """The write key of this activity's write to a table, the same at every attempt."""
    info = activity.info()
    return f"{info.workflow_run_id}/{info.activity_id}/{table}{part}"


def decision_of(row: pd.Series) -> ModelDecision:
    """A row of `model_decisions` as a message."""
    previous = row["previous_model_id"]
    return ModelDecision(
        decision_id=str(row["decision_id"]),
        system=str(row["system_id"]),
        model_id=str(row["model_id"]),
        previous_model_id="" if pd.isna(previous) else str(previous),
        action=str(row["action"]),
        effective_from=as_date(row["effective_from"]),
        decided_by=str(row["decided_by"]),
        reason=str(row["reason"]),
        decided_at=pd.Timestamp(row["decided_at"]).to_pydatetime(),
    )


@dataclass(frozen=True)
class Book:
    """Both tables as they were read, and the fence of that moment."""

    registered: pd.DataFrame
    decisions: pd.DataFrame
    fence: Fence

    def model(self, model_id: str) -> pd.Series:
        """A registered model.

        Raises:
            BadRequest: there is none of this id.
        """
        rows = self.registered.loc[(self.registered["model_id"] == model_id).to_numpy(dtype=bool)]
        if rows.empty:
            raise BadRequest(
                f"model: {model_id!r} is not registered; `tipoff models list` shows which models are"
            )
        return rows.iloc[-1]

    def decision(self, decision_id: str) -> ModelDecision | None:
        """A decision that is there already, by its id."""
        rows = self.decisions.loc[(self.decisions["decision_id"] == decision_id).to_numpy(dtype=bool)]
        return None if rows.empty else decision_of(rows.iloc[0])

    def last_champion(self, system: str) -> ModelDecision | None:
        """The serving decision of a system that holds last, be it for dates to come."""
        row = latest_serving(self.decisions, system)
        return None if row is None else decision_of(row)


class BookKeeper:
    """Reads and writes the two tables, within an activity."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._surroundings = surroundings

    def read(self) -> Book:
        """Both tables, whole: they grow by a few rows a week."""
        fence = fence_now()
        warehouse = self._surroundings.warehouse
        return Book(warehouse.read(MODELS), warehouse.read(DECISIONS), fence)

    def latest_predicted(self) -> date | None:
        """The latest date that has predictions."""
        return latest_date(self._surroundings.warehouse, PREDICTIONS)

    def register(self, row: pd.DataFrame) -> None:
        """Writes the row of a newly trained model; one that is registered already is left as it is.

        Its status and approval would be lost otherwise: the same rows train the same model again.
        """
        model_id = str(row["model_id"].iloc[0])
        book = self.read()
        if (book.registered["model_id"] == model_id).any():
            return
        self._merge(MODELS, row, book.fence)

    def decide(self, decision: ModelDecision, fence: Fence) -> None:
        """Writes a decision.

        Raises:
            SupersededWrite: another run has decided for the same date since the tables were read.
        """
        row = {
            "effective_from": pd.Timestamp(decision.effective_from),
            "decision_id": decision.decision_id,
            "system_id": decision.system,
            "model_id": decision.model_id,
            "previous_model_id": decision.previous_model_id or None,
            "action": decision.action,
            "decided_by": decision.decided_by,
            "reason": decision.reason,
            "decided_at": pd.Timestamp(decision.decided_at),
        }
        frame = pd.DataFrame([row])
        frame["effective_from"] = frame["effective_from"].astype("datetime64[us]")
        frame["decided_at"] = pd.to_datetime(frame["decided_at"], utc=True).astype("datetime64[us, UTC]")
        self._merge(DECISIONS, frame, fence)

    def show(self, approval: ModelDecision | None = None) -> None:
        """Brings `ml_models.status` up to the decisions, and notes who approved a promotion."""
        book = self.read()
        rows = book.registered
        wanted = rows["model_id"].map(statuses(rows, book.decisions))
        changed = (rows["status"] != wanted).to_numpy(dtype=bool)
        rows = rows.assign(status=wanted)
        if approval is not None:
            promoted = (rows["model_id"] == approval.model_id).to_numpy(dtype=bool)
            rows.loc[promoted, "approved_by"] = approval.decided_by
            rows.loc[promoted, "approved_reason"] = approval.reason
            rows.loc[promoted, "approved_at"] = pd.Timestamp(approval.decided_at).as_unit("us")
            changed = changed | promoted
        if not changed.any():
            return
        try:
            self._merge(MODELS, rows.loc[changed], book.fence, "/status")
        except SupersededWrite:
            # Whoever wrote since has read since, and so has shown the decision of this run too.
            return

    def _merge(self, table: str, rows: pd.DataFrame, fence: Fence, part: str = "") -> None:
        with activity.shield_thread_cancel_exception():
            self._surroundings.writer.merge(
                table,
                rows,
                write_key=write_key(table, part),
                fence=fence,
                run_id=activity.info().workflow_run_id or "",
            )
