"""One chunk of players through every system."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import pytest

from activities.predictions import prediction_chunk
from activities.predictions.prediction_chunk import count_chunks, feature_matrix
from activities.training.train import TrainedModel
from shared.errors import DataNotReady, FeatureContractViolation, ModelIntegrityError
from shared.features import FEATURE_NAMES
from tests.predictions.tables import (
    CACHE,
    CALIBRATION,
    DAY,
    DEFENSE,
    FEATURE_STORE,
    GAME,
    PREDICTIONS,
    PROPS,
    SIMILAR,
    UPCOMING,
    cache_row,
    context,
    defense_row,
    feature_row,
    fits,
    frame,
    prop_row,
    silent,
    similar_row,
    upcoming_row,
    vector,
)  # fmt: skip
from tests.training.decisions import decisions
from tests.training.models import trained


def frames(model: TrainedModel, **changes: pd.DataFrame) -> dict[str, pd.DataFrame]:
    return {
        "features": frame(FEATURE_STORE, [feature_row(n) for n in (1, 2, 3)]),
        "props": frame(PROPS, [prop_row(1), prop_row(2, line=24.5)]),
        "upcoming_players": frame(
            UPCOMING, [upcoming_row(1), upcoming_row(2, line=24.25), upcoming_row(3, line=None)]
        ),
        "player_cache": frame(CACHE, [cache_row(n) for n in (1, 2, 3)]),
        "similar": frame(SIMILAR, [similar_row(n) for n in (1, 2, 3)]),
        "defense_zones": frame(DEFENSE, [defense_row()]),
        "calibration": frame(CALIBRATION, []),
        "models": model.row,
        "decisions": decisions(("bootstrap", model.artefact.model_id, "2025-11-05")),
        **changes,
    }


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, TrainedModel]:
    home = tmp_path_factory.mktemp("predictions")
    return home, trained(home / "models")


def test_every_player_is_predicted_by_every_system(model: tuple[Path, TrainedModel]) -> None:
    home, champion = model
    rows = prediction_chunk.process(context(home), frames(champion), silent).frame
    assert fits(rows, PREDICTIONS)
    assert len(rows) == 15
    assert rows["predicted_points"].between(0, 60).all()
    assert set(rows.loc[rows["system_id"] == "xgboost_v1", "model_id"]) == {champion.artefact.model_id}
    by_player = rows.groupby("player_id")["recommendation"].agg(set)
    assert by_player[3] == {"NO_LINE"}
    reasons = rows.set_index(["player_id", "system_id"])["reason"]
    assert reasons[2, "moving_average_v1"].startswith("no sportsbook's main line is the consensus 24.25")
    assert reasons[3, "moving_average_v1"].startswith("no line (form 23.3")


def test_a_chunk_repeated_gives_the_same_rows(model: tuple[Path, TrainedModel]) -> None:
    home, champion = model
    first, second = (prediction_chunk.process(context(home), frames(champion), silent).frame for _ in "ab")
    pd.testing.assert_frame_equal(first, second)


def test_chunks_cover_each_player_once(model: tuple[Path, TrainedModel]) -> None:
    home, champion = model
    inputs = frames(champion)
    chunks, players = count_chunks(inputs["features"], inputs["upcoming_players"], 2)
    assert (chunks, players) == (2, 3)
    parts = [
        prediction_chunk.process(context(home, chunk=n, chunk_size=2), inputs, silent).frame
        for n in (0, 1, 2)
    ]
    assert [len(p) for p in parts] == [10, 5, 0]
    assert not pd.concat(parts[:2]).duplicated(["player_id", "system_id"]).any()


def test_a_day_without_players_has_no_chunks() -> None:
    assert count_chunks(frame(FEATURE_STORE, []), frame(UPCOMING, []), 60) == (0, 0)


def test_players_without_sufficient_data_or_not_eligible_are_not_predicted() -> None:
    features = frame(
        FEATURE_STORE,
        [feature_row(1), feature_row(2, insufficient_data_reason="only 1 game"), feature_row(3)],
    )
    upcoming = frame(UPCOMING, [upcoming_row(1), upcoming_row(2), upcoming_row(3, eligible=False)])
    assert count_chunks(features, upcoming, 60) == (1, 1)


def test_a_vector_of_another_version_is_refused_naming_both(model: tuple[Path, TrainedModel]) -> None:
    home, champion = model
    stale = frame(FEATURE_STORE, [feature_row(1, feature_version="v1_baseline")])
    with pytest.raises(FeatureContractViolation, match=r"player1 .*v1_baseline.*v2_33features"):
        prediction_chunk.process(context(home), frames(champion, features=stale), silent)


def test_a_stored_vector_of_34_features_under_the_same_version_is_refused_by_player_and_feature() -> None:
    grown = feature_row(
        1, features=[*vector(), 412.0], feature_names=[*FEATURE_NAMES, "career_games"], feature_count=34
    )
    with pytest.raises(
        FeatureContractViolation, match=rf"player1 in {GAME}: .*34 feature names.*surplus: career_games"
    ):
        feature_matrix(frame(FEATURE_STORE, [grown]))


def test_without_a_champion_trained_before_the_day_it_waits_and_says_what_to_run(
    model: tuple[Path, TrainedModel],
) -> None:
    home, champion = model
    late = champion.row.assign(trained_through=pd.Timestamp(DAY))
    for without in ({"models": late}, {"models": champion.row.iloc[:0]}, {"decisions": decisions()}):
        with pytest.raises(DataNotReady, match="no xgboost_v1 champion trained before 2025-11-07; run"):
            prediction_chunk.process(context(home), frames(champion, **without), silent)


def test_the_champion_that_was_decided_on_predicts_and_not_the_latest_model(
    model: tuple[Path, TrainedModel],
) -> None:
    home, champion = model
    newer = trained(home / "models", through=date(2025, 11, 5))
    both = pd.concat([champion.row, newer.row], ignore_index=True)
    promoted = decisions(
        ("bootstrap", champion.artefact.model_id, "2025-11-05"),
        ("promote", newer.artefact.model_id, "2025-11-07"),
    )
    for taken, name in ((promoted.iloc[:1], champion.artefact.model_id), (promoted, newer.artefact.model_id)):
        inputs = frames(champion, models=both, decisions=taken)
        rows = prediction_chunk.process(context(home), inputs, silent).frame
        assert set(rows["model_id"].dropna()) == {name}


def test_a_tampered_artefact_is_refused_by_name(tmp_path: Path) -> None:
    champion = trained(tmp_path / "models")
    file = tmp_path / "models" / champion.artefact.model_id / "model.ubj"
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    with pytest.raises(ModelIntegrityError, match=champion.artefact.model_id):
        prediction_chunk.process(context(tmp_path), frames(champion), silent)


def test_price_book_and_times_are_kept_with_the_prediction(model: tuple[Path, TrainedModel]) -> None:
    home, champion = model
    rows = prediction_chunk.process(context(home), frames(champion), silent).frame
    row = rows.loc[(rows["player_id"] == 1) & (rows["system_id"] == "moving_average_v1")].iloc[0]
    assert (row["over_price"], row["under_price"], row["sportsbook"]) == (1.87, 1.95, "fanduel")
    assert row["line_last_update"] == datetime(2025, 11, 7, 17, 30, tzinfo=UTC)
    assert row["game_id"] == GAME
    assert row["as_of"] == row["created_at"] == context().as_of
