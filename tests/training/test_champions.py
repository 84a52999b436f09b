"""Who serves a date, out of small tables made by hand."""

from __future__ import annotations

import pandas as pd
import pytest

from activities.predictions.champions import champion_before, champion_row, shadow_rows, statuses
from shared.errors import DataNotReady
from tests.training.decisions import SYSTEM, decisions, registered

MODELS = registered(a="2025-11-01", b="2025-11-05", c="2025-11-09")


def champion(taken: pd.DataFrame, day: str) -> str:
    return str(champion_row(MODELS, taken, SYSTEM, day)["model_id"])


def shadows(taken: pd.DataFrame, day: str) -> list[str]:
    return list(shadow_rows(MODELS, taken, SYSTEM, day)["model_id"])


def test_a_promotion_holds_from_its_date_on_and_not_before() -> None:
    taken = decisions(("bootstrap", "a", "2025-11-02"), ("promote", "b", "2025-11-08"))
    assert [champion(taken, f"2025-11-0{day}") for day in (2, 7, 8, 9)] == ["a", "a", "b", "b"]


def test_of_two_decisions_for_one_date_the_later_one_holds() -> None:
    taken = decisions(("promote", "b", "2025-11-08"), ("rollback", "a", "2025-11-08"))
    assert champion(taken, "2025-11-08") == "a"
    assert champion(taken.iloc[::-1], "2025-11-08") == "a"


def test_a_decision_taken_later_for_an_earlier_date_does_not_touch_later_dates() -> None:
    taken = decisions(("promote", "b", "2025-11-08"), ("bootstrap", "a", "2025-11-02"))
    assert (champion(taken, "2025-11-07"), champion(taken, "2025-11-08")) == ("a", "b")


def test_no_model_serves_a_date_that_it_was_trained_on_whatever_was_decided() -> None:
    taken = decisions(("bootstrap", "a", "2025-11-02"), ("promote", "b", "2025-11-03"))
    assert [champion(taken, f"2025-11-0{day}") for day in (3, 5, 6)] == ["a", "a", "b"]


def test_shadowing_and_retiring_make_no_champion() -> None:
    taken = decisions(
        ("bootstrap", "a", "2025-11-02"), ("shadow", "b", "2025-11-06"), ("retire", "b", "2025-11-07")
    )
    assert champion(taken, "2025-11-08") == "a"


def test_without_a_champion_the_error_names_what_to_run() -> None:
    for models, taken in (
        (MODELS, decisions()),
        (MODELS, decisions(("promote", "a", "2025-11-03"))),
        (MODELS, decisions(("promote", "a", "2025-11-02"), system_id="another_v1")),
        (MODELS.iloc[:0], decisions(("promote", "a", "2025-11-02"))),
    ):
        with pytest.raises(DataNotReady, match=r"before 2025-11-02; run `tipoff models train .*promote`"):
            champion_row(models, taken, SYSTEM, "2025-11-02")


def test_a_model_shadows_from_its_date_until_it_is_retired() -> None:
    taken = decisions(
        ("bootstrap", "a", "2025-11-02"), ("shadow", "b", "2025-11-07"), ("retire", "b", "2025-11-09")
    )
    assert [shadows(taken, f"2025-11-0{day}") for day in (6, 7, 8, 9)] == [[], ["b"], ["b"], []]


def test_a_shadow_that_is_promoted_shadows_no_longer() -> None:
    taken = decisions(("shadow", "b", "2025-11-06"), ("promote", "b", "2025-11-08"))
    assert (shadows(taken, "2025-11-07"), shadows(taken, "2025-11-08")) == (["b"], [])


def test_no_model_shadows_a_date_that_it_was_trained_on() -> None:
    taken = decisions(("bootstrap", "a", "2025-11-02"), ("shadow", "c", "2025-11-03"))
    assert (shadows(taken, "2025-11-09"), shadows(taken, "2025-11-10")) == ([], ["c"])


def test_the_champion_of_a_date_is_not_its_own_shadow() -> None:
    taken = decisions(
        ("bootstrap", "a", "2025-11-02"), ("promote", "b", "2025-11-08"), ("shadow", "a", "2025-11-06")
    )
    assert (shadows(taken, "2025-11-07"), shadows(taken, "2025-11-08")) == ([], ["a"])


def test_rolling_back_twice_goes_back_two_models() -> None:
    taken = [("bootstrap", "a", "2025-11-02"), ("promote", "b", "2025-11-06"), ("promote", "c", "2025-11-10")]
    assert champion_before(decisions(*taken), SYSTEM) == "b"
    taken.append(("rollback", "b", "2025-11-11"))
    assert champion_before(decisions(*taken), SYSTEM) == "a"
    taken.append(("rollback", "a", "2025-11-12"))
    assert champion_before(decisions(*taken), SYSTEM) is None


def test_a_promotion_after_a_rollback_is_rolled_back_to_where_it_began() -> None:
    taken = decisions(
        ("bootstrap", "a", "2025-11-02"), ("promote", "b", "2025-11-06"), ("rollback", "a", "2025-11-07"),
        ("promote", "c", "2025-11-10"),
    )  # fmt: skip
    assert champion_before(taken, SYSTEM) == "a"


def test_the_status_of_every_model_follows_from_the_decisions() -> None:
    models = registered(a="2025-11-01", b="2025-11-05", c="2025-11-09", d="2025-11-09", e="2025-11-09")
    taken = decisions(
        ("bootstrap", "a", "2025-11-02"), ("promote", "b", "2025-11-06"), ("shadow", "c", "2025-11-10"),
        ("shadow", "d", "2025-11-10"), ("retire", "d", "2025-11-11"),
    )  # fmt: skip
    assert statuses(models, taken) == {
        "a": "retired", "b": "champion", "c": "shadow", "d": "retired", "e": "challenger",
    }  # fmt: skip
    assert set(statuses(models, taken.iloc[:0]).values()) == {"challenger"}
