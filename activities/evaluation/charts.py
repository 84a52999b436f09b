"""The charts of an evaluation's page, each with the table of what it shows."""

from __future__ import annotations

from activities.evaluation.svg import calibration_plot, month_plot, residual_plot, value_range
from activities.markup import figure, paragraph, section, table
from shared.evaluation_parts import Report, count, interval, number, part, plain, signed

CHART_NOTES = {
    "Calibration": "A larger dot is a bin of more rows; on the dashed diagonal forecast and outcome agree.",
    "Errors by predicted points": "Above the dashed line too many points were predicted.",
    "MAE by month": "In points; bars are 95% intervals where known. The axes do not start at zero.",
}


def charts(report: Report) -> str:
    """A section for each kind of chart, a chart for each system."""
    curves, residuals, months = (
        {system: list(held or ()) for system, held in part(report, name).items()}
        for name in ("calibration_curve", "residuals", "by_month")
    )
    likely = value_range(b.get(c) for held in curves.values() for b in held for c in ("p", "observed"))
    across = value_range(b.get("predicted") for held in residuals.values() for b in held)
    error = value_range(
        (b.get(c) for held in residuals.values() for b in held for c in ("bias", "mae")), zero=True
    )
    monthly = value_range(
        m.get(c) for held in months.values() for m in held for c in ("mae", "mae_low", "mae_high")
    )
    drawn = {
        "Calibration": [
            figure(
                system,
                calibration_plot(system, held, likely),
                table(
                    f"Calibration of {system}",
                    ("predicted", "observed", "n"),
                    [[number(b.get("p")), number(b.get("observed")), count(b.get("n"))] for b in held],
                ),
            )
            for system, held in curves.items()
        ],
        "Errors by predicted points": [
            figure(
                system,
                residual_plot(system, held, across, error),
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
        ],
        "MAE by month": [
            figure(
                system,
                month_plot(system, held, monthly),
                table(
                    f"MAE of {system} by month, in points",
                    ("month", "n", "MAE", "95% interval"),
                    [
                        [
                            plain(m.get("month")),
                            count(m.get("n")),
                            number(m.get("mae")),
                            interval(m, "mae_low", "mae_high"),
                        ]
                        for m in held
                    ],
                ),
            )
            for system, held in months.items()
        ],
    }
    return "".join(
        section(title, paragraph(CHART_NOTES[title]), f'<div class="charts">{"".join(figures)}</div>')
        for title, figures in drawn.items()
        if figures
    )
