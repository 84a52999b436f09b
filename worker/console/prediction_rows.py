"""A day's predictions by player: the five systems beside each other, and the call with its reason."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from markupsafe import Markup

from activities.operations.status import latest_date
from warehouse.protocol import Warehouse
from worker.console.ridge import reach, ridge
from worker.console.rows import Row, plain

PREDICTIONS = "nba_predictions.player_prop_predictions"
WITHHELD = "nba_predictions.withheld_players"
RESULTS = "nba_predictions.prediction_results"

LEADING = ("ensemble_v1", "xgboost_v1")
"""Whose call stands for the player, the first that predicted; as in `tipoff predictions`."""

CALLS = ("OVER", "UNDER", "PASS", "NO_LINE")

COLUMNS = (
    "game_date", "prediction_id", "game_id", "player_id", "player_name", "team_abbr", "opponent_abbr",
    "is_home", "tip_time", "system_id", "model_id", "predicted_points", "predicted_mean", "predicted_std",
    "prob_over", "confidence_score", "feature_quality_score", "points_line", "line_source", "books",
    "sportsbook", "over_price", "under_price", "line_last_update", "recommendation", "reason", "quantiles",
    "market_prob_over", "calibration", "contributions", "as_of", "created_at",
)  # fmt: skip


@dataclass
class PlayerCard:
    """A player in one game, and what each system says."""

    systems: dict[str, Row]
    outcomes: dict[str, Row] = field(default_factory=dict)

    @property
    def lead(self) -> Row:
        """The prediction whose call stands for him."""
        for system in LEADING:
            if system in self.systems:
                return self.systems[system]
        return self.systems[min(self.systems)]

    @property
    def game(self) -> str:
        """`LAC @ PHX`."""
        home, away = self.lead["team_abbr"], self.lead["opponent_abbr"]
        return f"{away} @ {home}" if self.lead["is_home"] else f"{home} @ {away}"

    @property
    def call(self) -> str:
        """OVER, UNDER, PASS or NO_LINE."""
        return str(self.lead["recommendation"])

    @property
    def line(self) -> float | None:
        """The consensus line."""
        found: float | None = self.lead["points_line"]
        return found

    @property
    def price(self) -> float | None:
        """The best price of the side that is called or, for a PASS, likelier."""
        over = self.call == "OVER" or (self.call == "PASS" and (self.lead["prob_over"] or 0) >= 0.5)
        found: float | None = self.lead["over_price" if over else "under_price"]
        return found

    @property
    def price_side(self) -> str:
        """Which side the price is of."""
        over = self.call == "OVER" or (self.call == "PASS" and (self.lead["prob_over"] or 0) >= 0.5)
        return "over" if over else "under"

    @property
    def snapshot_age(self) -> float | None:
        """Seconds from the line's last change to the day's own morning."""
        updated: datetime | None = self.lead["line_last_update"]
        return (self.lead["as_of"] - updated).total_seconds() if updated else None

    @property
    def spread(self) -> float:
        """Points between the highest and the lowest system."""
        points = [row["predicted_points"] for row in self.systems.values()]
        return float(max(points) - min(points))

    @property
    def actual(self) -> int | None:
        """What he scored, once it was graded."""
        graded = self.outcomes.get(self.lead["system_id"])
        return int(graded["actual_points"]) if graded and graded["actual_points"] is not None else None

    def drawn(self) -> list[tuple[str, Row, Markup]]:
        """Each system's name, prediction and distribution, on one axis."""
        top = reach([row["quantiles"] or () for row in self.systems.values()], self.line)
        found = []
        for system, row in sorted(self.systems.items()):
            over = "" if row["prob_over"] is None else f", P(over) {row['prob_over']:.2f}"
            line = "" if self.line is None else f"; line {self.line:g}"
            said = f"{system}: median {row['predicted_points']:.1f} points{over}{line}"
            drawing = ridge(row["quantiles"] or (), self.line, row["predicted_points"], top, said)
            found.append((system, row, drawing))
        return found

    def contributions(self) -> list[tuple[str, float]]:
        """What the leading prediction's mean is made of, the largest first."""
        try:
            told = json.loads(self.lead["contributions"] or "{}")
        except ValueError:
            return []
        items = [(str(name), float(value)) for name, value in told.items() if isinstance(value, int | float)]
        return sorted(items, key=lambda item: -abs(item[1]))[:6]


@dataclass(frozen=True)
class DayPredictions:
    """What there is for one date."""

    day: date
    cards: tuple[PlayerCard, ...]
    withheld: tuple[Row, ...]
    latest: date | None

    @property
    def games(self) -> list[str]:
        """The day's games."""
        return sorted({card.game for card in self.cards})


def read_predictions(warehouse: Warehouse, day: date | None) -> DayPredictions:
    """The active predictions of a date, without one of the latest; and who was withheld, and why."""
    latest = latest_date(warehouse, PREDICTIONS)
    chosen = day or latest
    if chosen is None:
        return DayPredictions(date.min, (), (), None)
    frame = warehouse.read(PREDICTIONS, columns=[*COLUMNS, "is_active"], dates=[chosen])
    active = plain(frame.loc[frame["is_active"].to_numpy(dtype=bool)])
    graded = plain(
        warehouse.read(
            RESULTS,
            columns=["prediction_id", "actual_points", "outcome", "prediction_correct", "is_void"],
            dates=[chosen],
        )
    )
    results = {row["prediction_id"]: row for row in graded}
    cards: dict[tuple[Any, ...], PlayerCard] = {}
    for row in active:
        card = cards.setdefault((row["player_id"], row["game_id"], row["points_line"]), PlayerCard({}))
        card.systems[row["system_id"]] = row
        if row["prediction_id"] in results:
            card.outcomes[row["system_id"]] = results[row["prediction_id"]]
    withheld = plain(warehouse.read(WITHHELD, dates=[chosen]))
    return DayPredictions(chosen, tuple(cards.values()), tuple(withheld), latest)


SORTS: dict[str, Callable[[PlayerCard], Any]] = {
    "line": lambda c: (c.line is None, -(c.line or 0.0), -c.lead["predicted_points"]),
    "name": lambda c: c.lead["player_name"],
    "game": lambda c: (c.game, c.line is None, -(c.line or 0.0)),
    "call": lambda c: (CALLS.index(c.call) if c.call in CALLS else 9, -(c.line or 0.0)),
    "edge": lambda c: -abs((c.lead["prob_over"] or 0.5) - (c.lead["market_prob_over"] or 0.5)),
    "disagreement": lambda c: -c.spread,
}
"""By what players are ordered; `edge` is the distance from the market's P(over)."""


def chosen_cards(
    cards: Sequence[PlayerCard], *, search: str, game: str, call: str, sort: str
) -> list[PlayerCard]:
    """Those that the page was asked for, in the order asked for."""
    wanted = search.casefold()
    found = [
        card
        for card in cards
        if wanted in f"{card.lead['player_name']} {card.lead['team_abbr']}".casefold()
        and (not game or card.game == game)
        and (not call or card.call == call)
    ]
    return sorted(found, key=lambda c: (SORTS[sort](c), c.lead["player_name"], c.lead["player_id"]))
