"""`docs/phases/`, written from the registry: `python -m activities.operations.phase_reference docs/phases`.

What a processor does is the first sentence of its module, so code, page and reader say the same.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from shared.phases import PHASES, dependants
from shared.registry import RETRIES, Phase, Processor, Read, Window, WriteMode, levels

_WINDOWS = {
    Window.DAY: "of the date itself",
    Window.SCOPE: "of the dates whose games this run brings in",
    Window.BEFORE: "of {} before the date, the date excluded",
    Window.UP_TO: "of {} up to the date",
}
_MODES = {
    WriteMode.REPLACE: "replaces its partitions",
    WriteMode.MERGE: "merges on its key",
    WriteMode.STAGE: "stages rows for the consolidation",
}


def phase_pages() -> dict[str, str]:
    """Every page by its file name, in Markdown."""
    return {"README.md": _index()} | {f"{phase.name}.md": _page(phase) for phase in PHASES}


def _index() -> str:
    rows = [
        f"| {p.number} | [{p.name}]({p.name}.md) | {p.summary[0].lower()}{p.summary[1:]} | {', '.join(p.depends_on) or 'nothing'} | "
        f"{len(p.processors)} | {'yes' if p.before_tip else 'no'} |"
        for p in PHASES
    ]
    arrows = [f"    {need} --> {phase.name}" for phase in PHASES for need in phase.depends_on]
    return "\n".join([
        "# The phases of a day", "", _WRITTEN, "",
        "| | phase | what it does | needs | processors | before the tip-off |", "|---|---|---|---|---|---|", *rows,
        "", "```mermaid", "flowchart LR", *arrows, "```", "",
        "A re-triggered phase runs what depends on it again. A required processor that has used up its retries parks",
        "the day (`waiting`); one that isn't leaves a warning.", "",
    ])  # fmt: skip


_WRITTEN = (
    "Written by `python -m activities.operations.phase_reference docs/phases` from `shared/phases.py` and the\n"
    "processors' own modules; a test fails when a page is not current."
)


def _page(phase: Phase) -> str:
    after = ", ".join(dependants(phase.name))
    facts = [
        f"{phase.summary}.",
        f"Needs {_and(phase.depends_on)}." if phase.depends_on else "Needs no other phase.",
        f"Run again, it is followed by {_and(tuple(dependants(phase.name)))}." if after else "Nothing follows it.",
        "The tip-off deadline binds it." if phase.before_tip else "The tip-off deadline does not bind it.",
    ]  # fmt: skip
    steps = [
        f"{number}. {', '.join(f'[`{p.name}`](#{p.name})' for p in level)}"
        for number, level in enumerate(levels(phase.processors), start=1)
    ]
    parts = [
        f"# Phase {phase.number}: {phase.name}", "", _WRITTEN, "", " ".join(facts), "", "In order, those of a line at once:",
        "", *steps, "",
        f"Again, for one date: `tipoff retrigger DATE --phase {phase.name} --reason …`; for past dates:",
        f"`tipoff backfill START END --phase {phase.name} --only all`.", "",
    ]  # fmt: skip
    for processor in phase.processors:
        parts += [*_processor(processor), ""]
    return "\n".join(parts)


def _processor(processor: Processor) -> Iterator[str]:
    module = processor.path.partition(":")[0]
    retry = RETRIES[processor.retry]
    yield f"## {processor.name}"
    yield ""
    yield _said(module, processor.name)
    yield ""
    yield "| | |"
    yield "|---|---|"
    yield f"| code | `{module.replace('.', '/')}.py` |"
    yield f"| writes | [`{processor.table}`](../schema.md#{processor.table.replace('.', '')}), {_MODES[processor.mode]} |"
    yield f"| key | {', '.join(f'`{name}`' for name in processor.key)}; partition `{processor.partition}` |"
    for place, read in enumerate(processor.reads):
        yield f"| {'reads' if place == 0 else ''} | {_read(read)} |"
    yield f"| waits for | {', '.join(f'`{name}`' for name in processor.after) or 'nothing in its phase'} |"
    yield f"| required | {'yes: its failure parks the day' if processor.required else 'no: its failure is a warning'} |"
    yield (
        f"| tried | {retry.attempts} times, {_span(retry.initial)} to {_span(retry.maximum)} apart, "
        f"each at most {_span(processor.start_to_close)} |"
    )
    if processor.chunked:
        yield "| runs | once a chunk of players, at once |"
    yield f"| stale | {_span(processor.fresh_for)} after its last run |"


def _said(module: str, name: str) -> str:
    text = (importlib.import_module(module).__doc__ or "").strip().partition("\n\n")[0]
    said = " ".join(text.split())
    head, colon, rest = said.partition(": ")
    if colon and head.startswith("Phase ") and name in head:
        said = rest
    elif head.startswith("Phase ") and ", " in said:
        said = said.partition(", ")[2]
    return said[0].upper() + said[1:]


def _read(read: Read) -> str:
    which = _WINDOWS[read.window].format(_days(read.days))
    return f"[`{read.table}`](../schema.md#{read.table.replace('.', '')}) {which}"


def _days(days: int) -> str:
    return "all time" if days >= 36_500 else f"{days:,} days"


def _span(span: timedelta) -> str:
    seconds = span.total_seconds()
    for size, unit in ((3600, "h"), (60, "min")):
        if seconds >= size and seconds % size == 0:
            return f"{seconds / size:g} {unit}"
    return f"{seconds:g} s"


def _and(names: tuple[str, ...]) -> str:
    links = [f"[{name}]({name}.md)" for name in names]
    return " and ".join(filter(None, [", ".join(links[:-1]), links[-1]]))


def main(folder: Path) -> None:
    """Write the pages into a folder; what a phase that is gone left there is removed."""
    folder.mkdir(parents=True, exist_ok=True)
    pages = phase_pages()
    for old in folder.glob("*.md"):
        if old.name not in pages:
            old.unlink()
    for name, text in pages.items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
