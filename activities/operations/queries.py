"""Read-only questions: one SELECT, or a day's figures."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from typing import Any, cast

import pandas as pd
from temporalio import activity

from activities.failures import as_application_errors
from activities.heartbeat import heartbeating
from activities.surroundings import Surroundings
from shared.jobs import BoxScoreCounts, DaySummary, DaySummaryInput, QueryInput, QueryResult, WithheldPlayer
from shared.names import DAY_SUMMARY_ACTIVITY, RUN_QUERY
from warehouse.dialect import select_only
from warehouse.hashing import hash_table

MOST_ROWS = 100
MOST_BYTES = 64_000

Cell = str | int | float | bool | None


def cell(value: Any) -> Cell:
    """A value as JSON knows it: dates and times as ISO text, arrays as JSON text."""
    if hasattr(value, "tolist"):
        return cell(value.tolist())
    if isinstance(value, list | tuple):
        return json.dumps(value, default=str)
    if pd.isna(value):
        return None
    if isinstance(value, pd.Timestamp):
        return str(value.date() if value.tzinfo is None else value.isoformat())
    if isinstance(value, datetime | date):
        return str(value.isoformat())
    if isinstance(value, bool | int | float | str):
        return cast(Cell, value)
    return str(value)


class Questions:
    """The activities that read and never write."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._surroundings = surroundings

    @activity.defn(name=RUN_QUERY)
    def run_query(self, request: QueryInput) -> QueryResult:
        """Answers one SELECT with its first rows: at most 100 of them and 64 kB."""
        with as_application_errors():
            frame = self._surroundings.warehouse.query(select_only(request.sql), request.parameters)
        rows: list[tuple[Cell, ...]] = []
        size = 0
        for record in frame.head(MOST_ROWS).itertuples(index=False, name=None):
            row = tuple(cell(v) for v in record)
            size += len(json.dumps(row))
            if size > MOST_BYTES:
                break
            rows.append(row)
        return QueryResult(
            columns=tuple(str(c) for c in frame.columns),
            rows=tuple(rows),
            total_rows=len(frame),
            truncated=len(rows) < len(frame),
        )

    @activity.defn(name=DAY_SUMMARY_ACTIVITY)
    def day_summary(self, request: DaySummaryInput) -> DaySummary:
        """A day's figures, each from a query."""
        warehouse = self._surroundings.warehouse
        day = request.game_date
        with as_application_errors(), heartbeating() as progress:
            schedule = warehouse.read("nba_raw.schedule", dates=[day])
            teams = warehouse.read("nba_raw.team_box_scores", dates=[day - timedelta(days=1)])
            players = warehouse.read("nba_raw.player_box_scores", dates=[day - timedelta(days=1)])
            props = warehouse.read("nba_raw.player_points_props", columns=["player_id"], dates=[day])
            predictions = warehouse.read(
                "nba_predictions.player_prop_predictions",
                columns=["system_id", "player_id", "has_prop_line", "is_active"],
                dates=[day],
            )
            withheld = warehouse.read("nba_predictions.withheld_players", dates=[day])
            hashes: dict[str, str] = {}
            if request.hashes:
                tables = sorted(warehouse.schemas)
                for done, table in enumerate(tables):
                    progress(done, len(tables), table)
                    if not warehouse.schemas[table].volatile:
                        hashes[table] = hash_table(warehouse, table)
        today = schedule[pd.to_datetime(schedule["game_date"]) == pd.Timestamp(day)]
        active = predictions[predictions["is_active"].astype(bool)]
        with_line = active[active["has_prop_line"].astype(bool)]
        lined = withheld[withheld["has_prop_line"].astype(bool)]
        return DaySummary(
            game_date=day,
            source=self._surroundings.settings.source,
            games=int((~today["is_postponed"].astype(bool)).sum()),
            box_scores=box_score_counts(teams, players),
            players_with_line=int(props["player_id"].nunique()),
            predicted=_players_by_system(active),
            predicted_with_line=_players_by_system(with_line),
            withheld=tuple(
                WithheldPlayer(player=str(r.player_name), reason=str(r.reason))
                for r in lined.itertuples(index=False)
            ),
            withheld_without_line=len(withheld) - len(lined),
            table_hashes=hashes,
        )


def box_score_counts(teams: pd.DataFrame, players: pd.DataFrame) -> BoxScoreCounts:
    """What a date's box scores hold, and which sources completed them."""
    completed = teams[teams["completed_by"].notna()]
    incomplete = teams[~teams["is_complete"].astype(bool)]
    return BoxScoreCounts(
        games=int(teams["game_id"].nunique()),
        players=len(players),
        points=int(players["points"].sum()),
        completed_games=tuple(
            sorted({f"{r.game_id} from {r.completed_by}" for r in completed.itertuples(index=False)})
        ),
        incomplete_games=tuple(
            sorted({f"{r.game_id}: {r.incomplete_reason}" for r in incomplete.itertuples(index=False)})
        ),
    )


def _players_by_system(predictions: pd.DataFrame) -> dict[str, int]:
    counts = predictions.groupby("system_id")["player_id"].nunique()
    return {str(system): int(n) for system, n in counts.items()}
