"""A brief as Markdown and as one page of HTML."""

from __future__ import annotations

from html import escape

from activities import markup
from activities.figures import NOTES, calibration_figures, month_figures
from activities.publishing.brief import Brief, Section, Table


def markdown(brief: Brief) -> str:
    """The brief for a terminal, a mail or a chat."""
    parts = [f"# {brief.game_date}", "", brief.headline]
    for section in brief.sections:
        parts += ["", f"## {section.title}", ""]
        parts += [f"- {_inline(line)}" for line in section.lines]
        if section.table:
            parts += _table(section.table)
    return "\n".join(parts) + "\n"


def html(brief: Brief) -> str:
    """The same as a page that asks for nothing else."""
    title = f"{brief.game_date}"
    style = "alarm" if brief.waiting else "good"
    head = f"<h1>{escape(title)}</h1>", markup.paragraph(brief.headline, style)
    sections = (_section(section) for section in brief.sections)
    return markup.page(title, (*head, *sections, _charts(brief)))


def _charts(brief: Brief) -> str:
    """What no terminal shows: how the season's predictions came out up to the day before."""
    errors = f"On rows with a line; circles are the line on the same rows. {NOTES['months']}"
    months, curves = month_figures(brief.months), calibration_figures(brief.curves)
    return "".join(
        (
            markup.charts_of("Errors of the season by month", errors, months),
            markup.charts_of("Calibration of the last 30 days", NOTES["calibration"], curves),
        )
    )


def _section(section: Section) -> str:
    parts = [markup.paragraph(line) for line in section.lines]
    if section.table:
        words = frozenset(range(1, len(section.table.heads))) if _wordy(section.table) else frozenset()
        parts.append(markup.table(section.title, section.table.heads, section.table.rows, words))
    return markup.section(section.title, *parts)


def _wordy(table: Table) -> bool:
    """Whether its cells are sentences rather than figures."""
    return any(" " in cell for row in table.rows for cell in row[1:])


def _table(table: Table) -> list[str]:
    heads = " | ".join(table.heads)
    rows = [f"| {' | '.join(_inline(cell) for cell in row)} |" for row in table.rows]
    return [f"| {heads} |", "|" + "---|" * len(table.heads), *rows]


def _inline(text: str) -> str:
    """A cell or a line: what would end either is taken out."""
    return " ".join(text.replace("|", "\\|").split())
