"""Box scores that lack players, completed or carried as partial: `python -m benchmarks.healing`.

Runs the recorded dates whose games are those from `--from` to `--to` durably, one after another, up to the
feature store, twice on fresh homes: with every source, and with the second source down. Prints which
team-games the first source lacks players in, what completed them, and who was marked; ends with 1 if the two
runs disagree about which they are, or if a team's players don't sum to its points at the end.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import httpx
import pandas as pd
from rich.console import Console
from rich.table import Table

from benchmarks.day import stack
from shared import jobs, messages, names
from shared.clock import days_between
from starter.temporal import connect as connect_to
from starter.temporal import result_of, start_or_join
from warehouse.connect import connect

PHASES = ("scrape", "raw", "analytics", "precompute")
SECOND_SOURCE = ("balldontlie/games", "balldontlie/stats")


@dataclass(frozen=True)
class Outcome:
    """What a run left in its warehouse."""

    teams: pd.DataFrame
    """Team box scores of the range."""
    features: pd.DataFrame
    seconds: float
    not_completed: tuple[str, ...]


async def _run(info: dict[str, object], first: date, last: date, second_source: bool) -> tuple[str, ...]:
    connection = await connect_to(str(info["address"]))
    as_of = datetime.fromisoformat(f"{first}T12:00:00+00:00")
    history = jobs.LoadHistoryInput(until=first, seasons=1, as_of=as_of)
    loading = await start_or_join(
        connection, names.LOAD_HISTORY, history, "healing-history", jobs.HistoryProgress
    )
    await result_of(loading, "history")
    if not second_source:
        for route in SECOND_SOURCE:
            wish = {"route": route, "kind": "status", "value": 404}
            httpx.post(f"{info['replay_url']}/faults", json=wish).raise_for_status()
    failed = []
    for day in days_between(first + timedelta(days=1), last + timedelta(days=2)):
        handle = await start_or_join(
            connection, names.DAILY_PIPELINE, messages.DailyPipelineInput(game_date=day, phases=PHASES),
            f"daily-{day}", messages.DayReport,
        )  # fmt: skip
        report = await result_of(handle, str(day))
        if report.status != "completed":
            failed.append(f"{day} {report.status}")
    return tuple(failed)


def outcome(root: Path, first: date, last: date, *, second_source: bool) -> Outcome:
    """One run on a home of its own."""
    home = root / ("whole" if second_source else "alone")
    home.mkdir()
    began = time.monotonic()
    with stack(home, "recorded") as info:
        failed = asyncio.run(_run(info, first, last, second_source))
    seconds = time.monotonic() - began
    warehouse = connect("duckdb", home=home)
    after = last + timedelta(days=1)
    teams = warehouse.read("nba_raw.team_box_scores", since=first, until=after)
    features = warehouse.read(
        "nba_predictions.ml_feature_store_v2", since=first, until=after + timedelta(days=1),
        columns=["game_date", "player_id", "team_abbr", "opponent_abbr", "partial_games"],
    )  # fmt: skip
    warehouse.close()
    return Outcome(teams, features, seconds, failed)


def keyed(teams: pd.DataFrame, chosen: pd.Series) -> set[tuple[str, str]]:
    """The team-games of the rows chosen."""
    rows = teams.loc[chosen.to_numpy(dtype=bool)]
    return set(zip(rows["game_id"].astype(str), rows["team_abbr"].astype(str), strict=True))


def main() -> int:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--from", dest="first", type=date.fromisoformat, default=date(2025, 10, 21))
    parser.add_argument("--to", dest="last", type=date.fromisoformat, default=date(2025, 11, 15))
    options = parser.parse_args()
    os.environ["TIPOFF_SOURCE"] = "recorded"
    root = Path(tempfile.mkdtemp(prefix="tipoff-healing-"))
    whole = outcome(root, options.first, options.last, second_source=True)
    alone = outcome(root, options.first, options.last, second_source=False)
    shutil.rmtree(root)

    completed = keyed(whole.teams, whole.teams["completed_by"].notna())
    short = keyed(alone.teams, alone.teams["points"] != alone.teams["player_points"])
    partial = keyed(alone.teams, ~alone.teams["is_complete"].astype(bool))
    left = keyed(whole.teams, ~whole.teams["is_complete"].astype(bool))
    unequal = keyed(whole.teams, whole.teams["points"] != whole.teams["player_points"])
    marked = alone.features["partial_games"].map(len) > 0
    sources = whole.teams["completed_by"].value_counts().to_dict()
    figures = {
        "team_games": len(whole.teams),
        "players_sum_to_the_team": len(whole.teams) - len(unequal),
        "first_source_lacks_points": len(short),
        "first_source_lacks_a_scoreless_player_only": len(partial - short),
        "completed": len(completed),
        "completed_by": sources,
        "partial_without_the_second_source": len(partial),
        "the_same_team_games": partial == completed,
        "left_partial": len(left),
        "vectors": len(alone.features),
        "vectors_marked_without_the_second_source": int(marked.sum()),
        "vectors_marked_with_it": int((whole.features["partial_games"].map(len) > 0).sum()),
        "dates_not_completed": [*whole.not_completed, *alone.not_completed],
        "seconds": [round(whole.seconds, 1), round(alone.seconds, 1)],
    }
    table = Table(title=f"{options.first} to {options.last}, recorded")
    table.add_column("")
    table.add_column("", justify="right")
    for name, value in figures.items():
        table.add_row(name.replace("_", " "), str(value))
    console = Console(width=100)
    console.print(table)
    for game, team in sorted(completed ^ partial):
        console.print(f"not in both: {game} {team}")
    sys.stdout.write(json.dumps(figures) + "\n")
    good = partial == completed and short <= completed and not unequal and not left
    return 0 if good and not figures["dates_not_completed"] else 1


if __name__ == "__main__":
    sys.exit(main())
