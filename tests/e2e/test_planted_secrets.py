"""Secrets are planted, upstreams repeat them in their errors, and they are found nowhere afterwards.

Looked through: the history of every workflow, the server's own database, logs, everything that commands
print, every table of the warehouse, stored responses, exports, models and the stack's own file. Nothing of it
listens beyond loopback either.
"""

from __future__ import annotations

import base64
import gzip
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import httpx
import psutil
import pytest

from shared.access import is_loopback
from tests.e2e.conftest import DAY, connect
from tests.e2e.stack import ROOT, RunningStack, wait_for

DATE = DAY.isoformat()
MARKER = "marker-that-must-be-found"
"""Shows that the search would find a secret: it goes through inputs, history, tables and logs on purpose."""

PLANTED = {
    "odds": "planted-odds-key-7f3a",
    "balldontlie": "planted-balldontlie-key+/9c1",
    "token": "planted-token-0123456789abcdef",
    "slack": "https://hooks.slack.com/services/T0PLANTED/B0PLANTED/planted-slack-5d2e",
    "payload": base64.b64encode(b"planted-payload-key-of-32-bytes!").decode(),
    "temporal": "planted-temporal-api-key-e0e0",
    "google": "planted-google-private-key-MIIEvQ",
}


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """Everything that a secret can be given by: values, files, and Google's own."""
    files = tmp_path / "secrets"
    files.mkdir()
    (files / "balldontlie").write_text(PLANTED["balldontlie"] + "\n")
    pem = f"-----BEGIN PRIVATE KEY-----\n{PLANTED['google']}\n-----END PRIVATE KEY-----\n"
    (files / "google.json").write_text(
        json.dumps(
            {
                "type": "service_account", "project_id": "p", "client_email": "a@p.iam",
                "private_key_id": "1", "private_key": pem, "token_uri": "https://127.0.0.1:9/token",
            }
        )
    )  # fmt: skip
    return {
        "TIPOFF_ODDS_API_KEY": PLANTED["odds"],
        "TIPOFF_BALLDONTLIE_API_KEY_FILE": str(files / "balldontlie"),
        "TIPOFF_TOKEN": PLANTED["token"],
        "TIPOFF_SLACK_WEBHOOK": PLANTED["slack"],
        "TEMPORAL_API_KEY": PLANTED["temporal"],
        "GOOGLE_APPLICATION_CREDENTIALS": str(files / "google.json"),
    }


async def test_planted_secrets_are_found_nowhere_and_nothing_listens_beyond_loopback(
    new_stack: Callable[..., RunningStack], environ: dict[str, str]
) -> None:
    stack = new_stack("planted", **environ)
    _everything_listens_on_loopback(stack)
    _the_worker_s_pages_want_the_token(stack)
    _who_changed_what_and_why_is_kept(stack)
    _upstreams_repeat_what_they_are_asked(stack)
    printed = [*_a_day_is_run(stack), *_errors_are_provoked(stack, environ)]
    printed += [record async for record in _histories(stack)]
    assert stack.stop() == 0
    seen = b"\n".join([*printed, *_files(stack.home), *_tables(stack.home)])
    assert seen.count(MARKER.encode()) > 3, "the search finds what is there"
    assert b"[redacted]" in seen, "an upstream's repetition was cleaned"
    for name, secret in PLANTED.items():
        for spelt in _spellings(secret):
            at = seen.find(spelt)
            assert at < 0, f"{name}: …{seen[max(0, at - 200) : at + 200]!r}…"


def _everything_listens_on_loopback(stack: RunningStack) -> None:
    up = psutil.Process(stack.process.pid)
    listening = [
        (process.name(), connection.laddr.ip, connection.laddr.port)
        for process in [up, *up.children(recursive=True)]
        for connection in process.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    ]
    ports = {port for _, _, port in listening}
    for url in (stack.info["health_url"], stack.info["replay_url"], stack.info["ui_url"]):
        assert httpx.URL(url).port in ports, "the sockets of the whole stack are seen"
    assert [found for found in listening if not is_loopback(found[1])] == []


def _the_worker_s_pages_want_the_token(stack: RunningStack) -> None:
    for path in ("health", "ready", "metrics"):
        url = f"{stack.info['health_url']}/{path}"
        assert httpx.get(url).status_code == 401
        assert httpx.get(url, headers={"Authorization": f"Bearer {PLANTED['token']}"}).status_code == 200


def _who_changed_what_and_why_is_kept(stack: RunningStack) -> None:
    assert stack.cli("schedule", "create", "--reason", MARKER).returncode == 0
    assert stack.cli("schedule", "pause", "--reason", MARKER).returncode == 0
    assert stack.cli("schedule", "delete", "--reason", MARKER).returncode == 0
    sql = (
        "SELECT action, requested_by, reason FROM nba_orchestration.operator_actions "
        "WHERE subject = 'daily' ORDER BY requested_at"
    )

    def kept() -> list[list[str]]:
        rows: list[list[str]] = json.loads(stack.cli("sql", sql, "--json").stdout)["rows"]
        return rows if len(rows) == 3 else []

    rows = wait_for(kept, "three actions are kept")
    assert [row[0] for row in rows] == ["schedule create", "schedule pause", "schedule delete"]
    assert all("@" in row[1] for row in rows)
    assert all(MARKER in row[2] for row in rows)


def _upstreams_repeat_what_they_are_asked(stack: RunningStack) -> None:
    faults = f"{stack.info['replay_url']}/faults"
    headers = {"X-Tipoff-Token": PLANTED["token"]}
    for wish in (
        {"route": "odds-api/events", "kind": "echo", "value": 500, "times": 2},
        {"route": "odds-api/event-odds", "kind": "echo", "value": 429, "times": 3},
        {"route": "nba-cdn/boxscore", "kind": "status", "value": 503},
        {"route": "espn/summary", "kind": "status", "value": 503},
        {"route": "balldontlie/stats", "kind": "echo", "value": 500, "times": 2},
        {"route": "balldontlie/games", "kind": "echo", "value": 403, "times": 1},
    ):
        said = httpx.post(faults, json={**wish, "requested_by": "a test", "reason": MARKER}, headers=headers)
        assert said.status_code == 201, said.text


def _a_day_is_run(stack: RunningStack) -> Iterator[bytes]:
    yield from _said(stack.cli("start", DATE))

    def ended() -> bool:
        return any(
            f'"status": "{word}"' in stack.cli("status", DATE, "--json").stdout
            for word in ("completed", "waiting")
        )

    wait_for(ended, "the day is completed or waits for its operator", 240)
    yield from _said(stack.cli("retrigger", DATE, "--phase", "scrape", "--reason", MARKER))
    wait_for(ended, "the day is done again", 240)
    for words in (
        ("status", DATE), ("status", DATE, "--json"), ("status",), ("health",), ("health", "--json"),
        ("brief", DATE), ("predictions", DATE), ("predeploy", "--json"), ("models", "list", "--json"),
    ):  # fmt: skip
        yield from _said(stack.cli(*words))


def _errors_are_provoked(stack: RunningStack, environ: dict[str, str]) -> Iterator[bytes]:
    yield from _said(stack.cli("sql", "SELECT nothing FROM nowhere"))
    yield from _said(stack.cli("start", "2031-01-01"))
    yield from _said(stack.cli("status", DATE, "--address", "127.0.0.1:9"))
    wrong = {
        "a token that is too short": {"TIPOFF_TOKEN": PLANTED["token"][:15]},
        "a key twice": {"TIPOFF_BALLDONTLIE_API_KEY": PLANTED["balldontlie"]},
        "an unusable Google key": {"TIPOFF_WAREHOUSE": "bigquery://planted-project", "TIPOFF_TOKEN": ""},
        "half a payload key": {"TIPOFF_PAYLOAD_KEYS": f"k1:{PLANTED['payload'][:-4]}"},
        # Payloads of the stack above are not encrypted: their histories could not be looked through.
        "a server that isn't there": {
            "TEMPORAL_ADDRESS": "127.0.0.1:9",
            "TIPOFF_HOME": f"{stack.home}-other",
            "TIPOFF_PAYLOAD_KEYS": f"k1:{PLANTED['payload']}",
        },
    }
    for what, change in wrong.items():
        ended = subprocess.run(
            [sys.executable, "-m", "worker"], capture_output=True, text=True, cwd=ROOT, timeout=120,
            check=False, env={**stack.environ, **environ, "TIPOFF_HOME": str(stack.home), **change},
        )  # fmt: skip
        assert ended.returncode == 1, what
        yield from _said(ended)


async def _histories(stack: RunningStack) -> Iterator[bytes]:  # type: ignore[misc]
    """Every event of every workflow of the namespace, payloads as they are."""
    client = await connect(stack)
    workflows = 0
    async for workflow in client.list_workflows():
        workflows += 1
        handle = client.get_workflow_handle(workflow.id, run_id=workflow.run_id)
        async for event in handle.fetch_history_events():
            yield event.SerializeToString()
    assert workflows > 10


def _said(ended: subprocess.CompletedProcess[str]) -> Iterator[bytes]:
    yield (ended.stdout + ended.stderr).encode()


def _files(home: Path) -> Iterator[bytes]:
    """What the home holds, the server's database and the logs included; compressed files unpacked."""
    for file in sorted(p for p in home.rglob("*") if p.is_file()):
        yield str(file).encode()
        body = file.read_bytes()
        yield gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body


def _tables(home: Path) -> Iterator[bytes]:
    """Every table of the warehouse as text: the file itself compresses its strings."""
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as connection:
        names = connection.execute(
            "SELECT schema_name || '.\"' || table_name || '\"' FROM duckdb_tables() WHERE NOT internal"
        ).fetchall()
        assert len(names) > 30
        for (name,) in names:
            for row in connection.execute(f"SELECT * FROM {name}").fetchall():
                yield repr(row).encode()


def _spellings(secret: str) -> Iterator[bytes]:
    yield secret.encode()
    yield str(httpx.QueryParams({"k": secret}))[2:].encode()
    yield base64.b64encode(secret.encode()).rstrip(b"=")[:-1]
    yield secret[: len(secret) * 3 // 4].encode()
