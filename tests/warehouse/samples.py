"""Tables and frames that the warehouse tests share."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd

from warehouse.schema import TableSchema, load_schemas, parse_table

D1, D2, D3 = dt.date(2025, 11, 6), dt.date(2025, 11, 7), dt.date(2025, 11, 8)
NOON = dt.datetime(2025, 11, 7, 12, 0, 0, 123456, tzinfo=dt.UTC)
ROSTERS, LOG = "nba_raw.rosters", "nba_raw.scrape_log"
LEDGER = "nba_orchestration.write_ledger"
KINDS, TEAMS = "nba_raw.kinds", "nba_reference.teams"

# Every column type, none of them required but the key.
_KINDS = f"""
CREATE TABLE IF NOT EXISTS `{KINDS}` (
  game_date DATE NOT NULL, id INT64 NOT NULL, text STRING, number FLOAT64, whole INT64, exact NUMERIC,
  truth BOOL, day DATE, moment TIMESTAMP, floats ARRAY<FLOAT64>, texts ARRAY<STRING>,
  made_at TIMESTAMP OPTIONS (description = 'clock: when'),
  PRIMARY KEY (game_date, id) NOT ENFORCED
) PARTITION BY game_date"""
_TEAMS = f"""
CREATE TABLE IF NOT EXISTS `{TEAMS}` (
  team_abbr STRING NOT NULL, city STRING NOT NULL, PRIMARY KEY (team_abbr) NOT ENFORCED)"""


def sample_schemas() -> dict[str, TableSchema]:
    """A few real tables, one with every type and one without partitions."""
    real = load_schemas()
    chosen = {name: real[name] for name in (ROSTERS, LOG, LEDGER, "nba_orchestration.write_fences")}
    return chosen | {KINDS: parse_table(_KINDS, "kinds"), TEAMS: parse_table(_TEAMS, "teams")}


def rosters(*players: int, day: dt.date = D1, team: str = "LAL", name: str = "Luka Dončić") -> pd.DataFrame:
    """Rows of `nba_raw.rosters`."""
    return pd.DataFrame(
        [
            {
                "roster_date": day, "team_abbr": team, "player_id": player, "player_lookup": f"p{player}",
                "player_name": name, "source": "espn", "resolution": "id",
            }
            for player in players
        ]
    )  # fmt: skip


def log(processor: str, *requests: str, day: dt.date = D1) -> pd.DataFrame:
    """Rows of `nba_raw.scrape_log`, the table that several processors share."""
    nothing = ("subject_date", "detail", "independent", "content_hash", "object_path", "body_bytes")
    return pd.DataFrame(
        [
            {
                "game_date": day, "processor": processor, "request": request, "source": "espn", "url": "u",
                "status": "ok", "fetched_at": NOON, **dict.fromkeys(nothing),
            }
            for request in requests
        ]
    )  # fmt: skip


def kinds(*ids: int, on: dt.date = D1, **values: Any) -> pd.DataFrame:
    """Rows of `nba_raw.kinds`, values given or usual."""
    usual: dict[str, Any] = {
        "text": "é'\"\\\n", "number": 0.1, "whole": 2**60 + 1, "exact": 1.5, "truth": True, "day": D3,
        "moment": NOON, "floats": [0.1, -0.0, 1e300], "texts": ["a", ""], "made_at": NOON,
    }  # fmt: skip
    return pd.DataFrame([{"game_date": on, "id": i, **usual, **values} for i in ids])
