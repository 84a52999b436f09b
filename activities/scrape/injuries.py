"""Fetches the injury report: ESPN → BallDontLie. None to be had is recorded: unknown is not healthy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from activities.processor import Frames, Output, ProcessorContext, Progress
from activities.scrape.http import Reply, UpstreamClient
from activities.scrape.log import ScrapeLog
from activities.scrape.sources import balldontlie, espn
from shared.errors import TipoffError, UpstreamContractViolation

MOST_PAGES = 10
"""A thousand injuries: twice the players there are."""

SOON = timedelta(minutes=1)
"""Where no source has a report, one that is back by then is asked again rather than done without."""


@dataclass
class _Answer:
    """What one source gave: all the pages of a report, or what was had before an error."""

    source: str
    pages: list[Reply] = field(default_factory=list)
    error: TipoffError | None = None


def process(context: ProcessorContext, frames: Frames, progress: Progress) -> Output:
    """Stores the report of the first source that has a whole one. Without one the day does without.

    A refused key is no error either: BallDontLie's free tier has no injuries.

    Raises:
        UpstreamUnavailable: none has one, and one is to be left alone, but not for long.
    """
    log = ScrapeLog(context, "scrape_injuries")
    missed: list[str] = []
    soon: TipoffError | None = None
    with UpstreamClient(context.upstreams) as client:
        for source, pages in ((espn.SOURCE, _espn_pages), (balldontlie.SOURCE, _balldontlie_pages)):
            answer = _ask(source, pages(client))
            _record(log, answer, missed)
            if answer.error is None:
                if missed:
                    log.warnings.append(f"injuries from {source}: {'; '.join(missed)}")
                return log.output({"available": True, "source": source})
            missed.append(str(answer.error))
            wait = answer.error.retry_after
            if wait and wait <= SOON:
                soon = answer.error
    if soon:
        raise soon
    log.warnings.append(f"no injury report: {'; '.join(missed)}")
    return log.output({"available": False})


def _espn_pages(client: UpstreamClient) -> Iterator[Reply]:
    reply = espn.injuries(client)
    yield reply
    espn.parse_injuries(reply.body)


def _balldontlie_pages(client: UpstreamClient) -> Iterator[Reply]:
    cursor: int | None = None
    for _ in range(MOST_PAGES):
        reply = balldontlie.injuries(client, cursor)
        yield reply
        _, cursor = balldontlie.parse_injuries(reply.body)
        if cursor is None:
            return
    msg = f"BallDontLie injuries: meta.next_cursor: no end after {MOST_PAGES} pages"
    raise UpstreamContractViolation(msg)


def _ask(source: str, pages: Iterator[Reply]) -> _Answer:
    answer = _Answer(source)
    try:
        for page in pages:
            answer.pages.append(page)
    except TipoffError as error:
        answer.error = error
    return answer


def _record(log: ScrapeLog, answer: _Answer, missed: list[str]) -> None:
    """Logs pages as received, and the error. A report in part is a failed one: who is missing may be out."""
    for number, reply in enumerate(answer.pages, start=1):
        log.store(
            f"injuries/{answer.source}/{number}", answer.source, reply,
            status="failed" if answer.error else "ok",
            detail=str(answer.error)[:300] if answer.error else "; ".join(missed)[:300],
        )  # fmt: skip
    if answer.error and not isinstance(answer.error, UpstreamContractViolation):
        log.miss(f"injuries/{answer.source}/{len(answer.pages) + 1}", answer.source, answer.error)
