"""What the jobs of the model lifecycle are asked and answer: promote, roll back, shadow, compare, list."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import Field

from shared.ids import content_digest
from shared.messages import Message, Name

Metrics = dict[str, float]
"""`n`, and in points `mae`, `rmse` and `bias` (predicted less actual)."""


class PromoteInput(Message):
    """Make a model the champion of its system from a date on."""

    model_id: Name
    approved_by: str = Field(max_length=200)
    reason: str = Field(max_length=500)
    effective_from: date | None = None
    """None: the first date after its training and after everything that is predicted already."""


class RollbackInput(Message):
    """Return to the champion before the present one."""

    system: Name = "xgboost_v1"
    approved_by: str = Field(max_length=200)
    reason: str = Field(max_length=500)
    effective_from: date | None = None
    """None: as with a promotion. The latest date that is predicted already may be given, to redo it."""


class ShadowInput(Message):
    """Let a model predict beside the champion, or end that."""

    model_id: Name
    on: bool = True
    requested_by: str = Field(max_length=200)
    reason: str = Field(max_length=500)
    effective_from: date | None = None


class ModelDecision(Message):
    """A row of `model_decisions`."""

    decision_id: str
    system: str
    model_id: str
    previous_model_id: str = ""
    action: str
    effective_from: date
    decided_by: str
    reason: str
    decided_at: datetime


class CompareInput(Message):
    """Compare two models on the same later games."""

    model_a: Name
    model_b: Name


class ModelComparison(Message):
    """How two models do. With `same_rows`, metrics are of the games after both trainings."""

    model_a: str
    model_b: str
    same_rows: bool
    first: date | None = None
    last: date | None = None
    """The dates of the games compared on."""
    metrics_a: dict[str, Metrics]
    """By segment: `all`, and `rotation` (20 minutes and more a game over his last ten)."""
    metrics_b: dict[str, Metrics]
    note: str = ""


class ListModelsInput(Message):
    """Asks for the registered models."""

    system: Name | None = None
    model_id: Name | None = None
    """One model only."""


class ShadowRecord(Message):
    """How a model did in shadow, beside the champion on the same rows; points."""

    n: int
    first: date
    last: date
    mae: float
    champion_mae: float


class ModelEntry(Message):
    """A registered model."""

    model_id: str
    system: str
    status: str
    feature_version: str
    trained_from: date
    trained_through: date
    rows: int
    checksum: str
    validation_mae: float | None = None
    residual_std: float | None = None
    code_version: str = ""
    created_at: datetime
    metrics: dict[str, Metrics] = Field(default_factory=dict)
    """Held-out metrics by segment."""
    shadow: ShadowRecord | None = None
    """Its graded predictions in shadow, where one model is asked for."""
    approved_by: str = ""
    approved_reason: str = ""
    approved_at: datetime | None = None


class ModelList(Message):
    """Registered models, the latest trained first, and the decisions about them, the latest first."""

    models: tuple[ModelEntry, ...] = ()
    decisions: tuple[ModelDecision, ...] = ()
    omitted: int = 0
    """Models beyond those given."""


def request_workflow_id(verb: str, target: str, request: Message) -> str:
    """`promote-<model_id>-<digest of the request>`: the same request is the same workflow."""
    return f"{verb}-{target}-{content_digest(request.model_dump_json())}"
