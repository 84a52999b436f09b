"""The plan of a chaos run: drawn before anything runs, the same for the same seed."""

from __future__ import annotations

from collections import Counter

import pytest

from benchmarks.chaos.kinds import KINDS, Group, Needs
from benchmarks.chaos.plan import BEFORE, FEWEST, PHASES, Round, planned
from benchmarks.chaos.strikes import strike_of
from benchmarks.chaos.worlds import WORLDS


def plan(seed: int = 1, rounds: int = 60, days: int = 3) -> tuple[Round, ...]:
    return planned(seed=seed, rounds=rounds, days=days, kinds=KINDS, worlds=WORLDS)


def test_one_seed_gives_one_plan_and_another_seed_another() -> None:
    assert plan() == plan()
    assert plan() != plan(seed=2)


@pytest.mark.parametrize("seed", range(1, 21))
def test_sixty_rounds_have_240_faults_and_every_kind_at_least_twice(seed: int) -> None:
    rounds = plan(seed)
    assert len(rounds) == 60
    counts = Counter(one.kind for each in rounds for one in each.injections)
    assert sum(counts.values()) >= 240
    assert {kind.name: counts[kind.name] for kind in KINDS if counts[kind.name] < 2} == {}
    assert min(len(each.injections) for each in rounds) >= FEWEST


def test_every_kind_that_means_something_alone_has_a_round_alone_and_others_with_all() -> None:
    rounds = plan()
    alone = {each.kinds[0] for each in rounds if len(each.kinds) == 1}
    assert alone == {kind.name for kind in KINDS if kind.alone and kind.needs is Needs.ANY}
    together = {kind for each in rounds if len(each.kinds) > 1 for kind in each.kinds}
    assert together == {kind.name for kind in KINDS}


def test_every_world_is_lived_at_least_twice_and_every_route_of_a_kind_is_struck() -> None:
    rounds = plan()
    worlds = Counter(each.world for each in rounds)
    assert all(worlds[world.name] >= 2 for world in WORLDS)
    for name in ("upstream_down", "missing_players"):
        (kind,) = (kind for kind in KINDS if kind.name == name)
        struck = {one.route for each in rounds for one in each.injections if one.kind == name}
        assert struck <= set(kind.routes)
        assert len(struck) >= min(len(kind.routes), 4)


def test_few_rounds_spread_the_kinds_as_far_as_they_can() -> None:
    kinds = [kind for kind in KINDS if kind.needs is Needs.ANY]
    rounds = planned(seed=3, rounds=6, days=1, kinds=kinds, worlds=WORLDS)
    assert {one.kind for each in rounds for one in each.injections} == {kind.name for kind in kinds}
    assert {one.day for each in rounds for one in each.injections} == {0}


def test_production_rounds_are_few_and_the_only_ones_with_what_needs_several_workers() -> None:
    rounds = plan()
    production = {kind.name for kind in KINDS if kind.needs is Needs.PRODUCTION}
    assert sum(each.production for each in rounds) == 3
    assert all(each.production == bool(set(each.kinds) & production) for each in rounds)


def test_every_fault_has_an_instant_and_something_that_injects_it() -> None:
    for each in plan():
        for one in each.injections:
            assert 0 <= one.day < 3
            assert one.phase == BEFORE or one.phase in PHASES
            assert 0 <= one.draw < 1
    assert all(strike_of(kind) for kind in KINDS if kind.group is not Group.DEPLOY)
