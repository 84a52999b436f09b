"""The gate after phase 2, `raw_quality`: games, players and lines as they were parsed."""

from __future__ import annotations

import pandas as pd

from activities.processor import Frames, Output, ProcessorContext, Progress
from activities.quality.checks import NONE_MAY, Blocks, Check, Limit, Seen, Skipped, count_of, none_of
from activities.quality.gate import run_gate
from activities.quality.properties import (
    TEAM_GAME,
    absent_from,
    asked_for,
    final_games,
    incomplete,
    points_unlike_the_shots,
    twice_on_a_date,
    unlike_the_players_sum,
    without_both_teams,
)

SCHEDULE = "nba_raw.schedule"
TEAMS = "nba_raw.team_box_scores"
PLAYERS = "nba_raw.player_box_scores"
LINES = "nba_raw.player_points_props"
LOOKED_BACK = 8
"""Days before the game date whose games count: as far as a missing one is looked for."""

AGAIN = "none: it is looked for again on the next seven days"
RETRIGGER = "tipoff retrigger {day} --phase raw --reason …"
RESCRAPE = "tipoff retrigger {day} --phase scrape --reason …"
HOUR = pd.Timedelta(hours=1)


def _final_games(frames: Frames) -> pd.DataFrame:
    schedule = frames["schedule"]
    day = schedule["snapshot_date"]
    age = (day - schedule["game_date"]).dt.days
    recent = (age > 0) & (age <= LOOKED_BACK)
    return schedule.loc[(final_games(schedule) & recent).to_numpy(dtype=bool)]


def _schedules(frames: Frames) -> Seen | Skipped:
    """How many schedules of the day there are.

    Phase 1 is judged by that too, but who skips it skips its gate: a date whose games nobody has asked for
    would look like one without games.
    """
    received = int((asked_for(frames["responses"], "schedule/")["status"] == "ok").sum())
    return Seen(float(received), () if received else ("no schedule of the day",))


def _games_missing(frames: Frames) -> Seen | Skipped:
    final = _final_games(frames)
    if final.empty:
        return Skipped("no game of the days before is final")
    return count_of(without_both_teams(final["game_id"], frames["recent_team_boxes"]))


def _partial_games(frames: Frames) -> Seen | Skipped:
    teams = frames["recent_team_boxes"]
    if teams.empty:
        return Skipped("no box scores")
    partial = teams.loc[incomplete(teams).to_numpy(dtype=bool)]
    named = tuple(sorted(f"{r.game_id} {r.team_abbr} ({r.incomplete_reason})" for r in partial.itertuples()))
    return Seen(float(len(partial)), named)


def _twice_on_a_date(frames: Frames) -> Seen | Skipped:
    rows = frames["player_box_scores"]
    if rows.empty:
        return Skipped("no box scores")
    return none_of(rows, twice_on_a_date(rows), ["game_date", "player_id", "player_name", "game_id"])


def _points_identity(frames: Frames) -> Seen | Skipped:
    rows = frames["player_box_scores"]
    if rows.empty:
        return Skipped("no box scores")
    return none_of(rows, points_unlike_the_shots(rows), ["game_date", "player_id", "player_name"])


def _sum_of_players(frames: Frames) -> Seen | Skipped:
    rows = frames["player_box_scores"]
    teams = frames["recent_team_boxes"]
    if rows.empty or teams.empty:
        return Skipped("no box scores")
    wrong = teams.loc[unlike_the_players_sum(teams, rows).to_numpy(dtype=bool)]
    return none_of(rows, ~absent_from(rows, wrong, TEAM_GAME), TEAM_GAME)


def _strangers(rows: pd.DataFrame, how: str) -> Seen | Skipped:
    """The share of the players of these rows who were found among those known.

    `how` a stranger's resolution begins; the rest of it says why he is one.
    """
    people = rows.drop_duplicates("player_id")
    if len(people) < ENOUGH_TO_JOIN:
        return Skipped(f"{len(people)} players, fewer than {ENOUGH_TO_JOIN}")
    strange = people.loc[people["resolution"].str.startswith(how).to_numpy(dtype=bool)]
    reasons = strange["resolution"].str.removeprefix(how)
    names = tuple(sorted(strange["player_name"].astype(str) + reasons))
    return Seen(1 - len(names) / len(people), names)


def _players_known(frames: Frames) -> Seen | Skipped:
    return _strangers(frames["player_box_scores"], "new")


def _lines_joined(frames: Frames) -> Seen | Skipped:
    return _strangers(frames["props"], "unresolved")


def _implausible_lines(frames: Frames) -> Seen | Skipped:
    lines = frames["props"]
    if lines.empty:
        return Skipped("no lines")
    impossible = (lines["points_line"] <= 0) | (lines["points_line"] >= 70)
    prices = (lines["over_price"] <= 1) | (lines["under_price"] <= 1)
    return none_of(lines, impossible | prices, ["game_id", "player_name", "bookmaker", "points_line"])


def _stale_lines(frames: Frames) -> Seen | Skipped:
    """Hours between the newest change of a game's lines and their being fetched, of the stalest game.

    In quarters of an hour: the same morning run again, a few seconds later, says the same.
    """
    lines, odds = frames["props"], asked_for(frames["responses"], "event_odds/")
    if lines.empty or odds.empty:
        return Skipped("no lines")
    fetched = odds.set_index(odds["request"].str.split("/").str[1])["fetched_at"]
    games = lines.groupby(["game_id", "event_id"])["last_update"].max().reset_index()
    games = games.assign(fetched_at=games["event_id"].map(fetched)).dropna(subset=["fetched_at"])
    if games.empty:
        return Skipped("no lines")
    ages = (4 * (games["fetched_at"] - games["last_update"]) / HOUR).round() / 4
    hours = ages.groupby(games["game_id"]).max()
    stale = hours.loc[hours > STALE_HOURS].sort_index()
    named = tuple(f"{game} ({age:.1f} h)" for game, age in stale.items())
    return Seen(float(hours.max()), named, concerned=tuple(map(str, hours.index[hours > DEAD_HOURS])))


STALE_HOURS, DEAD_HOURS = 6.0, 24.0
ENOUGH_TO_JOIN = 10
MOST_JOIN, HALF_JOIN = 0.9, 0.5
"""Shares of players: fewer known ones are worth a look, or mean that a source writes names otherwise."""

CHECKS = (
    Check(
        "a_schedule_is_at_hand", SCHEDULE, _schedules, RESCRAPE, error_if=Limit("<", 1), blocks=Blocks.PHASE,
    ),
    Check("every_final_game_has_a_box_score", TEAMS, _games_missing, AGAIN, warn_if=NONE_MAY),
    Check("box_scores_are_complete", TEAMS, _partial_games, AGAIN, warn_if=NONE_MAY),
    Check(
        "unique_player_and_date", PLAYERS, _twice_on_a_date, RETRIGGER,
        error_if=NONE_MAY, blocks=Blocks.PLAYERS,
    ),
    Check(
        "points_identity", PLAYERS, _points_identity, RESCRAPE, error_if=NONE_MAY, blocks=Blocks.PLAYERS,
    ),
    Check(
        "players_sum_to_the_team", PLAYERS, _sum_of_players, RETRIGGER,
        error_if=NONE_MAY, blocks=Blocks.PLAYERS,
    ),
    Check(
        "box_scores_are_of_known_players", PLAYERS, _players_known, RETRIGGER, warn_if=Limit("<", MOST_JOIN),
    ),
    Check(
        "lines_are_of_known_players", LINES, _lines_joined, RETRIGGER,
        warn_if=Limit("<", MOST_JOIN), error_if=Limit("<", HALF_JOIN), blocks=Blocks.PHASE,
    ),
    Check(
        "lines_are_plausible", LINES, _implausible_lines, RESCRAPE,
        error_if=NONE_MAY, blocks=Blocks.PLAYERS,
    ),
    Check(
        "freshness_prop_lines", LINES, _stale_lines, RESCRAPE,
        warn_if=Limit(">", STALE_HOURS), error_if=Limit(">", DEAD_HOURS), blocks=Blocks.GAMES,
    ),
)  # fmt: skip


def process(context: ProcessorContext, frames: Frames, progress: Progress) -> Output:
    """The rows of the scope, the games of the week before, and the day's lines."""
    return run_gate(context, frames, CHECKS, name="raw_quality")
