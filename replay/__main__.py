"""`python -m replay`: serve a recorded or a simulated season on 127.0.0.1 until told to stop."""

from __future__ import annotations

import argparse
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from replay.app import build_app
from replay.league import League

HOST = "127.0.0.1"
PARENT_CHECK_SECONDS = 0.5
EXIT_BAD_DATA = 2


class Server(uvicorn.Server):
    """Stops with exit code 0: uvicorn's own would raise the signal again after shutting down."""

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Leave the signals to `main`."""
        yield

    def stop(self, *_: object) -> None:
        """Finish what is being answered and stop."""
        self.should_exit = True


def main(arguments: list[str] | None = None) -> int:
    """Serve until SIGTERM, SIGINT or the parent's death; return the exit code."""
    options = _parser().parse_args(arguments)
    # Taken first: a parent that dies while we load must be noticed too.
    parent = os.getppid()
    try:
        league = _league(options.source, options.data, options.seed)
    except ValueError as error:
        sys.stderr.write(f"replay: {error}\n")
        return EXIT_BAD_DATA
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, options.port))
    except OSError as error:
        sys.stderr.write(f"replay: can't listen on {HOST}:{options.port}: {error.strerror}\n")
        return EXIT_BAD_DATA
    listener.listen(128)
    config = uvicorn.Config(
        build_app(league),
        log_level="error",
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=1,
    )
    server = Server(config)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, server.stop)
    threading.Thread(target=_watch, args=(parent, server), daemon=True).start()
    if options.port_file:
        _write_whole(options.port_file, str(listener.getsockname()[1]))
    server.run(sockets=[listener])
    return 0


def _league(source: str, data: Path | None, seed: int) -> League:
    # Imported here: the simulated league needs no parquet and the recorded one no numpy.
    if source == "simulated":
        from replay.simulated import SimulatedLeague  # noqa: PLC0415

        return SimulatedLeague(seed)
    from replay.recorded import RecordedLeague  # noqa: PLC0415

    return RecordedLeague(data or _default_data())


def _default_data() -> Path:
    named = os.environ.get("TIPOFF_DATA")
    return Path(named) if named else Path(__file__).resolve().parents[2] / "shared" / "data"


def _watch(parent: int, server: Server) -> None:
    while os.getppid() == parent:
        time.sleep(PARENT_CHECK_SECONDS)
    server.stop()


def _write_whole(path: Path, text: str) -> None:
    """Write the file so that nobody reads half a port number."""
    partial = path.with_name(f"{path.name}.partial")
    partial.write_text(text)
    partial.replace(path)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m replay", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 lets the system choose")
    parser.add_argument("--source", choices=["recorded", "simulated"], required=True)
    parser.add_argument("--data", type=Path, help="recorded data (default: TIPOFF_DATA)")
    parser.add_argument("--seed", type=int, default=2026, help="of the simulated league")
    parser.add_argument("--port-file", type=Path, help="gets the chosen port once listening")
    return parser


if __name__ == "__main__":
    sys.exit(main())
