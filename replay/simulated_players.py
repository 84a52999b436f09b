"""The invented players of the simulated league, and how rosters carry over from year to year."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np

from replay.teams import TRICODES

FIRST_YEAR = 2023
ROSTER_SIZE = 15
#: Far above every real personId, so that nobody takes an invented player for a real one.
FIRST_PERSON_ID = 9_000_001

_FIRST_NAMES = """Tavon Brisco Elrod Jorun Matteo Kesh Dario Wendell Orlin Zeph Cormac Idris Lazar
Osei Bram Teodor Nilo Rashon Quillan Devin-Ray Anton Luka-Jon Emeka Pascal Sorin Valdas Hakon Ruben
André José Nikolaï Márton Dušan Émile T.J. D'Aron Jalon Keyshon Marquell Isaak"""
_LAST_NAMES = """Abernethy Brackwater Calloway-Dunn Draskovic Ellerbee Fontrose Gatewood-Pell
Halvorsen Ilunga Jarreau Kestrel Lindqvist Marchetti Nwaneri Okonjo Pemberwick Quarles
Rademaker Stillwater Tarkovnik Umberland Vasquenza Winterbourne Yarborne Zielinkov O'Hanrahan
McTavick Bazterrica Dvořáček Núñez-Paz Šarkan Müllerby Thistledown Oduyale
Castellane Brightwell Ferncastle"""
_FIRST, _LAST = _FIRST_NAMES.split(), _LAST_NAMES.split()
_POSITIONS = ("PG", "SG", "SF", "PF", "C")
#: What a team's players are used for, best player first: minutes and shots per 36 minutes.
_MINUTES = (34.5, 33, 31.5, 29.5, 27, 23, 20, 17, 13.5, 10, 7, 5, 4, 3, 2)
_SHOTS = (18.0, 15.0, 13.0, 11.7, 10.8, 11.0, 10.7, 10.4, 10.4, 10, 10, 10, 9, 9, 9)


@dataclass(frozen=True, slots=True)
class SimPlayer:
    """One invented player. Rates are per 36 minutes, shares and percentages from 0 to 1."""

    person_id: int
    name: str
    team: str
    position: str
    age: int
    #: Where he stands: log-scale scoring talent that drifts from season to season.
    talent: float
    three_share: float
    two_pct: float
    three_pct: float
    free_pct: float
    free_rate: float
    rebounds: float
    assists: float
    #: Set from his rank on the team.
    minutes: float = 0.0
    shots: float = 0.0


@lru_cache(maxsize=16)
def roster_of(seed: int, year: int) -> tuple[SimPlayer, ...]:
    """Return the league's players in the season that begins in `year`, each team's best first."""
    rng = np.random.default_rng([seed, year, 1])
    if year <= FIRST_YEAR:
        players = [
            _player(rng, seed, number, team, int(rng.integers(19, 35)))
            for number, team in enumerate(team for team in TRICODES for _ in range(ROSTER_SIZE))
        ]
    else:
        players = _next_season(rng, seed, year, list(roster_of(seed, year - 1)))
    return tuple(_ranked(rng, players))


def _next_season(rng: Any, seed: int, year: int, before: list[SimPlayer]) -> list[SimPlayer]:
    """Age everyone, retire some, let one in eight move, and fill the rosters with rookies."""
    kept: list[SimPlayer] = []
    for player in before:
        leaves = rng.random() < 0.04 + 0.05 * max(0, player.age - 31)
        drift = rng.normal(0.03 if player.age < 26 else -0.02 if player.age > 30 else 0, 0.08)
        moves = rng.random() < 0.12
        team = TRICODES[rng.integers(len(TRICODES))] if moves else player.team
        if not leaves:
            kept.append(replace(player, age=player.age + 1, talent=player.talent + drift, team=team))
    filled: list[SimPlayer] = []
    number = (year - FIRST_YEAR) * 1000
    for team in TRICODES:
        own = sorted((p for p in kept if p.team == team), key=lambda p: -p.talent)[:ROSTER_SIZE]
        for _ in range(ROSTER_SIZE - len(own)):
            own.append(_player(rng, seed, number, team, int(rng.integers(19, 23))))
            number += 1
        filled += own
    return filled


def _player(rng: Any, seed: int, number: int, team: str, age: int) -> SimPlayer:
    position = _POSITIONS[rng.integers(5)]
    big = position in {"PF", "C"}
    return SimPlayer(
        person_id=FIRST_PERSON_ID + number,
        name=_name(seed, number),
        team=team,
        position=position,
        age=age,
        talent=float(rng.normal(0, 0.22)),
        three_share=float(np.clip(rng.normal(0.22 if big else 0.44, 0.10), 0.02, 0.75)),
        two_pct=float(np.clip(rng.normal(0.58 if big else 0.52, 0.03), 0.42, 0.70)),
        three_pct=float(np.clip(rng.normal(0.355, 0.025), 0.26, 0.44)),
        free_pct=float(np.clip(rng.normal(0.78, 0.07), 0.5, 0.93)),
        free_rate=float(np.clip(rng.normal(0.25, 0.08), 0.08, 0.5)),
        rebounds=float(np.clip(rng.normal(9.5 if big else 5.0, 1.5), 2, 14)),
        assists=float(np.clip(rng.normal(2.5 if big else 5.0, 1.5), 0.8, 10)),
    )


def _name(seed: int, number: int) -> str:
    """Return a name that no other player of the league has."""
    pairs = len(_FIRST) * len(_LAST)
    # A stride without a common factor with `pairs` visits every pair before it comes back.
    stride = 613 + 2 * (seed % 50)
    while np.gcd(stride, pairs) != 1:
        stride += 2
    at = (seed + number * stride) % pairs
    name = f"{_FIRST[at % len(_FIRST)]} {_LAST[at // len(_FIRST)]}"
    generation = ("", " II", " III", " IV")[number // pairs % 4]
    return name + (generation or (" Jr." if number % 29 == 7 else ""))


def _ranked(rng: Any, players: list[SimPlayer]) -> list[SimPlayer]:
    """Order each team by talent and give its players their minutes and shots."""
    ranked: list[SimPlayer] = []
    for team in TRICODES:
        own = sorted((p for p in players if p.team == team), key=lambda p: (-p.talent, p.person_id))
        for player, minutes, shots in zip(own, _MINUTES, _SHOTS, strict=True):
            ranked.append(
                replace(
                    player,
                    minutes=float(max(1.0, minutes + rng.normal(0, 1.2))),
                    shots=float(shots * np.exp(0.15 * player.talent + rng.normal(0, 0.10))),
                )
            )
    return ranked
