"""Incidents of the feature vectors and of the models that read them."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from activities.analytics.windows import History, Span
from activities.evaluation import canaries
from activities.precompute import ml_feature_store_v2
from activities.precompute.training_features import training_features
from activities.predictions import prediction_chunk
from activities.predictions.artefacts import UNUSED
from activities.predictions.systems import xgboost_system
from activities.predictions.systems.base import forecast
from activities.quality import predictions as prediction_gate
from activities.training.train import TrainedModel
from shared import features
from shared.errors import FeatureContractViolation, ModelIntegrityError
from shared.features import FEATURE_COUNT, FEATURE_NAMES, FEATURE_VERSION, FEATURES
from tests.grading.test_grading import grade, played
from tests.incidents.hand import DATES, D, games, hand_morning, predicted
from tests.incidents.incident import incident
from tests.predictions.tables import (
    FEATURE_STORE,
    PREDICTIONS,
    context,
    feature_row,
    fits,
    frame,
    predictions,
    silent,
    upcoming_row,
    vector,
)
from tests.predictions.test_prediction_chunk import frames as of_a_chunk
from tests.training.decisions import decisions
from tests.training.models import trained


@pytest.fixture(scope="module")
def champion(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, TrainedModel]:
    """A home with a small trained model."""
    home = tmp_path_factory.mktemp("champion")
    return home, trained(home / "models")


def _loaded_by_version(monkeypatch: pytest.MonkeyPatch) -> None:
    """The loader of old: a vector of another version is none."""
    right = prediction_chunk.predictable

    def loaded(store: pd.DataFrame, upcoming: pd.DataFrame) -> pd.DataFrame:
        return right(store.loc[store["feature_version"] == FEATURE_VERSION], upcoming)

    monkeypatch.setattr(prediction_chunk, "predictable", loaded)


@incident(
    1, "A feature was added without retraining: no predictions for two days, and nobody was told",
    prevented="Vectors of another version than the model's end phase 5 with an error that names both",
    fix_out=_loaded_by_version, fails_with="DID NOT RAISE",
)  # fmt: skip
def test_incident_1_vectors_that_no_model_was_trained_on_are_an_error_and_not_zero_rows(
    champion: tuple[Path, TrainedModel],
) -> None:
    home, model = champion
    grown = feature_row(
        1, features=[*vector(), 412.0], feature_names=[*FEATURE_NAMES, "career_games"],
        feature_count=34, feature_version="v2_34features",
    )  # fmt: skip
    inputs = of_a_chunk(model, features=frame(FEATURE_STORE, [grown]))
    with pytest.raises(FeatureContractViolation, match=r"player1 .*'v2_34features', expected 'v2_33feat"):
        prediction_chunk.process(context(home), inputs, silent)


def _cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """What stood there then: surplus values were cut off, with a warning, before anything looked at them."""
    for module in (ml_feature_store_v2, prediction_chunk):
        monkeypatch.setattr(
            module,
            "check_vector",
            lambda names, values, version: features.check_vector(names, values[:FEATURE_COUNT], version),
        )


@incident(
    2, "34 values under 33 names",
    prevented="A vector without one value a name is refused, at write and at read; nothing is truncated",
    fix_out=_cut_off, fails_with="DID NOT RAISE",
)  # fmt: skip
def test_incident_2_an_array_of_34_values_under_33_names_is_refused() -> None:
    longer = frame(FEATURE_STORE, [feature_row(1, features=[*vector(), 1.0])])
    for check in (ml_feature_store_v2.check_rows, prediction_chunk.feature_matrix):
        check(frame(FEATURE_STORE, [feature_row(1)]))
        with pytest.raises(FeatureContractViolation, match=r"player1 .*34 values under 33 feature names"):
            check(longer)


FROM_PARAMETERS = (
    "vegas_points_line", "vegas_opening_line", "vegas_line_move", "has_vegas_line",
    "avg_points_vs_opponent", "games_vs_opponent", "minutes_avg_last_10", "ppm_avg_last_10",
)  # fmt: skip
"""What the old worker should have passed to the model beside the vector, and didn't."""


def _parameters_that_nobody_fills(monkeypatch: pytest.MonkeyPatch) -> None:
    right = prediction_chunk.feature_matrix
    defaults = {spec.name: spec.default for spec in FEATURES if spec.name in FROM_PARAMETERS}
    monkeypatch.setattr(prediction_chunk, "feature_matrix", lambda players: right(players).assign(**defaults))


@incident(
    4, "60 points and more predicted for 21 days: eight features came as parameters that nobody filled",
    prevented="A model is served the values that it is trained on, and an answer beyond 0 to 60 is held back",
    fix_out=_parameters_that_nobody_fills, fails_with="avg_points_vs_opponent",
)  # fmt: skip
def test_incident_4_a_model_is_served_exactly_the_features_that_it_is_trained_on(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    model = trained(tmp_path / "models", through=D - timedelta(days=2))
    given: list[pd.DataFrame] = []
    right = xgboost_system.model_data

    def seen(inputs: pd.DataFrame, nthread: int) -> object:
        given.append(inputs)
        return right(inputs, nthread)

    monkeypatch.setattr(xgboost_system, "model_data", seen)
    # A line is no input of a model: its features are not trained on.
    morning = hand_morning()
    served = of_a_chunk(model, decisions=decisions(("bootstrap", model.artefact.model_id, str(D))))
    inputs = {**served, **morning, "similar": served["similar"].iloc[:0]}
    rows = prediction_chunk.process(context(tmp_path, game_date=D), inputs, silent).frame
    known = games([*DATES, D])
    learnt = training_features(known["player_games"], known["team_offense"], known["team_defense"], D, D)
    learnt = learnt.sort_values("player_id", ignore_index=True)
    assert len(learnt) == len(given[0]) == 16
    names = [name for name in FEATURE_NAMES if name not in UNUSED]
    unlike = [n for n in names if not np.array_equal(given[0][n].to_numpy(), learnt[n].to_numpy())]
    assert unlike == []
    staged = frame(PREDICTIONS, rows.assign(predicted_points=61.5).to_dict("records"))
    found = prediction_gate.process(context(staged=staged), morning, silent).frame.set_index("check_name")
    assert len(found.loc["predicted_points_within_bounds", "blocked"]) == 16


class _Formula:
    """What stood in for a missing model then: a formula under the model's name, confidence exactly 50."""

    system_id, model_id = xgboost_system.SYSTEM_ID, None

    def predict(self, inputs: pd.DataFrame, _members: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
        mean = 0.4 * inputs["points_avg_last_5"] + 0.35 * inputs["points_avg_last_10"]
        mean = (mean + 0.25 * inputs["points_avg_season"]).to_numpy()
        everyone = np.ones(len(inputs))
        none, basis = [{}] * len(inputs), ["fallback"] * len(inputs)
        return forecast(inputs.index, mean, 6 * everyone, 0.5 * everyone, none, basis)


@incident(
    5, "The model's path was lost in a deploy: a silent fallback answered, with a confidence of exactly 50",
    prevented="No system answers for another: without the champion's artefact phase 5 fails, and names it",
    fix_out=lambda patch: patch.setattr(xgboost_system, "_load", lambda workshop, model: _Formula()),
    fails_with="DID NOT RAISE",
)  # fmt: skip
def test_incident_5_without_the_model_s_own_file_nothing_is_predicted(
    champion: tuple[Path, TrainedModel], tmp_path: Path
) -> None:
    home, model = champion
    shutil.copytree(home / "models", tmp_path / "models")
    shutil.rmtree(tmp_path / "models" / model.artefact.model_id)
    with pytest.raises(ModelIntegrityError, match=rf"{model.artefact.model_id}: .*can't be read"):
        prediction_chunk.process(context(tmp_path), of_a_chunk(model), silent)


def _up_to_the_day_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """`game_date <= day` in the place of `<`."""
    right = History.before

    def before(self: History, targets: pd.DataFrame, days: int, *, skip: int = 0) -> Span:
        later = targets.assign(game_date=targets["game_date"] + timedelta(days=1))
        return right(self, later, days, skip=skip)

    monkeypatch.setattr(History, "before", before)


@incident(
    23, "The cache read games up to the day itself: a hit rate of 84.5 % that was in truth 52 to 58 %",
    prevented="Games end before the day in one place; a canary changes the day and wants its features equal",
    fix_out=_up_to_the_day_itself, fails_with="points_avg_last_5",
)  # fmt: skip
def test_incident_23_changing_a_day_s_games_changes_none_of_its_features() -> None:
    known = games([*DATES, D, D + timedelta(days=2)])
    verdict, said = canaries.target_day(
        known["player_games"], known["team_offense"], known["team_defense"], D
    )
    assert said["observed"] == "identical"
    assert (verdict, said["rows"]) == ("pass", 16)


def _twenty(monkeypatch: pytest.MonkeyPatch) -> None:
    """The default of old: who has no line and no season has a line of 20.0."""
    right = prediction_chunk.market_of

    def market(players: pd.DataFrame, offers: dict) -> prediction_chunk.Market:
        found = right(players, offers)
        return replace(found, line=np.where(np.isfinite(found.line), found.line, 20.0))

    monkeypatch.setattr(prediction_chunk, "market_of", market)


@incident(
    24, "24,033 predictions, 26 % of all, were made against a line of 20.0 that no book had offered",
    prevented="Who has no line is predicted without one: NO_LINE, no probability, no verdict when graded",
    fix_out=_twenty, fails_with="[True] == [False]",
)  # fmt: skip
def test_incident_24_nobody_is_given_a_line_that_no_book_has() -> None:
    rows = predicted([upcoming_row(1, line=None)], [])
    assert rows["has_prop_line"].tolist() == [False]
    assert rows["points_line"].isna().all()
    assert rows["prob_over"].isna().all()
    assert rows["recommendation"].tolist() == ["NO_LINE"]
    made = predictions([upcoming_row(1, line=None)])
    assert fits(made, PREDICTIONS)
    graded = grade(made, [played(1, 20)])
    assert graded["outcome"].tolist() == ["no_line"]
    assert graded["prediction_correct"].isna().all()
