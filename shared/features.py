"""The feature contract `v2_33features`: 33 names in order, and what each promises.

Phase 4 writes no vector that breaks it, phase 5 and the models read none. Adding, removing or
reordering a feature makes a new version beside this one, never a change of this one: an array of 34
values under 33 names once cost two days of predictions.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from shared.errors import FeatureContractViolation

FEATURE_VERSION: Final = "v2_33features"

FROZEN: Final[dict[str, tuple[int, str]]] = {
    "v2_33features": (33, "28d204792ee2eef4685eb5a42a0d311197582a17358d2336877a4aa26857830f"),
}
"""By version: how many features it has, and its contract's checksum. An entry is added, never edited."""

Recorded = Literal["computed", "proxy", "unavailable"]
"""What the recorded seasons can give: the feature itself, a stand-in for it, or nothing."""


@dataclass(frozen=True, eq=False)
class FeatureSpec:
    """One feature: what it means, where it comes from and what values it may take.

    Equal to itself alone: a contract is looked up by its features for every vector that is checked.
    """

    name: str
    meaning: str
    unit: str
    source: str
    """The table that gives it, `dataset.table`."""
    default: float
    """Used, and marked as such, where the source has no value."""
    lower: float
    upper: float
    """Inclusive bounds. A value outside is a fault of its producer, so the vector is refused."""
    recorded: Recorded = "computed"
    may_be_constant: str = ""
    """Why a whole slate may share one value; empty: it may not, one value for everyone is a fault."""


_CACHE = "nba_precompute.player_daily_cache"
_FACTORS = "nba_precompute.player_composite_factors"
_SHOTS = "nba_precompute.player_shot_zone_analysis"
_DEFENSE = "nba_precompute.team_defense_zone_analysis"
_PLAYER = "nba_analytics.upcoming_player_game_context"
_TEAM = "nba_analytics.upcoming_team_game_context"


FEATURES: Final[tuple[FeatureSpec, ...]] = (
    FeatureSpec("points_avg_last_5", "mean points of his last 5 games", "points", _CACHE, 10.0, 0, 100),
    FeatureSpec("points_avg_last_10", "mean points of his last 10 games", "points", _CACHE, 10.0, 0, 100),
    FeatureSpec(
        "points_avg_season",
        "mean points this season; before its first game, of his last 20 games",
        "points", _CACHE, 10.0, 0, 100,
    ),
    FeatureSpec(
        "points_std_last_10", "sample standard deviation of points, last 10 games",
        "points", _CACHE, 5.0, 0, 60,
    ),
    FeatureSpec(
        "games_in_last_7_days", "his games in the seven days before", "games", _PLAYER, 3.0, 0, 7
    ),
    FeatureSpec("fatigue_score", "freshness; 100 is fresh", "score 0-100", _FACTORS, 50.0, 0, 100),
    FeatureSpec(
        "shot_zone_mismatch_score",
        "how weak the opponent is where he shoots; positive favours him",
        "percentage points, -10..10", _FACTORS, 0.0, -10, 10,
    ),
    FeatureSpec(
        "pace_score", "half the opponent's pace less his team's; positive is a faster game",
        "possessions per 48 minutes, -3..3", _FACTORS, 0.0, -3, 3,
    ),
    FeatureSpec(
        "usage_spike_score", "expected usage less that of his last 7 games, times 0.3",
        "percentage points, -3..3", _FACTORS, 0.0, -3, 3,
    ),
    FeatureSpec(
        "rest_advantage", "his days of rest less the opponent's", "days, -2..2", _FACTORS, 0.0, -2, 2
    ),
    FeatureSpec(
        "injury_risk", "0 available, 1 probable, 2 questionable, 3 doubtful or out",
        "level 0-3", _FACTORS, 0.0, 0, 3, "unavailable",
        may_be_constant="the recorded seasons have no injury reports",
    ),
    FeatureSpec(
        "recent_trend",
        "mean points of his latest 3 games less that of the 2 before; positive is rising",
        "bucket -2..2 at 2 and 5 points", _CACHE, 0.0, -2, 2,
    ),
    FeatureSpec(
        "minutes_change", "minutes of his last 5 games against his season's; positive is more",
        "bucket -2..2 at 10 and 20 percent", _CACHE, 0.0, -2, 2,
    ),
    FeatureSpec(
        "opponent_def_rating", "points the opponent allows, mean of its last 15 games",
        "points per 100 possessions", _DEFENSE, 112.0, 40, 220,
    ),
    FeatureSpec(
        "opponent_pace", "pace of the opponent's opponents, mean of its last 15 games",
        "possessions per 48 minutes", _DEFENSE, 100.0, 50, 180,
    ),
    FeatureSpec("home_away", "1 at home, 0 away", "flag", _PLAYER, 0.0, 0, 1),
    FeatureSpec(
        "back_to_back", "1 if he played yesterday", "flag", _PLAYER, 0.0, 0, 1,
        may_be_constant="nobody played the day before",
    ),
    FeatureSpec(
        "playoff_game", "1 in the playoffs", "flag", _PLAYER, 0.0, 0, 1,
        may_be_constant="a day is of one season type; recorded: regular season only",
    ),
    FeatureSpec(
        "pct_paint", "share of his shots from the paint, last 10 games (see Shot zones)",
        "share 0-1", _SHOTS, 0.46, 0, 1, "proxy",
    ),
    FeatureSpec(
        "pct_mid_range", "share of his shots from mid-range, last 10 games (see Shot zones)",
        "share 0-1", _SHOTS, 0.15, 0, 1, "proxy",
    ),
    FeatureSpec(
        "pct_three", "share of his shots that are threes, last 10 games", "share 0-1", _SHOTS, 0.39, 0, 1
    ),
    FeatureSpec(
        "pct_free_throw", "free-throw points per point, last 10 games, at most 0.5",
        "share 0-0.5", _SHOTS, 0.15, 0, 0.5,
    ),
    FeatureSpec(
        "team_pace", "his team's pace, mean of its last 10 games",
        "possessions per 48 minutes", _CACHE, 100.0, 50, 180,
    ),
    FeatureSpec(
        "team_off_rating", "his team's offence, mean of its last 10 games",
        "points per 100 possessions", _CACHE, 112.0, 40, 220,
    ),
    FeatureSpec(
        "team_win_pct", "his team's wins per game this season, from 5 games on",
        "share 0-1", _TEAM, 0.5, 0, 1,
    ),
    FeatureSpec(
        "vegas_points_line",
        "consensus points line; without one, his season average (never used as a line)",
        "points", _PLAYER, 15.0, 0, 100,
    ),
    FeatureSpec(
        "vegas_opening_line",
        "consensus line of the day's first stored snapshot; the current line where that is the first",
        "points", _PLAYER, 15.0, 0, 100, "unavailable",
    ),
    FeatureSpec(
        "vegas_line_move", "current line less the opening one; 0 where that is not known",
        "points", _PLAYER, 0.0, -50, 50, "unavailable",
        may_be_constant="a day whose lines were fetched once has no opening lines; recorded: always",
    ),
    FeatureSpec("has_vegas_line", "1 if any book offers a points line", "flag", _PLAYER, 0.0, 0, 1),
    FeatureSpec(
        "avg_points_vs_opponent",
        "mean points against today's opponent in three years; without a game, his season average",
        "points", _CACHE, 10.0, 0, 100,
    ),
    FeatureSpec(
        "games_vs_opponent", "games against today's opponent in three years", "games", _CACHE, 0.0, 0, 60
    ),
    FeatureSpec("minutes_avg_last_10", "mean minutes of his last 10 games", "minutes", _CACHE, 28.0, 0, 80),
    FeatureSpec(
        "ppm_avg_last_10", "mean of points per minute over his last 10 games",
        "points per minute", _CACHE, 0.4, 0, 20,
    ),
)  # fmt: skip

FEATURE_NAMES: Final[tuple[str, ...]] = tuple(spec.name for spec in FEATURES)
FEATURE_COUNT: Final = len(FEATURES)
_BY_NAME: Final = {spec.name: spec for spec in FEATURES}


def contract_checksum() -> str:
    """SHA-256 over version, names in order, units, defaults and bounds, hexadecimal.

    A model artefact carries it. The wording of a meaning is left out, so that a corrected comma
    does not orphan a trained model; so is what a slate may share, which changes no value.
    """
    return _checksum(FEATURE_VERSION, FEATURES)


def _checksum(version: str, features: Sequence[FeatureSpec]) -> str:
    lines = [version]
    lines += [f"{s.name}|{s.unit}|{s.default:g}|{s.lower:g}|{s.upper:g}" for s in features]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def check_contract() -> None:
    """Check that the contract in force is the one frozen under its version.

    Without it a feature appended under the same version would pass every other check, since those compare
    with the contract in force: names, vectors and checksum would all have grown together.

    Raises:
        FeatureContractViolation: names the surplus features, or says what else differs.
    """
    fault = _contract_fault(FEATURE_VERSION, FEATURES)
    if fault:
        raise FeatureContractViolation(fault)


@lru_cache(maxsize=4)
def _contract_fault(version: str, features: tuple[FeatureSpec, ...]) -> str:
    """What keeps these features from being the frozen ones; empty if they are. Asked for every vector."""
    if version not in FROZEN:
        return f"{version}: not frozen; add its count and checksum to FROZEN"
    count, checksum = FROZEN[version]
    if len(features) > count:
        return (
            f"{version}: {len(features)} features, frozen with {count}; surplus: "
            f"{', '.join(_surplus(version, features))}; a new feature makes a new version, trained and "
            "promoted first"
        )
    if len(features) < count:
        return f"{version}: {len(features)} features, frozen with {count}; a removal makes a new version"
    found = _checksum(version, features)
    if found != checksum:
        return (
            f"{version}: the contract's checksum is {found[:12]}, frozen with {checksum[:12]}; a changed "
            "name, order, unit, default or bound makes a new version"
        )
    return ""


def _surplus(version: str, features: tuple[FeatureSpec, ...]) -> list[str]:
    """The features without which the contract would be the frozen one; else those beyond its count."""
    count, checksum = FROZEN[version]
    if len(features) == count + 1:
        for place, spec in enumerate(features):
            if _checksum(version, features[:place] + features[place + 1 :]) == checksum:
                return [spec.name]
    return [spec.name for spec in features[count:]]


def check_names(names: Sequence[str], version: str) -> None:
    """Check that a version and its names, in order, are the contract's.

    Raises:
        FeatureContractViolation: the message names the version, or the first feature that is
            surplus, missing or out of place; or the contract in force is not the frozen one.
    """
    check_contract()
    if version != FEATURE_VERSION:
        raise FeatureContractViolation(f"feature version {version!r}, expected {FEATURE_VERSION!r}")
    if tuple(names) == FEATURE_NAMES:
        return
    surplus = [name for name in names if name not in FEATURE_NAMES]
    missing = [name for name in FEATURE_NAMES if name not in names]
    if surplus or missing:
        raise FeatureContractViolation(
            f"{FEATURE_VERSION}: {len(names)} feature names, expected {FEATURE_COUNT}"
            f"; surplus: {', '.join(surplus) or 'none'}; missing: {', '.join(missing) or 'none'}"
        )
    if len(names) != FEATURE_COUNT:
        twice = next(name for name in names if list(names).count(name) > 1)
        raise FeatureContractViolation(f"{FEATURE_VERSION}: the feature {twice} is named twice")
    place = next(n for n in range(FEATURE_COUNT) if names[n] != FEATURE_NAMES[n])
    raise FeatureContractViolation(
        f"{FEATURE_VERSION}: feature {place} is {names[place]}, expected {FEATURE_NAMES[place]}"
    )


def check_figure(name: str, value: float) -> None:
    """Check one feature's value where it is made. Unknown (NaN) is no value, and fits.

    Raises:
        FeatureContractViolation: the value is outside the feature's bounds, or infinite.
    """
    spec = _BY_NAME[name]
    if not math.isnan(value) and not spec.lower <= value <= spec.upper:
        raise FeatureContractViolation(
            f"{spec.name} is {value}, outside {spec.lower:g}..{spec.upper:g} ({spec.unit})"
        )


def check_vector(names: Sequence[str], values: Sequence[float], version: str) -> None:
    """Check one feature vector against the contract. Nothing is truncated, padded or clamped.

    Raises:
        FeatureContractViolation: wrong version, names or length, or a value that is not finite or
            is outside its bounds; the message names the feature.
    """
    check_names(names, version)
    if len(values) != FEATURE_COUNT:
        raise FeatureContractViolation(
            f"{FEATURE_VERSION}: {len(values)} values under {FEATURE_COUNT} feature names; "
            + (
                f"surplus after {FEATURE_NAMES[-1]}"
                if len(values) > FEATURE_COUNT
                else f"missing from {FEATURE_NAMES[len(values)]} on"
            )
        )
    for spec, value in zip(FEATURES, values, strict=True):
        if not math.isfinite(value):
            raise FeatureContractViolation(f"{spec.name} is {value}, not a number ({spec.unit})")
        if not spec.lower <= value <= spec.upper:
            raise FeatureContractViolation(
                f"{spec.name} is {value}, outside {spec.lower:g}..{spec.upper:g} ({spec.unit})"
            )
