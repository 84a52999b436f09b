"""Temporal is found by the SDK's environment configuration: variables, `temporal.toml`, TLS and API key."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import pytest
from temporalio.testing import WorkflowEnvironment

from shared.config import load_settings
from shared.errors import ConfigurationError, TemporalUnavailable
from tests.starter.running import PROJECT, environ
from tests.worker.certificates import Authority, tls_proxy
from warehouse.connect import connect as connect_warehouse
from worker.connection import configured_server, connect_client, embedded_server
from worker.init import make_tables, register_attributes


def test_variables_win_over_the_file_and_an_address_given_wins_over_both(tmp_path: Path) -> None:
    file = tmp_path / "temporal.toml"
    file.write_text('[profile.prod]\naddress = "file:1"\nnamespace = "nba"\napi_key = "k"\n')
    env = {"TEMPORAL_CONFIG_FILE": str(file), "TEMPORAL_PROFILE": "prod"}
    found = configured_server(env)
    assert (found.address, found.namespace, found.configured) == ("file:1", "nba", True)
    assert found.options == {"api_key": "k", "tls": True}
    assert configured_server({**env, "TEMPORAL_ADDRESS": "env:2"}).address == "env:2"
    over = configured_server({**env, "TEMPORAL_ADDRESS": "env:2"}, address="given:3")
    assert (over.address, over.options) == ("given:3", {"api_key": "k", "tls": True})


def test_nothing_said_is_the_default_server_and_known_to_be_a_guess() -> None:
    found = configured_server({"TEMPORAL_CONFIG_FILE": "/dev/null"})
    assert (found.address, found.namespace, found.configured) == ("127.0.0.1:7233", "default", False)


def test_an_embedded_server_is_plain_whatever_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEMPORAL_API_KEY", "k")
    assert embedded_server("127.0.0.1:1").options == {}


@pytest.mark.parametrize(
    "env",
    [
        {"TEMPORAL_PROFILE": "nowhere", "TEMPORAL_CONFIG_FILE": "/dev/null"},
        {"TEMPORAL_TLS_CLIENT_CERT_PATH": "/no/such.pem", "TEMPORAL_CONFIG_FILE": "/dev/null"},
    ],
)
def test_what_cannot_be_read_is_named_before_anything_is_asked(env: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError, match=r"^TEMPORAL_\*: .*(nowhere|such\.pem)"):
        configured_server(env)


async def test_worker_and_command_line_reach_a_server_behind_mutual_tls(
    server: WorkflowEnvironment, tmp_path: Path
) -> None:
    authority = Authority(tmp_path)
    certificate, key = authority.sign("client")
    plain = server.client.service_client.config.target_host
    async with tls_proxy(authority, plain) as address:
        trusting = {
            "TEMPORAL_ADDRESS": address,
            "TEMPORAL_CONFIG_FILE": "/dev/null",
            "TEMPORAL_TLS_SERVER_CA_CERT_PATH": str(authority.certificate),
        }
        env = trusting | {
            "TEMPORAL_TLS_CLIENT_CERT_PATH": str(certificate),
            "TEMPORAL_TLS_CLIENT_KEY_PATH": str(key),
        }
        client = await connect_client(configured_server(env))
        assert await client.service_client.check_health()
        with pytest.raises(TemporalUnavailable, match=r"TEMPORAL_TLS_\*"):
            await connect_client(configured_server(trusting))
        status = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "starter", "schedule", "describe", "--json",
            cwd=PROJECT, env=environ(**env, TIPOFF_HOME=str(tmp_path)),
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        _, said = await status.communicate()
        assert b"no Temporal server" not in said
        assert b"schedule" in said, "the server was reached and knows no such schedule"


async def test_init_registers_what_a_new_namespace_lacks(
    server: WorkflowEnvironment, tmp_path: Path, namespace: str
) -> None:
    env = environ(
        TEMPORAL_ADDRESS=server.client.service_client.config.target_host, TEMPORAL_NAMESPACE=namespace,
        TEMPORAL_CONFIG_FILE="/dev/null", TIPOFF_HOME=str(tmp_path / "home"),
    )  # fmt: skip

    async def init() -> tuple[int | None, dict[str, str]]:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "starter", "init", "--json", cwd=PROJECT, env=env,
            stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, _ = await process.communicate()
        return process.returncode, {f["check"]: f["observed"] for f in json.loads(out)["findings"]}

    code, first = await init()
    assert code == 0
    assert first["tables"].endswith("made or grown")
    assert first["search attributes"].startswith("registered GameDate, Phase, PipelineStatus")
    code, again = await init()
    assert code == 0
    assert again["tables"].endswith("nothing to change")
    assert again["search attributes"].startswith("all are there")


def test_init_beside_a_running_worker_says_that_it_has_made_the_tables(tmp_path: Path) -> None:
    holder = connect_warehouse("duckdb", home=tmp_path)
    try:
        finding = make_tables(load_settings({}, home=tmp_path))
    finally:
        holder.close()
    assert finding.status == "ok"
    assert "held by worker pid" in finding.observed


async def test_init_names_the_remedy_where_no_server_answers() -> None:
    attributes = await register_attributes(embedded_server("127.0.0.1:9"))
    assert (attributes.status, "TEMPORAL_ADDRESS" in attributes.remedy) == ("fail", True)
