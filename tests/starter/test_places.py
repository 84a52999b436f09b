"""Which source follows from what is there, and where the data is looked for."""

from __future__ import annotations

import pytest

from shared.errors import BadRequest
from starter import places


@pytest.fixture
def data(tmp_path):
    (tmp_path / "data" / "box_scores").mkdir(parents=True)
    return tmp_path / "data"


def test_recorded_is_used_when_found_else_simulated(data):
    assert places.choose_source(None, data, {}) == "recorded"
    assert places.choose_source(None, None, {}) == "simulated"


def test_the_option_wins_over_the_environment(data):
    environ = {"TIPOFF_SOURCE": "live"}
    assert places.choose_source("simulated", data, environ) == "simulated"
    assert places.choose_source(None, data, environ) == "live"


def test_recorded_without_data_says_what_helps():
    with pytest.raises(BadRequest, match="--data or TIPOFF_DATA"):
        places.choose_source("recorded", None, {})


def test_data_is_the_option_else_the_environment_else_beside_the_project(data, tmp_path, monkeypatch):
    assert places.find_data(data, {"TIPOFF_DATA": "/nonexistent"}) == data
    assert places.find_data(None, {"TIPOFF_DATA": str(data)}) == data
    monkeypatch.setattr(places, "PROJECT", tmp_path / "project")
    assert places.find_data(None, {}) is None
    (tmp_path / "shared").mkdir()
    data.rename(tmp_path / "shared" / "data")
    assert places.find_data(None, {}) == tmp_path / "shared" / "data"


def test_a_named_folder_without_data_is_an_error(tmp_path):
    with pytest.raises(BadRequest, match="box_scores"):
        places.find_data(tmp_path, {})
