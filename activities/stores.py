"""Where responses, models and documents are kept, and what a processor is told of them: all from settings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from activities.exports import BucketExports, FolderExports
from activities.model_files import fetch_models, keep_model
from activities.objects import BucketObjectStore, FolderObjectStore
from activities.processor import Exports, ObjectStore, ProcessorContext, Upstreams
from activities.scrape.guard import SourceGuard
from shared.clock import iso_utc
from shared.config import Settings

if TYPE_CHECKING:
    from activities.bucket import Bucket


@dataclass(frozen=True)
class Moment:
    """Which day a processor runs for, and when."""

    game_date: date
    as_of: datetime
    now: datetime
    dates: tuple[date, ...]
    run_id: str

    @classmethod
    def of(cls, context: ProcessorContext) -> Moment:
        """The one that a context is of."""
        return cls(context.game_date, context.as_of, context.now, context.dates, context.run_id)


@dataclass(frozen=True)
class Stores:
    """One per process."""

    settings: Settings

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
        """Whether a source may be asked now; it knows what it has seen itself."""
        return SourceGuard()

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

    def context_at(self, moment: Moment) -> ProcessorContext:
        """What a processor is given, but for its frames, at an instant of the day's own time."""
        return ProcessorContext(
            game_date=moment.game_date,
            as_of=moment.as_of,
            now=moment.now,
            dates=moment.dates,
            objects=self.objects,
            models=self.models,
            exports=self.exports,
            upstreams=self.upstreams(moment.now),
            run_id=moment.run_id,
            chunk_size=self.settings.prediction_chunk,
        )
