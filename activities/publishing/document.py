"""The day's document: what it holds, and how it is told apart from what the warehouse holds.

`predictions.json`, schema `tipoff.predictions/1`: game_date; source (recorded, simulated or live), simulated
and, if so, a notice; as_of (UTC); systems; counts; games, each with its players, each with his line, and per
system the prediction (points, spread, probability, prices, recommendation, reason); withheld players with
stage and reason. No clock is in it: the same rows give the same bytes.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import pandas as pd

from shared.clock import iso_utc

SCHEMA = "tipoff.predictions/1"
SIMULATED_NOTICE = "Simulated league: players, games and lines are made up."

PLAYER_FIELDS = ("player_id", "player_lookup", "player_name", "team_abbr", "opponent_abbr", "is_home")
SYSTEM_FIELDS = (
    "prediction_id", "model_id", "feature_version", "feature_quality_score", "predicted_points",
    "predicted_std", "prob_over", "confidence_score", "has_prop_line", "points_line", "line_source",
    "books", "sportsbook", "over_price", "under_price", "line_last_update", "recommendation", "reason",
)  # fmt: skip
WITHHELD_FIELDS = (
    "game_id", "player_id", "player_name", "team_abbr", "has_prop_line", "systems_missing", "stage", "reason",
)  # fmt: skip
RECOMMENDATIONS = ("OVER", "UNDER", "PASS", "NO_LINE")


def plain(value: Any) -> Any:
    """A cell as JSON holds it: NULL is null, instants are ISO 8601 in UTC."""
    if value is None or value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, float) and math.isnan(value):
        return None
    if isinstance(value, datetime):
        return iso_utc(value)
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


def _fields(row: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: plain(row[name]) for name in names}


def _players(records: list[dict[str, Any]], injuries: Mapping[int, str]) -> list[dict[str, Any]]:
    by_player: dict[int, list[dict[str, Any]]] = {}
    for record in records:
        by_player.setdefault(int(record["player_id"]), []).append(record)
    return [
        {
            **_fields(rows[0], PLAYER_FIELDS),
            "injury_status": injuries.get(player, "unknown"),
            "points_line": plain(rows[0]["points_line"]),
            "systems": {row["system_id"]: _fields(row, SYSTEM_FIELDS) for row in rows},
        }
        for player, rows in sorted(by_player.items())
    ]


def _games(active: pd.DataFrame, schedule: pd.DataFrame, injuries: Mapping[int, str]) -> list[dict[str, Any]]:
    known = {str(row["game_id"]): row for row in schedule.to_dict("records")}
    by_game: dict[str, list[dict[str, Any]]] = {}
    for record in active.sort_values(["player_id", "system_id"]).to_dict("records"):
        by_game.setdefault(str(record["game_id"]), []).append(record)
    games = []
    for game in sorted(set(known) | set(active["game_id"])):
        row = known.get(game, {})
        _, away, home = game.split("_")
        games.append(
            {
                "game_id": game,
                "away_team_abbr": away,
                "home_team_abbr": home,
                "tip_time": plain(row.get("tip_time")),
                "tip_assumed": plain(row.get("tip_assumed")),
                "is_postponed": plain(row.get("is_postponed")),
                "players": _players(by_game.get(game, []), injuries),
            }
        )
    return games


def document_of(
    day: date,
    source: str,
    as_of: datetime,
    active: pd.DataFrame,
    withheld: pd.DataFrame,
    schedule: pd.DataFrame,
    upcoming: pd.DataFrame,
) -> dict[str, Any]:
    """The document of a day, out of its active predictions and what goes with them."""
    injuries = {int(p): str(s) for p, s in zip(upcoming["player_id"], upcoming["injury_status"], strict=True)}
    games = _games(active, schedule, injuries)
    lined = active.loc[active["has_prop_line"].to_numpy(dtype=bool)]
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "game_date": day.isoformat(),
        "source": source,
        "simulated": source == "simulated",
        "as_of": iso_utc(as_of),
        "systems": sorted(set(active["system_id"])),
        "counts": {
            "games": len(games),
            "players": int(active["player_id"].nunique()),
            "players_with_line": int(lined["player_id"].nunique()),
            "predictions": len(active),
            "withheld": len(withheld),
            "recommendations": {
                name: int((active["recommendation"] == name).sum()) for name in RECOMMENDATIONS
            },
        },
        "games": games,
        "withheld": [
            _fields(row, WITHHELD_FIELDS)
            for row in withheld.sort_values(["game_id", "player_id"]).to_dict("records")
        ],
    }
    if source == "simulated":
        document["notice"] = SIMULATED_NOTICE
    return document


def encoded(document: Mapping[str, Any]) -> bytes:
    """The document's bytes: sorted keys, UTF-8, no NaN."""
    text = json.dumps(document, sort_keys=True, ensure_ascii=False, allow_nan=False, indent=1)
    return (text + "\n").encode()


def differences(document: Mapping[str, Any], active: pd.DataFrame, withheld: pd.DataFrame) -> list[str]:
    """What a document that was read back says differently from the warehouse's rows; empty if nothing."""
    published: dict[str, dict[str, Any]] = {}
    found: list[str] = []
    for game in document["games"]:
        for player in game["players"]:
            for system, entry in player["systems"].items():
                key = str(entry["prediction_id"])
                if key in published:
                    found.append(f"prediction {key} is there twice")
                own = {name: player[name] for name in PLAYER_FIELDS}
                published[key] = {**own, **entry, "system_id": system, "game_id": game["game_id"]}
    if len(published) != len(active):
        found.append(f"{len(published)} predictions published, {len(active)} in the warehouse")
    fields = (*PLAYER_FIELDS, *SYSTEM_FIELDS, "system_id", "game_id")
    for row in active.to_dict("records"):
        entry = published.get(str(row["prediction_id"]), {})
        wrong = [name for name in fields if name not in entry or entry[name] != plain(row[name])]
        if wrong:
            found.append(f"prediction {row['prediction_id']} differs in {', '.join(wrong[:3])}")
    listed = [tuple(w[name] for name in WITHHELD_FIELDS) for w in document["withheld"]]
    held = [
        tuple(plain(row[name]) for name in WITHHELD_FIELDS)
        for row in withheld.sort_values(["game_id", "player_id"]).to_dict("records")
    ]
    if listed != held:
        found.append(f"withheld players differ: {len(listed)} published, {len(held)} in the warehouse")
    return found
