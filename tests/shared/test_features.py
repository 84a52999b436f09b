import math
from dataclasses import replace

import pytest

from shared import features
from shared.errors import FeatureContractViolation
from shared.features import (
    FEATURE_COUNT,
    FEATURE_NAMES,
    FEATURE_VERSION,
    FEATURES,
    FROZEN,
    FeatureSpec,
    check_contract,
    check_names,
    check_vector,
    contract_checksum,
)

GOOD = [spec.default for spec in FEATURES]


def _with(name: str, value: float) -> list[float]:
    values = list(GOOD)
    values[FEATURE_NAMES.index(name)] = value
    return values


def test_the_contract_has_33_features_in_the_designs_order() -> None:
    assert FEATURE_VERSION == "v2_33features"
    assert FEATURE_COUNT == len(set(FEATURE_NAMES)) == 33
    assert FEATURE_NAMES[0] == "points_avg_last_5"
    assert FEATURE_NAMES[5] == "fatigue_score"
    assert FEATURE_NAMES[25:29] == (
        "vegas_points_line", "vegas_opening_line", "vegas_line_move", "has_vegas_line",
    )  # fmt: skip
    assert FEATURE_NAMES[-2:] == ("minutes_avg_last_10", "ppm_avg_last_10")


def test_every_default_lies_within_its_own_bounds() -> None:
    check_vector(FEATURE_NAMES, GOOD, FEATURE_VERSION)


def test_a_34_value_vector_is_refused_naming_the_surplus_feature() -> None:
    with pytest.raises(FeatureContractViolation, match=r"34 feature names.*surplus: career_games"):
        check_vector([*FEATURE_NAMES, "career_games"], [*GOOD, 7.0], FEATURE_VERSION)


def test_34_values_under_33_names_are_refused_not_truncated() -> None:
    with pytest.raises(FeatureContractViolation, match=r"34 values under 33.*after ppm_avg_last_10"):
        check_vector(FEATURE_NAMES, [*GOOD, 1.0], FEATURE_VERSION)


def test_a_missing_value_is_refused_naming_the_first_feature_without_one() -> None:
    with pytest.raises(FeatureContractViolation, match="missing from ppm_avg_last_10 on"):
        check_vector(FEATURE_NAMES, GOOD[:-1], FEATURE_VERSION)


def test_two_features_that_changed_places_are_refused() -> None:
    names = list(FEATURE_NAMES)
    names[3], names[4] = names[4], names[3]
    with pytest.raises(FeatureContractViolation, match="feature 3 is games_in_last_7_days"):
        check_names(names, FEATURE_VERSION)


def test_a_feature_named_twice_is_refused() -> None:
    with pytest.raises(FeatureContractViolation, match="home_away is named twice"):
        check_names([*FEATURE_NAMES, "home_away"], FEATURE_VERSION)


def test_another_version_is_refused_even_with_the_right_names() -> None:
    with pytest.raises(FeatureContractViolation, match="'v3', expected 'v2_33features'"):
        check_vector(FEATURE_NAMES, GOOD, "v3")


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_value_that_is_not_a_number_is_refused_by_name(value: float) -> None:
    with pytest.raises(FeatureContractViolation, match="pace_score is"):
        check_vector(FEATURE_NAMES, _with("pace_score", value), FEATURE_VERSION)


def test_a_fatigue_adjustment_in_place_of_the_score_is_refused() -> None:
    with pytest.raises(FeatureContractViolation, match=r"fatigue_score is -2.0, outside 0..100"):
        check_vector(FEATURE_NAMES, _with("fatigue_score", -2.0), FEATURE_VERSION)


def test_the_checksum_is_stable_so_that_models_of_this_contract_stay_valid() -> None:
    # A change here means every trained model is orphaned: make a new version instead.
    assert contract_checksum() == ("28d204792ee2eef4685eb5a42a0d311197582a17358d2336877a4aa26857830f")


def _in_force(monkeypatch: pytest.MonkeyPatch, contract: tuple[FeatureSpec, ...]) -> None:
    names = tuple(spec.name for spec in contract)
    monkeypatch.setattr(features, "FEATURES", contract)
    monkeypatch.setattr(features, "FEATURE_NAMES", names)
    monkeypatch.setattr(features, "FEATURE_COUNT", len(contract))


CAREER_GAMES = FeatureSpec("career_games", "games of his career", "games", "a.b", 0.0, 0, 2_000)


def test_the_contract_in_force_is_the_frozen_one() -> None:
    check_contract()
    assert FROZEN[FEATURE_VERSION] == (FEATURE_COUNT, contract_checksum())


@pytest.mark.parametrize("place", [0, 17, 33])
def test_a_34th_feature_under_the_same_version_is_refused_everywhere_and_named(
    monkeypatch: pytest.MonkeyPatch, place: int
) -> None:
    grown = (*FEATURES[:place], CAREER_GAMES, *FEATURES[place:])
    _in_force(monkeypatch, grown)
    names = [spec.name for spec in grown]
    wanted = (
        r"v2_33features: 34 features, frozen with 33; surplus: career_games; .*trained and promoted first"
    )
    with pytest.raises(FeatureContractViolation, match=wanted):
        check_contract()
    with pytest.raises(FeatureContractViolation, match=wanted):
        check_names(names, FEATURE_VERSION)
    with pytest.raises(FeatureContractViolation, match=wanted):
        check_vector(names, [spec.default for spec in grown], FEATURE_VERSION)


def test_a_removed_feature_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    _in_force(monkeypatch, FEATURES[:-1])
    with pytest.raises(FeatureContractViolation, match="32 features, frozen with 33"):
        check_contract()


def test_a_changed_bound_under_the_same_version_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    _in_force(monkeypatch, (replace(FEATURES[0], upper=90), *FEATURES[1:]))
    with pytest.raises(FeatureContractViolation, match=r"checksum is .* frozen with 28d204792ee2"):
        check_contract()


def test_a_version_that_was_never_frozen_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(features, "FEATURE_VERSION", "v3_34features")
    with pytest.raises(FeatureContractViolation, match="v3_34features: not frozen"):
        check_contract()


def test_what_a_slate_may_share_is_no_part_of_the_checksum(monkeypatch: pytest.MonkeyPatch) -> None:
    _in_force(monkeypatch, (replace(FEATURES[0], may_be_constant="for a test"), *FEATURES[1:]))
    check_contract()
