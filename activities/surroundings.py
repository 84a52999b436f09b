"""What the activities of a worker share: the warehouse, its writer, the stores and the settings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from activities.exports import BucketExports, FolderExports
from activities.model_files import fetch_models, keep_model
from activities.objects import BucketObjectStore, FolderObjectStore
from activities.processor import Exports, ObjectStore, ProcessorContext, Upstreams
from activities.scrape.guard import SourceGuard
from activities.source_states import WarehouseStates
from shared.clock import iso_utc
from shared.config import Settings
from shared.messages import ProcessorRequest
from warehouse.protocol import Warehouse
from warehouse.writer import Writer

if TYPE_CHECKING:
    from activities.bucket import Bucket


@dataclass(frozen=True)
class Surroundings:
    """One per worker."""

    settings: Settings
    warehouse: Warehouse
    writer: Writer

    @cached_property
    def bucket(self) -> Bucket | None:
        """What responses, models and documents are kept in beyond this machine, if anything."""
        if not self.settings.objects:
            return None
        # The client library takes a second to import; the embedded worker has no use for it.
        from activities.bucket import Bucket  # noqa: PLC0415

        return Bucket(self.settings.objects)

    @property
    def objects(self) -> ObjectStore:
        """Stored responses."""
        if self.bucket:
            return BucketObjectStore(self.bucket)
        return FolderObjectStore(self.settings.home / "objects")

    def keep_model(self, model_id: str) -> None:
        """Lets the other workers have an artefact that this one has made."""
        if self.bucket:
            keep_model(self.bucket, self.models, model_id)

    def fetch_models(self, model_ids: Iterable[str]) -> None:
        """Sees that artefacts of other workers are in this one's folder."""
        if self.bucket:
            fetch_models(self.bucket, self.models, model_ids)

    @property
    def models(self) -> Path:
        """Model artefacts, a folder each; copies where there is a bucket."""
        return self.settings.home / "models"

    @property
    def exports(self) -> Exports:
        """Published documents, a folder a date."""
        if self.bucket:
            return BucketExports(self.bucket)
        return FolderExports(self.settings.home / "exports")

    @property
    def evaluations(self) -> Path:
        """Reports of evaluations, a folder each, on the machine of the worker that made them."""
        return self.settings.home / "exports" / "evaluations"

    @cached_property
    def guard(self) -> SourceGuard:
        """Whether a source may be asked now. A replay is our own: it is asked as fast as it answers."""
        states = WarehouseStates(self.warehouse, self.writer)
        return SourceGuard(states, paced=self.settings.replay_url is None)

    def upstreams(self, now: datetime) -> Upstreams:
        """The upstreams as they are at an instant of the day's own time."""
        base = self.settings.replay_url
        return Upstreams(
            base=f"{base.rstrip('/')}/as-of/{iso_utc(now)}" if base else None,
            odds_api_key=self.settings.odds_api_key,
            balldontlie_api_key=self.settings.balldontlie_api_key,
            source=self.settings.source,
            token=self.settings.token,
            guard=self.guard,
        )

    def context(
        self,
        request: ProcessorRequest,
        dates: tuple[date, ...],
        run_id: str,
        staged: pd.DataFrame,
        *,
        at: datetime,
    ) -> ProcessorContext:
        """What a processor is given, but for its frames; `at` by the clock of `request.started_at`."""
        now = request.as_of + max(at - request.started_at, timedelta())
        context = self.context_at(request.game_date, request.as_of, now, dates, run_id)
        return replace(context, chunk=request.chunk, staged=staged)

    def context_at(
        self,
        game_date: date,
        as_of: datetime,
        now: datetime,
        dates: tuple[date, ...],
        run_id: str,
    ) -> ProcessorContext:
        """The same, at a given instant of the day's own time."""
        return ProcessorContext(
            game_date=game_date,
            as_of=as_of,
            now=now,
            dates=dates,
            objects=self.objects,
            models=self.models,
            exports=self.exports,
            upstreams=self.upstreams(now),
            run_id=run_id,
            chunk_size=self.settings.prediction_chunk,
        )
