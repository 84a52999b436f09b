"""Phase 3, `upcoming_player_game_context`: each player on the morning of his game.

From a game's tip-off on its rows stand: an injury report of the evening knows more than a morning could.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from activities.analytics.consensus import consensus_lines, snapshot_times
from activities.analytics.mornings import RECENT_DAYS, of_players, player_mornings
from activities.analytics.slate_players import slate_players
from activities.analytics.windows import shaped
from activities.processor import Frames, Output, ProcessorContext, Progress

COLUMNS = {
    "game_date": "datetime64[us]", "game_id": "str", "season": "str", "player_id": "int64",
    "player_lookup": "str", "player_name": "str", "team_abbr": "str", "opponent_abbr": "str",
    "is_home": "bool", "tip_time": "datetime64[us, UTC]", "has_prop_line": "bool",
    "points_line": "float64", "books": "int64", "days_rest": "Int64", "is_back_to_back": "bool",
    "games_in_last_7_days": "int64", "games_in_last_14_days": "int64",
    "minutes_in_last_7_days": "int64", "back_to_backs_last_14_days": "int64",
    "games_in_last_60_days": "int64", "games_played_season": "int64",
    "usage_rate_last_7_games": "float64", "avg_minutes_last_7_games": "float64",
    "injury_status": "str", "season_type": "str", "eligible": "bool", "ineligible_reason": "object",
    "opening_line": "float64",
}  # fmt: skip

GAMES_TO_BE_ELIGIBLE = 5

_TEAM_COLUMNS = [
    "game_date", "game_id", "season", "team_abbr", "opponent_abbr", "is_home", "tip_time",
    "season_type",
]  # fmt: skip


def _names(frames: Frames) -> pd.DataFrame:
    """Lookup and display name per player; the registry of players wins, then roster, line, game."""
    columns = ["player_id", "player_lookup", "player_name"]
    sources = [frames[name][columns] for name in ("players", "rosters", "props")]
    games = frames["player_games"][columns].iloc[::-1]
    everyone = pd.concat([frame for frame in [*sources, games] if len(frame)] or [games])
    return everyone.drop_duplicates("player_id").astype({"player_id": "int64"})


def _injury_status(players: pd.Series, injuries: pd.DataFrame) -> pd.Series:
    """What the morning's report says; 'unknown' for all when there was none: that is not healthy."""
    if injuries.empty:
        return pd.Series("unknown", index=players.index, dtype="str")
    status = dict(zip(injuries["player_id"].astype("int64"), injuries["status"], strict=True))
    return players.map(lambda player: status.get(player, "available")).astype("str")


def _opening_lines(openings: pd.DataFrame, props: pd.DataFrame) -> pd.DataFrame:
    """The openings of lines that a later snapshot has overtaken: player_id, game_id, opening_line.

    An opening from the very snapshot in use says nothing that the line does not.
    """
    first = openings[["player_id", "game_id", "points_line", "snapshot_at"]]
    taken = pd.to_datetime(first["snapshot_at"], utc=True)
    earlier = first.loc[(taken < snapshot_times(props, first["game_id"])).to_numpy(dtype=bool)]
    columns = {"player_id": "int64", "game_id": "str", "opening_line": "float64"}
    return earlier.rename(columns={"points_line": "opening_line"})[list(columns)].astype(columns)


def _ineligible_reason(rows: pd.DataFrame) -> pd.Series:
    few = (rows["games_in_last_60_days"] < GAMES_TO_BE_ELIGIBLE) & ~rows["has_prop_line"]
    reason = pd.Series(None, index=rows.index, dtype="object")
    reason[few] = f"fewer than {GAMES_TO_BE_ELIGIBLE} games in {RECENT_DAYS} days and no line"
    reason[rows["injury_status"] == "out"] = "out (reported)"
    return reason


def _as_it_stood(rows: pd.DataFrame, standing: pd.DataFrame, now: pd.Timestamp) -> pd.DataFrame:
    """The rows, but those of games that have begun as an earlier run of the day left them."""
    begun = standing.loc[(standing["tip_time"] <= now).to_numpy(dtype=bool)]
    if begun.empty:
        return rows
    fresh = rows.loc[~rows["game_id"].isin(begun["game_id"])]
    return pd.concat([part for part in (fresh, shaped(begun, COLUMNS)) if len(part)], ignore_index=True)


def process(context: ProcessorContext, frames: Frames, progress: Progress) -> Output:
    """One row per player who may play on D.

    Eligible: at least 5 games in the last 60 days, or a line; and not reported out.
    """
    teams = frames["upcoming_teams"][_TEAM_COLUMNS]
    props = frames["props"]
    lines = consensus_lines(props, set(teams["game_id"]))
    named = props.loc[props["team_abbr"].notna()]
    line_teams = {int(p): str(t) for p, t in zip(named["player_id"], named["team_abbr"], strict=True)}
    pool = slate_players(teams, frames["rosters"], frames["player_games"], lines, line_teams)
    rows = pool.players.astype({"player_id": "int64", "team_abbr": "str"})
    rows = rows.merge(teams, on="team_abbr", how="left", validate="m:1")
    rows = rows.merge(_names(frames), on="player_id", how="left", validate="1:1")
    rows = rows.merge(lines, on=["player_id", "game_id"], how="left", validate="1:1")
    openings = _opening_lines(frames["openings"], props)
    rows = rows.merge(openings, on=["player_id", "game_id"], how="left", validate="1:1")
    progress(0, len(rows), "players found")

    rows = rows.join(player_mornings(of_players(frames["player_games"], rows), rows))
    rows = rows.assign(
        has_prop_line=rows["points_line"].notna(),
        books=rows["books"].fillna(0),
        injury_status=_injury_status(rows["player_id"], frames["injuries"]),
    )
    rows["ineligible_reason"] = _ineligible_reason(rows)
    rows["eligible"] = np.asarray(rows["ineligible_reason"].isna(), dtype=bool)
    rows = _as_it_stood(shaped(rows, COLUMNS), frames["standing"], pd.Timestamp(context.now))
    rows = rows.sort_values(["game_id", "player_id"], ignore_index=True)
    progress(len(rows), len(rows))

    warnings = list(pool.warnings)
    void = int(props.loc[~props["game_id"].isin(teams["game_id"]), "player_id"].nunique())
    if void:
        warnings.append(f"{void} players have lines for a game that is not on the slate: void")
    facts = {
        "players": len(rows),
        "with_line": int(rows["has_prop_line"].sum()),
        "with_opening": int((rows["has_prop_line"] & rows["opening_line"].notna()).sum()),
        "eligible": int(rows["eligible"].sum()),
        "injuries_known": not frames["injuries"].empty,
    }
    return Output(rows, (context.game_date,), tuple(warnings), facts)
