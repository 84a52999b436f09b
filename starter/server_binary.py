"""Finds the Temporal CLI, whose `server start-dev` is the embedded server, or brings it in.

In this order: on PATH, in tipoff's cache, the SDK's own download, `go install`.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from starter.failure import CommandError
from starter.output import stderr_console
from starter.places import cache_folder
from starter.supervisor import TETHER

VERSION = "1.5.1"
GO_PACKAGE = f"github.com/temporalio/cli/cmd/temporal@v{VERSION}"
DOWNLOAD_URL = "https://temporal.download/cli/default"
NEEDED_FLAGS = (
    "--db-filename",
    "--ui-port",
    "--search-attribute",
    "--dynamic-config-value",
    "--sqlite-pragma",
)
REACH_SECONDS = 5.0
DOWNLOAD_SECONDS = 300.0
BUILD_SECONDS = 1_800.0
NOTE_SECONDS = 30.0


class _NotHadError(Exception):
    """One way did not lead to the CLI; the message says why."""


@dataclass(frozen=True)
class ServerBinary:
    """A Temporal CLI that can start a dev server, and where it came from."""

    path: Path
    origin: str


def find_server_binary(
    environ: Mapping[str, str] | None = None, console: Console | None = None
) -> ServerBinary:
    """The Temporal CLI, brought into the cache if it is nowhere.

    Raises:
        CommandError: it can't be had; the message says what was tried and what helps.
    """
    env = dict(os.environ if environ is None else environ)
    shown = console or stderr_console()
    tried: list[str] = []
    on_path = shutil.which("temporal", path=env.get("PATH", ""))
    if on_path and can_start_dev(Path(on_path)):
        return ServerBinary(Path(on_path), "PATH")
    tried.append(
        f"PATH: {on_path} can't run `server start-dev` with a database file (too old?)"
        if on_path
        else "PATH: no `temporal`"
    )
    cached = cache_folder(env) / f"temporal-{VERSION}" / "temporal"
    if os.access(cached, os.X_OK):
        return ServerBinary(cached, "cache")
    tried.append(f"cache: not in {cached.parent}")
    with _install_lock(cached, shown):
        if os.access(cached, os.X_OK):
            return ServerBinary(cached, "cache")
        for left in cached.parents[1].glob("install-*"):
            # Of an install that was killed: we hold the lock, so nobody is at it.
            shutil.rmtree(left, ignore_errors=True)
        ways: tuple[tuple[str, Callable[[Path, dict[str, str], Console], Path]], ...] = (
            ("download", _download),
            ("go install", _build),
        )
        for name, bring in ways:
            # In the cache itself: a rename across file systems is not atomic.
            with tempfile.TemporaryDirectory(dir=cached.parents[1], prefix="install-") as folder:
                try:
                    brought = bring(Path(folder), env, shown)
                    if not can_start_dev(brought):
                        raise _NotHadError("what came can't run `server start-dev`")
                except _NotHadError as error:
                    tried.append(f"{name}: {error}")
                    continue
                cached.parent.mkdir(parents=True, exist_ok=True)
                brought.replace(cached)
                return ServerBinary(cached, name)
    raise CommandError(
        "no Temporal server to start. Tried "
        + "; ".join(tried)
        + ". Any one of these helps: install the Temporal CLI (https://docs.temporal.io/cli) so that "
        + "`temporal` is on PATH, install Go, connect to the internet, or name a running server "
        + "with --address"
    )


def can_start_dev(path: Path) -> bool:
    """Whether this binary has `server start-dev` with every option that tipoff uses."""
    try:
        found = subprocess.run(  # noqa: S603
            [str(path), "server", "start-dev", "--help"],
            capture_output=True, text=True, timeout=20, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return False
    return found.returncode == 0 and all(flag in found.stdout for flag in NEEDED_FLAGS)


def _download(folder: Path, env: dict[str, str], console: Console) -> Path:
    """The SDK's download, in a process of its own so that it can be ended."""
    # Takes 0.2 s to import, which every command would wait for.
    import httpx  # noqa: PLC0415

    try:
        # Asked first: without internet the SDK would take its time to notice.
        httpx.head(DOWNLOAD_URL, timeout=REACH_SECONDS)
    except (httpx.HTTPError, OSError) as error:
        raise _NotHadError(f"can't reach {DOWNLOAD_URL} ({_short(str(error))})") from None
    command = [sys.executable, "-m", "starter.sdk_download", str(folder)]
    _run(command, env, DOWNLOAD_SECONDS, "Downloading the Temporal server", console)
    for path in folder.iterdir():
        if path.is_file() and os.access(path, os.X_OK):
            return path
    raise _NotHadError("the SDK left no executable")


def _build(folder: Path, env: dict[str, str], console: Console) -> Path:
    go = shutil.which("go", path=env.get("PATH", ""))
    if go is None:
        raise _NotHadError("Go is not on PATH")
    env = {**env, "GOBIN": str(folder)}
    label = f"Building the Temporal server {VERSION} with Go (once, some minutes)"
    _run([go, "install", GO_PACKAGE], env, BUILD_SECONDS, label, console)
    return folder / "temporal"


def _run(command: list[str], env: dict[str, str], seconds: float, label: str, console: Console) -> None:
    """Run to the end with a spinner; say what it said if it fails."""
    with tempfile.TemporaryFile() as said:
        try:
            process = subprocess.Popen(  # noqa: S603
                # Tethered: a build doesn't outlive the command that asked for it.
                [sys.executable, "-I", str(TETHER), str(os.getpid()), *command],
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
            )
        except OSError as error:
            raise _NotHadError(f"can't run {command[0]}: {error.strerror}") from None
        try:
            with _progress(label, console) as tick:
                until = time.monotonic() + seconds
                while process.poll() is None:
                    if time.monotonic() > until:
                        raise _NotHadError(f"not done after {seconds:.0f} s")
                    time.sleep(0.1)
                    tick()
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()
        if process.returncode:
            said.seek(0)
            raise _NotHadError(_short(said.read().decode(errors="replace")) or "failed without a word")


@contextmanager
def _progress(label: str, console: Console) -> Iterator[Callable[[], None]]:
    """A spinner with the time elapsed; lines now and then where there is no terminal."""
    began = last = time.monotonic()
    if console.is_terminal:
        columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
        with Progress(*columns, console=console, transient=True) as progress:
            progress.add_task(label, total=None)
            yield lambda: None
    else:
        console.print(f"{label} ...", soft_wrap=True)

        def tick() -> None:
            nonlocal last
            if time.monotonic() - last >= NOTE_SECONDS:
                last = time.monotonic()
                console.print(f"{label} ... {last - began:.0f} s", soft_wrap=True)

        yield tick
    console.print(f"{label}: {time.monotonic() - began:.0f} s", soft_wrap=True)


@contextmanager
def _install_lock(cached: Path, console: Console) -> Iterator[None]:
    """One install at a time; the others wait for it and find its result."""
    try:
        cached.parents[1].mkdir(parents=True, exist_ok=True)
        handle = (cached.parents[1] / "install.lock").open("a")
    except OSError as error:
        raise CommandError(f"can't write to the cache {cached.parents[1]}: {error}") from None
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            console.print("Waiting for another tipoff that brings in the Temporal server ...")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _short(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return " / ".join(lines[-2:])[-300:]
