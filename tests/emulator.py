"""A BigQuery emulator as a real separate process, in an environment of its own.

`bqemulator` needs another sqlglot than we do, so it is never imported here: this file starts itself as a
script in the environment of the dependency group `emulator`, where it patches and serves.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UNENFORCED_KEY = re.compile(r",\s*PRIMARY KEY\s*\([^)]*\)\s*NOT ENFORCED", re.IGNORECASE)
STARTS_WITHIN = 60.0
"""Seconds."""


class EmulatorMissingError(Exception):
    """The emulator can't be had here; the message says why."""


def environment() -> Path:
    """The Python of the emulator's environment, made from the lock file when it isn't there yet.

    Raises:
        EmulatorMissingError: no uv, or its packages can't be installed.
    """
    given = os.environ.get("TIPOFF_EMULATOR_PYTHON")
    if given:
        return Path(given)
    uv, cache = _uv(), _cache() / "emulator"
    clean = {k: v for k, v in os.environ.items() if k != "VIRTUAL_ENV"}
    done = subprocess.run(
        [*uv, "sync", "--quiet", "--only-group", "emulator", "--frozen", "--project", str(ROOT)],
        env={**clean, "UV_PROJECT_ENVIRONMENT": str(cache)}, cwd=ROOT, capture_output=True, text=True,
        timeout=300, check=False,
    )  # fmt: skip
    if done.returncode:
        msg = f"uv can't install the dependency group emulator: {done.stderr.strip()[-300:]}"
        raise EmulatorMissingError(msg)
    return cache / "bin" / "python"


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "tipoff"


def _uv() -> list[str]:
    # Where bin/uv.sh looks, too: ./check runs pytest with the uv it found, which need not be on PATH.
    for found in (shutil.which("uv"), Path.home() / ".local/bin/uv", _cache() / "uv/bin/uv"):
        if found and os.access(found, os.X_OK):
            return [str(found)]
    probe = subprocess.run([sys.executable, "-m", "uv", "--version"], capture_output=True, check=False)
    if probe.returncode == 0:
        return [sys.executable, "-m", "uv"]
    msg = "uv is neither on PATH, nor in its usual places, nor a module (it installs the emulator apart)"
    raise EmulatorMissingError(msg)


@contextmanager
def emulator() -> Iterator[str]:
    """A running emulator; its address, as `http://127.0.0.1:4711`. Raises `EmulatorMissingError`."""
    python = environment()
    rest, grpc = _free_port(), _free_port()
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            [str(python), str(Path(__file__)), str(rest), str(grpc)],
            stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.PIPE,
        )  # fmt: skip
        try:
            address = f"http://127.0.0.1:{rest}"
            until = time.monotonic() + STARTS_WITHIN
            while not _answers(address):
                if process.poll() is not None or time.monotonic() > until:
                    log.seek(0)
                    said = log.read().decode(errors="replace")[-600:]
                    msg = f"the emulator did not start: {said}"
                    raise EmulatorMissingError(msg)
                time.sleep(0.2)
            yield address
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/bigquery/v2/projects/p/datasets", timeout=2):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _serve(rest: str, grpc: str) -> None:
    """Inside the emulator's own environment: six patches, then its own command line."""
    from bqemulator.api.routes import upload  # noqa: PLC0415 - installed there only
    from bqemulator.cli import main  # noqa: PLC0415 - installed there only
    from bqemulator.scripting.exceptions import ScriptRaise  # noqa: PLC0415 - installed there only
    from bqemulator.scripting.interpreter import ScriptInterpreter  # noqa: PLC0415 - installed there only
    from bqemulator.storage.engine import DuckDBEngine  # noqa: PLC0415 - installed there only
    from bqemulator.versioning.snapshots import SnapshotManager  # noqa: PLC0415 - installed there only
    from sqlglot.dialects.duckdb import DuckDB  # noqa: PLC0415 - its own, another than ours
    from sqlglot.tokens import TokenType  # noqa: PLC0415 - its own, another than ours

    # It would fetch an extension from the network that nothing here needs.
    DuckDBEngine._load_spatial = lambda self: None
    # Google's client sends load data as */*.
    upload._is_permitted_media_type = lambda media: True
    # A copy of the whole table before every statement, for time travel.
    SnapshotManager.capture = lambda self, *args, **kwargs: None
    # Its DuckDB is handed BigQuery's unenforced key as it stands, and can't parse it.
    execute = DuckDBEngine.execute

    def without_key(self: object, sql: str, parameters: object = None) -> object:
        return execute(self, UNENFORCED_KEY.sub("", sql), parameters)

    DuckDBEngine.execute = without_key
    # Its tokenizer takes $start for the opening of a dollar-quoted text, and loses its place where an empty
    # text follows; the query then runs as it was written, against a dataset that DuckDB doesn't know.
    del DuckDB.Tokenizer._FORMAT_STRINGS["$"]
    DuckDB.Tokenizer.KEYWORDS["$"] = TokenType.PARAMETER
    # A RAISE that no handler catches ends as an internal error, where BigQuery fails the job with it.
    exec_raise = ScriptInterpreter._exec_raise

    async def reported(self: object, statement: object) -> None:
        try:
            await exec_raise(self, statement)
        except ScriptRaise as raised:
            raised.error.message = raised.message
            raise raised.error from None

    ScriptInterpreter._exec_raise = reported
    sys.argv = ["bqemulator", "start", "--rest-port", rest, "--grpc-port", grpc, "--ephemeral"]
    main()


if __name__ == "__main__":
    _serve(*sys.argv[1:3])
