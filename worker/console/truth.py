"""The page of truth: how the predictions came out, and what the latest evaluation says. Nothing is hidden."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from activities.evaluation.html import evaluation_parts, title_of
from activities.evaluation.svg import calibration_plot, month_plot, value_range
from activities.markup import figure, table
from worker.console.rendering import page
from worker.console.surroundings import Console
from worker.console.truth_figures import PERFORMANCE, Truth, read_truth

MOST_REPORTS = 30


@dataclass(frozen=True)
class Drawn:
    """A system's two charts, each with its table."""

    months: str
    calibration: str


def figures(truth: Truth) -> dict[str, Drawn]:
    """The charts by system, on common axes."""
    held = [m for months in truth.months.values() for m in months]
    errors = value_range(m[c] for m in held for c in ("mae", "mae_low", "mae_high", "line"))
    chances = value_range(b[c] for bins in truth.curves.values() for b in bins for c in ("p", "observed"))
    return {
        system: Drawn(
            figure(
                system,
                month_plot(f"{system} as it ran", months, errors),
                table(
                    f"MAE of {system} and of the line by month, in points",
                    ("month", "n", "MAE", "line", "behind the line"),
                    [
                        [
                            m["month"], f"{m['n']:,}", _points(m["mae"]), _points(m["line"]),
                            _between(m["behind"], m["behind_half"]),
                        ]
                        for m in months
                    ],
                ),
            ),
            figure(
                system,
                calibration_plot(f"{system} as it ran", truth.curves.get(system, []), chances),
                table(
                    f"Calibration of {system} as it ran",
                    ("predicted", "observed", "n"),
                    [
                        [f"{b['p']:.3f}", f"{b['observed']:.3f}", f"{b['n']:,}"]
                        for b in truth.curves.get(system, [])
                    ],
                ),
            ),
        )
        for system, months in truth.months.items()
    }  # fmt: skip


def _points(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _between(value: float | None, half: float | None) -> str:
    """A difference with its 95% interval."""
    if value is None:
        return ""
    return f"{value:+.3f}" if half is None else f"{value:+.3f} ({value - half:+.3f} to {value + half:+.3f})"


def reports(folder: Path) -> list[str]:
    """Names of the stored evaluations, the latest made first."""
    found = [path for path in folder.glob("*/report.json") if path.is_file()]
    newest = sorted(found, key=lambda path: path.stat().st_mtime, reverse=True)
    return [path.parent.name for path in newest[:MOST_REPORTS]]


def read_report(folder: Path, name: str) -> Mapping[str, Any]:
    """A stored evaluation.

    Raises:
        HTTPException: 404, there is none of this name.
    """
    if name not in reports(folder):
        raise HTTPException(404, f"There is no evaluation {name[:60]!r} on this worker's machine.")
    found: Mapping[str, Any] = json.loads((folder / name / "report.json").read_text(encoding="utf-8"))
    return found


class KeptTruth:
    """The figures of the latest gradings: a season's are asked for again and again and change once a day."""

    def __init__(self) -> None:
        self._state: object = None
        self._truth: Truth | None = None

    def __call__(self, console: Console) -> Truth:
        """The figures, made anew when a date was graded since, or a day's features were written."""
        count = console.warehouse.query(
            f"SELECT COUNT(*) AS n, MAX(game_date) AS latest, SUM(graded) AS graded FROM {PERFORMANCE}"
        )
        state = (id(console.warehouse), *count.iloc[0].tolist())
        if self._truth is None or state != self._state:
            self._truth, self._state = read_truth(console.warehouse), state
        return self._truth


async def truth_page(kept: KeptTruth, console: Console, request: Request) -> Response:
    """`/truth?evaluation=NAME`."""
    truth = await console.reader(kept, console)
    folder = console.surroundings.evaluations
    names = await console.reader(reports, folder)
    chosen = request.query_params.get("evaluation") or (names[0] if names else "")
    report = await console.reader(read_report, folder, chosen) if chosen else None
    return page(
        "truth.html",
        {
            **console.frame(request, "Truth", "Truth"),
            "truth": truth,
            "drawn": figures(truth),
            "between": _between,
            "names": names,
            "chosen": chosen,
            "evaluation_title": title_of(report) if report else "",
            "evaluation": evaluation_parts(report) if report else "",
        },
    )
