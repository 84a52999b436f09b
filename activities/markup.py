"""The page's style sheet and its tables. Every word that goes into the page is escaped here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape

STYLE = """
:root { color-scheme: light dark; --page: #fbfbf9; --card: #ffffff; --ink: #1b1b1a; --soft: #5c5b57;
  --edge: #dddcd6; --first: #1f6fc4; --second: #b3541e; --bad: #b3261e; --bad-page: #fdeeec;
  --good: #1d6b34; }
@media (prefers-color-scheme: dark) {
  :root { --page: #161615; --card: #1f1f1d; --ink: #f1f0ec; --soft: #b4b2ab; --edge: #3a3936;
    --first: #6aaef2; --second: #f0975c; --bad: #ff8a80; --bad-page: #3a1714; --good: #7fd099; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 1200px; margin: 0 auto; padding: 16px; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 8px 0; }
h2 { font-size: 1.25rem; margin: 32px 0 8px; }
h3 { font-size: 1rem; margin: 0 0 4px; overflow-wrap: anywhere; }
p { margin: 4px 0 8px; max-width: 75ch; overflow-wrap: anywhere; }
.soft { color: var(--soft); }
.alarm { border: 3px solid var(--bad); background: var(--bad-page); border-radius: 6px;
  padding: 12px 16px; margin: 8px 0 16px; }
.alarm h2 { color: var(--bad); margin-top: 0; }
.alarm li { overflow-wrap: anywhere; }
.good { border-left: 4px solid var(--good); padding-left: 12px; }
.scroll { overflow-x: auto; border: 1px solid var(--edge); border-radius: 6px; background: var(--card);
  margin: 8px 0 16px; }
.scroll:focus-visible { outline: 2px solid var(--first); }
table { border-collapse: collapse; width: 100%; font-size: 0.875rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; font-weight: 600; }
caption span { display: block; position: sticky; left: 0; width: fit-content; padding: 8px 12px;
  max-width: min(100%, calc(100vw - 34px)); }
figure caption span { max-width: min(100%, calc(100vw - 60px)); }
th, td { padding: 4px 12px; border-top: 1px solid var(--edge); text-align: right; white-space: nowrap; }
thead th { color: var(--soft); font-weight: 600; vertical-align: bottom; white-space: normal; }
th:first-child { position: sticky; left: 0; background: var(--card); white-space: nowrap; }
th:first-child, td.words, th.words { text-align: left; }
td.words { white-space: normal; }
td.prose { min-width: 32ch; }
tbody th { font-weight: 500; }
td.bad { color: var(--bad); font-weight: 700; }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 320px), 1fr)); gap: 16px; }
figure { margin: 0; padding: 12px; background: var(--card); border: 1px solid var(--edge);
  border-radius: 6px; min-width: 0; }
figure .scroll { margin-bottom: 0; }
summary { cursor: pointer; color: var(--soft); padding: 4px 0; }
svg { display: block; width: 100%; height: auto; }
svg text { font: 12px system-ui, sans-serif; fill: var(--ink); }
svg .tick { fill: var(--soft); font-size: 11px; }
svg .grid { stroke: var(--edge); }
svg .reference { stroke: var(--soft); stroke-dasharray: 4 4; }
svg .whisker { stroke: var(--second); stroke-opacity: 0.6; stroke-width: 2; }
svg .first { fill: var(--first); } svg .second { fill: var(--second); }
svg .stroke { fill: none; stroke-width: 1.5; }
svg .first.stroke { stroke: var(--first); } svg .second.stroke { stroke: var(--second); }
@media (max-width: 600px) { th, td { padding: 4px 8px; }
  thead th { white-space: nowrap; }
  tbody th:first-child { white-space: normal; min-width: 14ch; } }
@media print { .scroll { overflow: visible; } figure { break-inside: avoid; } }
"""

PROSE = 40
"""A cell of more characters than these is prose: it gets room for lines, or its row would be a tower."""


def table(
    caption: str, heads: Sequence[str], rows: Iterable[Sequence[str]], words: frozenset[int] = frozenset()
) -> str:
    """A table that scrolls in its own box; the columns of `words` are left-aligned text."""

    def style(i: int, cell: str) -> str:
        held = {"words": i in words, "prose": i in words and len(cell) > PROSE, "bad": cell == "FAIL"}
        names = [name for name, is_held in held.items() if is_held]
        return f' class="{" ".join(names)}"' if names else ""

    head = "".join(f'<th scope="col"{style(i, "")}>{escape(name)}</th>' for i, name in enumerate(heads))
    body = "".join(
        f'<tr><th scope="row">{escape(row[0])}</th>'
        + "".join(f"<td{style(i, cell)}>{escape(cell)}</td>" for i, cell in enumerate(row[1:], start=1))
        + "</tr>"
        for row in rows
    )
    return (
        f'<div class="scroll" role="region" tabindex="0" aria-label="{escape(caption)}">'
        f"<table><caption><span>{escape(caption)}</span></caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table></div>"
    )


def section(title: str, *parts: str) -> str:
    """A part of the page under its heading."""
    return f"<section><h2>{escape(title)}</h2>{''.join(parts)}</section>"


def paragraph(words: str, style: str = "") -> str:
    """A paragraph of plain words."""
    return f'<p class="{style}">{escape(words)}</p>' if style else f"<p>{escape(words)}</p>"


def figure(title: str, drawn: str, numbers: str) -> str:
    """A chart with the table of what it shows."""
    return (
        f"<figure><h3>{escape(title)}</h3>{drawn}"
        f"<details><summary>The numbers</summary>{numbers}</details></figure>"
    )


def charts_of(title: str, note: str, figures: Mapping[str, str]) -> str:
    """The charts of one kind under their heading; nothing where there are none."""
    if not figures:
        return ""
    return section(title, paragraph(note), f'<div class="charts">{"".join(figures.values())}</div>')


def page(title: str, parts: Iterable[str]) -> str:
    """A whole document that asks for nothing else."""
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head>"
        f"<body><main>{''.join(parts)}</main></body></html>\n"
    )
