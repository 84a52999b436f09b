"""Phase 7, `daily_brief`: the hand-over document of the day, as Markdown and HTML beside its predictions."""

from __future__ import annotations

import hashlib

import pandas as pd

from activities.analytics.windows import shaped
from activities.processor import Frames, Output, ProcessorContext, Progress
from activities.publishing.brief import brief_of
from activities.publishing.brief_pages import html, markdown

COLUMNS = {
    "game_date": "datetime64[us]", "document": "str", "path": "str", "sha256": "str",
    "size_bytes": "int64", "waiting": "int64", "written_at": "datetime64[us, UTC]",
}  # fmt: skip

MARKDOWN, HTML = "brief.md", "brief.html"


def process(context: ProcessorContext, frames: Frames, progress: Progress) -> Output:
    """Writes both files whole, and a row for each."""
    day = context.game_date
    brief = brief_of(day, frames, context.upstreams.source)
    rows = []
    for done, (name, text) in enumerate(((MARKDOWN, markdown(brief)), (HTML, html(brief)))):
        progress(done, 2, name)
        body, relative = text.encode(), f"{day.isoformat()}/{name}"
        context.exports.write(relative, body)
        rows.append(
            {
                "game_date": pd.Timestamp(day),
                "document": name,
                "path": relative,
                "sha256": hashlib.sha256(body).hexdigest(),
                "size_bytes": len(body),
                "waiting": brief.waiting,
                "written_at": pd.Timestamp(context.now),
            }
        )
    return Output(shaped(pd.DataFrame(rows), COLUMNS), (day,), facts={"waiting": brief.waiting})
