"""Small hand-made games, mornings and predictions for the incident tests."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import pandas as pd

from activities.predictions import prediction_chunk
from activities.predictions.calibration import Calibration
from activities.predictions.systems.moving_average import MovingAverage
from tests.analytics.hand_slate import GAME, D, hand_props, hand_roster, hand_schedule
from tests.analytics.raw_frames import hand_frame, hand_player, summaries_of, team_box_scores
from tests.analytics.slates import morning
from tests.predictions.tables import FEATURE_STORE, PROPS, UPCOMING, context, feature_row, frame

BOSTON, NEW_YORK = range(1, 9), range(11, 19)
"""Players of the two teams that meet."""

DATES = tuple(D - timedelta(days=2 * n) for n in range(12, 0, -1))
"""When they met before."""


def raw_games(days: Iterable[date] = DATES, **of_player: dict[str, object]) -> pd.DataFrame:
    """Box-score rows of New York at Boston on each of these dates.

    Each player scores two points less than the one before him on the list and some more each time. What is
    given under `p<player>` holds for all of his games.
    """
    rows = []
    for number, day in enumerate(days):
        key = f"{day:%Y%m%d}_NYK_BOS"
        for team, other, players in (("BOS", "NYK", BOSTON), ("NYK", "BOS", NEW_YORK)):
            for place, player in enumerate(players):
                shots = 9 - place + number % 3
                usual: dict[str, object] = {
                    "minutes": 30.0, "fgm": shots, "fga": 2 * shots, "fg3m": 1, "fg3a": 3, "ftm": 1,
                    "fta": 2, "turnovers": 1, "oreb": 1, "dreb": 3, "points": 2 * shots + 2,
                    "game_id": key, "is_home": team == "BOS",
                }  # fmt: skip
                own = of_player.get(f"p{player}", {})
                rows.append(hand_player(day, player, team, other, **{**usual, **own}))
    return hand_frame(rows)


def games(days: Iterable[date] = DATES, **of_player: dict[str, object]) -> dict[str, pd.DataFrame]:
    """The three game summaries of `raw_games`."""
    players = raw_games(days, **of_player)
    return summaries_of(players, team_box_scores(players))


def roster() -> pd.DataFrame:
    """Both teams' players."""
    return hand_roster(*((p, "BOS") for p in BOSTON), *((p, "NYK") for p in NEW_YORK))


def lines(line: float = 18.5) -> pd.DataFrame:
    """A line on the first player."""
    return hand_props((1, "fanduel", line, False), team="BOS")


def hand_morning(**of_player: dict[str, object]) -> dict[str, pd.DataFrame]:
    """Phases 3 and 4 of a morning on which the two teams meet again."""
    return morning(D, games(**of_player), schedule=hand_schedule(), rosters=roster(), props=lines())


def schedule_received() -> pd.DataFrame:
    """The log of a morning on which the schedule was answered, and nothing else was asked."""
    return frame("nba_raw.scrape_log", [{"request": "schedule/nba_cdn", "source": "nba_cdn", "status": "ok"}])


def feature_of(frames: dict[str, pd.DataFrame], player: int, name: str) -> tuple[float, str]:
    """A player's feature of that morning, and where its value came from."""
    row = frames["features"].set_index("player_id").loc[player]
    place = list(row["feature_names"]).index(name)
    return float(row["features"][place]), str(row["feature_sources"][place])


def predicted(upcoming: list[dict[str, Any]], props: list[dict[str, Any]]) -> pd.DataFrame:
    """The moving average's predictions of these players, by the code of phase 5."""
    features = frame(FEATURE_STORE, [feature_row(int(u["player_id"])) for u in upcoming])
    players = prediction_chunk.predictable(features, frame(UPCOMING, upcoming))
    offers = prediction_chunk.quotes(frame(PROPS, props), players)
    market = prediction_chunk.market_of(players, offers)
    system = MovingAverage()
    own = system.predict(prediction_chunk.feature_matrix(players), {})
    described = players.assign(points_ewma=22.5)
    return prediction_chunk.system_rows(system, described, own, market, Calibration(0.1), context())


__all__ = [
    "BOSTON", "DATES", "GAME", "NEW_YORK", "D", "feature_of", "games", "hand_morning", "hand_schedule",
    "lines", "predicted", "raw_games", "roster", "schedule_received",
]  # fmt: skip
