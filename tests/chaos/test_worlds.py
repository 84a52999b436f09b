"""The worlds of the chaos suite: lived undisturbed, each keeps its promises, and the calm one would not."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from benchmarks.chaos.round import Setting, baseline_of
from benchmarks.chaos.worlds import CALM, EVERYBODY, WORLDS, Edit, World
from shared.registry import Processor
from tests.in_process import Morning
from tests.replay.conftest import Replay

DAYS = tuple(date(2025, 10, 26) + timedelta(days=number) for number in range(3))
OF_THREE_DAYS = ("corrected_box", "renamed_player", "namesakes")
#: Changes of what happened. The others are lived by the rounds' own tests.
GAMES_AND_NAMES = [
    w for w in WORLDS if w.name in ("postponed_game", "past_midnight", "renamed_player", "namesakes")
]
#: What their promises need are no predictions: those are made by the rounds.
TO_FEATURES = [world for world in WORLDS if world != CALM]


def _up_to_features(processor: Processor) -> bool:
    return processor.name == "prediction_chunk"


@pytest.fixture(scope="module")
def known(replay: Replay, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that knows the season's first days."""
    home = tmp_path_factory.mktemp("known") / "home"
    morning = Morning(home, replay.base, "simulated", DAYS[0])
    morning.history(date(2025, 10, 21), DAYS[0] - timedelta(days=1))
    morning.warehouse.close()
    return home


def followed(edits: Sequence[Edit]) -> list[Edit]:
    """A name that nba.com gave is everybody's a day later: those who follow have no id to it."""
    return [
        {**edit, "route": EVERYBODY, "value": {**edit["value"], "from": str(DAYS[1])}}
        for edit in edits
        if edit["kind"] == "renamed_player"
    ]


def broken(
    replay: Replay, home: Path, world: World, promised: Sequence[World], days: Sequence[date] = DAYS
) -> dict[str, Sequence[str]]:
    """Lives the days in a world; which promises of which worlds are broken in its tables."""
    replay.http.delete("/faults")
    edits = world.edits(days, replay.base)
    for edit in [*edits, *followed(edits)]:
        replay.http.post("/faults", json=edit).raise_for_status()
    morning = Morning(home, replay.base, "simulated", days[0])
    for day in days:
        morning.advance_to(day)
        morning.run(_up_to_features)
    faults = replay.http.get("/faults").json()["faults"]
    replay.http.delete("/faults")
    assert all(fault["hits"] for fault in faults)
    found = {one.name: one.promises(morning.warehouse, days) for one in promised}
    morning.warehouse.close()
    return found


@pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.name)
def test_its_edits_are_possible_and_the_same_each_time(replay: Replay, world: World) -> None:
    replay.http.delete("/faults")
    edits = world.edits(DAYS, replay.base)
    assert edits == world.edits(DAYS, replay.base)
    for edit in edits:
        assert replay.http.post("/faults", json=edit).status_code == 201
    replay.http.delete("/faults")


@pytest.mark.parametrize("world", TO_FEATURES, ids=lambda world: world.name)
def test_it_keeps_its_promises(replay: Replay, known: Path, tmp_path: Path, world: World) -> None:
    shutil.copytree(known, tmp_path / "home")
    days = DAYS if world.name in OF_THREE_DAYS else DAYS[:2]
    found = broken(replay, tmp_path / "home", world, [world], days)
    assert list(found[world.name]) == []


def test_the_calm_world_breaks_them(replay: Replay, known: Path, tmp_path: Path) -> None:
    shutil.copytree(known, tmp_path / "home")
    found = broken(replay, tmp_path / "home", CALM, TO_FEATURES)
    assert all(found.values()), found


@pytest.mark.soak
@pytest.mark.timeout(600)
@pytest.mark.parametrize("world", GAMES_AND_NAMES, ids=lambda world: world.name)
def test_it_keeps_every_invariant_in_real_processes(setting: Setting, tmp_path: Path, world: World) -> None:
    days = (setting.days[0], setting.days[0] + timedelta(days=1))
    # A promise or an invariant that is broken ends it.
    baseline_of(replace(setting, root=tmp_path, days=days), world, production=False)
