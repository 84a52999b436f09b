"""The reference of the features is what the code says."""

from pathlib import Path

from activities.precompute.feature_reference import feature_reference
from shared.features import FEATURES
from shared.inputs import INPUT_NAMES

FILE = Path(__file__).parents[2] / "docs" / "features.md"


def test_the_file_is_what_the_contract_says() -> None:
    remedy = "run `python -m activities.precompute.feature_reference > docs/features.md`"
    assert FILE.read_text(encoding="utf-8") == feature_reference(), remedy


def test_every_feature_and_declared_input_has_a_row_in_order() -> None:
    rows = [line for line in feature_reference().splitlines() if line.startswith("| ") and "| `" in line]
    named = [row.split("`")[1] for row in rows]
    assert named[: len(FEATURES)] == [spec.name for spec in FEATURES]
    assert named[len(FEATURES) :] == list(INPUT_NAMES)
