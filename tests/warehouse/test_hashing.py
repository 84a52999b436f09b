"""The content hash depends on the rows alone."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

from tests.warehouse.samples import D2, KINDS, NOON, kinds, sample_schemas
from warehouse.frames import validated
from warehouse.hashing import content_hash

SCHEMA = sample_schemas()[KINDS]


def digest(frame: pd.DataFrame) -> str:
    return content_hash(validated(frame, SCHEMA), SCHEMA)


def test_the_order_of_rows_and_columns_does_not_matter() -> None:
    frame = pd.concat([kinds(1), kinds(2, text="other", number=None), kinds(3, on=D2)])
    shuffled = frame.sample(frac=1, random_state=1)[list(frame.columns[::-1])]
    assert digest(frame) == digest(shuffled)


def test_volatile_columns_do_not_matter() -> None:
    assert digest(kinds(1)) == digest(kinds(1, made_at=NOON + dt.timedelta(days=1)))


@pytest.mark.parametrize(
    "other",
    [
        {"text": None}, {"text": ""}, {"number": 0.30000000000000004}, {"number": None}, {"whole": 0},
        {"exact": Decimal("1.500000001")}, {"truth": False}, {"truth": None}, {"day": D2},
        {"moment": NOON + dt.timedelta(microseconds=1)}, {"floats": []}, {"floats": [0.1]}, {"texts": ["a,"]},
    ],
)  # fmt: skip
def test_any_other_value_matters(other: dict[str, Any]) -> None:
    assert digest(kinds(1)) != digest(kinds(1, **other))


def test_null_is_not_the_same_as_zero_or_nothing_but_the_two_zeros_are_one() -> None:
    assert digest(kinds(1, number=None)) != digest(kinds(1, number=0.0))
    assert digest(kinds(1, text=None)) != digest(kinds(1, text=""))
    assert digest(kinds(1, number=-0.0)) == digest(kinds(1, number=0.0))


def test_texts_do_not_run_into_each_other() -> None:
    one = pd.concat([kinds(1, text="ab"), kinds(2, text="c")])
    two = pd.concat([kinds(1, text="a"), kinds(2, text="bc")])
    assert digest(one) != digest(two)
