"""What an evaluation is asked and answers."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from shared.messages import Message

RUN_IN_DATES = 60
"""Dates before the first that are predicted too: what calibration, weights and spread are fitted on."""


class EvaluateInput(Message):
    """Replay the systems walk-forward over a range of dates."""

    start: date
    end: date
    """Inclusive."""
    seasons: int = Field(default=6, ge=1, le=12)
    """Seasons before `start`'s own whose games may train."""


class EvaluationSegment(Message):
    """Dates predicted by one fit."""

    first: date
    last: date


class EvaluationPlan(Message):
    """The segments, in order, and where the feature rows are."""

    rows: str
    """Object path of the feature rows."""
    segments: tuple[EvaluationSegment, ...]


class SegmentRequest(Message):
    """One segment to predict."""

    rows: str
    segment: EvaluationSegment
    earlier: tuple[str, ...] = ()
    """Object paths of the segments before it: their errors give the spread."""


class ReportRequest(Message):
    """Put the segments together."""

    request: EvaluateInput
    plan: EvaluationPlan
    predicted: tuple[str, ...]


class EvaluationResult(Message):
    """Where the report is; its figures are in the files."""

    evaluation_id: str
    json_path: str
    html_path: str
    rows: int
    canaries: dict[str, str]
    peak_mib: int = 0
    """The worker's largest memory so far. Of this run, not of the dates: so it is not in the files."""


class EvaluationProgress(Message):
    """The answer of the `progress` query."""

    done: int
    total: int
    note: str = ""
