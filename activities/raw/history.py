"""Past games from the season logs, in the same rows as the daily box scores.

A team-game whose players don't sum to the team's points goes through the daily chain of sources.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

import pandas as pd

from activities.processor import ProcessorContext, Progress
from activities.raw.assembly import assemble
from activities.raw.resolution import Registry
from activities.scrape.box_score import WHOLE_MINUTES
from activities.scrape.box_scores import ask_for
from activities.scrape.http import UpstreamClient
from activities.scrape.sources import stats_nba
from activities.scrape.sources.nba_cdn import ScheduledGame
from shared.clock import season_of
from shared.ids import game_key

_STATS = {
    "PTS": "points", "FGM": "fgm", "FGA": "fga", "FG3M": "fg3m", "FG3A": "fg3a", "FTM": "ftm",
    "FTA": "fta", "OREB": "oreb", "DREB": "dreb", "AST": "assists", "STL": "steals", "BLK": "blocks",
    "TOV": "turnovers", "PF": "fouls",
}  # fmt: skip
_TEAM_SUMS = ("fgm", "fga", "fg3m", "fg3a", "ftm", "fta", "oreb", "dreb", "assists", "turnovers")


@dataclass(frozen=True)
class HistoryFrames:
    """Rows for the three raw tables, and what was mended on the way."""

    players: pd.DataFrame
    player_box_scores: pd.DataFrame
    team_box_scores: pd.DataFrame
    completed_games: int
    warnings: tuple[str, ...]


def load_history(
    context: ProcessorContext,
    players: pd.DataFrame,
    season: str,
    first: date,
    last: date,
    progress: Progress,
) -> HistoryFrames:
    """The games of a span of dates of one season, both dates included.

    `players` are those registered before; new ones are registered under `first`.
    """
    registry = Registry(players)
    with UpstreamClient(context.upstreams) as client:
        logs = {}
        for number, who in enumerate("PT"):
            progress(number, 3, f"{season} {first} to {last}")
            reply = stats_nba.league_game_log(client, season, who, first, last)
            context.objects.put(stats_nba.SOURCE, reply.body)
            logs[who] = stats_nba.parse_log(reply.body, who)
        games = _games(logs["T"])
        player_rows = _player_rows(logs["P"], games, registry, first)
        team_rows = _team_rows(logs["T"], games, player_rows)
        short = sorted(team_rows.loc[~team_rows["is_complete"].astype(bool), "game_id"].unique())
        by_key = {g.key: g for g in games.values()}
        mended_players, mended_teams, warnings = [], [], []
        for entry in ask_for(client, [by_key[k] for k in short], progress):
            if not entry.boxes:
                warnings.append(f"{entry.game.key}: does not add up, and no source has its box score")
                continue
            teams = assemble(entry.game, entry.boxes, registry, first)
            mended_players += [row for t in teams for row in t.player_rows()]
            mended_teams += [t.team_row() for t in teams]
            warnings += [f"{entry.game.key}: {t.incomplete_reason}" for t in teams if t.incomplete_reason]
    mended = {row["game_id"] for row in mended_teams}
    return HistoryFrames(
        players=registry.added_frame(),
        player_box_scores=_with(player_rows, mended_players, mended),
        team_box_scores=_with(team_rows, mended_teams, mended),
        completed_games=len({r["game_id"] for r in mended_teams if r["completed_by"]}),
        warnings=tuple(warnings),
    )


def _with(frame: pd.DataFrame, rows: list[dict[str, object]], games: set[str]) -> pd.DataFrame:
    if not rows:
        return frame
    mended = pd.DataFrame(rows)
    for column in mended.columns.intersection(("plus_minus", "points_in_paint")):
        mended[column] = mended[column].astype("Int64")
    for column in mended.columns.intersection(("is_starter",)):
        mended[column] = mended[column].astype("boolean")
    mended["game_date"] = pd.to_datetime(mended["game_date"])
    return pd.concat([frame[~frame["game_id"].isin(games)], mended[frame.columns]], ignore_index=True)


def _games(log: pd.DataFrame) -> dict[str, ScheduledGame]:
    """The games of a team log by the league's id. `A @ B` and `B vs. A` both mean B at home."""
    games: dict[str, ScheduledGame] = {}
    for game_id, day, matchup, points in zip(
        log["GAME_ID"], log["GAME_DATE"], log["MATCHUP"], log["PTS"], strict=True
    ):
        if game_id in games or pd.isna(points):
            continue
        away_first = "@" in matchup
        one, other = (part.strip() for part in matchup.split("@" if away_first else "vs."))
        away, home = (one, other) if away_first else (other, one)
        on = date.fromisoformat(str(day)[:10])
        games[game_id] = ScheduledGame(
            key=game_key(on, away, home), nba_game_id=str(game_id), game_date=on, away=away, home=home,
            tip=datetime.combine(on, datetime.min.time(), UTC), tip_assumed=True, status=3,
            postponed=False, season_type="regular", home_score=None, away_score=None,
        )  # fmt: skip
    return games


def _common(log: pd.DataFrame, games: dict[str, ScheduledGame]) -> pd.DataFrame:
    """The columns that players' and teams' rows share."""
    found = [games[g] for g in log["GAME_ID"]]
    teams = log["TEAM_ABBREVIATION"].astype(str)
    is_home = [t == g.home for t, g in zip(teams, found, strict=True)]
    frame = pd.DataFrame(
        {
            "game_date": pd.to_datetime([g.game_date for g in found]),
            "game_id": [g.key for g in found],
            "season": [season_of(g.game_date) for g in found],
            "season_type": [g.season_type for g in found],
            "team_abbr": teams.to_numpy(),
            "opponent_abbr": [g.away if h else g.home for g, h in zip(found, is_home, strict=True)],
            "is_home": is_home,
        }
    )
    for wire, name in _STATS.items():
        frame[name] = log[wire].fillna(0).astype("int64").to_numpy()
    return frame


def _player_rows(
    log: pd.DataFrame, games: dict[str, ScheduledGame], registry: Registry, on: date
) -> pd.DataFrame:
    log = log[log["GAME_ID"].isin(list(games))]
    frame = _common(log, games)
    frame["minutes"] = log["MIN"].fillna(0).astype(float).to_numpy()
    frame["minutes_fractional"] = False
    frame["is_starter"] = pd.array([pd.NA] * len(frame), dtype="boolean")
    frame["plus_minus"] = pd.to_numeric(log["PLUS_MINUS"]).round().astype("Int64").to_numpy()
    frame["plus_minus"] = frame["plus_minus"].astype("Int64")
    frame["points_in_paint"] = pd.array([pd.NA] * len(frame), dtype="Int64")
    named = [
        (int(source_id or 0), str(name), str(team))
        for source_id, name, team in zip(
            log["PLAYER_ID"], log["PLAYER_NAME"], log["TEAM_ABBREVIATION"], strict=True
        )
    ]
    found: dict[tuple[int, str, str], tuple[int, str, str, str]] = {}
    # Those with an id first: their teams tell who is meant by a name without one.
    for source_id, name, team in sorted(dict.fromkeys(named), key=lambda one: one[0] == 0):
        key = (source_id, name, "" if source_id else team)
        if key not in found:
            one = registry.find_or_add(name, source_id or None, team=team, source=stats_nba.SOURCE, on=on)
            found[key] = (one.player.player_id, one.player.lookup, one.player.name, one.how)
        registry.place(found[key][0], team)
    who = [found[i, name, "" if i else team] for i, name, team in named]
    for position, column in enumerate(("player_id", "player_lookup", "player_name", "resolution")):
        frame[column] = [w[position] for w in who]
    frame["source"] = stats_nba.SOURCE
    return frame


def _team_rows(log: pd.DataFrame, games: dict[str, ScheduledGame], player_rows: pd.DataFrame) -> pd.DataFrame:
    log = log[log["GAME_ID"].isin(list(games))]
    frame = _common(log, games).drop(columns=["steals", "blocks", "fouls"])
    sums = player_rows.groupby(["game_id", "team_abbr"]).agg(
        player_points=("points", "sum"), players=("points", "size"), player_minutes=("minutes", "sum"),
        wrong=("points", "size"), **{f"sum_{c}": (c, "sum") for c in _TEAM_SUMS},
    )  # fmt: skip
    frame = frame.merge(sums, left_on=["game_id", "team_abbr"], right_index=True, how="left")
    frame["player_points"] = frame["player_points"].fillna(0).astype("int64")
    frame["players"] = frame["players"].fillna(0).astype("int64")
    frame["player_minutes"] = frame["player_minutes"].fillna(0.0)
    adds_up = frame["player_points"] == frame["points"]
    enough = frame["player_minutes"] >= WHOLE_MINUTES
    frame["is_complete"] = adds_up & enough
    frame["incomplete_reason"] = [
        None
        if ok
        else f"{t}: players sum to {s}, the team scored {p}"
        if s != p
        else f"{t}: {m:.1f} minutes, at least {WHOLE_MINUTES:g} expected"
        for ok, t, s, p, m in zip(
            frame["is_complete"], frame["team_abbr"], frame["player_points"], frame["points"],
            frame["player_minutes"], strict=True,
        )
    ]  # fmt: skip
    for column in _TEAM_SUMS:
        # The players' sums where they are whole, so that both kinds of row mean the same.
        whole = frame["is_complete"] & frame[f"sum_{column}"].notna()
        frame[column] = frame[f"sum_{column}"].where(whole, frame[column]).astype("int64")
    frame["source"] = stats_nba.SOURCE
    frame["completed_by"] = None
    return frame.drop(columns=["wrong", *(f"sum_{c}" for c in _TEAM_SUMS)])
