"""With keys, the server's database holds no plaintext; keys can be changed while days are under way."""

from __future__ import annotations

import asyncio
import base64
from pathlib import Path
from typing import Any

import httpx
import pytest
from google.protobuf.json_format import MessageToJson, Parse
from temporalio.api.common.v1 import Payload, Payloads
from temporalio.client import Client, WorkflowHandle
from temporalio.testing import WorkflowEnvironment

from shared.config import load_settings
from shared.errors import ConfigurationError
from shared.messages import DayReport, DayStatus
from starter.server_binary import find_server_binary
from tests.workflows.world import World, assert_eventually, running_worker, status_of
from worker.codec_server import LONGEST, codec_app
from worker.connection import TemporalServer, connect_client, converter_of
from worker.encryption import EncryptionCodec, parse_keys
from worker.serving import PageServer

OLD, NEW = (base64.b64encode(bytes([n]) * 32).decode() for n in (1, 2))


async def keyed(server: WorkflowEnvironment, keys: str) -> Client:
    """A client as a process with these keys has it."""
    address = server.client.service_client.config.target_host
    converter = converter_of(load_settings({"TIPOFF_PAYLOAD_KEYS": keys}))
    return await connect_client(TemporalServer(address, "default", {}), converter=converter)


async def history_text(client: Client, workflow_id: str) -> str:
    """The whole history as the server has it."""
    history = await client.get_workflow_handle(workflow_id).fetch_history()
    raw = b"".join(event.SerializeToString() for event in history.events)
    return raw.decode("latin-1")


async def shown_by_temporal(client: Client, workflow_id: str) -> str:
    """A result as the plain command line shows it that asks a worker's codec server."""
    codec = client.data_converter.payload_codec
    assert codec
    async with PageServer(codec_app(codec, ""), 0) as server:
        process = await asyncio.create_subprocess_exec(
            str(find_server_binary().path), "workflow", "result", "--workflow-id", workflow_id,
            "--address", client.service_client.config.target_host, "--output", "json",
            "--codec-endpoint", f"http://127.0.0.1:{server.port}",
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        said, complaint = await process.communicate()
    assert process.returncode == 0, complaint.decode()
    return said.decode()


async def test_a_day_and_its_children_leave_no_plaintext_and_live_through_a_change_of_keys(
    server: WorkflowEnvironment,
) -> None:
    world, plain = World(), server.client
    world.fails("scrape_schedule", times=1)
    old = await keyed(server, f"spring-key:{OLD}")
    async with running_worker(old, world) as day:
        handle = await day.start()

        async def parked() -> bool:
            return (await status_of(handle)).status is DayStatus.WAITING

        await assert_eventually(parked)
        queue = day.task_queue
    # Another worker and another client with a new key in front, on the same task queue.
    new = await keyed(server, f"autumn-key:{NEW},spring-key:{OLD}")
    async with running_worker(new, world, task_queue=queue) as later:
        again: WorkflowHandle[Any, DayReport] = new.get_workflow_handle(handle.id, result_type=DayReport)
        assert (await status_of(again)).status is DayStatus.WAITING
        # Sent without any codec, as by the plain command line.
        await plain.get_workflow_handle(handle.id).signal(
            "retrigger", later.retrigger("scrape", reason="plain words arrive")
        )
        assert (await again.result()).status is DayStatus.COMPLETED
    texts = {
        workflow_id: await history_text(plain, workflow_id)
        for workflow_id in (handle.id, f"{handle.id}/scrape", f"{handle.id}/predictions")
    }
    for workflow_id, text in texts.items():
        assert "binary/encrypted" in text, workflow_id
        for word in ("as_of", "content_hash", "is broken", "scrape_schedule", "nba_raw", "retriggers"):
            assert word not in text, f"{word} in the history of {workflow_id}"
    shown = await shown_by_temporal(new, handle.id)
    assert '"as_of"' in shown
    assert '"completed"' in shown
    assert "spring-key" in texts[handle.id]
    assert "autumn-key" in texts[handle.id]
    # Only with the new key, what the old one encrypted stays shut, and the error says which is missing.
    lacking = await keyed(server, f"autumn-key:{NEW}")
    history = await lacking.get_workflow_handle(handle.id).fetch_history()
    started = history.events[0].workflow_execution_started_event_attributes
    with pytest.raises(ConfigurationError, match="the key 'spring-key', which is not among ours"):
        await lacking.data_converter.decode(started.input.payloads)


async def test_a_payload_opens_with_its_own_key_only_and_unchanged() -> None:
    keys = parse_keys(f"k1:{OLD}")
    codec, payload = EncryptionCodec(keys), Payload(metadata={"encoding": b"json/plain"}, data=b'{"a": 1}')
    (sealed,) = await codec.encode([payload])
    (again,) = await codec.encode([payload])
    assert sealed.data != again.data, "a nonce of its own each time"
    assert await codec.decode([sealed, payload]) == [payload, payload]
    damaged = Payload(metadata=sealed.metadata, data=sealed.data[:-1] + bytes([sealed.data[-1] ^ 1]))
    with pytest.raises(ConfigurationError, match="another key, or damaged"):
        await codec.decode([damaged])
    with pytest.raises(ConfigurationError, match="another key, or damaged"):
        await EncryptionCodec(parse_keys(f"k1:{NEW}")).decode([sealed])


async def test_the_codec_server_opens_payloads_for_the_page_of_the_temporal_ui_and_for_no_other() -> None:
    codec, plain = EncryptionCodec(parse_keys(f"k1:{OLD}")), Payload(data=b'{"a": 1}')
    app = codec_app(codec, "http://127.0.0.1:8233/namespaces/default")
    asked = {"content-type": "application/json", "access-control-request-method": "POST"}
    async with PageServer(app, 0) as server, httpx.AsyncClient(trust_env=False) as http:
        decode = f"http://127.0.0.1:{server.port}/decode"
        sealed = MessageToJson(Payloads(payloads=await codec.encode([plain])))
        opened = await http.post(decode, content=sealed, headers={"origin": "http://127.0.0.1:8233"})
        assert Parse(opened.text, Payloads()) == Payloads(payloads=[plain])
        assert opened.headers["access-control-allow-origin"] == "http://127.0.0.1:8233"
        for origin, status in (("http://127.0.0.1:8233", 200), ("http://127.0.0.1:9999", 400)):
            assert (await http.options(decode, headers={**asked, "origin": origin})).status_code == status
        foreign = await http.post(decode, content=sealed, headers={"origin": "https://elsewhere.example"})
        assert foreign.status_code == 403
        unknown = MessageToJson(
            Payloads(payloads=await EncryptionCodec(parse_keys(f"k9:{NEW}")).encode([plain]))
        )
        for body, status, said in (
            ("payloads", 400, "not Temporal's Payloads"),
            (unknown, 400, "the key 'k9', which is not among ours"),
            (" " * (LONGEST + 1), 413, "more than"),
        ):
            answer = await http.post(decode, content=body)
            assert (answer.status_code, said in answer.text) == (status, True), answer.text


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("sesame-open", "entry 1 is not ID:KEY"),
        (f"k1:{OLD},k2:c2hvcnQ=", "entry 2 is not ID:KEY"),
        (f"k1:{OLD} k1:{NEW}", "entry 2 is given twice"),
    ],
)
def test_a_malformed_key_is_told_by_its_place_and_never_shown(text: str, complaint: str) -> None:
    with pytest.raises(ConfigurationError, match=complaint) as caught:
        parse_keys(text)
    assert not any(part in str(caught.value) for part in ("sesame", OLD, "c2hvcnQ"))


def test_keys_come_from_a_file_too(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_text(f"k2:{NEW}\nk1:{OLD}\n")
    settings = load_settings({"TIPOFF_PAYLOAD_KEYS_FILE": str(file)})
    assert settings.payload_keys is not None
    assert list(parse_keys(settings.payload_keys.get_secret_value())) == ["k2", "k1"]
