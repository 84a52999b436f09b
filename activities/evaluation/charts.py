"""The charts of an evaluation's page."""

from __future__ import annotations

from activities.figures import NOTES, bets_figures, calibration_figures, month_figures, residual_figures
from activities.markup import charts_of
from activities.svg import Entry
from shared.evaluation_parts import Report, part


def charts(report: Report) -> str:
    """A section for each kind of chart, a chart for each system."""

    def of(name: str) -> dict[str, list[Entry]]:
        return {system: list(held or ()) for system, held in part(report, name).items()}

    return "".join(
        charts_of(title, note, figures)
        for title, note, figures in (
            ("Calibration", NOTES["calibration"], calibration_figures(of("calibration_curve"))),
            (
                "Errors by predicted points",
                "Above the dashed line too many points were predicted.",
                residual_figures(of("residuals")),
            ),
            ("MAE by month", NOTES["months"], month_figures(of("by_month"))),
            ("Bets by month", NOTES["bets"], bets_figures("month", of("bets_by_month"))),
            ("Bets by line", NOTES["bets"], bets_figures("line", of("bets_by_line"))),
        )
    )
