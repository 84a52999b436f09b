"""The commands that the documents show, and the command line's own parser to judge them by.

A document shows a command in one of two ways:

- In a block that begins with ```` ```sh ````: whole commands as one types them, run by
  `test_commands_run.py`. A block that can't run in a test says why behind its language, which no reader sees:
  ```` ```sh norun: needs Docker ````. A command that ends with another exit code than 0 says so in its
  comment: `# exit code 1: …`.
- In a code span, as `tipoff status DATE`: a form with placeholders, arguments left out and alternatives
  (`schedule pause|unpause`). Verb and options must exist.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import typer

from starter.cli import app

ROOT = Path(__file__).resolve().parents[2]
SHELLS = ("sh", "bash", "shell", "console")
_FENCE = re.compile(r"^\s*(`{3,})\s*(\S*)\s*(.*)$")
_SPAN = re.compile(r"`([^`]+)`")
_COMMAND = re.compile(r"^\s*(\$ )?(\S+=\S+ +)*(\./)?tipoff( |$)")
_PLACEHOLDER = re.compile(r"^[A-Z][A-Z_]*$|^…$|^\.\.\.$")


@dataclass(frozen=True)
class Command:
    """One command line of a block, or one code span."""

    file: Path
    line: int
    text: str
    norun: str = ""
    """Why it is not run; empty where it is."""
    block: int = 0
    """First line of its block."""

    @property
    def where(self) -> str:
        """As an editor opens it."""
        return f"{self.file.relative_to(ROOT)}:{self.line}"

    @property
    def exit_code(self) -> int:
        """The one that its comment states; 0 if none does."""
        stated = re.search(r"#.*\bexit code (\d+)", self.text)
        return int(stated.group(1)) if stated else 0


def documents() -> list[Path]:
    """What is read: README first, then the rest by name."""
    top = [ROOT / name for name in ("README.md", "SECURITY.md", "CHANGELOG.md")]
    return [f for f in top if f.exists()] + sorted((ROOT / "docs").rglob("*.md"))


def block_commands(file: Path) -> list[Command]:
    """The commands of a document's shell blocks, a continued line joined to one."""
    found: list[Command] = []
    for first, language, note, lines in _blocks(file):
        if language not in SHELLS:
            continue
        norun = note.removeprefix("norun:").strip() if note.startswith("norun:") else ""
        begun, parts = 0, []
        for number, line in enumerate(lines, start=first):
            begun = begun if parts else number
            parts.append(line.rstrip().removesuffix("\\"))
            if line.rstrip().endswith("\\"):
                continue
            text = "\n".join(parts) if _open_quote("\n".join(parts)) else " ".join(p.strip() for p in parts)
            if _open_quote(text):
                continue
            if text.strip() and not text.lstrip().startswith("#"):
                found.append(Command(file, begun, text.strip(), norun, first))
            parts = []
        if parts:
            found.append(Command(file, begun, "\n".join(parts), norun, first))
    return found


def span_commands(file: Path) -> list[Command]:
    """The code spans outside blocks that begin with `tipoff`."""
    inside = {n for first, _, _, lines in _blocks(file) for n in range(first - 1, first + len(lines) + 1)}
    found = []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        if number not in inside:
            spans = [span for span in _SPAN.findall(line) if _COMMAND.match(span)]
            found += [Command(file, number, span) for span in spans]
    return found


def stray_commands(file: Path) -> list[Command]:
    """Lines that look like a command and stand where nothing checks them."""
    found = []
    blocks = {n: lang for first, lang, _, lines in _blocks(file) for n in range(first, first + len(lines))}
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        language = blocks.get(number)
        indented = language is None and line.startswith("    ")
        if _COMMAND.match(line) and (indented or (language is not None and language not in SHELLS)):
            found.append(Command(file, number, line.strip()))
    return found


def unknown_notes(file: Path) -> list[str]:
    """Shell blocks with something behind their language that nothing reads."""
    return [
        f"{file.relative_to(ROOT)}:{first - 1}: {note!r}"
        for first, language, note, _ in _blocks(file)
        if language in SHELLS and note and not re.match(r"norun: *\S", note)
    ]


def _blocks(file: Path) -> Iterator[tuple[int, str, str, list[str]]]:
    """Fenced blocks: number of their first line, language, what follows it, lines."""
    fence, language, note = "", "", ""
    lines: list[str] = []
    first = 0
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        if fence:
            if line.strip() == fence:
                yield first, language, note, lines
                fence = ""
            else:
                lines.append(line)
        elif match := _FENCE.match(line):
            fence, language, note = match.groups()
            first, lines = number + 1, []


def _open_quote(text: str) -> bool:
    try:
        shlex.split(text, comments=True)
    except ValueError:
        return True
    return False


# ---- the parser's verdict


def tipoff_words(command: Command) -> Iterator[list[str]]:
    """The arguments of each `tipoff` in a command line, pipes and lists taken apart."""
    lexer = shlex.shlex(command.text, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    part: list[str] = []
    for word in [*lexer, ";"]:
        if word.strip("|&;()<>"):
            part.append(word)
            continue
        while part and re.match(r"^[A-Za-z_]+=", part[0]):
            part.pop(0)
        if part and part[0] in {"tipoff", "./tipoff"}:
            yield part[1:]
        part = []


def span_words(command: Command) -> list[list[str]]:
    """The forms of a code span: alternatives apart, brackets, placeholders' dots and comments left out."""
    text = command.text.split(" #")[0]
    try:
        words = shlex.split(text)
    except ValueError:
        words = text.split()
    words = words[next(i for i, w in enumerate(words) if w in {"tipoff", "./tipoff"}) + 1 :]
    words = [w.strip("[]") for w in words if w not in {"…", "..."}]
    return [
        list(form) for form in product(*(w.split("|") if re.match(r"^[\w|-]+$", w) else [w] for w in words))
    ]


def objection(words: list[str], *, form: bool = False) -> str:
    """What the command line's own parser has against these arguments; empty if nothing.

    `form`: arguments may be missing and values be placeholders.
    """
    context, command = None, typer.main.get_command(app)
    name, rest = "tipoff", list(words)
    try:
        while True:
            context = command.make_context(name, rest, parent=context)
            if not hasattr(command, "resolve_command"):
                return ""
            left = [*context._protected_args, *context.args]
            found, command, rest = command.resolve_command(context, left)
            name = str(found)
    except typer.Exit:
        return ""
    except Exception as error:  # noqa: BLE001 - the parser's errors have no public base class
        kind = type(error).__name__
        if kind == "NoArgsIsHelpError":
            return ""
        said = str(error.format_message()) if hasattr(error, "format_message") else repr(error)
        missing = kind == "MissingParameter" or said.endswith("requires an argument.")
        placeholder = kind == "BadParameter" and any(_PLACEHOLDER.match(word) for word in words)
        return "" if form and (missing or placeholder) else said
