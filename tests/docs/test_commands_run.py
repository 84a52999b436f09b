"""Every command that a document shows in a block is run, in the order of the page, against one running stack.

README comes first: it starts the stack and brings in history, a model and a few dates. The other pages follow
by name, and find what README left. `tests/docs/shown.py` says how a block that can't run says so.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from starter.server_binary import find_server_binary
from tests.docs import shown

PATIENCE = 180.0
README = shown.ROOT / "README.md"
PAGES = [file for file in shown.documents() if file != README and shown.block_commands(file)]


class Reader:
    """Somebody who types what a page says, in a folder and a home of their own."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        self.folder = folder
        self.up: subprocess.Popen[bytes] | None = None
        programs = folder / "bin"
        programs.mkdir()
        (programs / "temporal").symlink_to(find_server_binary().path)
        venv = Path(sys.executable).parent
        self.environ = {k: v for k, v in os.environ.items() if not k.startswith(("TIPOFF_", "TEMPORAL_"))} | {
            "TIPOFF_HOME": str(self.home), "TIPOFF_SOURCE": "simulated", "TIPOFF_HISTORY_SEASONS": "0",
            "COLUMNS": "100", "PATH": f"{programs}:{venv}:{os.environ['PATH']}",
            "PYTHONPATH": str(shown.ROOT),
        }  # fmt: skip

    def read(self, file: Path) -> list[str]:
        """Type every command of a page; what went wrong, a text each."""
        wrong = []
        block = -1
        for command in shown.block_commands(file):
            if command.norun:
                continue
            if command.block != block:
                block = command.block
                self._let_days_end()
            words = next(shown.tipoff_words(command), [])
            said = self._start_stack() if words[:1] == ["up"] else self._type(command)
            if said:
                wrong.append(f"{command.where}: `{command.text}`: {said}")
        return wrong

    def _type(self, command: shown.Command) -> str:
        text = re.sub(r"(?<!\S)\./tipoff(?!\S)", "tipoff", self._filled(command.text))
        try:
            ended = subprocess.run(
                ["sh", "-c", text], capture_output=True, text=True, timeout=PATIENCE, check=False,
                cwd=self.folder, env=self.environ,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return f"not done after {PATIENCE:g} s"
        if ended.returncode == command.exit_code:
            return ""
        output = (ended.stdout[-1500:] + ended.stderr[-1500:]).strip()
        return f"exit code {ended.returncode}, not {command.exit_code}:\n{output}"

    def _filled(self, text: str) -> str:
        """Placeholders of models by those that there are."""
        if not re.search(r"\b(MODEL|CHAMPION|CHALLENGER)\b", text):
            return text
        listed = subprocess.run(
            ["tipoff", "models", "list", "--json"], capture_output=True, text=True, check=True,
            env=self.environ, cwd=self.folder, timeout=PATIENCE,
        )  # fmt: skip
        models = json.loads(listed.stdout)["models"]
        champion = next((m["model_id"] for m in models if m["status"] == "champion"), "none")
        other = next((m["model_id"] for m in models if m["status"] != "champion"), champion)
        text = re.sub(r"\bCHAMPION\b", champion, text)
        return re.sub(r"\b(MODEL|CHALLENGER)\b", other, text)

    def _start_stack(self) -> str:
        if self.up:
            return ""
        with (self.folder / "up.log").open("ab") as log:
            self.up = subprocess.Popen(
                ["tipoff", "up"],
                stdout=log,
                stderr=log,
                env=self.environ,
                cwd=self.folder,
                start_new_session=True,
            )
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until and self.up.poll() is None:
            try:
                info = json.loads((self.home / "stack.json").read_text())
            except (FileNotFoundError, json.JSONDecodeError):
                info = {}
            if info.get("ready"):
                # The plain Temporal command line is told where the server is.
                self.environ["TEMPORAL_ADDRESS"] = info["address"]
                return ""
            time.sleep(0.1)
        return f"no stack: {(self.folder / 'up.log').read_text()[-1500:]}"

    def _let_days_end(self) -> None:
        """Between two blocks a reader waits for the days that run, unless they wait for an operator."""
        if not self.up:
            return
        until = time.monotonic() + PATIENCE
        query = (
            "WorkflowType = 'DailyPipelineWorkflow' AND ExecutionStatus = 'Running' "
            "AND PipelineStatus = 'running'"
        )
        while time.monotonic() < until:
            counted = subprocess.run(
                ["temporal", "workflow", "count", "--query", query],
                capture_output=True, text=True, timeout=PATIENCE, check=True, env=self.environ,
            )  # fmt: skip
            if re.search(r"\b0\b", counted.stdout):
                return
            time.sleep(0.3)

    def leave(self) -> None:
        """Ctrl-C."""
        if self.up:
            self.up.send_signal(signal.SIGTERM)
            self.up.wait(timeout=60)


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Reader, list[str]]]:
    """Somebody who has read README, and what was wrong in it."""
    folder = tmp_path_factory.mktemp("reader")
    reader = Reader(folder)
    try:
        yield reader, reader.read(README)
    finally:
        reader.leave()
        shutil.rmtree(folder, ignore_errors=True)


def test_the_commands_of_readme_run(reader):
    _, wrong = reader
    assert not wrong, "\n\n".join(wrong)


@pytest.mark.parametrize("page", PAGES, ids=[str(p.relative_to(shown.ROOT)) for p in PAGES])
def test_the_commands_of_a_page_run(reader, page):
    somebody, _ = reader
    wrong = somebody.read(page)
    assert not wrong, "\n\n".join(wrong)
