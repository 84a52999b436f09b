"""The production Temporal server on a real PostgreSQL, as child processes without containers.

The server and its schema tool are built by Go, once, into tipoff's cache; PostgreSQL is the machine's own
(Debian: `apt-get install postgresql`) with a data folder made for this run.
"""

from __future__ import annotations

import asyncio
import json
import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from temporalio.client import Client
from temporalio.service import RPCError

from starter.places import PROJECT, cache_folder
from starter.ports import HOST, Ports
from starter.server_binary import find_server_binary
from starter.supervisor import Child

VERSION = "1.29.1"
MODULE = "go.temporal.io/server"
PROGRAMS = {"server": "cmd/server", "sql": "cmd/tools/sql"}
SCHEMA_TOOL = "temporal-sql-tool"
"""What `sql` is called where it is installed."""
DATABASES = ("temporal", "temporal_visibility")
DEPLOY = PROJECT / "deploy" / "temporal"
NAMESPACE = "default"
USER = "temporal"
SHARDS = 4
STARTS_WITHIN = 120.0
"""Seconds."""


class Missing(SystemExit):
    """Something that this machine would have to have; the message says what and how to get it."""


def programs() -> Path:
    """The folder of the server and its schema tool, built the first time (some minutes)."""
    folder = cache_folder() / f"temporal-server-{VERSION}"
    for name, package in PROGRAMS.items():
        if os.access(folder / name, os.X_OK):
            continue
        if not shutil.which("go"):
            raise Missing("Go is not on PATH: it builds the production server")
        command = ["go", "install", "-p", "1", f"{MODULE}/{package}@v{VERSION}"]
        subprocess.run(command, env={**os.environ, "GOBIN": str(folder)}, check=True)
    if not (folder / SCHEMA_TOOL).exists():
        (folder / SCHEMA_TOOL).symlink_to("sql")
    return folder


def schemas() -> Path:
    """The folder of the server's PostgreSQL schemas, in Go's module cache."""
    command = ["go", "mod", "download", "-json", f"{MODULE}@v{VERSION}"]
    found = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return Path(found["Dir"]) / "schema" / "postgresql" / "v12"


def postgres_programs() -> Path:
    """The folder of `initdb` and `postgres`."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    on_path = shutil.which("postgres")
    if not found and not on_path:
        raise Missing("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    return (found[-1] if found else Path(str(on_path)).resolve()).parent


class PostgreSQL:
    """One PostgreSQL with a data folder and a password of its own, on loopback only."""

    def __init__(self, ports: Ports, logs: Path) -> None:
        self.port = ports.take(None)
        self.password = secrets.token_urlsafe(16)
        self._bin = postgres_programs()
        # Of its own: PostgreSQL refuses to run as root, and its user can't look into a folder of root's.
        self.folder = Path(tempfile.mkdtemp(prefix="tipoff-postgresql-"))
        data, password = self.folder / "data", self.folder / "password"
        password.write_text(self.password)
        if os.getuid() == 0:
            owner = pwd.getpwnam("postgres")
            for path in (self.folder, password):
                os.chown(path, owner.pw_uid, owner.pw_gid)
        self._run(
            "initdb", "--pgdata", str(data), "--username", USER, "--auth", "scram-sha-256",
            "--pwfile", str(password), "--encoding", "UTF8", "--no-sync",
        )  # fmt: skip
        command = [
            *self._as_its_user(), str(self._bin / "postgres"), "-D", str(data), "-p", str(self.port),
            "-c", f"listen_addresses={HOST}", "-c", f"unix_socket_directories={self.folder}",
            "-c", "max_connections=100",
        ]  # fmt: skip
        self.child = Child("PostgreSQL", command, os.environ, Path("/"), logs / "postgresql.log", grace=10.0)

    def _as_its_user(self) -> list[str]:
        if os.getuid():
            return []
        # A change of user drops the wish to die with the parent, so it is said again.
        return [
            "setpriv",
            "--reuid",
            "postgres",
            "--regid",
            "postgres",
            "--clear-groups",
            "--pdeathsig",
            "QUIT",
        ]

    def _run(self, program: str, *words: str) -> None:
        command = [*self._as_its_user(), str(self._bin / program), *words]
        subprocess.run(command, cwd="/", check=True, stdout=subprocess.DEVNULL)

    async def answers(self) -> None:
        """Waits until it accepts connections."""
        command = [str(self._bin / "pg_isready"), "-h", HOST, "-p", str(self.port), "-q"]
        until = time.monotonic() + STARTS_WITHIN
        while subprocess.run(command, check=False).returncode:
            if time.monotonic() > until:
                raise Missing(f"PostgreSQL does not answer: {self.child.said()}")
            await asyncio.sleep(0.1)

    def remove(self) -> None:
        """Removes the data folder."""
        shutil.rmtree(self.folder)


class TemporalServer:
    """The four services of the production server in one process, on a PostgreSQL."""

    def __init__(self, postgres: PostgreSQL, ports: Ports, folder: Path) -> None:
        self._postgres = postgres
        self._programs = programs()
        services = {name: (_low_port(ports), _low_port(ports)) for name in _SERVICES}
        self.address = f"{HOST}:{services['frontend'][0]}"
        self.metrics = f"{HOST}:{ports.take(None)}"
        config = folder / "config"
        config.mkdir(parents=True)
        # JSON is YAML. The password is in the file, so the file is ours alone.
        path = config / "production.yaml"
        path.touch(mode=0o600)
        path.write_text(json.dumps(self._config(services)))
        command = [
            str(self._programs / "server"), "--root", str(folder), "--config", "config",
            "--env", "production", "--allow-no-auth", "start",
        ]  # fmt: skip
        self.child = Child("Temporal server", command, os.environ, folder, folder / "temporal.log", 15.0)

    def _config(self, services: dict[str, tuple[int, int]]) -> dict[str, object]:
        def store(database: str) -> dict[str, object]:
            sql = {
                "pluginName": "postgres12", "databaseName": database, "connectProtocol": "tcp",
                "connectAddr": f"{HOST}:{self._postgres.port}", "user": USER,
                "password": self._postgres.password, "maxConns": 20, "maxIdleConns": 20,
                "maxConnLifetime": "1h",
            }  # fmt: skip
            return {"sql": sql}

        address = self.address
        return {
            "log": {"stdout": True, "level": "warn"},
            "persistence": {
                "defaultStore": "temporal", "visibilityStore": "temporal_visibility",
                "numHistoryShards": SHARDS, "datastores": {name: store(name) for name in DATABASES},
            },
            "global": {
                "membership": {"maxJoinDuration": "30s", "broadcastAddress": HOST},
                "metrics": {"prometheus": {"timerType": "histogram", "listenAddress": self.metrics}},
            },
            "services": {
                name: {"rpc": {"grpcPort": grpc, "membershipPort": member, "bindOnLocalHost": True}}
                for name, (grpc, member) in services.items()
            },
            "clusterMetadata": {
                "enableGlobalNamespace": False, "failoverVersionIncrement": 10,
                "masterClusterName": "active", "currentClusterName": "active",
                "clusterInformation": {
                    "active": {
                        "enabled": True, "initialFailoverVersion": 1, "rpcName": "frontend",
                        "rpcAddress": address,
                    }
                },
            },
            "dcRedirectionPolicy": {"policy": "noop"},
            "dynamicConfigClient": {"filepath": str(DEPLOY / "dynamicconfig.yaml"), "pollInterval": "60s"},
        }  # fmt: skip

    def create_schemas(self) -> None:
        """The two databases and their tables, by the script of the compose file."""
        self._script(
            "schema.sh", SQL_HOST=HOST, SQL_PORT=str(self._postgres.port), SQL_USER=USER,
            SQL_PLUGIN="postgres12", SCHEMAS=str(schemas()),
            POSTGRES_PASSWORD_FILE=str(self._postgres.folder / "password"),
        )  # fmt: skip

    async def register(self) -> None:
        """The namespace, once the server answers, by the script of the compose file."""
        await connected(self.address, self.child)
        await asyncio.to_thread(self._script, "namespace.sh", TEMPORAL_ADDRESS=self.address)

    def _script(self, name: str, **variables: str) -> None:
        """Runs one with the server's schema tool and the Temporal CLI on its path."""
        path = os.pathsep.join(
            (str(self._programs), str(find_server_binary().path.parent), os.environ["PATH"])
        )
        done = subprocess.run(
            ["sh", str(DEPLOY / name)], env={**os.environ, **variables, "PATH": path}, text=True,
            capture_output=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise Missing(f"{name}: {done.stdout[-500:]}{done.stderr[-500:]}")


_SERVICES = ("frontend", "history", "matching", "worker")


def _low_port(ports: Ports) -> int:
    """A port that fits the column of the server's membership table: a signed integer of 16 bits."""
    while True:
        wanted = 20_000 + secrets.randbelow(12_000)
        if ports.take(wanted) == wanted:
            return wanted


async def connected(address: str, child: Child) -> Client:
    """A client of the server once it answers."""
    until = time.monotonic() + STARTS_WITHIN
    while True:
        try:
            return await Client.connect(address, namespace=NAMESPACE, connect_timeout=timedelta(seconds=2))
        except (RuntimeError, RPCError):
            if time.monotonic() > until:
                raise Missing(f"the Temporal server does not answer: {child.said(1)[:500]}") from None
            await asyncio.sleep(0.3)
