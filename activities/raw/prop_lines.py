"""Player points lines, one row per book and line, prices decimal from here on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from statistics import median
from typing import Any

import pandas as pd

from activities.processor import Frames, Output, ProcessorContext, Progress
from activities.raw.resolution import Found, Player, Registry
from activities.scrape.log import stored
from activities.scrape.sources import odds_api
from activities.scrape.sources.odds_api import OddsEvent, Offer
from shared.ids import derived_player_id, player_lookup

DFS = frozenset({"prizepicks", "underdog", "sleeper", "betr_us_dfs", "pick6"})
LONGEST_DFS_PRICE = 1_000
"""American odds beyond which a fantasy operator's price is no price."""


def decimal_price(american: float) -> float:
    """Decimal odds of American ones: -110 → 1.909…, +150 → 2.5."""
    return round(1 + (american / 100 if american > 0 else 100 / -american), 6)


def process(context: ProcessorContext, frames: Frames, progress: Progress) -> Output:
    """Rows of `nba_raw.player_points_props`. A name that resolves to nobody is a warning, never a guess."""
    answers = [
        odds_api.parse_event_odds(body)
        for entry, body in stored(frames["responses"], context.objects, "event_odds/")
        if entry["status"] == "ok"
    ]
    registry = Registry(frames["players"])
    frame, unresolved = prop_rows(context.game_date, answers, registry, _teams_of(frames))
    warnings = tuple(f"unresolved player {name!r} in the lines" for name in unresolved)
    facts = {"players": int(frame["player_id"].nunique()) if len(frame) else 0, "unresolved": len(unresolved)}
    return Output(frame, (context.game_date,), warnings, facts)


def prop_rows(
    game_date: date,
    answers: Iterable[tuple[OddsEvent, list[Offer]]],
    registry: Registry,
    teams: Mapping[int, str],
) -> tuple[pd.DataFrame, list[str]]:
    """Rows of `nba_raw.player_points_props` of a date, and the names that resolve to nobody.

    Args:
        game_date: the date.
        answers: each event with its offers.
        registry: the players known.
        teams: each player's team before the date, as far as it is known.
    """
    rows: list[dict[str, Any]] = []
    unresolved: set[str] = set()
    for event, offers in answers:
        among = {p for p, team in teams.items() if team in (event.home, event.away)}
        by_name: dict[str, list[Offer]] = defaultdict(list)
        for offer in offers:
            by_name[offer.player].append(offer)
        for name in sorted(by_name):
            found = registry.find(name, among=among)
            if found is None:
                # Kept under an id of its own name, on no team: nobody is predicted by it, and the day can
                # say whom it had a line for and did not know.
                unresolved.add(name)
                lookup = player_lookup(name)
                found = Found(Player(derived_player_id(lookup), lookup, name, None), "unresolved")
            player = found.player
            team = teams.get(player.player_id)
            for line in lines_of(by_name[name]):
                rows.append(
                    {
                        "game_date": game_date,
                        "game_id": event.key,
                        "player_id": player.player_id,
                        "player_lookup": player.lookup,
                        "player_name": name,
                        "team_abbr": team if team in (event.home, event.away) else None,
                        "event_id": event.id,
                        "commence_time": event.commence_time,
                        "resolution": found.how,
                        **line,
                    }
                )
    frame = pd.DataFrame(rows)
    if len(frame):
        frame = frame.drop_duplicates(
            ["game_date", "game_id", "player_id", "bookmaker", "points_line"], keep="first"
        )
    return frame, sorted(unresolved)


def lines_of(offers: list[Offer]) -> list[dict[str, Any]]:
    """A player's offers as one row per book and line, each book's most balanced one marked as its main.

    A fantasy operator's one-sided rows and prices of 1,000 or more are left out, and its main line is the
    median of what remains, or the line next to it.
    """
    sides: dict[tuple[str, float], dict[str, Offer]] = defaultdict(dict)
    for offer in offers:
        sides[offer.bookmaker.casefold(), offer.line][offer.side.casefold()] = offer
    by_book: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for (book, points), pair in sorted(sides.items()):
        dfs = book in DFS
        over, under = pair.get("over"), pair.get("under")
        if dfs and (
            over is None or under is None or max(abs(over.price), abs(under.price)) >= LONGEST_DFS_PRICE
        ):
            continue
        by_book[book].append(
            {
                "bookmaker": book,
                "points_line": float(points),
                "over_price": decimal_price(over.price) if over else None,
                "under_price": decimal_price(under.price) if under else None,
                "is_main": False,
                "is_dfs": dfs,
                "last_update": max(o.last_update for o in pair.values()),
            }
        )
    for rows in by_book.values():
        main = _main(rows)
        if main is not None:
            main["is_main"] = True
    return [row for rows in by_book.values() for row in rows]


def _main(rows: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The most balanced two-sided line of a book; of equals the one nearest the middle."""
    two_sided = [r for r in rows if r["over_price"] and r["under_price"]]
    if not two_sided:
        return None
    middle = median(r["points_line"] for r in two_sided)
    return min(
        two_sided,
        key=lambda r: (
            round(abs(1 / r["over_price"] - 1 / r["under_price"]), 6),
            abs(r["points_line"] - middle),
            r["points_line"],
        ),
    )


def _teams_of(frames: Frames) -> dict[int, str]:
    """Each player's team: by this morning's rosters, else by his latest game."""
    teams = latest_teams(frames["recent_box_scores"])
    roster = frames["rosters"]
    if len(roster):
        teams |= {int(p): str(t) for p, t in zip(roster["player_id"], roster["team_abbr"], strict=True)}
    return teams


def latest_teams(box_scores: pd.DataFrame) -> dict[int, str]:
    """Each player's team in his latest game of these rows (game_date, player_id, team_abbr)."""
    if box_scores.empty:
        return {}
    latest = box_scores.sort_values(["game_date", "player_id"]).drop_duplicates("player_id", keep="last")
    return {int(p): str(t) for p, t in zip(latest["player_id"], latest["team_abbr"], strict=True)}
