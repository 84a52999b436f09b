"""What `tipoff evaluate` says: every predictor on the same rows, and whether it can be believed."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from activities.analytics.windows import Array
from activities.evaluation.graded import BUCKETS
from activities.evaluation.scores import (
    Dates,
    calibration_error,
    calibration_limit,
    curve,
    difference,
    errors,
    log_loss,
    rounded,
)
from activities.evaluation.walk_forward import EARLIER_GAMES
from activities.predictions.systems import SYSTEMS

BASELINES = {
    "last_5": "points_avg_last_5",
    "last_10": "points_avg_last_10",
    "season": "points_avg_season",
    "ewma": "points_ewma",
}
ROTATION_MINUTES, ROTATION_GAMES = 20.0, 5
STAR_POINTS = 20.0
_IDS = [spec.system_id for spec in SYSTEMS]


def segments_of(rows: pd.DataFrame) -> dict[str, Array]:
    """Which rows belong to which segment: known on the morning, never the outcome."""
    line = rows["points_line"].to_numpy(dtype=np.float64)
    rotation = (rows["minutes_avg_last_10"] >= ROTATION_MINUTES) & (
        rows["games_played_season"] >= ROTATION_GAMES
    )
    return {
        "all": np.ones(len(rows), dtype=bool),
        "rotation": rotation.to_numpy(dtype=bool),
        "stars": (rows["points_avg_last_10"] >= STAR_POINTS).to_numpy(dtype=bool),
        "lined": np.isfinite(line),
        "line_under_10": line < 10,
        "line_10_to_20": (line >= 10) & (line < 20),
        "line_over_20": line >= 20,
    }


def build_report(finished: pd.DataFrame, start: date, end: date) -> dict[str, Any]:
    """The report's figures but for voids, canaries and what is known of the run.

    Errors are over player-games with at least ten earlier ones; what compares with the market is over every
    player-game with a line. Who did not play is in neither: his bets are void (`voids`).
    """
    asked = finished.loc[
        (finished["points"].notna() & (finished["game_date"] >= pd.Timestamp(start))).to_numpy(dtype=bool)
    ]
    rows = asked.loc[(asked["earlier_games"] >= EARLIER_GAMES).to_numpy(dtype=bool)].reset_index(drop=True)
    lined = asked.loc[asked["points_line"].notna().to_numpy(dtype=bool)].reset_index(drop=True)
    masks = segments_of(rows)
    report: dict[str, Any] = {
        "start": start.isoformat(),
        "end": end.isoformat(),
        "dates": int(rows["game_date"].nunique()),
        "rows": {
            "all": len(rows), "rotation": int(masks["rotation"].sum()), "lined": int(masks["lined"].sum()),
        },
        "systems": {}, "no_lines_used": {}, "baselines": {}, "against_ewma": {}, "residuals": {},
        "by_month": {},
        "uses_line": {spec.system_id: spec.uses_line for spec in SYSTEMS},
    }  # fmt: skip
    for name in _IDS:
        points, mean = (_column(rows, f"{name}.{part}") for part in ("points", "mean"))
        report["systems"][name] = _by_segment(rows, masks, points, mean)
        report["against_ewma"][name] = {
            segment: _against(rows.loc[masks[segment]], f"{name}.points", "points_ewma")
            for segment in ("all", "rotation")
        }
        report["residuals"][name] = _residuals(points, mean, _column(rows, "points"))
        report["by_month"][name] = _by_month(rows, points)
    for name in (spec.system_id for spec in SYSTEMS if spec.uses_line):
        points, mean = (_column(rows, f"{name}.unlined.{part}") for part in ("points", "mean"))
        report["no_lines_used"][name] = _by_segment(rows, masks, points, mean)
    for name, column in BASELINES.items():
        value = _column(rows, column)
        report["baselines"][name] = _by_segment(rows, masks, value, value)
    unlined = {name: report["no_lines_used"].get(name, found) for name, found in report["systems"].items()}
    report["best"] = {"any": _best(report["systems"]), "without_line": _best(unlined)}
    return report | _market(lined)


def _best(systems: dict[str, Any]) -> dict[str, Any]:
    """The system of the smallest error on all rows, and its errors."""
    if not all(found["all"]["n"] for found in systems.values()):
        return {}
    best = min(systems, key=lambda name: systems[name]["all"]["mae"])
    return {"system": best, **{part: systems[best][part]["mae"] for part in ("all", "rotation")}}


def _column(rows: pd.DataFrame, name: str) -> Array:
    return rows[name].to_numpy(dtype=np.float64)


def _by_segment(rows: pd.DataFrame, masks: dict[str, Array], points: Array, mean: Array) -> dict[str, Any]:
    actual = _column(rows, "points")
    return {
        segment: errors(points[mask], mean[mask], actual[mask], rows["game_date"][mask])
        for segment, mask in masks.items()
    }


def _against(rows: pd.DataFrame, ours: str, theirs: str) -> dict[str, Any]:
    actual = _column(rows, "points")
    return difference(
        np.abs(_column(rows, ours) - actual), np.abs(_column(rows, theirs) - actual), rows["game_date"]
    )


def _residuals(points: Array, mean: Array, actual: Array) -> list[dict[str, Any]]:
    found = []
    for part in np.array_split(np.argsort(mean, kind="stable"), 10):
        if len(part):
            found.append(
                {
                    "predicted": rounded(mean[part].mean()),
                    "bias": rounded((mean[part] - actual[part]).mean()),
                    "mae": rounded(np.abs(points[part] - actual[part]).mean()),
                    "n": len(part),
                }
            )
    return found


def _by_month(rows: pd.DataFrame, points: Array) -> list[dict[str, Any]]:
    absolute = pd.Series(np.abs(points - _column(rows, "points")), index=rows.index)
    months = rows["game_date"].dt.strftime("%Y-%m")
    found = []
    for month, values in absolute.groupby(months, sort=True):
        low, high = Dates(rows.loc[values.index, "game_date"]).interval(values.to_numpy())
        mae = rounded(values.mean())
        found.append({"month": str(month), "n": len(values), "mae": mae, "mae_low": low, "mae_high": high})
    return found


def _market(lined: pd.DataFrame) -> dict[str, Any]:
    """Everything that is said against the line and its prices."""
    actual, line = _column(lined, "points"), _column(lined, "points_line")
    market = _column(lined, "market_over")
    priced = np.isfinite(market) & (actual != line)
    over = (actual > line).astype(np.float64)
    found: dict[str, Any] = {
        "market": {
            "n": len(lined),
            "n_priced": int(priced.sum()),
            "mae": rounded(np.abs(line - actual).mean()) if len(lined) else None,
            "over_rate": rounded(over[priced].mean()) if priced.any() else None,
            **_probabilities(market[priced], over[priced]),
        },
        "against_line": {}, "probability": {}, "bets": {}, "bets_by_month": {}, "bets_by_line": {},
        "calibration_curve": {},
    }  # fmt: skip
    days = lined["game_date"]
    by_month = days.dt.strftime("%Y-%m").to_numpy(dtype=object)
    months = {str(month): by_month == month for month in sorted(set(by_month))}
    lines = {name: (line >= low) & (line < high) for low, high, name in BUCKETS}
    for name in _IDS:
        points = _column(lined, f"{name}.points")
        p, raw = _column(lined, f"{name}.over"), _column(lined, f"{name}.raw")
        ours, theirs = np.abs(points - actual), np.abs(line - actual)
        found["against_line"][name] = {
            "n": len(lined), "mae": rounded(ours.mean()) if len(lined) else None,
            "line_mae": found["market"]["mae"], **difference(ours, theirs, days),
            "median_distance": rounded(np.median(np.abs(points - line))) if len(lined) else None,
        }  # fmt: skip
        own, theirs = (p[priced] - over[priced]) ** 2, (market[priced] - over[priced]) ** 2
        spread = difference(own, np.zeros(len(own)), days[priced])
        found["probability"][name] = {
            "n": int(priced.sum()),
            **_probabilities(p[priced], over[priced]),
            "brier_low": spread["low"], "brier_high": spread["high"],
            "uncalibrated_brier": _probabilities(raw[priced], over[priced])["brier"],
            "market_brier": found["market"]["brier"],
            "against_market": difference(own, theirs, days[priced]),
        }  # fmt: skip
        found["calibration_curve"][name] = curve(p[priced], over[priced]) if priced.any() else []
        found["bets"][name] = _bets(lined, name)
        found["bets_by_month"][name] = _grouped_bets(lined, name, months)
        found["bets_by_line"][name] = _grouped_bets(lined, name, lines)
    return found


def _probabilities(p: Array, over: Array) -> dict[str, Any]:
    if not len(p):
        return {"brier": None, "log_loss": None, "ece": None, "ece_limit": None, "spread": None}
    return {
        "brier": rounded(((p - over) ** 2).mean(), 6),
        "log_loss": rounded(log_loss(p, over), 6),
        "ece": rounded(calibration_error(p, over)),
        "ece_limit": rounded(calibration_limit(p)),
        "spread": rounded(p.std()),
    }


def _grouped_bets(lined: pd.DataFrame, name: str, groups: dict[str, Array]) -> list[dict[str, Any]]:
    """The bets of each group of rows that has one."""
    found = [{"group": group, **_bets(lined.loc[mask], name)} for group, mask in groups.items()]
    return [bets for bets in found if bets["n"]]


def _bets(lined: pd.DataFrame, name: str) -> dict[str, Any]:
    """Hit rate and return per unit staked at the best actual prices; a push returns the stake."""
    actual, line = _column(lined, "points"), _column(lined, "points_line")
    call = lined[f"{name}.call"].to_numpy(dtype=object)
    bet = np.isin(call, ["OVER", "UNDER"])
    price: Array = np.where(call == "OVER", _column(lined, "over_price"), _column(lined, "under_price"))
    won: Array = np.where(call == "OVER", actual > line, actual < line)
    push: Array = actual == line
    gain = np.where(push, 0.0, np.where(won, price - 1.0, -1.0))[bet]
    settled = bet & ~push
    hits = difference(
        won[settled].astype(np.float64), np.zeros(int(settled.sum())), lined["game_date"][settled]
    )
    spread = difference(gain, np.zeros(len(gain)), lined["game_date"][bet])
    return {
        "n": int(bet.sum()),
        "hits": int((won & settled).sum()),
        "hit_rate": hits["difference"], "hit_rate_low": hits["low"], "hit_rate_high": hits["high"],
        # Equal stakes at hit rate h return h × mean price.
        "needed": rounded(1.0 / price[bet].mean()) if bet.any() else None,
        "pass_rate": rounded(1 - bet.mean()) if len(bet) else None,
        "return": spread["difference"], "return_low": spread["low"], "return_high": spread["high"],
    }  # fmt: skip
