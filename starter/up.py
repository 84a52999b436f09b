"""`tipoff up`: the stack, until told to stop."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from shared.config import load_settings
from shared.errors import BadRequest
from starter.embedded import Stack, StackOptions
from starter.home import StackInfo
from starter.options import AddressOption, DataOption, HomeOption, JsonOption, SourceOption
from starter.output import print_json, stderr_console, stdout_console
from starter.places import choose_source, find_data
from starter.run import run_stack
from starter.server_binary import find_server_binary


def up(
    home: HomeOption = None,
    source: SourceOption = None,
    data: DataOption = None,
    address: AddressOption = None,
    port: Annotated[
        int | None, typer.Option("--port", min=1, max=65535, help="Of the Temporal server.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Start the stack in one folder and keep it up until Ctrl-C."""
    stack = make_stack(home, source, data, address, port)

    async def work(started: Stack) -> None:
        if as_json:
            print_json(started.info)
        else:
            print_links(started.info, stdout_console())
            stdout_console().print("Ctrl-C stops it.")

    raise typer.Exit(run_stack(stack, work))


def make_stack(
    home: Path | None,
    source: str | None,
    data: Path | None,
    address: str | None = None,
    port: int | None = None,
) -> Stack:
    """The stack that the options ask for, not yet started.

    Raises:
        BadRequest: the options contradict each other or name what isn't there.
        CommandError: there is no Temporal server to start.
    """
    if address and port:
        raise BadRequest("port: with --address the server is another's; leave --port out")
    settings = load_settings(home=home)
    folder = find_data(data)
    chosen = choose_source(source, folder)
    server = None
    if not address:
        # Before the event loop runs: a download or a build must end on Ctrl-C.
        server = find_server_binary().path
    options = StackOptions(
        settings=settings,
        source=chosen,
        data=folder if chosen == "recorded" else None,
        address=address,
        port=port,
        server=server,
    )
    if source is None and not os.environ.get("TIPOFF_SOURCE"):
        said = (
            f"recorded data found in {folder}"
            if chosen == "recorded"
            else "no recorded data found: using the SIMULATED league"
        )
        stderr_console().print(said, soft_wrap=True)
    return Stack(options)


def links(info: StackInfo) -> dict[str, str]:
    """Where to look."""
    found = {
        "console": info.console_url,
        "temporal_ui": info.ui_url,
        "health": f"{info.health_url}/health" if info.health_url else None,
        "replay": info.replay_url,
        "temporal": info.address,
        "home": str(info.home),
    }
    return {name: url for name, url in found.items() if url}


def print_links(info: StackInfo, console: Console) -> None:
    """Print where to look, and the source."""
    source = "SIMULATED league" if info.source == "simulated" else info.source
    console.print(f"source       {source}" + (f" ({info.data})" if info.data else ""), soft_wrap=True)
    for name, url in links(info).items():
        console.print(f"{name.replace('_', ' '):12} {url}", soft_wrap=True)
