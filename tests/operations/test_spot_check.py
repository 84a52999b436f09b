"""`tipoff spot-check`: what was stored comes out of the raw rows again, and a planted mistake does not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from activities.analytics.windows import History, Span
from activities.operations.quality_book import findings_of
from activities.operations.spot_check import CACHE, STORE, compare, draw
from activities.precompute.player_daily_cache import cache_rows
from activities.quality.recomputed import IN_CACHE
from activities.surroundings import Surroundings
from shared.predeploy import Finding
from shared.validation import SpotCheckInput
from tests.operations.lived_days import DAYS, copied, surroundings
from warehouse.writer import Fence

SAMPLES = 200


def checked(around: Surroundings, samples: int = SAMPLES, seed: int = 0) -> dict[tuple[str, str], Finding]:
    """Every finding by table and figure."""
    drawn = draw(around.warehouse, SpotCheckInput(samples=samples, seed=seed, start=DAYS[0], end=DAYS[-1]))
    found = compare(around.warehouse, drawn)
    findings = [findings_of([check], [(DAYS[-1], outcome)]) for check, outcome in found]
    keys = [(check.dataset, check.name) for check, _ in found]
    return {key: finding[0] for key, finding in zip(keys, findings, strict=True) if finding}


def wrong(around: Surroundings, **drawn: int) -> set[tuple[str, str]]:
    """Table and figure of every mismatch."""
    return {key for key, finding in checked(around, **drawn).items() if finding.status != "ok"}


def test_stored_player_days_come_out_of_the_raw_rows_again(lived_home: Path, tmp_path: Path) -> None:
    with surroundings(copied(lived_home, tmp_path / "home"), None) as around:
        found = checked(around)
        drawn = draw(around.warehouse, SpotCheckInput(samples=SAMPLES))
        again = draw(around.warehouse, SpotCheckInput(samples=SAMPLES))
        other = draw(around.warehouse, SpotCheckInput(samples=SAMPLES, seed=1))
    assert {finding.status for finding in found.values()} == {"ok"}
    assert {name for table, name in found if table == CACHE} == set(IN_CACHE)
    assert len(drawn) == SAMPLES
    assert drawn == again, "a seed draws the same"
    assert [s.player_id for s in drawn] != [s.player_id for s in other]


@pytest.mark.parametrize("figure", IN_CACHE)
def test_a_figure_that_is_a_thousandth_off_is_found(figure: str, lived_home: Path, tmp_path: Path) -> None:
    home = copied(lived_home, tmp_path / "home")
    step = 1 if figure.startswith("games") else 0.001
    with duckdb.connect(str(home / "warehouse.duckdb")) as warehouse:
        warehouse.execute(
            f"UPDATE nba_precompute.player_daily_cache SET {figure} = COALESCE({figure}, 0) + {step}"
        )
    with surroundings(home, None) as around:
        assert wrong(around, samples=20) == {(CACHE, figure)}


def test_a_feature_that_is_not_the_cache_s_figure_is_found(lived_home: Path, tmp_path: Path) -> None:
    home = copied(lived_home, tmp_path / "home")
    with duckdb.connect(str(home / "warehouse.duckdb")) as warehouse:
        warehouse.execute(
            f"UPDATE {STORE} SET features = list_transform(features, lambda v, i: "
            "CASE WHEN feature_names[i] = 'points_avg_last_5' THEN v + 1 ELSE v END)"
        )
    with surroundings(home, None) as around:
        assert wrong(around, samples=20) == {(STORE, "points_avg_last_5")}


@contextmanager
def today_counts_as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """`<` becomes `<=` where the windows are cut: a game of the day itself is in them."""
    strict = History.before

    def before(self: History, targets: pd.DataFrame, days: int, *, skip: int = 0) -> Span:
        tomorrow = targets.assign(game_date=pd.to_datetime(targets["game_date"]) + pd.Timedelta(days=1))
        return strict(self, tomorrow, days + 1, skip=skip)

    with monkeypatch.context() as patched:
        patched.setattr(History, "before", before)
        yield


def test_a_window_that_reaches_into_the_day_itself_is_found(
    lived_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    day = DAYS[1]
    with surroundings(copied(lived_home, tmp_path / "home"), None) as around:
        warehouse = around.warehouse
        targets = warehouse.read("nba_analytics.upcoming_player_game_context", dates=[day])
        # Its own games are in: what a backfill with such a mistake would read.
        games = warehouse.read("nba_analytics.player_game_summary")
        offense = warehouse.read("nba_analytics.team_offense_game_summary")
        with today_counts_as_before(monkeypatch):
            leaked = cache_rows(games, offense, targets.sort_values("player_id").reset_index(drop=True))
        around.writer.replace(
            CACHE, leaked, partitions=[day], write_key="leak", fence=Fence(2**62), run_id="leak"
        )
        found = wrong(around)
        remedies = {finding.remedy for finding in checked(around).values() if finding.status != "ok"}
    rolling = {"points_avg_last_5", "points_avg_last_10", "points_std_last_10", "minutes_avg_last_10"}
    assert {(CACHE, figure) for figure in rolling} <= found
    assert remedies
    assert all(remedy.startswith("tipoff ") for remedy in remedies)
