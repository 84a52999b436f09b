"""Faults as they could come about, each planted into a copy of the lived days, and what must report it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from tests.operations.lived_days import DAYS

DAY = f"DATE '{DAYS[1]}'"
"""The day in the middle: its morning, its games and its gradings are all there."""

NEXT = f"DATE '{DAYS[2]}'"

BOX, TEAM = "nba_raw.player_box_scores", "nba_raw.team_box_scores"
SUMMARY = "nba_analytics.player_game_summary"
UPCOMING = "nba_analytics.upcoming_player_game_context"
STORE, PREDICTED = "nba_predictions.ml_feature_store_v2", "nba_predictions.player_prop_predictions"
RESULTS, STATUS = "nba_predictions.prediction_results", "nba_orchestration.phase_status"


def first(table: str, column: str, where: str = "TRUE") -> str:
    """One value of the day, the same every time."""
    return f"(SELECT MIN({column}) FROM {table} WHERE game_date = {DAY} AND {where})"


GAME = first(TEAM, "game_id")
PLAYER = first(BOX, "player_id", "minutes >= 10 AND points > 0")
PREDICTION = first(PREDICTED, "prediction_id", "is_active")
GRADED = first(RESULTS, "prediction_id", "NOT is_void")
ACTIVE = first(PREDICTED, "player_id", "is_active AND has_prop_line")


@dataclass(frozen=True)
class Fault:
    """One fault: how it is planted, and exactly the checks that must not be well."""

    name: str
    plant: tuple[str, ...]
    found_by: frozenset[str]
    file: str = ""
    """What happens to the published file: gone, or edited."""

    def into(self, home: Path) -> None:
        """Plants it into a home whose warehouse nobody holds."""
        with duckdb.connect(str(home / "warehouse.duckdb")) as warehouse:
            for statement in self.plant:
                changed = warehouse.execute(statement).fetchall()
                assert changed, statement
                assert changed[0][0] > 0, f"{self.name} changes nothing: {statement}"
        published = home / "exports" / str(DAYS[1]) / "predictions.json"
        if self.file == "gone":
            published.unlink()
        elif self.file == "edited":
            published.write_text(published.read_text("utf-8").replace('"PASS"', '"OVER"', 1), "utf-8")


def fault(name: str, *plant: str, found_by: tuple[str, ...], file: str = "") -> Fault:
    return Fault(name, plant, frozenset(found_by), file)


def on_day(table: str, change: str, where: str = "TRUE") -> str:
    return f"UPDATE {table} SET {change} WHERE game_date = {DAY} AND {where}"


def off_day(table: str, where: str = "TRUE") -> str:
    return f"DELETE FROM {table} WHERE game_date = {DAY} AND {where}"


def withheld(player: str, reason: str) -> str:
    game = f"SELECT MIN(game_id) FROM {UPCOMING} WHERE game_date = {DAY} AND player_id = {player}"
    return (
        f"INSERT INTO nba_predictions.withheld_players SELECT {DAY}, COALESCE(({game}), {GAME}), "
        f"{player}, 'A Player', 'BOS', TRUE, ['ensemble_v1'], 'eligibility', {reason}"
    )
