"""Which faults strike which day of a simulated season: drawn from the seed and the date, ahead of it."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from replay.league import Game
from shared.phases import PHASES

Wish = dict[str, Any]
"""The body of a POST to the replay server's `/faults`."""

MOST = 3
"""Faults of one day."""

BOXES = ("nba-cdn/boxscore", "espn/summary", "balldontlie/stats")
SCHEDULES = ("nba-cdn/schedule", "espn/scoreboard")
INJURIES = ("espn/injuries", "balldontlie/player_injuries")
LINES = ("odds-api/events", "odds-api/event-odds")
ANY = (*BOXES, *SCHEDULES, *INJURIES, *LINES, "espn/roster")

PROCESSORS = tuple(p.name for phase in PHASES for p in phase.processors if p.required)

DAY_SECONDS = 5.0
"""About what a day takes: kills and messages fall into it."""


@dataclass
class DayFaults:
    """What strikes one day."""

    kinds: tuple[str, ...] = ()
    upstream: list[Wish] = field(default_factory=list)
    """Set before the day begins, taken away after its end."""
    kills: list[float] = field(default_factory=list)
    """SIGKILL of the worker, so many seconds after the day has begun."""
    refusals: int = 0
    """Calls that the warehouse refuses, from `at` on."""
    broken: str = ""
    """A processor that fails until an operator asks for its phase again."""
    messages: bool = False
    """Signals that contradict each other, from `at` on."""
    asked_again: str = ""
    """A phase that an operator asks for again after the day's end."""
    at: float = 0.0


Draw = Callable[[DayFaults, random.Random, Sequence[Game]], None]
"""Adds a fault to a day; the games are those of the day before."""


def _status(faults: DayFaults, route: str, value: object, times: int | None = None) -> None:
    faults.upstream.append({"route": route, "kind": "status", "value": value, "times": times})


def told_to_wait(faults: DayFaults, rng: random.Random, _: Sequence[Game]) -> None:
    """429 with a Retry-After."""
    _status(faults, rng.choice(ANY), {"code": 429, "retry_after": rng.choice((5, 20, 90))}, rng.randint(1, 3))


def burst(faults: DayFaults, rng: random.Random, _: Sequence[Game]) -> None:
    """Some answers are 500."""
    _status(faults, rng.choice(ANY), 500, rng.randint(1, 12))


def first_source_down(faults: DayFaults, rng: random.Random, _: Sequence[Game]) -> None:
    """nba.com answers nothing all day."""
    for route in ("nba-cdn/schedule", "nba-cdn/boxscore"):
        _status(faults, route, rng.choice((502, 503)))


def second_source_down(faults: DayFaults, rng: random.Random, _: Sequence[Game]) -> None:
    """ESPN answers nothing but injuries and rosters all day."""
    for route in ("espn/scoreboard", "espn/summary"):
        _status(faults, route, rng.choice((500, 503)))


def injuries_down(faults: DayFaults, _: random.Random, __: Sequence[Game]) -> None:
    """No source of injuries answers all day."""
    for route in INJURIES:
        _status(faults, route, 503)


def outage(faults: DayFaults, rng: random.Random, _: Sequence[Game]) -> None:
    """What has no other source is down, for as many calls as make the day wait."""
    _status(faults, rng.choice((*LINES, "espn/roster")), 503, rng.randint(4, 9))


def lines_down(faults: DayFaults, _: random.Random, __: Sequence[Game]) -> None:
    """No lines before the first tip-off: such a day can't be saved."""
    _status(faults, "odds-api/events", 503)


def truncated(faults: DayFaults, rng: random.Random, _: Sequence[Game]) -> None:
    """Part of a body."""
    kept = round(rng.uniform(0.1, 0.95), 2)
    faults.upstream.append(
        {"route": rng.choice(ANY), "kind": "truncated", "value": kept, "times": rng.randint(1, 4)}
    )


def slow(faults: DayFaults, rng: random.Random, _: Sequence[Game]) -> None:
    """Answers take a second."""
    faults.upstream.append({"route": rng.choice(ANY), "kind": "latency", "value": 1, "times": 3})


def stale(faults: DayFaults, rng: random.Random, _: Sequence[Game]) -> None:
    """What a cache had a day ago."""
    route = rng.choice(("nba-cdn/schedule", "nba-cdn/boxscore", "espn/injuries", "espn/roster"))
    faults.upstream.append({"route": route, "kind": "stale_copy", "times": rng.randint(1, 3)})


def missing_game(faults: DayFaults, rng: random.Random, games: Sequence[Game]) -> None:
    """The first source has not got a game."""
    game = rng.choice(games)
    faults.upstream.append({"route": BOXES[0], "kind": "missing_game", "value": game.game_id})


def missing_everywhere(faults: DayFaults, rng: random.Random, games: Sequence[Game]) -> None:
    """No source has got a game until the next day."""
    game = rng.choice(games)
    for route in BOXES:
        faults.upstream.append({"route": route, "kind": "missing_game", "value": game.game_id})


def missing_players(faults: DayFaults, _: random.Random, __: Sequence[Game]) -> None:
    """The first source lacks the top scorer of every game."""
    faults.upstream.append({"route": BOXES[0], "kind": "missing_player"})


def wrong_total(faults: DayFaults, rng: random.Random, games: Sequence[Game]) -> None:
    """A box score of the first source does not add up."""
    match = {"game_id": rng.choice(games).game_id}
    faults.upstream.append({"route": BOXES[0], "kind": "wrong_total", "value": 2, "match": match})


def repeated_rows(faults: DayFaults, rng: random.Random, _: Sequence[Game]) -> None:
    """A row comes twice."""
    route = rng.choice((*BOXES, "espn/roster", "espn/injuries", "odds-api/event-odds"))
    faults.upstream.append({"route": route, "kind": "duplicate_row", "times": rng.randint(1, 6)})


def worker_killed(faults: DayFaults, rng: random.Random, _: Sequence[Game]) -> None:
    """SIGKILL of the worker, once or twice."""
    faults.kills = sorted(rng.uniform(0, DAY_SECONDS) for _ in range(rng.choice((1, 1, 2))))


def warehouse_refuses(faults: DayFaults, rng: random.Random, _: Sequence[Game]) -> None:
    """Some reads and writes are refused."""
    faults.refusals, faults.at = rng.randint(1, 30), rng.uniform(0, DAY_SECONDS)


def processor_broken(faults: DayFaults, rng: random.Random, _: Sequence[Game]) -> None:
    """A required processor fails until an operator asks for its phase again."""
    faults.broken = rng.choice(PROCESSORS)


def contradictory(faults: DayFaults, rng: random.Random, _: Sequence[Game]) -> None:
    """Signals that contradict each other, come twice or make no sense."""
    faults.messages, faults.at = True, rng.uniform(0, DAY_SECONDS)


def asked_again(faults: DayFaults, rng: random.Random, _: Sequence[Game]) -> None:
    """A phase is asked for again after the day's end."""
    faults.asked_again = rng.choice(("raw", "analytics", "precompute", "predictions", "publishing"))


WEIGHTS: dict[Draw, int] = {
    told_to_wait: 3, burst: 3, first_source_down: 2, second_source_down: 1, injuries_down: 1, outage: 2,
    lines_down: 1, truncated: 2, slow: 1, stale: 2, missing_game: 2, missing_everywhere: 2,
    missing_players: 2, wrong_total: 2, repeated_rows: 2, worker_killed: 4, warehouse_refuses: 3,
    processor_broken: 3, contradictory: 2, asked_again: 1,
}  # fmt: skip
"""How often each is drawn, in proportion."""

OF_GAMES = (missing_game, missing_everywhere, missing_players, wrong_total)
"""Those that need games of the day before."""


def faults_of(seed: int, day: date, games: Sequence[Game]) -> DayFaults:
    """The faults of a day; `games` are those of the day before."""
    rng = random.Random(f"season {seed} {day}")
    faults = DayFaults()
    chosen: dict[str, Draw] = {}
    weights = {draw: weight for draw, weight in WEIGHTS.items() if games or draw not in OF_GAMES}
    wanted = rng.randint(1, MOST)
    while len(chosen) < wanted:
        draw = rng.choices(list(weights), list(weights.values()))[0]
        chosen.setdefault(draw.__name__, draw)
    for draw in chosen.values():
        draw(faults, rng, games)
    faults.kinds = tuple(sorted(chosen))
    return faults
