"""What must hold of what a date's run says of itself: no failure, no silence, and that it is true.

Frames: `slate`, `statuses` (`phase_status` of the date, with `silent_hours`), `responses` (`scrape_log`), and
the tables that REPORTED names, each as `written <table>`.
"""

from __future__ import annotations

import pandas as pd

from activities.processor import Frames
from activities.quality.checks import NONE_MAY, Check, Seen, Skipped, count_of, keys_of
from shared.grid import LONGEST_RUN
from shared.phases import PHASES
from shared.registry import Processor, WriteMode

STATUS = "nba_orchestration.phase_status"
SCRAPE_LOG = "nba_raw.scrape_log"
RETRIGGER = "tipoff retrigger {day} --phase … --reason …"
RUN = "tipoff backfill {day} {last}"

REPORTED: tuple[Processor, ...] = tuple(
    p
    for phase in PHASES
    for p in phase.processors
    if p.mode is WriteMode.REPLACE and p.slice_column is None and phase.name in ("precompute", "predictions")
)
"""Processors whose rows of the date are the whole of what they reported: nothing else writes them."""


OPTIONAL = tuple(p.name for phase in PHASES for p in phase.processors if not p.required)


def written(table: str) -> str:
    """The name of the frame that counts a table's rows of the date."""
    return f"written {table}"


def _phases(frames: Frames) -> pd.DataFrame:
    rows = frames["statuses"]
    return rows.loc[(rows["processor_name"] == "").to_numpy(dtype=bool)]


def _ran(frames: Frames) -> bool:
    return not frames["statuses"].empty


def day_was_run(frames: Frames) -> Seen | Skipped:
    """Whether games were to be played and no phase says anything."""
    games = frames["slate"] if _ran(frames) else frames["final_schedule"]
    if games.empty and frames["teams"].empty:
        return Skipped("no games")
    missing = not _ran(frames)
    return Seen(float(missing), ("never run",) if missing else ())


def phases_completed(frames: Frames) -> Seen | Skipped:
    """Phases that failed, wait, or were never reached though others were."""
    if not _ran(frames):
        return Skipped("never run")
    stood = dict(zip(_phases(frames)["phase_name"], _phases(frames)["status"], strict=True))
    return count_of(
        [
            f"{phase.name} {stood.get(phase.name, 'missing')}"
            for phase in PHASES
            if stood.get(phase.name, "missing") in ("failed", "waiting", "missing", "pending")
        ]
    )


def nothing_runs_in_silence(frames: Frames) -> Seen:
    """Phases and processors that say that they run and were not heard of for over an hour."""
    rows = frames["statuses"]
    hours = LONGEST_RUN.total_seconds() / 3600
    return count_of(
        keys_of(
            rows, ["phase_name", "processor_name"],
            (rows["status"] == "running") & (rows["silent_hours"] > hours),
        )
    )  # fmt: skip


def completed_phases_have_completed_processors(frames: Frames) -> Seen:
    """Required processors that a completed phase is without, or that did not complete."""
    rows = frames["statuses"]
    done = set(
        _phases(frames).loc[(_phases(frames)["status"] == "completed").to_numpy(dtype=bool), "phase_name"]
    )
    stood = {
        (r.phase_name, r.processor_name): str(r.status) for r in rows.itertuples() if r.processor_name
    }  # fmt: skip
    return count_of(
        [
            f"{phase.name} {p.name} {stood.get((phase.name, p.name), 'missing')}"
            for phase in PHASES
            if phase.name in done
            for p in phase.processors
            if p.required and stood.get((phase.name, p.name), "missing") not in ("completed", "skipped")
        ]
    )


def optional_processors_completed(frames: Frames) -> Seen:
    """Optional processors that failed: the day went on without their rows."""
    rows = frames["statuses"]
    failed = rows["processor_name"].isin(OPTIONAL) & (rows["status"] == "failed")
    return count_of(keys_of(rows, ["phase_name", "processor_name"], failed))


def phases_follow_their_inputs(frames: Frames) -> Seen:
    """Completed phases whose inputs were made again after them."""
    at = dict(zip(_phases(frames)["phase_name"], _phases(frames)["updated_at"], strict=True))
    rows = _phases(frames)
    done = rows.loc[(rows["status"] == "completed").to_numpy(dtype=bool), "phase_name"].tolist()
    return count_of(
        [
            f"{phase.name} before {before}"
            for phase in PHASES
            if phase.name in done
            for before in phase.depends_on
            if before in at and at[before] > at[phase.name]
        ]
    )


def rows_are_as_reported(frames: Frames) -> Seen:
    """Processors that report other rows than their table has: success without rows above all."""
    rows = frames["statuses"]
    done = rows.loc[(rows["status"] == "completed").to_numpy(dtype=bool)]
    told = dict(zip(done["processor_name"], done["rows_written"], strict=True))
    return count_of(
        [
            f"{p.name} {int(told[p.name])} reported, {len(frames[written(p.table)])} there"
            for p in REPORTED
            if p.name in told and int(told[p.name]) != len(frames[written(p.table)])
        ]
    )


def requests_were_answered(frames: Frames) -> Seen:
    """Requests that no source answered."""
    rows = frames["responses"]
    return count_of(keys_of(rows, ["request"], rows["status"] == "failed"))


STATUS_CHECKS: tuple[Check, ...] = (
    Check("the_day_was_run", STATUS, day_was_run, RUN, NONE_MAY),
    Check("every_phase_completed", STATUS, phases_completed, RETRIGGER, NONE_MAY),
    Check("nothing_runs_in_silence", STATUS, nothing_runs_in_silence, RETRIGGER, NONE_MAY),
    Check(
        "completed_phases_have_completed_processors", STATUS, completed_phases_have_completed_processors,
        RETRIGGER, NONE_MAY,
    ),
    Check(
        "optional_processors_completed", STATUS, optional_processors_completed, RETRIGGER, warn_if=NONE_MAY
    ),
    Check("phases_follow_their_inputs", STATUS, phases_follow_their_inputs, RETRIGGER, NONE_MAY),
    Check("rows_are_as_reported", STATUS, rows_are_as_reported, RETRIGGER, NONE_MAY),
    Check(
        "every_request_was_answered", SCRAPE_LOG, requests_were_answered,
        "tipoff retrigger {day} --phase scrape --reason …", warn_if=NONE_MAY,
    ),
)  # fmt: skip
