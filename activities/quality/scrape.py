"""The gate after phase 1, `scrape_quality`: what the sources answered, before anything is made of it."""

from __future__ import annotations

from activities.processor import Frames, Output, ProcessorContext, Progress
from activities.quality.checks import NONE_MAY, Blocks, Check, Limit, Seen, Skipped
from activities.quality.gate import run_gate
from activities.quality.properties import asked_for
from activities.scrape.prop_lines import OFF_SCHEDULE

LOG = "nba_raw.scrape_log"


def _schedules(frames: Frames) -> Seen | Skipped:
    asked = asked_for(frames["responses"], "schedule/")
    return Seen(float((asked["status"] == "ok").sum()), tuple(asked["request"].loc[asked["status"] != "ok"]))


def _games_without_answer(frames: Frames) -> Seen | Skipped:
    asked = asked_for(frames["responses"], "box_score/")
    if asked.empty:
        return Skipped("no box score was wanted")
    answered = asked["object_path"].notna().groupby(asked["request"].str.split("/").str[1]).any()
    missing = tuple(sorted(answered.index[~answered.to_numpy(dtype=bool)]))
    return Seen(float(len(missing)), missing)


def _games_without_odds(frames: Frames) -> Seen | Skipped:
    asked = asked_for(frames["responses"], "event_odds/")
    if asked.empty:
        return Skipped("no lines were wanted")
    lost = asked["request"].loc[(asked["status"] != "ok").to_numpy(dtype=bool)]
    return Seen(len(lost) / len(asked), tuple(sorted(lost)), len(lost))


def _games_off_the_schedule(frames: Frames) -> Seen | Skipped:
    listed = asked_for(frames["responses"], "events")
    if listed.empty:
        return Skipped("no lines were wanted")
    details = [str(detail) for detail in listed["detail"] if str(detail).startswith(OFF_SCHEDULE)]
    found = [key for detail in details for key in detail.removeprefix(OFF_SCHEDULE).split(", ")]
    return Seen(float(len(found)), tuple(sorted(found)))


CHECKS = (
    Check(
        "a_schedule_was_received", LOG, _schedules, "tipoff retrigger {day} --phase scrape --reason …",
        error_if=Limit("<", 1), blocks=Blocks.PHASE,
    ),
    Check(
        "every_game_of_the_market_is_scheduled", LOG, _games_off_the_schedule,
        "tipoff retrigger {day} --phase scrape --reason …", warn_if=NONE_MAY,
    ),
    Check(
        "every_final_game_was_answered", LOG, _games_without_answer,
        "none: it is looked for again on the next seven days", warn_if=NONE_MAY,
    ),
    Check(
        "odds_were_received", LOG, _games_without_odds,
        "tipoff retrigger {day} --phase scrape --reason …", warn_if=NONE_MAY, error_if=Limit(">", 0.4),
    ),
)  # fmt: skip


def process(context: ProcessorContext, frames: Frames, progress: Progress) -> Output:
    """The day's answers."""
    return run_gate(context, frames, CHECKS, name="scrape_quality")
