"""Which faults strike which round, and when: drawn from a seed, before anything runs."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.chaos.kinds import Group, Kind, Needs
from benchmarks.chaos.worlds import World

FEWEST = 4
"""Faults in a round."""
MOST = 8
USUAL = 5
PRODUCTION_SHARE = 20
"""One round in so many is lived on the production topology, which takes longer to start."""
LONGEST_DELAY = 0.8
"""Seconds after the beginning of a phase, at most: a phase takes about a second."""
BEFORE = ""
"""In the place of a phase: before the day begins."""
PHASES = ("scrape", "raw", "analytics", "precompute", "predictions", "grading", "publishing")


@dataclass(frozen=True)
class Injection:
    """One fault: what, and when."""

    kind: str
    day: int
    """Which of the round's days, from 0."""
    phase: str
    """It strikes after this phase has begun, `delay` seconds later."""
    delay: float
    route: str = ""
    draw: float = 0.0
    """From 0 to 1: what else the kind has to draw it takes from here."""


@dataclass(frozen=True)
class Round:
    """One round."""

    number: int
    world: str
    production: bool
    injections: tuple[Injection, ...]

    @property
    def kinds(self) -> tuple[str, ...]:
        """The names of its faults' kinds, each once, in the order of the catalogue's drawing."""
        return tuple(dict.fromkeys(one.kind for one in self.injections))


def planned(
    *, seed: int, rounds: int, days: int, kinds: Sequence[Kind], worlds: Sequence[World]
) -> tuple[Round, ...]:
    """The rounds of a seed: each kind alone, where that leaves rounds enough to deal every kind twice.

    The others mix what a shuffled deck deals.
    `kinds` are those that can be injected, `worlds` those that can be lived, the calm one first.
    """
    rng = random.Random(f"chaos {seed}")
    by_name = {kind.name: kind for kind in kinds}
    plain = [kind for kind in kinds if kind.needs is Needs.ANY]
    production = [kind for kind in kinds if kind.needs is Needs.PRODUCTION]
    routes = {kind.name: _deck(rng, kind.routes) for kind in kinds if kind.routes}
    built = (
        max(math.ceil(rounds / PRODUCTION_SHARE), 1) if production and (rounds >= MOST or not plain) else 0
    )
    alone = [kind for kind in plain if kind.alone]
    rng.shuffle(alone)
    alone = alone[: max(rounds - built - math.ceil(2 * len(plain) / MOST), 0)]
    mixed = rounds - built - len(alone)
    each = min(MOST, max(USUAL, math.ceil(2 * len(plain) / mixed))) if mixed > 0 else USUAL

    drafts: list[tuple[str, bool, list[Kind]]] = []
    # Worlds have a chance of their own: a new one leaves the faults of all rounds as they are.
    lands = _deck(random.Random(f"worlds {seed}"), [*worlds[1:], worlds[0]])
    deck = _deck(rng, plain)
    drafts += [(worlds[0].name, False, [kind] * FEWEST) for kind in alone]
    drafts += [(next(lands).name, False, _hand(deck, each)) for _ in range(max(mixed, 0))]
    builds = _deck(rng, production)
    others = _deck(
        rng, [kind for kind in plain if kind.group in (Group.UPSTREAM, Group.MESSAGE)] or production
    )
    drafts += [
        (worlds[0].name, True, [next(builds), next(builds), next(builds), next(others)]) for _ in range(built)
    ]
    rng.shuffle(drafts)
    return tuple(
        Round(number, world, is_production, _injections(rng, days, chosen, routes, by_name))
        for number, (world, is_production, chosen) in enumerate(drafts[:rounds], 1)
    )


def _deck(rng: random.Random, cards: Sequence[object]) -> Iterator:  # type: ignore[type-arg]
    """Deals all cards in a random order, then again."""
    while cards:
        yield from rng.sample(list(cards), len(cards))


def _hand(deck: Iterator[Kind], size: int) -> list[Kind]:
    """The next cards; where one is dealt twice in a row of hands, it strikes twice."""
    return [next(deck) for _ in range(size)]


def _injections(
    rng: random.Random,
    days: int,
    chosen: Sequence[Kind],
    routes: dict[str, Iterator[str]],
    by_name: Mapping[str, Kind],
) -> tuple[Injection, ...]:
    drawn = []
    # The first ones one a day, so that every day has its fault.
    struck = [
        (kind.name, number if number < days else rng.randrange(days)) for number, kind in enumerate(chosen)
    ]
    struck += [(by_name[name].companion, day) for name, day in struck if by_name[name].companion in by_name]
    for name, day in struck:
        kind = by_name[name]
        early = kind.group in (Group.UPSTREAM, Group.CHANNEL)
        drawn.append(
            Injection(
                kind=kind.name,
                day=day,
                phase=BEFORE if early else rng.choice(PHASES),
                delay=0.0 if early else round(rng.uniform(0, LONGEST_DELAY), 3),
                route=next(routes[kind.name]) if kind.routes else "",
                draw=round(rng.random(), 4),
            )
        )
    order = {name: number for number, name in enumerate((BEFORE, *PHASES))}
    return tuple(sorted(drawn, key=lambda one: (one.day, order[one.phase], one.delay)))
