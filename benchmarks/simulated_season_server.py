"""Temporal's time-skipping test server: fetched from Maven Central once, run, asked for its time.

While no workflow and no activity has anything to do, its clock goes on to the next timer: a day that waits
half an hour for its next attempt waits milliseconds. It keeps everything in memory, has no schedules and
lists no workflows.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from google.protobuf.empty_pb2 import Empty
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.api.testservice.v1 import LockTimeSkippingRequest, SleepRequest
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from shared.names import SEARCH_ATTRIBUTES
from starter.places import cache_folder
from starter.supervisor import TETHER

VERSION = "1.31.0"
MAIN = "io.temporal.testserver.TestServer"
FETCH_SECONDS = 600
START_SECONDS = 60
LONGEST_SKIP = timedelta(minutes=15)
"""In which a skip must be over, by the wall: work that is under way takes its time."""
MEMORY = "-Xmx768m"

_POM = f"""<project xmlns="http://maven.apache.org/POM/4.0.0">
<modelVersion>4.0.0</modelVersion><groupId>tipoff</groupId><artifactId>season</artifactId><version>1</version>
<dependencies><dependency><groupId>io.temporal</groupId><artifactId>temporal-test-server</artifactId>
<version>{VERSION}</version></dependency></dependencies></project>
"""


class ServerMissingError(Exception):
    """The test server can't be had here; the message says why."""


def jars() -> Path:
    """The folder of the server and what it needs, fetched with `mvn` if it isn't in tipoff's cache.

    Raises:
        ServerMissingError: there is no Java or no Maven, or Maven can't have it.
    """
    for program in ("java", "mvn"):
        if not shutil.which(program):
            raise ServerMissingError(f"{program} is not on PATH; on Debian: apt-get install maven")
    cache = cache_folder(dict(os.environ))
    cache.mkdir(parents=True, exist_ok=True)
    folder = cache / f"temporal-test-server-{VERSION}"
    with (cache / f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            _fetch(folder)
    return folder


def _fetch(folder: Path) -> None:
    with tempfile.TemporaryDirectory(dir=folder.parent) as name:
        build = Path(name)
        (build / "pom.xml").write_text(_POM)
        command = ["mvn", "-q", "-B", "dependency:copy-dependencies", "-DincludeScope=runtime"]
        try:
            done = subprocess.run(
                [*command, "-DoutputDirectory=lib"], cwd=build, capture_output=True, text=True,
                timeout=FETCH_SECONDS, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise ServerMissingError(f"mvn had no answer within {FETCH_SECONDS} s") from None
        if done.returncode:
            raise ServerMissingError(f"mvn: {' '.join(done.stdout.split())[-400:]}")
        (build / "lib").rename(folder)


class SkippingServer:
    """The server as it runs."""

    def __init__(self, address: str, client: Client) -> None:
        self.address = address
        self.client = client

    async def now(self) -> datetime:
        """Its time, aware and UTC."""
        return await server_time(self.client)

    async def skip(self, span: timedelta) -> None:
        """Lets its time go on by so much: at once while nothing has anything to do, else as it passes.

        In between its time does not jump. Without that end it would, to the next timer there is: when no day
        waits for anything, to the end of the ten years that a workflow may take.
        """
        request = SleepRequest()
        request.duration.FromTimedelta(max(span, timedelta()))
        await self.client.test_service.unlock_time_skipping_with_sleep(request, timeout=LONGEST_SKIP)

    async def register_attributes(self) -> None:
        """Registers what days are found by: an unregistered one would hang them."""
        kinds = dict.fromkeys(SEARCH_ATTRIBUTES, IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD)
        await self.client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(namespace=self.client.namespace, search_attributes=kinds)
        )


async def server_time(client: Client) -> datetime:
    """The time of a time-skipping server, aware and UTC."""
    told = await client.test_service.get_current_time(Empty())
    return told.time.ToDatetime(tzinfo=UTC)


@contextmanager
def process(log: Path) -> Iterator[str]:
    """The server's process, which dies with this one; its address.

    Raises:
        ServerMissingError: it can't be had, or did not start.
    """
    path = jars()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = ["java", MEMORY, "-XX:+UseSerialGC", "-cp", f"{path}/*", MAIN, str(port)]
    with log.open("ab") as out:
        running = subprocess.Popen(
            [sys.executable, "-I", str(TETHER), str(os.getpid()), *command, "--enable-time-skipping"],
            stdin=subprocess.DEVNULL, stdout=out, stderr=out,
        )  # fmt: skip
    try:
        until = time.monotonic() + START_SECONDS
        while not _listens(port):
            if running.poll() is not None or time.monotonic() > until:
                raise ServerMissingError(f"the test server did not start; see {log}")
            time.sleep(0.05)
        yield f"127.0.0.1:{port}"
    finally:
        running.kill()
        running.wait()


async def connected(address: str) -> SkippingServer:
    """The server, with its search attributes registered; its time jumps only in `skip`."""
    client = await Client.connect(address, data_converter=pydantic_data_converter)
    await client.test_service.lock_time_skipping(LockTimeSkippingRequest())
    server = SkippingServer(address, client)
    await server.register_attributes()
    return server


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0
