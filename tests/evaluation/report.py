"""A report as an evaluation leaves it: plausible numbers, one failed canary, some leaves missing."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

SYSTEMS = ("moving_average_v1", "zone_matchup_v1", "similarity_v1", "xgboost_v1", "ensemble_v1")
BASELINES = ("last_5", "last_10", "season", "ewma")
SIZES = {
    "all": 25063, "rotation": 14588, "stars": 2210, "lined": 6000, "line_under_10": 1400,
    "line_10_to_20": 3300, "line_over_20": 1300,
}  # fmt: skip


def errors(mae: float) -> dict[str, Any]:
    return {
        segment: {
            "n": n, "mae": mae + i * 0.2, "mae_low": mae + i * 0.2 - 0.061, "mae_high": mae + i * 0.2 + 0.058,
            "rmse": mae * 1.31, "bias": -0.042, "median_bias": 0.118,
        }
        for i, (segment, n) in enumerate(SIZES.items())
    }  # fmt: skip


PROBABILITY = {
    "n": 6000, "brier": 0.2512, "brier_low": 0.2488, "brier_high": 0.2537, "log_loss": 0.6951, "ece": 0.0213,
    "ece_limit": 0.0196, "spread": 0.0431, "uncalibrated_brier": 0.2561, "market_brier": 0.2487,
    "against_market": {"difference": 0.0025, "low": 0.0004, "high": 0.0047},
}  # fmt: skip

REPORT: dict[str, Any] = {
    "start": "2024-10-22", "end": "2025-04-13", "source": "recorded",
    "evaluation_id": "2024-10-22_2025-04-13_5d1f", "code_version": "0.1.0+376ab3d", "seconds": 412.6,
    "peak_mib": 1240.5, "dates": 163,
    "rows": {
        "all": 25063, "rotation": 14588, "lined": 6000,
        "void": {"did_not_play": 12, "postponed": 0, "push": 31},
        "coverage": {"lines": 8690, "played": 8678, "predicted": 8600, "unresolved_names": 3},
        "by_system": {
            system: {
                "predicted": 8611, "covered": 8600, "coverage": 0.991,
                "void": {"did_not_play": 11, "postponed": 0, "push": 31},
                "void_bets": {"did_not_play": 2, "postponed": 0, "push": 5},
            }
            for system in SYSTEMS
        },
    },
    "history": {
        "first": "2018-10-16", "run_in_from": "2024-02-01", "seasons": ["2023-24", "2024-25"], "games": 8289,
        "refits": [
            {
                "trained_from": "2018-10-16", "trained_through": "2024-10-21", "rows": 152031,
                "from": "2024-10-22", "to": "2024-11-30",
            },
            {
                "trained_from": "2018-10-16", "trained_through": "2024-11-30", "rows": 158410,
                "from": "2024-12-01", "to": "2025-04-13",
            },
        ],
    },
    "best": {
        "any": {"system": "ensemble_v1", "all": 4.7, "rotation": 5.1},
        "without_line": {"system": "xgboost_v1", "all": 4.75, "rotation": 5.15},
    },
    "systems": {system: errors(4.9 - i * 0.05) for i, system in enumerate(SYSTEMS)},
    "no_lines_used": {"ensemble_v1": errors(4.77)},
    "baselines": {baseline: errors(5.2 - i * 0.06) for i, baseline in enumerate(BASELINES)},
    "against_ewma": {
        system: {
            "all": {"difference": -0.09, "low": -0.131, "high": -0.048},
            "rotation": {"difference": 0.012, "low": -0.041, "high": 0.066},
        }
        for system in SYSTEMS
    },
    "uses_line": {system: system in ("xgboost_v1", "ensemble_v1") for system in SYSTEMS},
    "market": {
        "n": 6000, "n_priced": 5400, "mae": 4.702, "brier": 0.2487, "log_loss": 0.6905, "ece": 0.0112,
        "ece_limit": 0.0196, "over_rate": 0.4831,
    },
    "against_line": {
        system: {
            "n": 6000, "mae": 4.783, "line_mae": 4.702, "difference": 0.081, "low": 0.043, "high": 0.119,
            "median_distance": 1.204,
        }
        for system in SYSTEMS
    },
    "probability": dict.fromkeys(SYSTEMS, PROBABILITY),
    "bets": {
        "xgboost_v1": {
            "n": 1210, "hits": 632, "hit_rate": 0.5223, "pass_rate": 0.7983, "return": -0.0034,
            "return_low": -0.0561, "return_high": 0.0489,
        },
        "similarity_v1": {
            "n": 0, "hits": 0, "hit_rate": None, "pass_rate": 1.0, "return": None, "return_low": None,
            "return_high": None,
        },
    },
    "bets_by_month": {
        system: [
            {
                "group": month, "n": 150, "hits": 78, "hit_rate": 0.52, "hit_rate_low": 0.44,
                "hit_rate_high": 0.6, "needed": 0.5238, "return": -0.01, "return_low": -0.17,
                "return_high": 0.15,
            }
            for month in ("2024-10", "2024-11", "2024-12")
        ]
        for system in SYSTEMS
    },
    "bets_by_line": {
        system: [
            {
                "group": bucket, "n": n, "hits": n // 2, "hit_rate": 0.5, "hit_rate_low": None,
                "hit_rate_high": None, "needed": 0.5263, "return": -0.05, "return_low": None,
                "return_high": None,
            }
            for bucket, n in (("under 10", 100), ("10 to 20", 300), ("over 20", 2))
        ]
        for system in SYSTEMS
    },
    "calibration_curve": {
        system: [
            {"p": 0.40 + i * 0.03, "observed": 0.42 + i * 0.02 + 0.01 * (i % 2), "n": n}
            for i, n in enumerate((200, 500, 800, 1100, 800, 500, 200))
        ]
        for system in SYSTEMS
    },
    "residuals": {
        system: [
            {"predicted": 2.5 + 5 * i, "bias": 0.3 - 0.12 * i, "mae": 2.6 + 0.8 * i, "n": 6000 - 900 * i}
            for i in range(6)
        ]
        for system in SYSTEMS
    },
    "by_month": {
        system: [
            {"month": month, "n": 3500, "mae": mae, "mae_low": mae - 0.11, "mae_high": mae + 0.1}
            for month, mae in (
                ("2024-10", 4.91), ("2024-11", 4.82), ("2024-12", 4.79), ("2025-01", 4.73),
                ("2025-02", 4.78), ("2025-03", 4.81), ("2025-04", 4.95),
            )
        ]
        for system in SYSTEMS
    },
    "canaries": {
        "future_does_not_leak": "pass", "shuffled_target_is_useless": "fail", "every_row_counted": "pass",
    },
    "canary_details": {
        "future_does_not_leak": {"observed": 0.0, "limit": 0.0, "rows": 25063, "text": "no feature changes"},
        "shuffled_target_is_useless": {
            "observed": 4.91, "limit": 5.6, "rows": 25063, "text": "a model of shuffled points is too good",
            "low": 4.8, "high": 5.02,
        },
        "every_row_counted": {"observed": "25063", "limit": "25063", "rows": 25063, "text": "rows add up"},
    },
}  # fmt: skip


def report(**changed: Any) -> dict[str, Any]:
    """A copy of the report with some of its parts replaced."""
    return deepcopy(REPORT) | changed
