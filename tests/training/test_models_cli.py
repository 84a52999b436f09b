"""`tipoff models …` on a real worker: what it prints, and that it fits a narrow terminal."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from starter.cli import invoke
from tests.training.league import FIRST
from tests.training.registry import DAYS, Registry

LAST = FIRST + timedelta(days=DAYS - 1)
EARLY, LATE = LAST - timedelta(days=10), LAST - timedelta(days=5)

Said = tuple[int, str, str]


@pytest.fixture
def tipoff(
    registry: Registry, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Callable[..., Awaitable[Said]]:
    """Runs a command against the registry's worker: exit code, output, errors."""
    address = registry.client.service_client.config.target_host
    monkeypatch.setenv("TIPOFF_TASK_QUEUE", registry.around.settings.task_queue)
    monkeypatch.setenv("COLUMNS", "80")

    async def run(*words: str) -> Said:
        capfd.readouterr()
        code = await asyncio.to_thread(invoke, ["models", *words, "--address", address])
        out, err = capfd.readouterr()
        assert "--json" in words or all(len(line) <= 80 for line in out.splitlines()), out
        return code, out, err

    return run


async def test_a_model_is_trained_shown_compared_promoted_and_rolled_back_by_commands(
    registry: Registry, tipoff: Callable[..., Awaitable[Said]]
) -> None:
    first = await registry.train(EARLY, as_champion=True)
    code, out, _ = await tipoff("train", "--through", str(LATE), "--json")
    second = json.loads(out)
    assert (code, second["status"], second["trained_through"]) == (0, "challenger", str(LATE))

    code, out, _ = await tipoff("list")
    assert code == 0
    assert "champion" in out
    assert "challenger" in out
    assert "bootstrap" in out
    assert out.count(first.model_id) == 2, "an id is never folded"

    code, out, _ = await tipoff("compare", first.model_id, second["model_id"])
    assert code == 0
    assert "rotation" in out
    assert "neither model has seen them" in " ".join(out.split())

    code, out, _ = await tipoff(
        "promote", second["model_id"], "--reason", "better", "--by", "ada@desk", "--json"
    )
    assert (code, json.loads(out)["decided_by"]) == (0, "ada@desk")
    assert registry.statuses()[second["model_id"]] == "champion"

    code, out, _ = await tipoff("show", second["model_id"])
    assert code == 0
    assert "by ada@desk" in out
    assert "better" in out

    code, out, _ = await tipoff("rollback", "--reason", "worse live")
    assert code == 0
    assert f"rolled back to {first.model_id}" in " ".join(out.split())
    assert registry.statuses() == {first.model_id: "champion", second["model_id"]: "retired"}

    code, out, _ = await tipoff("shadow", second["model_id"], "--reason", "watch it", "--json")
    assert (code, json.loads(out)["action"]) == (0, "shadow")


async def test_a_refused_promotion_is_one_line_on_standard_error(
    registry: Registry, tipoff: Callable[..., Awaitable[Said]]
) -> None:
    champion = await registry.train(EARLY, as_champion=True)
    code, out, err = await tipoff("promote", champion.model_id, "--reason", "again")
    assert (code, out) == (1, "")
    assert "is the champion already" in err
    assert len(err.strip().splitlines()) == 1


async def test_an_empty_registry_says_how_to_train(tipoff: Callable[..., Awaitable[Said]]) -> None:
    code, out, _ = await tipoff("list")
    assert code == 0
    assert "tipoff models train --through DATE" in out
