"""The gate after phase 3, `analytics_quality`: what was summarised, and who is on the slate."""

from __future__ import annotations

import pandas as pd

from activities.processor import Frames, Output, ProcessorContext, Progress
from activities.quality.checks import NONE_MAY, Blocks, Check, Seen, Skipped, none_of
from activities.quality.gate import run_gate
from activities.quality.properties import absent_from, impossible_usage

SUMMARY = "nba_analytics.player_game_summary"
SLATE = "nba_analytics.upcoming_player_game_context"
FEWEST_PLAYERS = 5
"""Eligible players of a team: as many as stand on the floor."""

RETRIGGER = "tipoff retrigger {day} --phase analytics --reason …"


def _usage(frames: Frames) -> Seen | Skipped:
    rows = frames["player_games"]
    if rows.empty:
        return Skipped("no games came in")
    return none_of(rows, impossible_usage(rows), ["game_date", "player_id", "player_name"])


def _not_summarised(frames: Frames) -> Seen | Skipped:
    boxes = frames["box_score_keys"]
    if boxes.empty:
        return Skipped("no games came in")
    key = ["game_id", "player_id"]
    return none_of(boxes, absent_from(boxes, frames["player_games"], key), key)


def _two_games(frames: Frames) -> Seen | Skipped:
    rows = frames["upcoming_players"]
    if rows.empty:
        return Skipped("no slate")
    eligible = rows.loc[rows["eligible"].to_numpy(dtype=bool)]
    twice = eligible.duplicated(["player_id"], keep=False)
    return none_of(eligible, twice, ["player_id", "player_name", "game_id"])


def _thin_teams(frames: Frames) -> Seen | Skipped:
    schedule = frames["schedule"]
    today = schedule.loc[
        ((schedule["game_date"] == schedule["snapshot_date"]) & ~schedule["is_postponed"].astype(bool))
        .to_numpy(dtype=bool)
    ]  # fmt: skip
    if today.empty:
        return Skipped("no slate")
    rows = frames["upcoming_players"]
    eligible = rows.loc[rows["eligible"].to_numpy(dtype=bool)].groupby(["game_id", "team_abbr"]).size()
    sides = pd.concat(
        [today[["game_id", side]].set_axis(["game_id", "team_abbr"], axis=1)
         for side in ("away_team_abbr", "home_team_abbr")]
    )  # fmt: skip
    thin = tuple(
        f"{game} {team}"
        for game, team in sorted(zip(sides["game_id"], sides["team_abbr"], strict=True))
        if eligible.get((game, team), 0) < FEWEST_PLAYERS
    )
    return Seen(float(len(thin)), thin)


CHECKS = (
    Check("usage_within_bounds", SUMMARY, _usage, RETRIGGER, error_if=NONE_MAY, blocks=Blocks.PLAYERS),
    Check(
        "every_box_score_row_is_summarised", SUMMARY, _not_summarised, RETRIGGER,
        error_if=NONE_MAY, blocks=Blocks.PLAYERS,
    ),
    Check("one_game_per_player", SLATE, _two_games, RETRIGGER, error_if=NONE_MAY, blocks=Blocks.PLAYERS),
    Check(
        "every_team_of_the_slate_has_players", SLATE, _thin_teams,
        "tipoff retrigger {day} --phase scrape --reason …", warn_if=NONE_MAY,
    ),
)  # fmt: skip


def process(context: ProcessorContext, frames: Frames, progress: Progress) -> Output:
    """The summaries of the scope and the slate."""
    return run_gate(context, frames, CHECKS, name="analytics_quality")
