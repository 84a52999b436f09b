"""Incidents of the feature vectors and of the models that read them."""

from __future__ import annotations

import pytest

from shared import features
from shared.errors import FeatureContractViolation
from shared.features import FEATURE_COUNT, FEATURE_NAMES, FEATURE_VERSION, FEATURES
from tests.incidents.incident import incident


def _lengths_unseen(monkeypatch: pytest.MonkeyPatch) -> None:
    """What stood there then: surplus values cut off, before anything looks at them."""
    kept = features.check_vector
    monkeypatch.setattr(
        features, "check_vector", lambda names, values, version: kept(names, values[:FEATURE_COUNT], version)
    )


@incident(
    2, "34 values under 33 names",
    prevented="A vector without one value a name is refused, at write and at read; nothing is truncated",
    fix_out=_lengths_unseen, fails_with="DID NOT RAISE",
)  # fmt: skip
def test_incident_2_an_array_of_34_values_under_33_names_is_refused() -> None:
    values = [spec.default for spec in FEATURES]
    features.check_vector(FEATURE_NAMES, values, FEATURE_VERSION)
    with pytest.raises(FeatureContractViolation, match="34 values under 33 feature names"):
        features.check_vector(FEATURE_NAMES, [*values, 1.0], FEATURE_VERSION)
