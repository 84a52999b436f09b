"""An evaluation's report read and written out the same way on the page and in the terminal.

Errors are in points, probabilities and rates between 0 and 1. Any leaf of a report may be missing or null.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Report = Mapping[str, Any]

NOTHING = "-"
"""What stands for a number that the report does not have."""

SEGMENTS = {
    "all": "all players",
    "rotation": "rotation players",
    "stars": "stars",
    "lined": "players with a line",
    "line_under_10": "line under 10 points",
    "line_10_to_20": "line 10 to 20 points",
    "line_over_20": "line over 20 points",
}
BY_SYSTEM = (
    "systems", "no_lines_used", "against_ewma", "uses_line", "against_line", "probability", "bets",
    "bets_by_month", "bets_by_line", "calibration_curve", "residuals", "by_month",
)  # fmt: skip
"""The parts of a report that have one entry a system."""

VOIDS = {"did_not_play": "did not play", "postponed": "postponed", "push": "push"}
"""Why no bet on a line stands."""

SOURCES = {
    "recorded": "recorded games",
    "simulated": "simulated games: these numbers say nothing about real ones",
    "live": "live sources",
}


@dataclass(frozen=True)
class Canary:
    """A check that the evaluation can be believed: `pass`, or anything else if it cannot."""

    name: str
    state: str
    observed: str
    limit: str
    rows: str
    text: str

    @property
    def failed(self) -> bool:
        """Whatever is not a pass is a failure, an unknown state too."""
        return self.state != "pass"


def part(report: Report, *names: str) -> Mapping[str, Any]:
    """A nested part of the report, empty where the report has none."""
    found: Any = report
    for name in names:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def systems_of(report: Report) -> list[str]:
    """Every system that any part of the report names, in the report's order."""
    return list(dict.fromkeys(name for section in BY_SYSTEM for name in part(report, section)))


def predictors_of(report: Report) -> list[tuple[str, str]]:
    """Every system, then every baseline, each with the part of the report it is in.

    A system that uses a line is followed by itself with no lines used.
    """
    unlined = part(report, "no_lines_used")
    found = []
    for name in systems_of(report):
        found += [("systems", name), *([("no_lines_used", name)] if name in unlined else [])]
    return found + [("baselines", name) for name in part(report, "baselines")]


def segments_of(report: Report) -> dict[str, str]:
    """The segments of the report by name, with their titles: the known ones first."""
    used = {s for section, name in predictors_of(report) for s in part(report, section, name)}
    known = {segment: title for segment, title in SEGMENTS.items() if segment in used}
    return known | {segment: segment.replace("_", " ") for segment in sorted(used - set(SEGMENTS))}


def sees_line(report: Report, kind: str, name: str) -> str:
    """Whether a predictor sees the line: yes, no, or nothing where that is no question."""
    sees = {"systems": part(report, "uses_line").get(name), "no_lines_used": False}.get(kind)
    return NOTHING if sees is None else "yes" if sees else "no"


def refits_of(report: Report) -> list[list[str]]:
    """Each fit: the dates it predicts, the first and last it was taught on, and on how many rows."""
    return [
        [
            f"{plain(refit.get('from'))} to {plain(refit.get('to'))}",
            plain(refit.get("trained_from")),
            plain(refit.get("trained_through")),
            count(refit.get("rows")),
        ]
        for refit in part(report, "history").get("refits") or ()
    ]


def voids_of(entry: Mapping[str, Any]) -> list[int | None]:
    """Lines without a bet that stands, in the order of `VOIDS`."""
    return [entry.get(reason) for reason in VOIDS]


def canaries_of(report: Report) -> list[Canary]:
    """Every canary, those that failed first; one with details and no state has failed."""
    states, details = part(report, "canaries"), part(report, "canary_details")
    found = []
    for name in dict.fromkeys((*states, *details)):
        detail = part(details, name)
        found.append(
            Canary(
                name=name,
                state=str(states.get(name) or "not run"),
                observed=" ".join(said for said in (plain(detail.get("observed")), _between(detail)) if said),
                limit=plain(detail.get("limit")),
                rows=count(detail.get("rows")),
                text=plain(detail.get("text")),
            )
        )
    return sorted(found, key=lambda canary: not canary.failed)


def _between(detail: Mapping[str, Any]) -> str:
    """The interval of what a canary observed, if it has one."""
    said = interval(detail, "low", "high", plain)
    return "" if said == NOTHING else said


def plain(value: Any) -> str:
    """A word or a number as it is."""
    if value is None:
        return NOTHING
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def count(value: Any) -> str:
    """A number of rows."""
    return NOTHING if value is None else f"{value:,}"


def number(value: Any) -> str:
    """Points, to three places."""
    return NOTHING if value is None else f"{value:.3f}"


def score(value: Any) -> str:
    """A probability or a score of one, to four places: those of good models differ in the third."""
    return NOTHING if value is None else f"{value:.4f}"


def signed(value: Any) -> str:
    """A difference or a bias in points, or a return, with its sign."""
    return NOTHING if value is None else f"{value:+.3f}"


def signed_score(value: Any) -> str:
    """A difference of scores, with its sign."""
    return NOTHING if value is None else f"{value:+.4f}"


def share(value: Any) -> str:
    """A rate as a percentage."""
    return NOTHING if value is None else f"{value:.1%}"


def interval(entry: Mapping[str, Any], low: str, high: str, written: Callable[[Any], str] = number) -> str:
    """A 95% interval from its two ends."""
    if entry.get(low) is None or entry.get(high) is None:
        return NOTHING
    return f"[{written(entry[low])}, {written(entry[high])}]"
