"""The one generic activity: reads a processor's inputs, runs it, writes its rows exactly once."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from datetime import date, timedelta

import pandas as pd
import pyarrow as pa
import structlog
from temporalio import activity

from activities.compute import load_processors
from activities.failures import as_application_errors
from activities.heartbeat import heartbeating
from activities.predictions.prediction_chunk import count_chunks
from activities.processor import Output, ProcessorContext, Progress
from activities.surroundings import Surroundings
from shared.errors import QualityGateFailed, SchemaViolation
from shared.messages import ChunkCount, ProcessorRequest, ProcessorResult
from shared.names import COUNT_CHUNKS, RUN_PROCESSOR
from shared.phases import processor_named
from shared.reads import MODELS
from shared.registry import RETRIES, Processor, Read, Window, WriteMode
from warehouse.frames import to_pandas
from warehouse.protocol import Selection, Warehouse
from warehouse.work import work
from warehouse.writer import Fence, WriteResult

log = structlog.get_logger()

SCRAPE_LOG = "nba_raw.scrape_log"
WARNINGS_SHOWN = 20

LATELY_SECONDS = 10.0
"""For how long a day counts as under way after one of its processors began."""


def scope_of(warehouse: Warehouse, game_date: date) -> tuple[date, ...]:
    """The dates whose games the run of a date brings in: D-1, and those it looked for again."""
    asked = warehouse.read(
        SCRAPE_LOG, columns=["subject_date"], dates=[game_date], equals={"processor": "scrape_box_scores"}
    )
    found = {pd.Timestamp(d).date() for d in asked["subject_date"].dropna()}
    return tuple(sorted(found | {game_date - timedelta(days=1)}))


def selection_of(read: Read, game_date: date, scope: tuple[date, ...]) -> Selection:
    """What a processor is given of a table. The windows are cut here, once, for every processor."""
    columns = list(read.columns) or None
    since = game_date - timedelta(days=read.days)
    if read.window is Window.DAY:
        return {"columns": columns, "dates": [game_date]}
    if read.window is Window.SCOPE:
        return {"columns": columns, "dates": list(scope)}
    until = game_date if read.window is Window.BEFORE else game_date + timedelta(days=1)
    return {"columns": columns, "since": since, "until": until}


def read_tables(
    warehouse: Warehouse, reads: Iterable[Read], game_date: date, scope: tuple[date, ...]
) -> dict[str, pa.Table]:
    """A processor's inputs, by name, as Arrow has them."""
    return {r.name: warehouse.read_table(r.table, **selection_of(r, game_date, scope)) for r in reads}


def frames_of(tables: Mapping[str, pa.Table]) -> dict[str, pd.DataFrame]:
    """The frames that a processor gets of these tables."""
    return {name: to_pandas(table) for name, table in tables.items()}


def read_frames(
    warehouse: Warehouse, reads: Iterable[Read], game_date: date, scope: tuple[date, ...]
) -> dict[str, pd.DataFrame]:
    """A processor's inputs, by name."""
    return frames_of(read_tables(warehouse, reads, game_date, scope))


class ProcessorRunner:
    """The activities that run processors, over one warehouse."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._surroundings = surroundings
        self._functions = load_processors()
        self._under_way: dict[date, float] = {}

    @activity.defn(name=RUN_PROCESSOR)
    def run_processor(self, request: ProcessorRequest) -> ProcessorResult:
        """Runs one processor and writes its rows under a key derived from this activity.

        A retry that finds its key in the ledger gets the recorded result: rows are written once, however
        often the activity runs.
        """
        info = activity.info()
        started = time.monotonic()
        bound = log.bind(
            workflow_id=info.workflow_id, run_id=info.workflow_run_id, phase=request.phase,
            processor=request.processor, attempt=info.attempt,
        )  # fmt: skip
        labels = {"phase": request.phase, "processor": request.processor}
        with as_application_errors():
            processor = processor_named(request.processor)
        with (
            as_application_errors(RETRIES[processor.retry], info.attempt),
            heartbeating() as progress,
            work(**labels, game_date=request.game_date.isoformat()) as spent,
        ):
            context = self._context(request, info.workflow_run_id or "")
            output = self._process(processor, context, progress)
            suffix = f"/{request.chunk:03d}" if processor.chunked else ""
            write_key = f"{info.workflow_run_id}/{info.activity_id}/{processor.table}{suffix}"
            # A cancellation must not land between the commit and its being known.
            with activity.shield_thread_cancel_exception():
                written, staged = self._write(processor, request, output, write_key, context.run_id)
            if output.refusal:
                raise QualityGateFailed(output.refusal)
        bound.info(
            "processor done", table=processor.table, rows=written.rows if written else len(output.frame),
            warnings=len(output.warnings), replayed=bool(written and written.replayed),
            bytes_billed=spent.bytes_billed,
            seconds=round(time.monotonic() - started, 3),
        )  # fmt: skip
        for warning in output.warnings[:WARNINGS_SHOWN]:
            bound.warning("processor warning", text=warning)
        return ProcessorResult(
            processor=processor.name,
            table=processor.table,
            rows=written.rows if written else len(output.frame),
            content_hash=written.content_hash if written else "",
            write_key=write_key,
            replayed=bool(written and written.replayed),
            attempt=info.attempt,
            partitions=output.partitions[:40],
            warnings=tuple(w[:300] for w in output.warnings[:WARNINGS_SHOWN]),
            warning_count=len(output.warnings),
            facts=dict(output.facts),
            staged=staged,
            bytes_processed=spent.bytes_processed,
            bytes_billed=spent.bytes_billed,
            seconds=round(time.monotonic() - started, 3),
        )

    @activity.defn(name=COUNT_CHUNKS)
    def count_prediction_chunks(self, request: ProcessorRequest) -> ChunkCount:
        """How many chunks of players phase 5 has today."""
        with as_application_errors():
            processor = processor_named(request.processor)
            wanted = [r for r in processor.reads if r.name in ("features", "upcoming_players")]
            frames = read_frames(self._surroundings.warehouse, wanted, request.game_date, ())
            chunks, players = count_chunks(
                frames["features"], frames["upcoming_players"], self._surroundings.settings.prediction_chunk
            )
            return ChunkCount(chunks=chunks, players=players)

    def _process(self, processor: Processor, context: ProcessorContext, progress: Progress) -> Output:
        around = self._surroundings
        several = self._several_days(context.game_date)
        elsewhere = around.compute if several and processor.computes else None
        tables = read_tables(around.warehouse, processor.reads, context.game_date, context.dates)
        if MODELS.name in tables:
            around.fetch_models(tables[MODELS.name]["model_id"].to_pylist())
        try:
            if elsewhere and elsewhere.ready:
                return elsewhere.run(processor.name, context, tables)
            return self._functions[processor.name](context, frames_of(tables), progress)
        except (KeyError, pd.errors.MergeError) as error:
            # A column that isn't there, or a row that is there twice: no retry mends either.
            msg = f"{processor.name}: its input lacks or repeats something: {type(error).__name__}: {error}"
            raise SchemaViolation(msg) from error

    def _several_days(self, game_date: date) -> bool:
        """Whether other days are under way too, in a backfill above all.

        A day alone is a twentieth quicker in the worker's threads: it has a core to itself, and no pipe to
        go through.
        """
        now = time.monotonic()
        lately = {day: at for day, at in self._under_way.items() if now - at < LATELY_SECONDS}
        self._under_way = {**lately, game_date: now}
        return len(self._under_way) > 1

    def _context(self, request: ProcessorRequest, run_id: str) -> ProcessorContext:
        dates = request.dates or scope_of(self._surroundings.warehouse, request.game_date)
        staged = (
            self._surroundings.writer.read_staged(list(request.staged)) if request.staged else pd.DataFrame()
        )
        # Temporal's clock, by which the day began too: a worker's own may be hours off.
        at = activity.info().started_time
        return self._surroundings.context(request, dates, run_id, staged, at=at)

    def _write(
        self, processor: Processor, request: ProcessorRequest, output: Output, write_key: str, run_id: str
    ) -> tuple[WriteResult | None, str]:
        writer = self._surroundings.writer
        fence = Fence(request.epoch, request.retrigger)
        if processor.mode is WriteMode.STAGE:
            chunk = f"{request.chunk:03d}"
            return None, writer.stage(processor.table, output.frame, chunk=chunk, write_key=write_key)
        if processor.mode is WriteMode.MERGE:
            merged = writer.merge(
                processor.table, output.frame, write_key=write_key, fence=fence, run_id=run_id
            )
            return merged, ""
        slices = {processor.slice_column: processor.name} if processor.slice_column else None
        replaced = writer.replace(
            processor.table, output.frame, partitions=output.partitions, slice=slices,
            write_key=write_key, fence=fence, run_id=run_id,
        )  # fmt: skip
        return replaced, ""
