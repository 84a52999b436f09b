"""Fills the warehouse with past games, through the season logs of the league's own statistics service."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pandas as pd
from temporalio import activity

from activities.compute import load_processors
from activities.failures import as_application_errors
from activities.heartbeat import Heartbeat, heartbeating
from activities.processor import ProcessorContext
from activities.raw.history import load_history
from activities.runner import read_frames
from activities.scrape.box_scores import REPAIR_DAYS
from activities.stores import Moment
from activities.surroundings import Surroundings
from shared.clock import days_between, previous_season, season_of, season_start
from shared.jobs import HistoryChunk, HistoryChunkRequest, HistoryChunkResult, HistoryPlan, LoadHistoryInput
from shared.names import LOAD_HISTORY_CHUNK, PLAN_HISTORY
from shared.phases import processor_named
from warehouse.writer import Fence

PLAYERS = "nba_reference.players"
MARKER = "nba_analytics.player_game_summary"
"""Written last of a chunk: a date that is here is whole."""

SUMMARIES = ("team_offense_game_summary", "team_defense_game_summary", "player_game_summary")


def windows(season: str, first: date, until: date) -> list[HistoryChunk]:
    """Calendar months of a season from `first` to the day before `until`; the summer is one window."""
    chunks = []
    start = max(first, season_start(season))
    end = min(until, season_start(season).replace(year=int(season[:4]) + 1))
    while start < end:
        if start.month in (7, 8, 9):
            following = date(start.year, 10, 1)
        else:
            following = (start.replace(day=1) + timedelta(days=32)).replace(day=1)
        last = min(following, end) - timedelta(days=1)
        chunks.append(HistoryChunk(season=season, first=start, last=last))
        start = following
    return chunks


def gaps(held: set[date], start: date, until: date) -> list[tuple[date, date]]:
    """The spans without games from `start` to the day before `until`, as (first, day after the last).

    A week and less between two dates that are there is the league's own pause, or a daily run's to mend.
    """
    found = []
    edges = [start - timedelta(days=1), *sorted(held), until]
    for before, after in pairwise(edges):
        first = before + timedelta(days=1)
        inside = before in held and after in held
        if first < after and not (inside and (after - first).days <= REPAIR_DAYS):
            found.append((first, after))
    return found


def with_registered(found: pd.DataFrame, registered: pd.DataFrame) -> pd.DataFrame:
    """The players of a chunk, and those registered on its first date already, by another chunk or a day.

    A registration is never taken back: the games of weeks that are not loaded again hang on it.
    """
    if found.empty or registered.empty:
        return registered if found.empty else found
    others = registered.loc[~registered["player_id"].isin(found["player_id"])]
    return pd.concat([found, others], ignore_index=True) if len(others) else found


class HistoryLoader:
    """The activities that plan and load history."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._surroundings = surroundings
        self._functions = load_processors()

    @activity.defn(name=PLAN_HISTORY)
    def plan_history(self, request: LoadHistoryInput) -> HistoryPlan:
        """What is missing before a date, season by season: what daily runs brought in stays as it is."""
        with as_application_errors():
            seasons = [season_of(request.until)]
            for _ in range(request.seasons):
                seasons.insert(0, previous_season(seasons[0]))
            present = self._surroundings.warehouse.read(
                MARKER, columns=["game_date", "season"], since=season_start(seasons[0]), until=request.until
            )
            chunks: list[HistoryChunk] = []
            for season in seasons:
                held = present.loc[(present["season"] == season).to_numpy(dtype=bool), "game_date"]
                for first, end in gaps({day.date() for day in held}, season_start(season), request.until):
                    chunks += windows(season, first, end)
            return HistoryPlan(chunks=tuple(chunks), present_games=len(present))

    @activity.defn(name=LOAD_HISTORY_CHUNK)
    def load_history_chunk(self, request: HistoryChunkRequest) -> HistoryChunkResult:
        """Loads one window: raw rows, then the summaries of its games by the daily processors."""
        info = activity.info()
        chunk = request.chunk
        days = tuple(days_between(chunk.first, chunk.last))
        with as_application_errors(), heartbeating() as progress:
            warehouse = self._surroundings.warehouse
            run_id = info.workflow_run_id or ""
            context = self._surroundings.context_at(
                Moment(chunk.first, request.as_of, request.as_of, days, run_id)
            )
            players = warehouse.read(PLAYERS, until=chunk.first)
            registered = warehouse.read(PLAYERS, dates=[chunk.first])
            loaded = load_history(context, players, chunk.season, chunk.first, chunk.last, progress)
            write = ChunkWriter(self._surroundings, request.epoch, f"{run_id}/{info.activity_id}", run_id)
            write(PLAYERS, with_registered(loaded.players, registered), [chunk.first])
            write("nba_raw.player_box_scores", loaded.player_box_scores, days)
            write("nba_raw.team_box_scores", loaded.team_box_scores, days)
            self._summarise(replace(context, dates=days), days, write, progress)
            return HistoryChunkResult(
                games=int(loaded.team_box_scores["game_id"].nunique()) if len(loaded.team_box_scores) else 0,
                players=len(loaded.player_box_scores),
                completed_games=loaded.completed_games,
                warnings=tuple(w[:300] for w in loaded.warnings[:20]),
            )

    def _summarise(
        self, context: ProcessorContext, days: tuple[date, ...], write: ChunkWriter, progress: Heartbeat
    ) -> None:
        for name in SUMMARIES:
            processor = processor_named(name)
            frames = read_frames(self._surroundings.warehouse, processor.reads, days[0], days)
            output = self._functions[name](context, frames, progress)
            write(processor.table, output.frame, days)


class ChunkWriter:
    """Writes a chunk's tables under keys of its activity."""

    def __init__(self, surroundings: Surroundings, epoch: int, prefix: str, run_id: str) -> None:
        self._writer = surroundings.writer
        self._fence = Fence(epoch, 0)
        self._prefix = prefix
        self._run_id = run_id

    def __call__(self, table: str, frame: pd.DataFrame, partitions: Sequence[date]) -> None:
        with activity.shield_thread_cancel_exception():
            self._writer.replace(
                table,
                frame,
                partitions=partitions,
                write_key=f"{self._prefix}/{table}",
                fence=self._fence,
                run_id=self._run_id,
            )
