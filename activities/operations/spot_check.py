"""Draws stored player-days and holds their figures against the raw rows, computed again by other code."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd
from temporalio import activity

from activities.failures import as_application_errors
from activities.heartbeat import heartbeating
from activities.operations.quality_book import findings_of, record
from activities.quality.checks import NONE_MAY, Check, Outcome, Seen, Skipped, judge
from activities.quality.recomputed import (
    GAMES_SQL,
    IN_CACHE,
    IN_VECTOR,
    TOLERANCE,
    YEARS_BACK,
    equal,
    figures,
    games_of,
)
from activities.surroundings import Surroundings
from shared.clock import season_of
from shared.errors import DataNotReady
from shared.names import SPOT_CHECK_ACTIVITY
from shared.validation import CheckReport, SpotCheckInput
from warehouse.protocol import Warehouse

STORE = "nba_predictions.ml_feature_store_v2"
CACHE = "nba_precompute.player_daily_cache"
OWNER = "spot_check"
REMEDY = "tipoff retrigger {day} --phase analytics --reason …"
COMPUTED = ("computed", "proxy")


@dataclass(frozen=True)
class PlayerDay:
    """One drawn row: what is stored, by figure."""

    day: date
    player_id: int
    name: str
    opponent: str
    cache: Mapping[str, float | None]
    vector: Mapping[str, float]
    """Only what was computed: a default is no figure of his."""


class SpotChecker:
    """The activity behind `tipoff spot-check`."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._surroundings = surroundings

    @activity.defn(name=SPOT_CHECK_ACTIVITY)
    def spot_check(self, request: SpotCheckInput) -> CheckReport:
        """Every figure of every sample; a mismatch names player, date, stored and computed value."""
        with as_application_errors(), heartbeating() as progress:
            progress(0, request.samples, "drawing")
            drawn = draw(self._surroundings.warehouse, request)
            outcomes = compare(self._surroundings.warehouse, drawn)
            latest = max(sample.day for sample in drawn)
            dated = [(latest, outcome) for _, outcome in outcomes]
            record(self._surroundings, {OWNER: dated}, {OWNER: (latest,)})
        return CheckReport(
            validator="spot-check",
            subject=f"{len(drawn)} player-days, seed {request.seed}, tolerance {TOLERANCE:g}",
            judged=len(drawn) * len(outcomes),
            findings=findings_of([check for check, _ in outcomes], dated),
        )


def draw(warehouse: Warehouse, request: SpotCheckInput) -> list[PlayerDay]:
    """The samples of a seed, in order.

    Raises:
        DataNotReady: no features are stored for these dates.
    """
    until = None if request.end is None else request.end + timedelta(days=1)
    keys = warehouse.read(STORE, columns=["game_date", "player_id"], since=request.start, until=until)
    if keys.empty:
        raise DataNotReady("spot-check: no features are stored for these dates; run them first")
    days = [pd.Timestamp(day).date() for day in keys["game_date"]]
    pairs = list(zip(days, keys["player_id"].astype(int), strict=True))
    chance = random.Random(request.seed)  # noqa: S311 - a sample, no secret
    chosen = set(chance.sample(pairs, min(request.samples, len(pairs))))
    return sorted(_stored(warehouse, chosen), key=lambda sample: (sample.day, sample.player_id))


def _stored(warehouse: Warehouse, chosen: set[tuple[date, int]]) -> Iterator[PlayerDay]:
    for day in sorted({day for day, _ in chosen}):
        players = [player for on, player in chosen if on == day]
        vectors = warehouse.read(STORE, dates=[day])
        cache = warehouse.read(CACHE, dates=[day]).set_index("player_id")
        for row in vectors.loc[vectors["player_id"].isin(players).to_numpy(dtype=bool)].itertuples():
            known = cache.loc[row.player_id] if row.player_id in cache.index else None
            yield PlayerDay(
                day, int(row.player_id), str(row.player_lookup), str(row.opponent_abbr),
                {name: _figure(None if known is None else known[name]) for name in IN_CACHE},
                _computed(row.feature_names, row.features, row.feature_sources),
            )  # fmt: skip


def _computed(names: Sequence[str], values: Sequence[float], sources: Sequence[str]) -> dict[str, float]:
    return {
        name: float(value)
        for name, value, source in zip(names, values, sources, strict=True)
        if name in IN_VECTOR and source in COMPUTED
    }


def _figure(value: object) -> float | None:
    return None if value is None or pd.isna(value) else float(value)  # type: ignore[arg-type]


def compare(warehouse: Warehouse, drawn: Sequence[PlayerDay]) -> list[tuple[Check, Outcome]]:
    """One check a figure and table, over all samples."""
    rows = warehouse.query(
        GAMES_SQL,
        {
            "players": sorted({sample.player_id for sample in drawn}),
            "since": min(sample.day for sample in drawn) - YEARS_BACK,
            "until": max(sample.day for sample in drawn),
        },
    )
    games = games_of(rows)
    computed = [
        figures(games.get(s.player_id, []), s.day, season_of(s.day), s.opponent) for s in drawn
    ]  # fmt: skip
    found: list[tuple[Check, Outcome]] = []
    for table, held, names in ((CACHE, "cache", IN_CACHE), (STORE, "vector", IN_VECTOR)):
        for name in names:
            seen = [
                (sample, getattr(sample, held)[name], again[name])
                for sample, again in zip(drawn, computed, strict=True)
                if name in getattr(sample, held)
            ]
            check = Check(name, table, lambda frames, seen=seen: _seen(seen), REMEDY, NONE_MAY)  # type: ignore[misc]
            found.append((check, judge(check, {})))
    return found


def _seen(compared: Sequence[tuple[PlayerDay, float | None, float | None]]) -> Seen | Skipped:
    if not compared:
        return Skipped("only defaults were drawn")
    wrong = [
        f"{s.name} {s.day} stored {_told(stored)} computed {_told(again)}"
        for s, stored, again in compared
        if not equal(stored, again)
    ]
    return Seen(float(len(wrong)), tuple(wrong))


def _told(value: float | None) -> str:
    return "nothing" if value is None else f"{value:.6g}"
