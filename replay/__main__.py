"""`python -m replay`: serve a recorded or a simulated season until told to stop.

On 127.0.0.1, or with `--listen` beyond it for who has the token of TIPOFF_TOKEN or TIPOFF_TOKEN_FILE.
"""

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
from pydantic import SecretStr

from replay.app import build_app
from replay.league import League
from shared.access import LOOPBACK, Guard, check_listen
from shared.config import read_secret
from shared.errors import ConfigurationError

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
        token = _token()
        check_listen(options.listen, token)
        league = _league(options)
    except (ValueError, ConfigurationError) as error:
        sys.stderr.write(f"replay: {error}\n")
        return EXIT_BAD_DATA
    family = socket.AF_INET6 if ":" in options.listen else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((options.listen, options.port))
    except OSError as error:
        sys.stderr.write(f"replay: can't listen on {options.listen}:{options.port}: {error.strerror}\n")
        return EXIT_BAD_DATA
    listener.listen(128)
    config = uvicorn.Config(
        Guard(build_app(league), token),
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


def _league(options: argparse.Namespace) -> League:
    # Imported here: the simulated league needs no parquet and the recorded one no numpy.
    if options.source == "simulated":
        from replay.simulated import SimulatedLeague  # noqa: PLC0415
        from replay.simulated_crowd import MOST  # noqa: PLC0415

        if not 1 <= options.crowd <= MOST or not 1 <= options.books < 100:
            msg = f"--crowd is 1 to {MOST}, --books 1 to 99; got {options.crowd} and {options.books}"
            raise ValueError(msg)
        return SimulatedLeague(options.seed, options.crowd, options.books)
    from replay.recorded import RecordedLeague  # noqa: PLC0415

    return RecordedLeague(options.data or _default_data())


def _token() -> SecretStr | None:
    file, value = os.environ.get("TIPOFF_TOKEN_FILE"), os.environ.get("TIPOFF_TOKEN")
    if file:
        return SecretStr(read_secret("TIPOFF_TOKEN_FILE", file))
    return SecretStr(value) if value else None


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
    parser = argparse.ArgumentParser(prog="python -m replay", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "--listen", metavar="HOST", default=LOOPBACK, help="beyond loopback with a token only"
    )
    parser.add_argument("--port", type=int, default=0, help="0 lets the system choose")
    parser.add_argument("--source", choices=["recorded", "simulated"], required=True)
    parser.add_argument("--data", type=Path, help="recorded data (default: TIPOFF_DATA)")
    parser.add_argument("--seed", type=int, default=2026, help="of the simulated league")
    parser.add_argument("--crowd", type=int, default=1, help="times as many simulated players a team")
    parser.add_argument("--books", type=int, default=5, help="of the simulated market")
    parser.add_argument("--port-file", type=Path, help="gets the chosen port once listening")
    return parser


if __name__ == "__main__":
    sys.exit(main())
