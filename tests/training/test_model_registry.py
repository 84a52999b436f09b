"""The life of models through the real workflows and activities, on a real embedded warehouse."""

from __future__ import annotations

from datetime import timedelta

import pytest
from temporalio import activity
from temporalio.client import WorkflowFailureError
from temporalio.exceptions import ApplicationError

from activities.operations.decision_book import BookKeeper
from shared import models, names
from shared.jobs import TrainInput, TrainResult
from tests.training.league import FIRST
from tests.training.registry import DAYS, Registry

LAST = FIRST + timedelta(days=DAYS - 1)
EARLY, LATE = LAST - timedelta(days=10), LAST - timedelta(days=5)


def refusal(failed: pytest.ExceptionInfo[WorkflowFailureError]) -> tuple[str, str]:
    """The type and text of what the activity refused."""
    cause = failed.value.cause.cause if failed.value.cause else None
    assert isinstance(cause, ApplicationError)
    assert cause.non_retryable
    return str(cause.type), cause.message


async def test_a_model_is_trained_promoted_and_rolled_back(registry: Registry) -> None:
    first = await registry.train(EARLY, as_champion=True)
    second = await registry.train(LATE)
    assert registry.statuses() == {first.model_id: "champion", second.model_id: "challenger"}
    assert (first.status, second.status) == ("champion", "challenger")

    registry.predicted(LAST)
    promoted = await registry.promote(second.model_id)
    assert promoted.effective_from == LAST + timedelta(days=1)
    assert promoted.previous_model_id == first.model_id
    assert registry.statuses() == {first.model_id: "retired", second.model_id: "champion"}
    assert (registry.champion(LAST), registry.champion(LAST + timedelta(days=1))) == (
        first.model_id, second.model_id,
    )  # fmt: skip

    registry.predicted(LAST + timedelta(days=1))
    back = await registry.rollback()
    assert (back.model_id, back.previous_model_id) == (first.model_id, second.model_id)
    assert registry.statuses() == {first.model_id: "champion", second.model_id: "retired"}
    assert registry.decisions() == [
        ("bootstrap", first.model_id, EARLY + timedelta(days=1)),
        ("promote", second.model_id, LAST + timedelta(days=1)),
        ("rollback", first.model_id, LAST + timedelta(days=2)),
    ]
    assert registry.champion(LAST + timedelta(days=1)) == second.model_id
    with pytest.raises(WorkflowFailureError) as failed:
        await registry.rollback()
    assert refusal(failed)[1].startswith("system: xgboost_v1 had no champion before")


async def test_an_approval_is_kept_with_the_model(registry: Registry) -> None:
    model = await registry.train(EARLY)
    decision = await registry.promote(model.model_id)
    request = models.ListModelsInput(model_id=model.model_id)
    listed = await registry.ask(names.LIST_MODELS, request, models.ModelList)
    (entry,) = listed.models
    assert (entry.status, entry.approved_by) == ("champion", "ada@desk")
    assert (entry.approved_reason, entry.approved_at) == ("better on rotation players", decision.decided_at)
    assert entry.metrics["all"]["mae"] == pytest.approx(entry.validation_mae, abs=1e-4)
    assert listed.decisions == (decision,)


async def test_training_the_same_rows_again_leaves_the_champion_champion(registry: Registry) -> None:
    model = await registry.train(EARLY, as_champion=True)
    again = await registry.train(EARLY, as_champion=True)
    assert (again.model_id, again.existed, again.status) == (model.model_id, True, "champion")
    assert len(registry.decisions()) == 1


async def test_the_demo_trains_nothing_where_a_fresh_champion_serves(registry: Registry) -> None:
    model = await registry.train(EARLY, as_champion=True)
    request = TrainInput(trained_through=LATE, as_champion=True)
    found = await registry.ask(names.TRAIN_MODEL, request, TrainResult)
    assert (found.model_id, found.existed) == (model.model_id, True)
    assert list(registry.statuses()) == [model.model_id]


async def test_a_bootstrap_for_an_earlier_date_leaves_the_later_champion(registry: Registry) -> None:
    later = await registry.train(LATE, as_champion=True)
    earlier = await registry.train(EARLY, as_champion=True)
    assert registry.statuses() == {later.model_id: "champion", earlier.model_id: "retired"}
    assert registry.champion(LATE) == earlier.model_id
    assert registry.champion(LATE + timedelta(days=1)) == later.model_id


async def test_a_model_learns_from_its_first_date_on(registry: Registry) -> None:
    whole, part = await registry.train(LATE), await registry.train(LATE, trained_from=FIRST + timedelta(10))
    assert part.model_id != whole.model_id
    assert 0 < part.rows < whole.rows
    row = registry.around.warehouse.read("nba_predictions.ml_models").set_index("model_id").loc[part.model_id]
    assert row["trained_from"].date() == FIRST + timedelta(10)


async def test_a_tampered_artefact_is_not_promoted(registry: Registry) -> None:
    model = await registry.train(EARLY)
    file = registry.around.models / model.model_id / "model.ubj"
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    with pytest.raises(WorkflowFailureError) as failed:
        await registry.promote(model.model_id)
    kind, text = refusal(failed)
    assert kind == "ModelIntegrityError"
    assert model.model_id in text
    assert registry.decisions() == []
    assert registry.statuses() == {model.model_id: "challenger"}


async def test_a_promotion_that_may_not_be_is_refused_with_the_reason(registry: Registry) -> None:
    champion = await registry.train(EARLY, as_champion=True)
    challenger = (await registry.train(LATE)).model_id
    registry.predicted(LAST)
    for arguments, said in (
        ({"model_id": "nobody"}, "model: 'nobody' is not registered; `tipoff models list`"),
        ({"model_id": champion.model_id}, f"{champion.model_id} is the champion already"),
        ({"model_id": challenger, "reason": " "}, "reason: give one"),
        ({"model_id": challenger, "approved_by": ""}, "by: say who decides"),
        ({"model_id": challenger, "day": LATE}, f"{LATE} is not after {LATE}, the last date that the model"),
        ({"model_id": challenger, "day": LAST}, f"{LAST} is on or before {LAST}, which has predictions"),
    ):
        with pytest.raises(WorkflowFailureError) as failed:
            await registry.promote(**arguments)
        kind, text = refusal(failed)
        assert (kind, said in text) == ("BadRequest", True), text
    assert len(registry.decisions()) == 1


async def test_the_latest_predicted_date_may_be_rolled_back_and_no_earlier_one(registry: Registry) -> None:
    first = await registry.train(EARLY, as_champion=True)
    second = await registry.train(LATE)
    await registry.promote(second.model_id)
    registry.predicted(LAST)
    with pytest.raises(WorkflowFailureError) as failed:
        await registry.rollback(LAST - timedelta(days=1))
    assert f"is before {LAST}, which has predictions already" in refusal(failed)[1]
    await registry.rollback(LAST)
    assert registry.champion(LAST) == first.model_id
    assert registry.champion(LAST - timedelta(days=1)) == second.model_id


async def test_a_shadow_begins_and_ends_and_is_never_the_champion(registry: Registry) -> None:
    champion = await registry.train(EARLY, as_champion=True)
    challenger = await registry.train(LATE)
    await registry.shadow(challenger.model_id)
    assert registry.statuses()[challenger.model_id] == "shadow"
    await registry.shadow(challenger.model_id, on=False)
    assert registry.statuses() == {champion.model_id: "champion", challenger.model_id: "retired"}
    for model, on, said in (
        (champion, True, "is the champion"), (challenger, False, "is no shadow"),
    ):  # fmt: skip
        with pytest.raises(WorkflowFailureError) as failed:
            await registry.shadow(model.model_id, on=on)
        assert said in refusal(failed)[1]


async def test_two_models_are_compared_on_the_same_games_after_both_trainings(registry: Registry) -> None:
    first, second = await registry.train(EARLY), await registry.train(LATE)
    found = await registry.compare(first.model_id, second.model_id)
    assert (found.same_rows, found.first, found.last) == (True, LATE + timedelta(days=1), LAST)
    assert found.metrics_a["all"]["n"] == found.metrics_b["all"]["n"] == 5 * 32
    assert found.metrics_a["rotation"]["n"] == 5 * 4 * 5
    assert found.metrics_a["all"]["mae"] != found.metrics_b["all"]["mae"]
    assert 2 < found.metrics_a["all"]["mae"] < 6


async def test_without_later_games_each_ones_held_out_metrics_are_shown_and_it_is_said(
    registry: Registry,
) -> None:
    first, second = await registry.train(LATE), await registry.train(LAST)
    found = await registry.compare(first.model_id, second.model_id)
    assert not found.same_rows
    assert f"no games after {LAST}" in found.note
    assert "NOT on the same rows" in found.note
    assert found.metrics_b["all"]["mae"] == pytest.approx(second.validation_mae, abs=1e-4)


async def test_a_promotion_interrupted_between_its_two_writes_is_completed_once(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await registry.train(EARLY, as_champion=True)
    second = await registry.train(LATE)
    shown = BookKeeper.show
    attempts: list[int] = []

    def interrupted(keeper: BookKeeper, approval: models.ModelDecision | None = None) -> None:
        attempts.append(activity.info().attempt)
        if len(attempts) == 1:
            raise OSError("the worker died here")
        shown(keeper, approval)

    monkeypatch.setattr(BookKeeper, "show", interrupted)
    decision = await registry.promote(second.model_id)
    assert attempts == [1, 2]
    assert registry.statuses() == {first.model_id: "retired", second.model_id: "champion"}
    assert [action for action, _, _ in registry.decisions()] == ["bootstrap", "promote"]
    assert decision.model_id == second.model_id
