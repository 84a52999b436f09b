"""A morning's processors called directly, over a real embedded warehouse and a real replay server."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import httpx
import pandas as pd
import pyarrow as pa

from activities.compute import load_processors
from activities.operations.history import SUMMARIES
from activities.predictions.prediction_chunk import count_chunks
from activities.processor import Frames, Output, ProcessorContext
from activities.raw.history import load_history
from activities.runner import frames_of, read_frames, read_tables, scope_of
from activities.stores import Moment
from activities.surroundings import Surroundings
from activities.training.train import train_model
from shared.clock import days_between, parse_instant, season_of
from shared.config import load_settings
from shared.phases import PHASES, phase_named, processor_named
from shared.registry import Processor, WriteMode
from warehouse.connect import connect
from warehouse.writer import Fence, Writer


def silent(_done: int, _total: int, _note: str = "") -> None:
    """A progress that nobody watches."""


@dataclass
class Morning:
    """One day, run in process. `runs` keeps what each processor was given and gave, `tables` what it read."""

    home: Path
    replay_url: str
    source: str
    day: date
    runs: dict[str, tuple[ProcessorContext, Frames, Output]] = field(default_factory=dict)
    tables: dict[str, dict[str, pa.Table]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        settings = load_settings({}, home=self.home, source=self.source, replay_url=self.replay_url)
        self.warehouse = connect("duckdb", home=self.home)
        self.warehouse.ensure_tables()
        self.around = Surroundings(settings, self.warehouse, Writer(self.warehouse))
        self.functions = load_processors()
        # A home may be a copy of another morning's, whose writes are in its ledger.
        self._writes = len(self.warehouse.read("nba_orchestration.write_ledger"))
        self.advance_to(self.day)

    def advance_to(self, day: date) -> None:
        """Goes on to another day."""
        self.day = day
        clock = httpx.get(f"{self.replay_url}/clock/{day}", timeout=60).json()
        self.as_of = parse_instant(clock["as_of"])

    def context(self, scope: tuple[date, ...]) -> ProcessorContext:
        """The day's surroundings."""
        return self.around.context_at(Moment(self.day, self.as_of, self.as_of, scope, "test"))

    def write(self, table: str, frame: pd.DataFrame, partitions: tuple[date, ...], **options: object) -> None:
        """Replaces partitions."""
        self._writes += 1
        self.around.writer.replace(
            table, frame, partitions=partitions, write_key=f"test/{self._writes}", fence=Fence(1),
            run_id="test", **options,
        )  # fmt: skip

    def history(self, first: date, last: date) -> None:
        """Loads the games of a span of dates and their summaries."""
        days = tuple(days_between(first, last))
        context = self.context(days)
        players = self.warehouse.read("nba_reference.players", until=first)
        loaded = load_history(context, players, season_of(first), first, last, silent)
        self.write("nba_reference.players", loaded.players, (first,))
        self.write("nba_raw.player_box_scores", loaded.player_box_scores, days)
        self.write("nba_raw.team_box_scores", loaded.team_box_scores, days)
        for name in SUMMARIES:
            processor = processor_named(name)
            frames = read_frames(self.warehouse, processor.reads, first, days)
            self.write(processor.table, self.functions[name](context, frames, silent).frame, days)

    def train(self, days_before: int = 2, action: str = "bootstrap") -> str:
        """Trains a model on everything there is up to so many days before the day, and decides about it."""
        games = ("player_game_summary", "team_offense_game_summary", "team_defense_game_summary")
        frames = [self.warehouse.read(f"nba_analytics.{name}", until=self.day) for name in games]
        trained = train_model(
            *frames, trained_through=self.day - timedelta(days=days_before), models=self.around.models,
            code_version="test", progress=silent,
        )  # fmt: skip
        model = trained.row.iloc[0]
        decision = {
            "effective_from": model["trained_through"] + timedelta(days=1), "decision_id": f"test-{action}",
            "system_id": model["system_id"], "model_id": model["model_id"], "previous_model_id": None,
            "action": action, "decided_by": "test", "reason": "test", "decided_at": model["created_at"],
        }  # fmt: skip
        decisions = pd.DataFrame([decision])
        decisions["effective_from"] = decisions["effective_from"].astype("datetime64[us]")
        for table, rows in (("ml_models", trained.row), ("model_decisions", decisions)):
            self.around.writer.merge(
                f"nba_predictions.{table}", rows, write_key=f"test/{action}/{table}", fence=Fence(1),
                run_id="test",
            )  # fmt: skip
        return str(model["model_id"])

    def run(self, until: Callable[[Processor], bool] = lambda _: False) -> None:
        """Runs every processor in order; stops before the first for which `until` holds."""
        for phase in PHASES:
            staged: tuple[str, ...] = ()
            for processor in phase.processors:
                if until(processor):
                    return
                staged = self._run(processor, staged)

    def run_phases(self, *names: str) -> None:
        """Runs whole phases, in the order given."""
        for name in names:
            staged: tuple[str, ...] = ()
            for processor in phase_named(name).processors:
                staged = self._run(processor, staged)

    def run_one(self, name: str) -> None:
        """Runs one processor, which is neither staged nor chunked, over what is stored."""
        self._run(processor_named(name), ())

    def _run(self, processor: Processor, staged: tuple[str, ...]) -> tuple[str, ...]:
        scope = scope_of(self.warehouse, self.day)
        tables = read_tables(self.warehouse, processor.reads, self.day, scope)
        self.tables[processor.name] = tables
        frames = frames_of(tables)
        context = self.context(scope)
        if "prediction_chunk" in processor.after:
            rows = self.around.writer.read_staged(list(staged))
            context = ProcessorContext(**{**context.__dict__, "staged": rows})
        chunks = 1
        if processor.chunked:
            chunks, _ = count_chunks(frames["features"], frames["upcoming_players"], context.chunk_size)
        for chunk in range(chunks):
            one = ProcessorContext(**{**context.__dict__, "chunk": chunk})
            output = self.functions[processor.name](one, frames, silent)
            self.runs[processor.name] = (one, frames, output)
            self._writes += 1
            key = f"test/{self._writes}"
            if processor.mode is WriteMode.STAGE:
                name = self.around.writer.stage(
                    processor.table, output.frame, chunk=f"{chunk:03d}", write_key=key
                )
                staged += (name,)
            elif processor.mode is WriteMode.MERGE:
                self.around.writer.merge(
                    processor.table, output.frame, write_key=key, fence=Fence(1), run_id="test"
                )
            else:
                part = {processor.slice_column: processor.name} if processor.slice_column else None
                self.write(processor.table, output.frame, output.partitions, slice=part)
        return staged
