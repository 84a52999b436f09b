"""The page of truth: how the predictions came out, and what the latest evaluation says. Nothing is hidden."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from activities.evaluation.html import evaluation_parts, title_of
from activities.figures import NOTES, bets_figures, calibration_figures, month_figures
from shared.evaluation_parts import NOTHING, interval, signed
from worker.console.rendering import page
from worker.console.surroundings import Console
from worker.console.truth_figures import PERFORMANCE, Truth, read_truth

MOST_REPORTS = 30


TOLD = " as it ran"
"""Behind a system's name: the stored evaluation on the same page has charts of it too."""


def charts(truth: Truth) -> dict[str, str]:
    """Each kind of chart, with a chart and its table for every system, on common axes."""
    return {
        "months": "".join(month_figures(truth.months, TOLD).values()),
        "calibration": "".join(calibration_figures(truth.curves, TOLD).values()),
        "bets_by_month": "".join(bets_figures("month", truth.bets_by_month, TOLD).values()),
        "bets_by_line": "".join(bets_figures("line", truth.bets_by_line, TOLD).values()),
    }


def _between(entry: Mapping[str, Any], name: str) -> str:
    """A difference with its 95% interval."""
    if entry[name] is None:
        return ""
    ends = interval(entry, f"{name}_low", f"{name}_high", signed)
    return signed(entry[name]) if ends == NOTHING else f"{signed(entry[name])} {ends}"


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
            "charts": charts(truth),
            "notes": NOTES,
            "between": _between,
            "names": names,
            "chosen": chosen,
            "evaluation_title": title_of(report) if report else "",
            "evaluation": evaluation_parts(report) if report else "",
        },
    )
