"""The scrape log: one row per response a day asked for, whether it came or not."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable
from datetime import date
from typing import Any

import pandas as pd

from activities.processor import ObjectStore, Output, ProcessorContext
from activities.scrape.http import Reply
from shared.errors import DataNotReady, TipoffError

COLUMNS = (
    "game_date", "processor", "request", "subject_date", "source", "url", "status", "detail", "independent",
    "content_hash", "object_path", "body_bytes", "fetched_at",
)  # fmt: skip


class ScrapeLog:
    """Collects the rows of one scraper's run."""

    def __init__(self, context: ProcessorContext, processor: str) -> None:
        self._context = context
        self._processor = processor
        self.rows: list[dict[str, Any]] = []
        self.warnings: list[str] = []

    def store(
        self,
        request: str,
        source: str,
        reply: Reply,
        *,
        subject: date | None = None,
        status: str = "ok",
        detail: str = "",
        independent: bool | None = None,
    ) -> None:
        """A response that came: stored as received."""
        path = self._context.objects.put(source, reply.body)
        self._add(
            request, source, subject=subject, status=status, detail=detail, independent=independent,
            url=reply.url, content_hash=hashlib.sha256(reply.body).hexdigest(), object_path=path,
            body_bytes=len(reply.body),
        )  # fmt: skip

    def keep(self, row: pd.Series) -> None:
        """A response that an earlier run of the day has stored."""
        self.rows.append({name: None if pd.isna(row[name]) else row[name] for name in COLUMNS})

    def miss(self, request: str, source: str, error: TipoffError, *, subject: date | None = None) -> None:
        """A response that did not come."""
        status = "unavailable" if isinstance(error, DataNotReady) else "failed"
        self._add(request, source, subject=subject, status=status, detail=str(error)[:300])

    def answer(
        self, request: str, source: str, reply: Reply | None, error: TipoffError | None,
        *, subject: date | None = None,
    ) -> None:  # fmt: skip
        """A response as it came, or did not; one with an error is kept and not used."""
        if reply is not None:
            status, detail = ("failed", str(error)[:300]) if error else ("ok", "")
            self.store(request, source, reply, subject=subject, status=status, detail=detail)
        elif error is not None:
            self.miss(request, source, error, subject=subject)

    def output(self, facts: dict[str, str | int | float | bool] | None = None) -> Output:
        """All rows, in order of request; as a fact, the sources that were not to be asked in the end."""
        rows = sorted(self.rows, key=lambda r: str(r["request"]))
        frame = pd.DataFrame(rows, columns=list(COLUMNS))
        held = self._context.upstreams.guard.on_hold()
        told = {"on_hold": "; ".join(held)[:400]} if held else {}
        return Output(frame, (self._context.game_date,), tuple(self.warnings), {**(facts or {}), **told})

    def _add(self, request: str, source: str, *, subject: date | None, status: str, **details: Any) -> None:
        row = {
            "game_date": self._context.game_date,
            "processor": self._processor,
            "request": request,
            "subject_date": subject,
            "source": source,
            "status": status,
            "fetched_at": self._context.now,
            **dict.fromkeys(("url", "independent", "content_hash", "object_path", "body_bytes")),
            **details,
        }
        row["detail"] = details.get("detail") or None
        self.rows.append(row)


def stored(
    responses: pd.DataFrame, objects: ObjectStore, prefix: str
) -> list[tuple[dict[Hashable, Any], bytes]]:
    """The logged responses whose request begins with `prefix` and that have a body, with their bodies."""
    if responses.empty:
        return []
    chosen = responses[responses["request"].str.startswith(prefix) & responses["object_path"].notna()]
    return [(row, objects.get(str(row["object_path"]))) for row in chosen.to_dict("records")]
