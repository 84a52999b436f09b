"""What the hand-over document of a day says. Every line comes from rows; where there are none, it says so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pandas as pd

from activities.evaluation.graded import Entry, by_month
from activities.evaluation.scores import curve
from activities.processor import Frames
from activities.scrape.box_scores import CORRECTED, REPAIRED
from shared.clock import season_of, season_start
from shared.features import FEATURE_VERSION
from shared.phases import PHASES

COUNTED_BEFORE = 7
"""Dates before the day that its counts are held against."""


@dataclass(frozen=True)
class Table:
    """Rows of words under their heads."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Section:
    """A heading, sentences, and a table where one is needed."""

    title: str
    lines: tuple[str, ...] = ()
    table: Table | None = None


@dataclass(frozen=True)
class Brief:
    """The document."""

    game_date: date
    headline: str
    waiting: int
    """Phases that wait for a person."""
    sections: tuple[Section, ...] = ()
    months: dict[str, list[Entry]] = field(default_factory=dict)
    """By system: errors by month of the season, beside the line's."""
    curves: dict[str, list[Entry]] = field(default_factory=dict)
    """By system: predicted and observed rates of over, of the latest games that came in."""


def brief_of(day: date, frames: Frames, source: str) -> Brief:
    """The brief of a day.

    Args:
        day: the game date.
        frames: the reads of `daily_brief` in the registry.
        source: recorded, simulated or live.
    """
    waiting = _waiting(day, frames["statuses"])
    headline = _headline(frames["statuses"])
    if source == "simulated":
        headline += " This is a simulated league."
    open_phases = waiting.table.rows if waiting.table else ()
    return Brief(
        day,
        headline,
        len(open_phases),
        (
            waiting,
            _ran(frames["statuses"], frames["runs"], frames["log"]),
            _repaired(frames),
            _alerted(frames["alerts"]),
            _counts(day, frames),
            _regenerated(frames),
            _accuracy(frames["performance"]),
            _findings(frames["quality"]),
            _withheld(frames["withheld"]),
        ),
        _months(day, frames["performance_before"]),
        _curves(frames["results_before"]),
    )


def _of_phases(statuses: pd.DataFrame) -> pd.DataFrame:
    return statuses.loc[(statuses["processor_name"] == "").to_numpy(dtype=bool)].set_index("phase_name")


def _headline(statuses: pd.DataFrame) -> str:
    states = _of_phases(statuses)["status"]
    # The brief is written by the last phase, which therefore still runs.
    done = int(states.isin(["completed", "skipped"]).sum())
    running = int((states == "running").sum())
    stuck = int(states.isin(["waiting", "failed"]).sum())
    if stuck:
        return f"{stuck} of {len(PHASES)} phases wait or failed; {done} are done."
    return f"{done} of {len(PHASES)} phases are done, {running} under way; nothing waits."


def _waiting(day: date, statuses: pd.DataFrame) -> Section:
    own = _of_phases(statuses)
    rows = []
    for phase in PHASES:
        if phase.name in own.index and own.loc[phase.name, "status"] in ("waiting", "failed"):
            row = own.loc[phase.name]
            why = _text(row["message"]) or _text(row["error_type"]) or "no reason recorded"
            command = f"tipoff retrigger {day} --phase {phase.name} --reason …"
            rows.append((phase.name, str(row["status"]), why, command))
    if not rows:
        return Section("What waits for a person", ("Nothing.",))
    return Section("What waits for a person", table=Table(("phase", "state", "why", "command"), tuple(rows)))


def _ran(statuses: pd.DataFrame, runs: pd.DataFrame, log: pd.DataFrame) -> Section:
    own = _of_phases(statuses)
    seconds = log.sort_values("execution_timestamp").drop_duplicates("phase_name", keep="last")
    took = dict(zip(seconds["phase_name"], seconds["duration_seconds"], strict=True))
    latest = _latest(runs)
    rows = []
    for phase in PHASES:
        if phase.name not in own.index:
            rows.append((phase.name, "not run", "", "", "", ""))
            continue
        mine = latest.loc[(latest["phase_name"] == phase.name).to_numpy(dtype=bool)]
        duration = took.get(phase.name)
        rows.append(
            (
                phase.name, str(own.loc[phase.name, "status"]), f"{int(mine['rows_written'].sum()):,}",
                "" if duration is None or pd.isna(duration) else f"{duration:.1f}",
                str(int(own.loc[phase.name, "retrigger"])), str(int(mine["warnings"].sum())),
            )
        )  # fmt: skip
    heads = ("phase", "state", "rows", "seconds", "re-triggers", "warnings")
    return Section("What ran", table=Table(heads, tuple(rows)))


def _latest(runs: pd.DataFrame) -> pd.DataFrame:
    return runs.sort_values("finished_at").drop_duplicates("processor_name", keep="last")


def _repaired(frames: Frames) -> Section:
    """What did not go well at first, and what mended it."""
    said = [
        f"{r.processor_name} needed {r.attempts} attempts."
        for r in _latest(frames["runs"]).sort_values("processor_name").itertuples()
        if r.attempts > 1
    ]
    boxes = frames["team_box_scores"]
    completed = boxes.loc[boxes["completed_by"].notna().to_numpy(dtype=bool)]
    said += [
        f"The box score of {r.game_id} lacked players of {r.team_abbr}; completed from {r.completed_by}."
        for r in completed.sort_values(["game_id", "team_abbr"]).itertuples()
    ]
    asked = frames["responses"]
    late = asked.loc[asked["detail"].isin([REPAIRED, CORRECTED]).to_numpy(dtype=bool)]
    said += [
        f"The box score of {r.request.split('/')[1]}, {r.detail}, came from {r.source}."
        for r in late.sort_values("request").itertuples()
    ]
    missed = asked.loc[asked["status"].isin(["unavailable", "failed"]).to_numpy(dtype=bool)]
    said += [
        f"{source} did not answer {len(rows)} of its requests, {rows['request'].iloc[0]} among them."
        for source, rows in missed.sort_values("request").groupby("source")
    ]
    said += [
        f"{r.requested_by}: {r.action}, because: {r.reason}"
        for r in frames["claims"].sort_values("claimed_at").itertuples()
    ]
    return Section("What was repaired, and by what", tuple(said) or ("Nothing had to be.",))


def _alerted(alerts: pd.DataFrame) -> Section:
    """What people were told of, and what of it is over."""
    if alerts.empty:
        return Section("Alerts", ("None.",))
    rows = []
    for r in alerts.sort_values(["resolved_at", "first_seen"], na_position="first").itertuples():
        over = "open" if pd.isna(r.resolved_at) else f"resolved {r.resolved_at:%m-%d %H:%M} UTC"
        told = (
            "not delivered" if len(r.undelivered) else "told" if not pd.isna(r.last_sent) else "not told yet"
        )
        rows.append((str(r.severity), str(r.title), f"{over}, {told}", _text(r.command)))
    return Section("Alerts", table=Table(("severity", "what", "state", "command"), tuple(rows)))


def _counts(day: date, frames: Frames) -> Section:
    """The day's figures beside the mean of the latest dates before it."""
    active = _active(frames["predictions"])
    before = _active(frames["predictions_before"])
    days = sorted(before["game_date"].unique())[-COUNTED_BEFORE:]
    before = before.loc[before["game_date"].isin(days).to_numpy(dtype=bool)]
    measures: dict[str, Callable[[pd.DataFrame], int]] = {
        "players predicted": lambda rows: int(rows["player_id"].nunique()),
        "with a line": lambda rows: int(rows.loc[rows["has_prop_line"].astype(bool), "player_id"].nunique()),
        "predictions": len,
        "OVER or UNDER": lambda rows: int(rows["recommendation"].isin(["OVER", "UNDER"]).sum()),
    }
    rows = []
    for name, measure in measures.items():
        past = [measure(part) for _, part in before.groupby("game_date")]
        usual = f"{sum(past) / len(past):,.0f}" if past else "none before"
        rows.append((name, f"{measure(active):,}", usual))
    heads = ("", str(day), f"mean of {len(days)} dates before" if days else "before")
    return Section("Counts", table=Table(heads, tuple(rows)))


def _active(predictions: pd.DataFrame) -> pd.DataFrame:
    return predictions.loc[predictions["is_active"].to_numpy(dtype=bool)]


def _regenerated(frames: Frames) -> Section:
    predictions = frames["predictions"]
    superseded = int((~predictions["is_active"].astype(bool)).sum())
    said = [f"{superseded:,} predictions were superseded and are kept, inactive."] if superseded else []
    versions = frames["features"]["feature_version"].value_counts()
    said += [
        f"{n:,} feature vectors are of {version}, not {FEATURE_VERSION}: run phase precompute again."
        for version, n in versions.items()
        if version != FEATURE_VERSION
    ]
    return Section("What was made again", tuple(said) or ("Nothing.",))


def _accuracy(performance: pd.DataFrame) -> Section:
    """The games that came in, each system beside the line on the same rows."""
    if performance.empty:
        return Section("Accuracy", ("No prediction of the games that came in was there to be graded.",))
    latest = performance["game_date"].max()
    rows = performance.loc[(performance["game_date"] == latest).to_numpy(dtype=bool)].sort_values("mae")
    shown = tuple(
        (
            str(r.system_id), f"{r.graded:,}", _number(r.mae), f"{r.lined:,}", _number(r.lined_mae),
            _number(r.line_mae), _share(r.hit_rate), str(r.recommendations),
        )
        for r in rows.itertuples()
    )  # fmt: skip
    heads = ("system", "graded", "MAE", "with a line", "MAE of those", "the line's", "hit rate", "bets")
    return Section(f"Accuracy of {latest:%Y-%m-%d}, points", table=Table(heads, shown))


def _months(day: date, performance: pd.DataFrame) -> dict[str, list[Entry]]:
    """The season's errors up to the day before."""
    start = pd.Timestamp(season_start(season_of(day)))
    season = performance.loc[(performance["game_date"] >= start).to_numpy(dtype=bool)]
    return {str(system): by_month(rows) for system, rows in season.groupby("system_id")}


def _curves(results: pd.DataFrame) -> dict[str, list[Entry]]:
    decided = results["outcome"].isin(["over", "under"]) & results["prob_over"].notna()
    judged = results.loc[decided.to_numpy(dtype=bool)]
    return {
        str(system): curve(
            rows["prob_over"].to_numpy(dtype=np.float64),
            (rows["outcome"] == "over").to_numpy(dtype=np.float64),
        )
        for system, rows in judged.groupby("system_id")
    }


def _findings(quality: pd.DataFrame) -> Section:
    bad = quality.loc[quality["status"].isin(["warn", "fail"]).to_numpy(dtype=bool)]
    said = tuple(
        f"{r.check_name} of {r.dataset}: {r.status}, {r.failed_rows} rows. {_text(r.sample_ref)}".strip()
        for r in bad.sort_values(["dataset", "check_name"]).itertuples()
    )
    return Section("Quality findings", said or (f"None in {len(quality)} checks.",))


def _withheld(withheld: pd.DataFrame) -> Section:
    lined = withheld.loc[withheld["has_prop_line"].to_numpy(dtype=bool)].sort_values("player_name")
    if lined.empty:
        return Section("Players with a line and without a prediction", ("None.",))
    rows = tuple((str(r.player_name), str(r.stage), str(r.reason)) for r in lined.itertuples())
    return Section(
        "Players with a line and without a prediction", table=Table(("player", "held back at", "why"), rows)
    )


def _text(value: object) -> str:
    return "" if value is None or pd.isna(value) else str(value)


def _number(value: float) -> str:
    return "-" if pd.isna(value) else f"{value:.2f}"


def _share(value: float) -> str:
    return "-" if pd.isna(value) else f"{value:.0%}"
