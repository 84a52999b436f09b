"""Any number of files under any names, cut anywhere between two dates, is one record."""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest

from replay.league import Season
from replay.recorded import RecordedLeague
from replay.recorded_files import BadDataError, scan
from tests.replay.conftest import data_dir

SEASONS = ("2024-25", "2025-26")
CUTS = {
    "box_scores": ("2024-12-19", "2025-10-22", "2025-11-07", "2025-11-08"),
    "box_scores_second_source": ("2025-10-30", "2025-11-12"),
    "points_lines": ("2024-12-19", "2025-10-25", "2025-11-07"),
}
ODD_NAMES = ("zz later (3)", "2099-00", "a.b", "Early", "_")

pytestmark = pytest.mark.skipif(not data_dir().is_dir(), reason="no recorded data")


@pytest.fixture(scope="module")
def cut(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two recorded seasons, cut across their boundary into files of other names; numbers as floats."""
    root = tmp_path_factory.mktemp("cut")
    for path in data_dir().glob("*.parquet"):
        (root / path.name).symlink_to(path)
    for kind, cuts in CUTS.items():
        folder = root / kind
        folder.mkdir()
        recent = []
        for path in sorted((data_dir() / kind).glob("*.parquet")):
            if path.name < SEASONS[0]:
                (folder / path.name).symlink_to(path)
            else:
                recent.append(pd.read_parquet(path))
        whole = pd.concat(recent)
        edges = [pd.Timestamp.min, *map(pd.Timestamp, cuts), pd.Timestamp.max]
        for name, (first, end) in zip(ODD_NAMES, pairwise(edges), strict=False):
            part = whole[(whole["game_date"] >= first) & (whole["game_date"] < end)]
            # As a frame that has lost its nullable types writes them.
            counts = part.select_dtypes("integer").columns
            part.astype(dict.fromkeys(counts, "float64")).to_parquet(folder / f"{name}.parquet")
        whole.head(0).to_parquet(folder / "empty.parquet")
    return root


@pytest.mark.parametrize("label", SEASONS)
def test_files_cut_at_other_dates_under_other_names_serve_the_same_season(cut: Path, label: str) -> None:
    served, whole = (RecordedLeague(root).season(label) for root in (cut, data_dir()))
    assert served is not None
    assert whole is not None
    for field in fields(Season):
        if field.compare:
            assert getattr(served, field.name) == getattr(whole, field.name), field.name
    ids = {type(row.person_id) for rows in served.box.values() for row in rows}
    assert ids == {int}, "an id on the wire is a whole number"


def test_a_date_in_two_files_names_both_whatever_they_are_called(cut: Path, tmp_path: Path) -> None:
    for path in cut.iterdir():
        (tmp_path / path.name).symlink_to(path)
    (tmp_path / "points_lines").unlink()
    folder = tmp_path / "points_lines"
    folder.mkdir()
    for path in (cut / "points_lines").iterdir():
        (folder / path.name).symlink_to(path)
    lines = pd.read_parquet(folder / "Early.parquet")
    day = date(2025, 11, 12)
    lines[lines["game_date"] == pd.Timestamp(day)].to_parquet(folder / "added.parquet")
    with pytest.raises(BadDataError, match=r"points_lines: 2025-11-12 .*Early\.parquet and added\.parquet"):
        scan(tmp_path)
