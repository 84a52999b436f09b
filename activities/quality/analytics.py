"""The gate after phase 3, `analytics_quality`: what was summarised, and who is on the slate."""

from __future__ import annotations

import pandas as pd

from activities.processor import Frames, Output, ProcessorContext, Progress
from activities.quality.checks import NONE_MAY, Blocks, Check, Limit, Seen, Skipped, none_of
from activities.quality.gate import run_gate
from activities.quality.properties import absent_from, impossible_usage

SUMMARY = "nba_analytics.player_game_summary"
SLATE = "nba_analytics.upcoming_player_game_context"
FEWEST_PLAYERS = 5
"""Eligible players of a team: as many as stand on the floor."""

FEW_LACK, MOST_LACK = 0.2, 0.5
"""Of a night's rows, the share that may lack a figure: some men play under half a minute, most don't."""

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


def _filled(frames: Frames) -> Seen | Skipped:
    """Of the columns that a night's games give, the largest share of rows that lack one."""
    rows = frames["player_games"]
    if rows.empty:
        return Skipped("no games came in")
    shot = rows["fga"] + rows["fta"] > 0
    played = rows["is_team_complete"].astype(bool) & (rows["minutes_played"] >= 1)
    lacking = {
        "minutes_played": (rows["minutes_played"] <= 0).mean(),
        "usage_rate": rows.loc[played.to_numpy(dtype=bool), "usage_rate"].isna().mean(),
        "ts_pct": rows.loc[shot.to_numpy(dtype=bool), "ts_pct"].isna().mean(),
    }
    shares = {column: 0.0 if pd.isna(share) else float(share) for column, share in lacking.items()}
    named = tuple(f"{column} ({share:.0%})" for column, share in shares.items() if share > FEW_LACK)
    return Seen(max(shares.values()), named)


def _sides(frames: Frames) -> list[tuple[str, str]]:
    """Game and team of each side of the day's slate, in order."""
    schedule = frames["schedule"]
    today = schedule.loc[
        ((schedule["game_date"] == schedule["snapshot_date"]) & ~schedule["is_postponed"].astype(bool))
        .to_numpy(dtype=bool)
    ]  # fmt: skip
    return sorted(
        (str(game), str(team))
        for side in ("away_team_abbr", "home_team_abbr")
        for game, team in zip(today["game_id"], today[side], strict=True)
    )


def _thin(frames: Frames, rows: pd.DataFrame) -> tuple[str, ...]:
    """The sides of the slate with fewer of these players than stand on the floor."""
    there = rows.groupby(["game_id", "team_abbr"]).size()
    return tuple(
        f"{game} {team}" for game, team in _sides(frames) if there.get((game, team), 0) < FEWEST_PLAYERS
    )


def _thin_teams(frames: Frames) -> Seen | Skipped:
    if not _sides(frames):
        return Skipped("no slate")
    rows = frames["upcoming_players"]
    thin = _thin(frames, rows.loc[rows["eligible"].to_numpy(dtype=bool)])
    return Seen(float(len(thin)), thin)


def _slate_is_there(frames: Frames) -> Seen | Skipped:
    """The share of the slate's sides that have players, eligible or not: a row or two is no slate."""
    sides = _sides(frames)
    if not sides:
        return Skipped("no slate")
    thin = _thin(frames, frames["upcoming_players"])
    return Seen(1 - len(thin) / len(sides), thin)


CHECKS = (
    Check("usage_within_bounds", SUMMARY, _usage, RETRIGGER, error_if=NONE_MAY, blocks=Blocks.PLAYERS),
    Check(
        "every_box_score_row_is_summarised", SUMMARY, _not_summarised, RETRIGGER,
        error_if=NONE_MAY, blocks=Blocks.PLAYERS,
    ),
    Check(
        "columns_are_filled", SUMMARY, _filled, RETRIGGER,
        warn_if=Limit(">", FEW_LACK), error_if=Limit(">", MOST_LACK), blocks=Blocks.PHASE,
    ),
    Check("one_game_per_player", SLATE, _two_games, RETRIGGER, error_if=NONE_MAY, blocks=Blocks.PLAYERS),
    Check(
        "half_of_the_slate_is_there", SLATE, _slate_is_there,
        "tipoff retrigger {day} --phase scrape --reason …", error_if=Limit("<", 0.5), blocks=Blocks.PHASE,
    ),
    Check(
        "every_team_of_the_slate_has_players", SLATE, _thin_teams,
        "tipoff retrigger {day} --phase scrape --reason …", warn_if=NONE_MAY,
    ),
)  # fmt: skip


def process(context: ProcessorContext, frames: Frames, progress: Progress) -> Output:
    """The summaries of the scope and the slate."""
    return run_gate(context, frames, CHECKS, name="analytics_quality")
