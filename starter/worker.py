"""`tipoff worker`: a worker in the foreground, configured by the environment."""

from __future__ import annotations

import os
import sys

import typer

from starter.options import AddressOption, HomeOption
from starter.places import PROJECT


def worker(home: HomeOption = None, address: AddressOption = None) -> None:
    """Run one worker in the foreground, by the TIPOFF_* and TEMPORAL_* variables."""
    environ = dict(os.environ)
    if home:
        environ["TIPOFF_HOME"] = str(home.expanduser().absolute())
    if address:
        environ["TEMPORAL_ADDRESS"] = address
    environ["PYTHONSAFEPATH"] = "1"
    path = (str(PROJECT), environ.get("PYTHONPATH", ""))
    environ["PYTHONPATH"] = os.pathsep.join(part for part in path if part)
    try:
        # Becomes the worker: signals and the exit code are its own.
        os.execve(sys.executable, [sys.executable, "-m", "worker"], environ)  # noqa: S606
    except OSError as error:
        typer.echo(f"can't run {sys.executable}: {error.strerror}", err=True)
        raise typer.Exit(1) from None
