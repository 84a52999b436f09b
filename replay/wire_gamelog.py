"""stats.nba.com's leaguegamelog: a season's player or team rows in one answer."""

from __future__ import annotations

from datetime import date, datetime

from replay.asof import eastern_date, season_of, season_year
from replay.league import BoxRow, Game, League, Season, TeamTotal
from replay.reply import Ask, Reply, encode, reply
from replay.teams import TEAMS

_COUNTED = [
    "FGM", "FGA", "FG_PCT", "FG3M", "FG3A", "FG3_PCT", "FTM", "FTA", "FT_PCT", "OREB", "DREB",
    "REB", "AST", "STL", "BLK", "TOV", "PF", "PTS", "PLUS_MINUS",
]  # fmt: skip
_GAME = ["TEAM_ID", "TEAM_ABBREVIATION", "TEAM_NAME", "GAME_ID", "GAME_DATE", "MATCHUP", "WL"]
TEAM_HEADERS = ["SEASON_ID", *_GAME, "MIN", *_COUNTED, "VIDEO_AVAILABLE"]
PLAYER_HEADERS = [
    "SEASON_ID", "PLAYER_ID", "PLAYER_NAME", *_GAME, "MIN", *_COUNTED,
    "FANTASY_PTS", "VIDEO_AVAILABLE",
]  # fmt: skip


def leaguegamelog(league: League, ask: Ask) -> Reply:
    """Serve the rows of the games that are final, oldest first, of the asked dates.

    Parameters as upstream: Season, SeasonType, PlayerOrTeam (P or T), DateFrom and DateTo
    (MM/DD/YYYY, both included), LeagueID. A parameter it can't read gets upstream's 400.
    """
    label = ask.one("Season") or season_of(eastern_date(ask.as_of))
    kind = ask.one("PlayerOrTeam", "T")
    season_type = ask.one("SeasonType", "Regular Season")
    try:
        season_year(label)
        since, until = _day(ask.one("DateFrom")), _day(ask.one("DateTo"))
    except ValueError:
        return _bad_request("Invalid date or season")
    if kind not in {"P", "T"}:
        return _bad_request("The field PlayerOrTeam must match the regular expression '^(P)|(T)$'.")
    season = league.season(label) if season_type == "Regular Season" else None
    rows: list[str] = []
    for game in season.final(ask.as_of) if season else []:
        if (since is None or game.game_date >= since) and (until is None or game.game_date <= until):
            piece = _piece(season, game, kind) if season else ""
            rows += [piece] if piece else []
    headers = PLAYER_HEADERS if kind == "P" else TEAM_HEADERS
    parameters = {
        "LeagueID": ask.one("LeagueID", "00"),
        "Season": label,
        "SeasonType": season_type,
        "PlayerOrTeam": "Player" if kind == "P" else "Team",
        "DateFrom": ask.one("DateFrom") or None,
        "DateTo": ask.one("DateTo") or None,
        "Counter": int(ask.one("Counter") or 0),
        "Sorter": ask.one("Sorter", "DATE"),
        "Direction": ask.one("Direction", "ASC"),
    }
    body = (
        f'{{"resource":"leaguegamelog","parameters":{encode(parameters)},"resultSets":'
        f'[{{"name":"LeagueGameLog","headers":{encode(headers)},"rowSet":[{",".join(rows)}]}}]}}'
    )
    one_day = since is not None and since == until
    return reply(body, about={"date": frozenset({since.isoformat()})} if since and one_day else {})


def _bad_request(message: str) -> Reply:
    return Reply(message.encode(), 400, "text/plain; charset=utf-8")


def _day(text: str) -> date | None:
    return datetime.strptime(text, "%m/%d/%Y").date() if text else None  # noqa: DTZ007


def _piece(season: Season, game: Game, kind: str) -> str:
    """Return the encoded rows of one game, joined by commas; encoded once a season."""
    key = ("gamelog", kind, game.game_id)
    if key not in season.pieces:
        rows: list[list[object]] = []
        for tricode in (game.away, game.home):
            total = season.totals[game.game_id, tricode]
            if kind == "T":
                rows.append([*_head(season, game, tricode), round(total.minutes), *_counts(total), 1])
                continue
            for row in season.box.get(game.game_id, ()):
                if row.team == tricode and row.played:
                    rows.append(_player(season, game, row))
        season.pieces[key] = ",".join(map(encode, rows))
    return season.pieces[key]


def _player(season: Season, game: Game, row: BoxRow) -> list[object]:
    season_id, *game_columns = _head(season, game, row.team)
    fantasy = round(row.pts + 1.2 * row.reb + 1.5 * row.ast + 3 * (row.stl + row.blk) - row.tov, 1)
    return [
        season_id, row.person_id, row.name, *game_columns, round(row.minutes), *_counts(row),
        fantasy, 1,
    ]  # fmt: skip


def _head(season: Season, game: Game, tricode: str) -> list[object]:
    at_home = tricode == game.home
    other = game.away if at_home else game.home
    won = season.totals[game.game_id, tricode].plus_minus > 0
    return [
        f"2{season_year(season.label)}",
        TEAMS[tricode].nba_id,
        tricode,
        TEAMS[tricode].full_name,
        game.game_id,
        game.game_date.isoformat(),
        f"{tricode} vs. {other}" if at_home else f"{tricode} @ {other}",
        "W" if won else "L",
    ]


def _counts(row: BoxRow | TeamTotal) -> list[object]:
    counts = row.stats if isinstance(row, TeamTotal) else row[4:19]
    fgm, fga, fg3m, fg3a, ftm, fta, *rest = counts
    return [
        fgm, fga, _pct(fgm, fga), fg3m, fg3a, _pct(fg3m, fg3a), ftm, fta, _pct(ftm, fta), *rest,
        row.plus_minus,
    ]  # fmt: skip


def _pct(made: int, attempted: int) -> float | None:
    return round(made / attempted, 3) if attempted else None
