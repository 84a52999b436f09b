"""Training: the same rows give the same model, and an artefact is what it says or is refused."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from activities.predictions.artefacts import UNUSED, load_artefact, model_matrix
from activities.training.train import fit_rows, train_model
from shared.errors import DataNotReady, FeatureContractViolation, ModelIntegrityError
from shared.features import FEATURE_NAMES
from tests.analytics.raw_frames import needs_data, summaries
from tests.predictions.tables import fits
from tests.training.models import trained, training_rows


def edit(models: Path, model_id: str, **served: object) -> None:
    path = models / model_id / "metadata.json"
    metadata = json.loads(path.read_text())
    metadata["served"].update(served)
    path.write_text(json.dumps(metadata))


def test_the_same_rows_train_byte_identical_models(tmp_path: Path) -> None:
    first, second = trained(tmp_path / "a"), trained(tmp_path / "b")
    name = first.artefact.model_id
    assert name == second.artefact.model_id
    for file in ("model.ubj", "metadata.json"):
        assert (tmp_path / "a" / name / file).read_bytes() == (tmp_path / "b" / name / file).read_bytes()
    assert sorted(p.name for p in (tmp_path / "a").iterdir()) == [name]


def test_the_order_in_which_rows_arrive_does_not_matter(tmp_path: Path) -> None:
    shuffled = training_rows().sample(frac=1, random_state=3)
    again = fit_rows(
        shuffled, trained_through=date(2025, 11, 4), models=tmp_path / "b", code_version="test",
        progress=lambda *_: None,
    )  # fmt: skip
    assert again.row["checksum"].iloc[0] == trained(tmp_path / "a").row["checksum"].iloc[0]


def test_training_again_keeps_the_artefact_that_is_there(tmp_path: Path) -> None:
    first = trained(tmp_path)
    again = trained(tmp_path)
    assert first.row.drop(columns="created_at").equals(again.row.drop(columns="created_at"))


def test_other_rows_make_another_model(tmp_path: Path) -> None:
    assert trained(tmp_path).artefact.model_id != trained(tmp_path, pace_score=1.0).artefact.model_id


def test_the_row_fits_the_registry_of_models(tmp_path: Path) -> None:
    model = trained(tmp_path)
    assert fits(model.row, "nba_predictions.ml_models")
    row = model.row.iloc[0]
    assert (tmp_path / row["artifact_path"]).is_file()
    assert (row["status"], row["system_id"], row["training_rows"]) == ("challenger", "xgboost_v1", 1200)
    assert 3 < row["validation_mae"] < 6
    assert row["residual_std"] == model.artefact.residual_std


def test_lines_and_shot_zones_do_not_reach_the_model(tmp_path: Path) -> None:
    rows = training_rows()
    moved = rows.assign(
        vegas_points_line=55.0, has_vegas_line=1.0, vegas_line_move=3.0, pct_paint=0.9, pct_mid_range=0.0
    )
    left, right = model_matrix(rows), model_matrix(moved)
    assert pd.DataFrame(left).equals(pd.DataFrame(right))
    assert len(UNUSED) == 7


def test_progress_is_told_in_every_round(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    fit_rows(
        training_rows(), trained_through=date(2025, 11, 4), models=tmp_path, code_version="test",
        progress=lambda done, total, _note="": told.append((done, total)),
    )  # fmt: skip
    assert [done for done, _ in told] == list(range(1, 601))
    assert {total for _, total in told} == {600}


def test_rows_after_the_training_date_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="after 2025-11-03"):
        fit_rows(
            training_rows(), trained_through=date(2025, 11, 3), models=tmp_path, code_version="test",
            progress=lambda *_: None,
        )  # fmt: skip


def test_too_few_rows_are_not_trained_on(tmp_path: Path) -> None:
    with pytest.raises(DataNotReady, match="100 training rows"):
        fit_rows(
            training_rows(100), trained_through=date(2025, 11, 4), models=tmp_path, code_version="test",
            progress=lambda *_: None,
        )  # fmt: skip


def test_a_tampered_model_file_is_refused_by_name(tmp_path: Path) -> None:
    model = trained(tmp_path)
    name, checksum = model.artefact.model_id, str(model.row["checksum"].iloc[0])
    file = tmp_path / name / "model.ubj"
    file.write_bytes(file.read_bytes() + b"0")
    with pytest.raises(ModelIntegrityError, match=name):
        load_artefact(tmp_path, name, checksum)


def test_tampered_metadata_is_refused_by_name(tmp_path: Path) -> None:
    model = trained(tmp_path)
    name, checksum = model.artefact.model_id, str(model.row["checksum"].iloc[0])
    edit(tmp_path, name, residual_std=0.1)
    with pytest.raises(ModelIntegrityError, match=f"{name}: metadata.json does not agree"):
        load_artefact(tmp_path, name, checksum)


def test_a_missing_artefact_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelIntegrityError, match="gone"):
        load_artefact(tmp_path, "gone", "0")


def test_a_model_of_another_contract_is_refused_naming_both(tmp_path: Path) -> None:
    model = trained(tmp_path)
    name, checksum = model.artefact.model_id, str(model.row["checksum"].iloc[0])
    edit(tmp_path, name, feature_version="v3_40features")
    with pytest.raises(FeatureContractViolation, match=r"v3_40features.*v2_33features"):
        load_artefact(tmp_path, name, checksum)
    edit(tmp_path, name, feature_version="v2_33features", feature_names=[*FEATURE_NAMES, "career_games"])
    with pytest.raises(FeatureContractViolation, match="career_games"):
        load_artefact(tmp_path, name, checksum)
    edit(tmp_path, name, feature_names=list(FEATURE_NAMES), unused_features=["injury_risk"])
    with pytest.raises(FeatureContractViolation, match=r"left out than injury_risk, .*; train it again"):
        load_artefact(tmp_path, name, checksum)


@needs_data
def test_games_after_the_training_date_change_nothing(tmp_path: Path) -> None:
    season = summaries("2023-24")
    through = date(2023, 12, 31)
    changed = dict(season)
    games = season["player_games"].copy()
    games.loc[games["game_date"] > pd.Timestamp(through), "points"] += 20
    changed["player_games"] = games
    checksums = [
        train_model(
            given["player_games"], given["team_offense"], given["team_defense"], trained_through=through,
            models=tmp_path, code_version="test", progress=lambda *_: None,
        ).row["checksum"].iloc[0]
        for given in (season, changed)
    ]  # fmt: skip
    assert checksums[0] == checksums[1]
