"""`zone_matchup_v1`: his usual points, moved by how today's opponent defends where he scores from.

    base = half of the season's average, half of the exponentially weighted one
    mean = base x (1 + sum over zones of share x weakness / 100 x weight) + 0.4 pace + venue + tired

Zones: paint and mid-range (the opponent's two-point weakness), three (its three-point weakness), free throw
(its fouling), each a percentage against the league's over 15 games, positive where the opponent is weak; the
shares are of his last ten games. Weights: paint 1.2, mid-range 1.0, three 1.1, free throw 0.8; venue +0.8 at
home, -0.8 away; tired -1.5 below a fatigue score of 30 and -0.8 below 50. A zone moves the mean by 15 % at
most. Inputs: eleven features, points_ewma and the three zone inputs of `shared.inputs`; no line.

Source: the old system's zone_matchup_v1 (original-system.md section 3), which used the overall defensive
rating for every zone and read fatigue upside down. Paint and mid-range are stood in for where no shot chart
is at hand (see `activities.precompute.zones`).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from activities.predictions.systems.base import (
    SystemSpec,
    Workshop,
    column,
    forecast,
    input_confidence,
    usual_spread,
)

SYSTEM_ID = "zone_matchup_v1"

ZONES = {
    "pct_paint": ("two_pt_vs_league_avg", 1.2),
    "pct_mid_range": ("two_pt_vs_league_avg", 1.0),
    "pct_three": ("three_pt_vs_league_avg", 1.1),
    "pct_free_throw": ("ft_rate_vs_league_avg", 0.8),
}
MOST = 0.15
PACE = 0.4
VENUE = 0.8


class ZoneMatchup:
    """The system; it has no state."""

    system_id = SYSTEM_ID
    model_id: str | None = None

    def predict(self, inputs: pd.DataFrame, _members: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
        """See the module's formula. An unknown weakness is none."""
        season = column(inputs, "points_avg_season")
        base = 0.5 * season + 0.5 * column(inputs, "points_ewma", season)
        fatigue = column(inputs, "fatigue_score")
        parts = {"usual points": base}
        for share, (weakness, weight) in ZONES.items():
            moved = column(inputs, share, 0.0) * column(inputs, weakness, 0.0) / 100.0 * weight
            parts[share] = base * np.clip(moved, -MOST, MOST)
        parts["pace_score"] = PACE * column(inputs, "pace_score")
        parts["home_away"] = np.where(column(inputs, "home_away") >= 0.5, VENUE, -VENUE)
        parts["fatigue_score"] = np.where(fatigue < 30, -1.5, np.where(fatigue < 50, -0.8, 0.0))
        table = pd.DataFrame(parts, index=inputs.index)
        mean = table.to_numpy() @ np.ones(len(parts))
        return forecast(
            inputs.index, mean, usual_spread(mean, column(inputs, "points_std_last_10")),
            input_confidence(inputs), table.to_dict("records"),
            [f"usual {usual:.1f}, matchup {all_ - usual:+.1f}"
             for usual, all_ in zip(base, mean, strict=True)],
        )  # fmt: skip


def _ready(_workshop: Workshop) -> ZoneMatchup:
    return ZoneMatchup()


SPEC = SystemSpec(SYSTEM_ID, _ready)
