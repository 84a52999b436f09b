"""How the predictions came out: every graded date of a season, by system, against the line.

What the figures mean: `activities.evaluation.graded`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from activities.evaluation.graded import (
    BUCKETS,
    Entry,
    by_group,
    by_month,
    calibration,
    daily_mean,
    outcome,
    priced,
    spread,
)
from activities.quality.checks import QUALITY
from shared.clock import season_of, season_start
from warehouse.protocol import Warehouse

PERFORMANCE = "nba_predictions.system_daily_performance"
RESULTS = "nba_predictions.prediction_results"
FEATURES = "nba_predictions.ml_feature_store_v2"

DRIFT_DATES = 15
"""Dates whose features are compared: the latest with those before it."""

_CALLS = (
    "SELECT game_date, system_id, COUNT(*) AS n, COUNTIF(recommendation = 'PASS') AS passes, "
    "COUNTIF(recommendation = 'NO_LINE') AS unlined, COUNTIF(is_void) AS voids, "
    "COUNTIF(outcome = 'push') AS pushes "
    f"FROM {RESULTS} WHERE game_date BETWEEN @first AND @last GROUP BY game_date, system_id "
    "ORDER BY game_date, system_id"
)
_CALIBRATION = (
    "SELECT system_id, ROUND(prob_over, 2) AS p, COUNT(*) AS n, COUNTIF(outcome = 'over') AS overs "
    f"FROM {RESULTS} WHERE game_date BETWEEN @first AND @last AND outcome IN ('over', 'under') "
    "AND prob_over IS NOT NULL GROUP BY system_id, ROUND(prob_over, 2) ORDER BY 1, 2"
)
_BETS = (
    "SELECT game_date, system_id, prediction_id, recommendation, points_line, over_price, under_price, "
    f"prediction_correct FROM {RESULTS} WHERE game_date BETWEEN @first AND @last "
    "AND recommendation IN ('OVER', 'UNDER') AND prediction_correct IS NOT NULL "
    "ORDER BY game_date, prediction_id"
)
_FINDINGS = (
    "SELECT check_name, status, COUNT(*) AS dates, MAX(game_date) AS latest "
    f"FROM {QUALITY} WHERE dataset = @dataset AND game_date BETWEEN @first AND @last "
    "GROUP BY check_name, status ORDER BY check_name, status"
)


@dataclass(frozen=True)
class Truth:
    """All figures of a season up to a date."""

    season: str
    first: date | None
    last: date | None
    systems: tuple[Entry, ...]
    """A row a system: errors with the line's on the same rows, calls, voids, bets."""
    months: dict[str, list[Entry]]
    """By system: error on rows with a line by month, as `svg.month_plot` takes it, with the line's."""
    curves: dict[str, list[Entry]]
    """By system: predicted and observed rate of over in bins of equal mass."""
    bets: tuple[Entry, ...]
    """A row a system, month and bucket of lines: bets, hit rate, return."""
    bets_by_month: dict[str, list[Entry]]
    """By system, as `svg.bets_plot` takes it."""
    bets_by_line: dict[str, list[Entry]]
    drift: tuple[Entry, ...]
    """A row a feature, the largest shift first."""
    drift_date: date | None
    findings: tuple[Entry, ...]
    """Checks of the feature store: how often each found something."""


def read_truth(warehouse: Warehouse) -> Truth:
    """The figures of the season of the latest graded date."""
    found = warehouse.query(f"SELECT MAX(game_date) AS latest FROM {PERFORMANCE}")["latest"].iloc[0]
    if pd.isna(found):
        drift_date, drift = read_drift(warehouse)
        return Truth("", None, None, (), {}, {}, (), {}, {}, drift, drift_date, ())
    last = pd.Timestamp(found).date()
    first = season_start(season_of(last))
    span: dict[str, object] = {"first": first, "last": last}
    daily = warehouse.read(PERFORMANCE, since=first, until=date.fromordinal(last.toordinal() + 1))
    bets = priced(warehouse.query(_BETS, span))
    bets_by_month, bets_by_line = by_group(bets)
    drift_date, drift = read_drift(warehouse)
    return Truth(
        season=season_of(last),
        first=pd.Timestamp(daily["game_date"].min()).date(),
        last=last,
        systems=tuple(_systems(daily, warehouse.query(_CALLS, span), bets)),
        months={str(s): by_month(rows) for s, rows in daily.groupby("system_id")},
        curves=calibration(warehouse.query(_CALIBRATION, span)),
        bets=tuple(_by_month_and_bucket(bets)),
        bets_by_month=bets_by_month,
        bets_by_line=bets_by_line,
        drift=drift,
        drift_date=drift_date,
        findings=tuple(warehouse.query(_FINDINGS, span | {"dataset": FEATURES}).to_dict("records")),
    )


def _systems(daily: pd.DataFrame, calls: pd.DataFrame, bets: pd.DataFrame) -> list[Entry]:
    found = []
    for system, rows in daily.groupby("system_id"):
        mae, _ = daily_mean(rows, "lined_mae", "lined")
        line, _ = daily_mean(rows, "line_mae", "lined")
        behind = daily_mean(rows.assign(gap=rows["lined_mae"] - rows["line_mae"]), "gap", "lined")
        brier, _ = daily_mean(rows, "brier", "lined")
        everyone, _ = daily_mean(rows, "mae", "graded")
        called = calls.loc[(calls["system_id"] == system).to_numpy(dtype=bool)]
        mine = bets.loc[(bets["system_id"] == system).to_numpy(dtype=bool)]
        lined = int(called["n"].sum() - called["unlined"].sum())
        found.append(
            {
                "system": str(system), "dates": len(rows), "graded": int(rows["graded"].sum()),
                "mae": everyone, "lined": int(rows["lined"].sum()), "lined_mae": mae,
                "line_mae": line, **spread("behind", *behind), "brier": brier,
                "passes": int(called["passes"].sum()), "asked": lined,
                "voids": int(called["voids"].sum()), "pushes": int(called["pushes"].sum()),
                "bets": len(mine), **outcome(mine),
            }
        )  # fmt: skip
    return found


def _by_month_and_bucket(bets: pd.DataFrame) -> list[Entry]:
    return [
        {"system": str(system), "month": str(month), "line": BUCKETS[int(bucket)][2], **outcome(rows)}
        for (system, month, bucket), rows in bets.groupby(["system_id", "month", "bucket"])
        if bucket >= 0
    ]


def read_drift(warehouse: Warehouse) -> tuple[date | None, tuple[Entry, ...]]:
    """How far each feature's mean of the latest date is from the dates before it, in their deviations."""
    dates = warehouse.query(
        f"SELECT DISTINCT game_date FROM {FEATURES} ORDER BY game_date DESC LIMIT {DRIFT_DATES}"
    )
    days = [pd.Timestamp(day).date() for day in dates["game_date"]]
    if not days:
        return None, ()
    rows = warehouse.read(
        FEATURES, columns=["game_date", "features", "feature_names", "feature_sources"], dates=days
    )
    newest = (rows["game_date"] == pd.Timestamp(days[0])).to_numpy(dtype=bool)
    names = list(rows["feature_names"].iloc[-1])
    same = np.array([len(values) == len(names) for values in rows["features"]])
    values = np.array([list(v) for v in rows.loc[same, "features"]], dtype=np.float64)
    sources = np.array([list(s) for s in rows.loc[same, "feature_sources"]])
    return days[0], tuple(_shifts(names, values, sources, newest[same], len(days) - 1))


def _shifts(
    names: Sequence[str], values: np.ndarray, sources: np.ndarray, newest: np.ndarray, before: int
) -> list[Entry]:
    found: list[Entry] = []
    for number, name in enumerate(names):
        now, past = values[newest, number], values[~newest, number]
        deviation = float(past.std()) if before and len(past) else 0.0
        found.append(
            {
                "feature": name,
                "now": float(now.mean()) if len(now) else None,
                "before": float(past.mean()) if before and len(past) else None,
                "shift": float((now.mean() - past.mean()) / deviation) if deviation else None,
                "computed": float((sources[newest, number] == "computed").mean()),
            }
        )
    return sorted(found, key=lambda e: -abs(e["shift"] or 0.0))
