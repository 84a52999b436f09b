"""stats.nba.com's season log: every player's, or team's, games of a span of dates in one response."""

from __future__ import annotations

from datetime import date

import pandas as pd
from pydantic import BaseModel, Field

from activities.scrape.http import Reply, UpstreamClient, parse
from shared.errors import UpstreamContractViolation

SOURCE = "stats_nba"
COLUMNS = (
    "TEAM_ABBREVIATION", "GAME_ID", "GAME_DATE", "MATCHUP", "MIN", "FGM", "FGA", "FG3M", "FG3A", "FTM",
    "FTA", "OREB", "DREB", "AST", "STL", "BLK", "TOV", "PF", "PTS", "PLUS_MINUS",
)  # fmt: skip


class _ResultSet(BaseModel):
    headers: list[str]
    rows: list[list[str | int | float | None]] = Field(alias="rowSet")


class _Log(BaseModel):
    sets: list[_ResultSet] = Field(alias="resultSets")


def league_game_log(client: UpstreamClient, season: str, who: str, first: date, last: date) -> Reply:
    """The log of players (`who` = P) or teams (T), both dates included."""
    params = {
        "Counter": "0", "DateFrom": f"{first:%m/%d/%Y}", "DateTo": f"{last:%m/%d/%Y}", "Direction": "ASC",
        "LeagueID": "00", "PlayerOrTeam": who, "Season": season, "SeasonType": "Regular Season",
        "Sorter": "DATE",
    }  # fmt: skip
    # stats.nba.com answers only what looks like its own pages.
    headers = {"Referer": "https://www.nba.com/", "Origin": "https://www.nba.com"}
    return client.get("stats-nba", "/stats/leaguegamelog", params, headers=headers)


def parse_log(body: bytes, who: str) -> pd.DataFrame:
    """The log as a frame with the wire's own column names.

    Raises:
        UpstreamContractViolation: a column is missing; the message names it.
    """
    wire = parse(_Log, body, "leaguegamelog")
    wanted = COLUMNS + (("PLAYER_ID", "PLAYER_NAME") if who == "P" else ())
    found = wire.sets[0]
    missing = [c for c in wanted if c not in found.headers]
    if missing:
        msg = f"leaguegamelog: headers: {', '.join(missing)} missing"
        raise UpstreamContractViolation(msg)
    return pd.DataFrame(found.rows, columns=found.headers)[list(wanted)]
