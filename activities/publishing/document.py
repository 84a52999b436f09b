"""The day's document: what it holds, and how it is told apart from what the warehouse holds.

`predictions.json`, schema `tipoff.predictions/1`: game_date; source (recorded, simulated or live), simulated
and, if so, a notice; as_of (UTC); systems; counts; games, each with its players, each with his line, and per
system the prediction (points, spread, probability, prices, recommendation, reason); withheld players with
stage and reason. No clock is in it: the same rows give the same bytes.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
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
SCHEDULE_FIELDS = ("tip_time", "tip_assumed", "is_postponed")
PREDICTION_FIELDS = (*PLAYER_FIELDS, *SYSTEM_FIELDS, "system_id", "game_id")
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


def plain_rows(rows: pd.DataFrame, names: Sequence[str]) -> list[dict[str, Any]]:
    """These columns of the rows, in their order, each cell as `plain` has it; a column at a time."""
    columns = [_plain_column(rows[name]) for name in names]
    return [dict(zip(names, cells, strict=True)) for cells in zip(*columns, strict=True)]


def _plain_column(values: pd.Series) -> list[Any]:
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        # A thousand predictions have a handful of instants.
        codes, instants = pd.factorize(values)
        told = [*(plain(instant) for instant in instants), None]
        return [told[code] for code in codes]
    cells: list[Any] = values.to_numpy(dtype=object).tolist()
    if values.dtype == object:
        return [plain(cell) for cell in cells]
    missing = values.isna().to_numpy()
    if not missing.any():
        return cells
    return [None if absent else cell for cell, absent in zip(cells, missing.tolist(), strict=True)]


def _players(records: list[dict[str, Any]], injuries: Mapping[int, str]) -> list[dict[str, Any]]:
    by_player: dict[int, list[dict[str, Any]]] = {}
    for record in records:
        by_player.setdefault(record["player_id"], []).append(record)
    return [
        {
            **{name: rows[0][name] for name in PLAYER_FIELDS},
            "injury_status": injuries.get(player, "unknown"),
            "points_line": rows[0]["points_line"],
            "systems": {row["system_id"]: {name: row[name] for name in SYSTEM_FIELDS} for row in rows},
        }
        for player, rows in sorted(by_player.items())
    ]


def _games(active: pd.DataFrame, schedule: pd.DataFrame, injuries: Mapping[int, str]) -> list[dict[str, Any]]:
    known = {row["game_id"]: row for row in plain_rows(schedule, ("game_id", *SCHEDULE_FIELDS))}
    by_game: dict[str, list[dict[str, Any]]] = {}
    for record in plain_rows(active.sort_values(["player_id", "system_id"]), PREDICTION_FIELDS):
        by_game.setdefault(record["game_id"], []).append(record)
    games = []
    for game in sorted(set(known) | set(active["game_id"])):
        row = known.get(game, {})
        _, away, home = game.split("_")
        games.append(
            {
                "game_id": game,
                "away_team_abbr": away,
                "home_team_abbr": home,
                **{name: row.get(name) for name in SCHEDULE_FIELDS},
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
        "withheld": plain_rows(withheld.sort_values(["game_id", "player_id"]), WITHHELD_FIELDS),
    }
    if source == "simulated":
        document["notice"] = SIMULATED_NOTICE
    return document


def encoded(document: Mapping[str, Any]) -> bytes:
    """The document's bytes: sorted keys, UTF-8, no NaN. On one line, for Python indents four times slower."""
    text = json.dumps(document, sort_keys=True, ensure_ascii=False, allow_nan=False)
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
    for row in plain_rows(active, PREDICTION_FIELDS):
        entry = published.get(row["prediction_id"], {})
        if entry == row:
            continue
        wrong = [name for name, value in row.items() if name not in entry or entry[name] != value]
        if wrong:
            found.append(f"prediction {row['prediction_id']} differs in {', '.join(wrong[:3])}")
    listed = [tuple(w[name] for name in WITHHELD_FIELDS) for w in document["withheld"]]
    held = [
        tuple(row.values())
        for row in plain_rows(withheld.sort_values(["game_id", "player_id"]), WITHHELD_FIELDS)
    ]
    if listed != held:
        found.append(f"withheld players differ: {len(listed)} published, {len(held)} in the warehouse")
    return found
