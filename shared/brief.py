"""What `tipoff brief` asks, and is answered."""

from __future__ import annotations

from datetime import date

from shared.messages import Message


class BriefInput(Message):
    """Write the brief of a date anew."""

    game_date: date | None = None
    """None: the latest date that was run."""


class BriefResult(Message):
    """The brief as Markdown, and where both files are."""

    game_date: date
    waiting: int
    """Phases that wait for a person."""
    markdown: str
    """At most 60,000 characters; the file has all of it."""
    markdown_path: str
    html_path: str
