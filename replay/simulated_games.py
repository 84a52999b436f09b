"""What happens in the simulated season's games: who is hurt, who plays, what they score.

Everything is drawn for the whole season at once, in arrays of (team-game, player): a season takes
a fraction of a second. Minutes are whole seconds that sum to 240 minutes a team; points come from
made shots, so 2·fgm + fg3m + ftm = pts holds on every row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from replay.league import BoxRow
from replay.simulated_players import ROSTER_SIZE, SimPlayer
from replay.simulated_schedule import Slot
from replay.teams import TRICODES

HEALTHY, PROBABLE, QUESTIONABLE, DOUBTFUL, OUT = range(5)
STATUS_NAMES = ("", "Probable", "Questionable", "Doubtful", "Out")
#: How often a player with each status plays.
_PLAYS = np.array([1.0, 0.95, 0.55, 0.12, 0.0])
_TEAM_SECONDS = 240 * 60
#: How much a player's night varies: his minutes, his share of the shots, the team's pace.
_MINUTES_NOISE, _SHOT_NOISE, _PACE_NOISE = 0.16, 0.17, 0.05


@dataclass(frozen=True)
class Played:
    """A season's draws. Arrays are indexed by 2·game (away) or 2·game + 1 (home), then player."""

    status: Any
    expected: Any
    expected_minutes: Any
    rows: dict[str, Any]
    appeared: Any


def injury_report(seed: int, year: int, players: int, days: int) -> Any:
    """Return each player's status on each day of the season, as an array (player, day)."""
    rng = np.random.default_rng([seed, year, 3])
    report: Any = np.zeros((players, days), dtype=np.int8)
    chance = rng.random((players, days))
    length = 1 + rng.geometric(1 / 7, (players, days))
    for player, day in zip(*np.nonzero(chance < 0.009), strict=True):
        until = day + int(length[player, day])
        report[player, day:until] = OUT
        report[player, until : until + 2] = rng.choice([DOUBTFUL, QUESTIONABLE, PROBABLE])
    lone = rng.random((players, days))
    report[(report == HEALTHY) & (lone < 0.010)] = QUESTIONABLE
    report[(report == HEALTHY) & (lone > 0.985)] = PROBABLE
    return report


def play(seed: int, year: int, players: Sequence[SimPlayer], slots: Sequence[Slot], report: Any) -> Played:
    """Play the season's games."""
    rng = np.random.default_rng([seed, year, 4])
    first = slots[0].game_date.toordinal()
    sides = np.array([TRICODES.index(team) for slot in slots for team in (slot.away, slot.home)], dtype=int)
    others = sides.reshape(-1, 2)[:, ::-1].reshape(-1)
    day: Any = np.repeat([slot.game_date.toordinal() - first for slot in slots], 2)
    member = sides[:, None] * ROSTER_SIZE + np.arange(ROSTER_SIZE)[None, :]
    status = report[member, day[:, None]]

    def of(name: str) -> Any:
        return np.array([getattr(player, name) for player in players])[member]

    defence = rng.normal(1.0, 0.035, len(TRICODES))[others][:, None]
    at_home = np.where(np.arange(len(sides)) % 2 == 1, 1.012, 0.988)[:, None]
    hoped = _minutes(of("minutes"), status < DOUBTFUL, np.ones_like(status, dtype=float))
    per_shot = of("three_share") * 3 * of("three_pct") + (1 - of("three_share")) * 2 * of("two_pct")
    per_shot = per_shot * defence * at_home + of("free_rate") * of("free_pct")
    expected = of("shots") * hoped / 36 * per_shot

    plays = rng.random(status.shape) < _PLAYS[status]
    noise = np.exp(rng.normal(0, _MINUTES_NOISE, status.shape))
    seconds = _whole_seconds(_minutes(of("minutes"), plays, noise) * 60)
    minutes = seconds / 60
    pace = np.exp(np.repeat(rng.normal(0, _PACE_NOISE, len(slots)), 2))[:, None]
    form = np.exp(rng.normal(0, _SHOT_NOISE, status.shape)) * pace * minutes / 36
    fga = rng.poisson(of("shots") * form)
    fg3a = rng.binomial(fga, of("three_share"))
    fg3m = rng.binomial(fg3a, np.clip(of("three_pct") * defence * at_home, 0.05, 0.95))
    fg2m = rng.binomial(fga - fg3a, np.clip(of("two_pct") * defence * at_home, 0.05, 0.95))
    fta = rng.poisson(of("shots") * of("free_rate") * form)
    ftm = rng.binomial(fta, of("free_pct"))
    oreb = rng.poisson(of("rebounds") * 0.24 * minutes / 36)
    dreb = rng.poisson(of("rebounds") * 0.76 * minutes / 36)
    rows = {
        "seconds": seconds, "fgm": fg2m + fg3m, "fga": fga, "fg3m": fg3m, "fg3a": fg3a,
        "ftm": ftm, "fta": fta, "oreb": oreb, "dreb": dreb, "reb": oreb + dreb,
        "ast": rng.poisson(of("assists") * minutes / 36),
        "stl": rng.poisson(1.1 * minutes / 36),
        "blk": rng.poisson(0.7 * minutes / 36),
        "tov": rng.poisson(2.1 * minutes / 36),
        "pf": np.minimum(6, rng.poisson(2.8 * minutes / 36)),
    }  # fmt: skip
    _break_ties(rows)
    rows["pts"] = 2 * rows["fgm"] + rows["fg3m"] + rows["ftm"]
    return Played(status, expected, hoped, rows, seconds > 0)


def _minutes(own: Any, available: Any, noise: Any) -> Any:
    """Return each side's minutes: the nine or ten best of those available share 240."""
    rank = np.cumsum(available, axis=1) - 1
    in_rotation = available & (rank < 10)
    slot = np.array([34.5, 33, 31.5, 29.5, 27, 23, 20, 17, 13.5, 9.0])[np.clip(rank, 0, 9)]
    wanted = np.where(in_rotation, (0.5 * own + 0.5 * slot) * noise, 0.0)
    # The tenth man plays only when his minutes would be worth the name.
    wanted = np.where((rank == 9) & (wanted < 7.0), 0.0, wanted)
    scaled = wanted * (240 / wanted.sum(axis=1, keepdims=True))
    capped = np.minimum(scaled, 44.0)
    spare = 240 - capped.sum(axis=1, keepdims=True)
    room = np.where(scaled < 44.0, scaled, 0.0)
    return capped + room * spare / np.maximum(room.sum(axis=1, keepdims=True), 1e-9)


def _whole_seconds(seconds: Any) -> Any:
    """Round to seconds that still sum to the team's: the rest goes to who plays most."""
    whole = np.floor(seconds).astype(int)
    rest = _TEAM_SECONDS - whole.sum(axis=1)
    whole[np.arange(len(whole)), whole.argmax(axis=1)] += rest
    return whole


def _break_ties(rows: dict[str, Any]) -> None:
    """Give the home side of a tied game one more free throw made; there is no overtime."""
    points = (2 * rows["fgm"] + rows["fg3m"] + rows["ftm"]).sum(axis=1)
    tied: Any = np.nonzero(points[0::2] == points[1::2])[0] * 2 + 1
    leader = rows["seconds"][tied].argmax(axis=1)
    rows["ftm"][tied, leader] += 1
    rows["fta"][tied, leader] += 1


def box_rows(played: Played, players: Sequence[SimPlayer], slots: Sequence[Slot]) -> list[list[BoxRow]]:
    """Return every game's rows, away side first; who was available and sat is listed too."""
    points = played.rows["pts"].sum(axis=1)
    margin = (points.reshape(-1, 2) - points.reshape(-1, 2)[:, ::-1]).reshape(-1).tolist()
    columns = {name: values.tolist() for name, values in played.rows.items()}
    stats = [columns[name] for name in BoxRow._fields[4:19]]
    seconds, status = columns["seconds"], played.status.tolist()
    boxes: list[list[BoxRow]] = []
    for number, slot in enumerate(slots):
        box: list[BoxRow] = []
        for side, team in ((2 * number, slot.away), (2 * number + 1, slot.home)):
            base = TRICODES.index(team) * ROSTER_SIZE
            started = 0
            for at in range(ROSTER_SIZE):
                appeared = seconds[side][at] > 0
                if not appeared and status[side][at] == OUT:
                    continue
                share = round(margin[side] * seconds[side][at] / 2880)
                stat = (column[side][at] for column in stats)
                player = players[base + at]
                box.append(
                    BoxRow._make(
                        (
                            player.name,
                            player.person_id,
                            team,
                            seconds[side][at] / 60,
                            *stat,
                            share if appeared else 0,
                            appeared and started < 5,
                            appeared,
                        )
                    )
                )
                started += appeared
        boxes.append(box)
    return boxes
