"""What prediction systems may read beside the 33 features: declared, named, and nothing else.

The feature contract stays what it is; these come straight from the precomputed tables of the same morning. A
model artefact carries the names it was trained with. A value may be unknown (NaN): each system says what it
does then.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class InputSpec:
    """One declared input: what it means and the column that gives it."""

    name: str
    meaning: str
    unit: str
    source: str
    """`dataset.table.column`."""


_CACHE = "nba_precompute.player_daily_cache"
_DEFENSE = "nba_precompute.team_defense_zone_analysis"
_SIMILAR = "nba_precompute.player_similar_games"

MODEL_INPUTS: Final[tuple[InputSpec, ...]] = (
    InputSpec("points_ewma", "exponentially weighted mean of points, alpha 0.10", "points",
              f"{_CACHE}.points_ewma"),
    InputSpec("minutes_ewma", "exponentially weighted mean of minutes, alpha 0.30", "minutes",
              f"{_CACHE}.minutes_ewma"),
    InputSpec("shots_ewma", "exponentially weighted mean of field goal attempts, alpha 0.10", "attempts",
              f"{_CACHE}.shots_ewma"),
    InputSpec("minutes_last_game", "minutes of his latest game", "minutes",
              f"{_CACHE}.minutes_last_game"),
    InputSpec("minutes_std_last_10", "sample standard deviation of minutes, last 10 games", "minutes",
              f"{_CACHE}.minutes_std_last_10"),
    InputSpec("days_since_last_game", "days since his latest game within three years", "days",
              f"{_CACHE}.last_game_date"),
    InputSpec("games_played_season", "his games this season", "games",
              f"{_CACHE}.games_played_season"),
)  # fmt: skip
"""Read by `xgboost_v1` beside the features."""

ZONE_INPUTS: Final[tuple[InputSpec, ...]] = (
    InputSpec("two_pt_vs_league_avg", "two-point percentage the opponent allows, less the league's",
              "percentage points", f"{_DEFENSE}.two_pt_vs_league_avg"),
    InputSpec("three_pt_vs_league_avg", "three-point percentage the opponent allows, less the league's",
              "percentage points", f"{_DEFENSE}.three_pt_vs_league_avg"),
    InputSpec("ft_rate_vs_league_avg", "free throws per shot the opponent allows, less the league's",
              "hundredths", f"{_DEFENSE}.ft_rate_vs_league_avg"),
)  # fmt: skip
"""Read by `zone_matchup_v1`."""

SIMILAR_INPUTS: Final[tuple[InputSpec, ...]] = (
    InputSpec("similar_games", "his past games in like circumstances", "games",
              f"{_SIMILAR}.similar_games"),
    InputSpec("similar_score", "their mean similarity", "score 70-100", f"{_SIMILAR}.similar_score"),
    InputSpec("similar_margin", "points in them less his average then, weighted by similarity", "points",
              f"{_SIMILAR}.similar_margin"),
)  # fmt: skip
"""Read by `similarity_v1`."""

INPUTS: Final = MODEL_INPUTS + ZONE_INPUTS + SIMILAR_INPUTS
MODEL_INPUT_NAMES: Final = tuple(spec.name for spec in MODEL_INPUTS)
INPUT_NAMES: Final = tuple(spec.name for spec in INPUTS)


def inputs_checksum() -> str:
    """SHA-256 over names and units of the model's declared inputs, in order, hexadecimal."""
    lines = [f"{spec.name}|{spec.unit}" for spec in MODEL_INPUTS]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
