"""Charts beside their tables, for whichever page shows them: an evaluation's, a brief, the console's Truth.

Each function takes what one kind of chart shows, by system, and draws all systems on common axes. Any value
of an entry may be missing or None.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from activities.markup import figure, table
from activities.svg import Entry, bets_plot, calibration_plot, month_plot, residual_plot, value_range
from shared.evaluation_parts import count, interval, number, plain, share, signed

BySystem = Mapping[str, Sequence[Entry]]

NOTES = {
    "calibration": "A larger dot is a bin of more rows; on the dashed diagonal forecast and outcome agree.",
    "months": "In points; bars are 95% intervals where known. The axes do not start at zero.",
    "bets": "Hit rate above, return a unit staked below; bars are 95% intervals, circles the hit rate at "
    "which the prices break even. A system without a bet has none.",
}
"""What stands above the charts of a kind."""


def calibration_figures(curves: BySystem, told: str = "") -> dict[str, str]:
    """Predicted and observed rates of over, entries of `p`, `observed`, `n`; `told` follows the name."""
    span = value_range(_values(curves, "p", "observed"))
    return {
        system: figure(
            system,
            calibration_plot(f"{system}{told}", held, span),
            table(
                f"Calibration of {system}{told}",
                ("predicted", "observed", "n"),
                [[number(b.get("p")), number(b.get("observed")), count(b.get("n"))] for b in held],
            ),
        )
        for system, held in curves.items()
    }


def residual_figures(residuals: BySystem) -> dict[str, str]:
    """Errors in points by predicted points, entries of `predicted`, `bias`, `mae`, `n`."""
    across = value_range(_values(residuals, "predicted"))
    span = value_range(_values(residuals, "bias", "mae"), zero=True)
    return {
        system: figure(
            system,
            residual_plot(system, held, across, span),
            table(
                f"Errors of {system} by predicted points, in points",
                ("predicted", "mean error", "MAE", "n"),
                [
                    [
                        plain(b.get("predicted")),
                        signed(b.get("bias")),
                        number(b.get("mae")),
                        count(b.get("n")),
                    ]
                    for b in held
                ],
            ),
        )
        for system, held in residuals.items()
    }


def month_figures(months: BySystem, told: str = "") -> dict[str, str]:
    """MAE in points by month, entries of `month`, `n`, `mae`, `mae_low`, `mae_high`.

    Where they have the `line`'s MAE on the same rows, also that and how far the system is `behind` it, with
    `behind_low` and `behind_high`.
    """
    span = value_range(_values(months, "mae", "mae_low", "mae_high", "line"))
    lined = any(value is not None for value in _values(months, "line"))
    heads = ("month", "n", "MAE", "95% interval")
    return {
        system: figure(
            system,
            month_plot(f"{system}{told}", held, span),
            table(
                f"MAE of {system}{told} by month, in points",
                (*heads, "line", "behind the line", "95% interval of that") if lined else heads,
                [_month(m) + (_behind(m) if lined else []) for m in held],
            ),
        )
        for system, held in months.items()
    }


def bets_figures(across: str, bets: BySystem, told: str = "") -> dict[str, str]:
    """Hit rate and return a unit by `group`, for systems that have bet; `across` says what the groups are.

    Entries of `group`, `n`, `hit_rate`, `needed`, `return`, and the ends of both intervals: `hit_rate_low`,
    `hit_rate_high`, `return_low`, `return_high`.
    """
    rates = value_range(_values(bets, "hit_rate", "hit_rate_low", "hit_rate_high", "needed"))
    returns = value_range(_values(bets, "return", "return_low", "return_high"), zero=True)
    heads = (
        across, "bets", "hit rate", "95% interval", "breaks even at", "return a unit", "95% interval of that",
    )  # fmt: skip
    return {
        system: figure(
            system,
            bets_plot(f"{system}{told}", across, held, rates, returns),
            table(f"Bets of {system}{told} by {across}", heads, [_bets(b) for b in held]),
        )
        for system, held in bets.items()
        if held
    }


_RESIDUALS = {"predicted": plain, "bias": signed, "mae": number, "n": count}


def _values(held: BySystem, *columns: str) -> Iterable[float | None]:
    return [entry.get(column) for entries in held.values() for entry in entries for column in columns]


def _month(m: Mapping[str, Any]) -> list[str]:
    told = [plain(m.get("month")), count(m.get("n")), number(m.get("mae"))]
    return [*told, interval(m, "mae_low", "mae_high")]


def _behind(m: Mapping[str, Any]) -> list[str]:
    told = [number(m.get("line")), signed(m.get("behind"))]
    return [*told, interval(m, "behind_low", "behind_high", signed)]


def _bets(b: Mapping[str, Any]) -> list[str]:
    return [
        plain(b.get("group")), count(b.get("n")), share(b.get("hit_rate")),
        interval(b, "hit_rate_low", "hit_rate_high", share), share(b.get("needed")), signed(b.get("return")),
        interval(b, "return_low", "return_high", signed),
    ]  # fmt: skip
