"""Whether models can serve the dates that a backfill is to predict; found before any of them is begun."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from activities.operations.decision_book import Book
from activities.operations.models import TRAINABLE
from activities.predictions.artefacts import load_artefact
from activities.predictions.champions import champion_row, serving_decision
from activities.surroundings import Surroundings
from shared.backfill import Kind, PlannedDay
from shared.errors import FeatureContractViolation, ModelIntegrityError
from shared.phases import dependants


def predicted(days: Sequence[PlannedDay]) -> list[PlannedDay]:
    """Those of the planned dates whose predictions are made."""
    return [d for d in days if not d.phases or any("predictions" in (p, *dependants(p)) for p in d.phases)]


def refusal(around: Surroundings, book: Book, days: Sequence[PlannedDay], *, champion: bool) -> str:
    """Why models can't serve the dates, with the command that helps; empty: they can.

    Args:
        around: where the artefacts are.
        book: models and the decisions about them.
        days: the planned dates, in order.
        champion: the first has one. If not, one is trained two days before the first date that is run whole.
    """
    whole = [day.game_date for day in days if day.kind in (Kind.MISSING, Kind.FAILED)]
    trained_for = whole[0] - timedelta(days=1) if whole and not champion else None
    wanted = [day.game_date for day in predicted(days)]
    for system in TRAINABLE:
        models: dict[str, list[date]] = {}
        for day in wanted:
            decision = serving_decision(book.registered, book.decisions, system, day)
            if decision is not None:
                models.setdefault(str(decision["model_id"]), []).append(day)
            elif trained_for is None or day < trained_for:
                return f"no {system} champion was trained before {day}, so it can't be predicted. " + _helps(
                    system, day
                )
        for model_id, served in models.items():
            fault = _fault(around, book, system, served[0])
            if fault:
                return (
                    f"{len(served)} dates from {served[0]} to {served[-1]} would all park: their champion is "
                    f"{model_id}, and {fault}. {_helps(system, served[0])}"
                )
    return ""


def _fault(around: Surroundings, book: Book, system: str, day: date) -> str:
    """Why the champion of a date is refused; empty: it loads."""
    model = champion_row(book.registered, book.decisions, system, day)
    model_id = str(model["model_id"])
    around.fetch_models([model_id])
    try:
        load_artefact(around.models, model_id, str(model["checksum"]))
    except (FeatureContractViolation, ModelIntegrityError) as error:
        return str(error)[:300]
    return ""


def _helps(system: str, day: date) -> str:
    return (
        f"Run `tipoff models train --system {system} --through {day - timedelta(days=2)}`, then "
        f"`tipoff models promote MODEL --effective-from {day} --reason …`, then this again"
    )
