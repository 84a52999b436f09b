"""Player points lines, one row per book and line, prices decimal from here on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable
from datetime import date
from statistics import median
from typing import Any

import pandas as pd

from activities.processor import Frames, Output, ProcessorContext, Progress
from activities.raw.resolution import Found, Player, Registry
from activities.raw.teams import latest_teams
from activities.scrape.log import stored
from activities.scrape.sources import odds_api
from activities.scrape.sources.odds_api import OddsEvent, Offer
from activities.scrape.teams import NAMES
from shared.ids import derived_player_id, player_lookup

DFS = frozenset({"prizepicks", "underdog", "sleeper", "betr_us_dfs", "pick6"})
UNRESOLVED = "unresolved"
"""The resolution of a line that is nobody's begins so; the reason follows, if somebody has the name."""

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
    registry = Registry(frames["players"], _teams_of(frames))
    frame, unresolved = prop_rows(
        context.game_date, answers, registry, rosters_of=set(frames["rosters"]["team_abbr"])
    )
    warnings = tuple(f"unresolved player {name!r} in the lines: {why}" for name, why in unresolved)
    facts = {"players": int(frame["player_id"].nunique()) if len(frame) else 0, "unresolved": len(unresolved)}
    return Output(frame, (context.game_date,), warnings, facts)


def prop_rows(
    game_date: date,
    answers: Iterable[tuple[OddsEvent, list[Offer]]],
    registry: Registry,
    *,
    rosters_of: Container[str] = (),
) -> tuple[pd.DataFrame, list[tuple[str, str]]]:
    """Rows of `nba_raw.player_points_props` of a date, and the names that resolve to nobody, with the reason.

    Args:
        game_date: the date.
        answers: each event with its offers.
        registry: the players known, and each one's team before the date as far as it is known.
        rosters_of: the teams whose rosters of that morning are part of that. Where both of a game's are,
            nobody who is known to be elsewhere is meant; where one lacks, he may be on his way.
    """
    rows: list[dict[str, Any]] = []
    unresolved: set[tuple[str, str]] = set()
    for event, offers in answers:
        sides = (event.home, event.away)
        not_of = set(NAMES) - set(sides) if all(team in rosters_of for team in sides) else set()
        by_name: dict[str, list[Offer]] = defaultdict(list)
        for offer in offers:
            by_name[offer.player].append(offer)
        for name in sorted(by_name):
            found = registry.find(name, teams=sides, not_of=not_of)
            if found is None:
                # Kept under an id of its own name, on no team: nobody is predicted by it, and the day can
                # say whom it had a line for and did not know.
                found, why = _nobody(name, event, registry, not_of)
                unresolved.add((name, why))
            player = found.player
            team = registry.team_of(player.player_id)
            for line in lines_of(by_name[name]):
                rows.append(
                    {
                        "game_date": game_date,
                        "game_id": event.key,
                        "player_id": player.player_id,
                        "player_lookup": player.lookup,
                        "player_name": name,
                        "team_abbr": team if team in sides else None,
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


def _nobody(name: str, event: OddsEvent, registry: Registry, not_of: Container[str]) -> tuple[Found, str]:
    """A player to keep the line of a name under that is nobody's, and why it is."""
    lookup = player_lookup(name)
    if not registry.anybody(name):
        return Found(Player(derived_player_id(lookup), lookup, name, None), UNRESOLVED), "nobody has the name"
    # Not the id of the name itself: somebody else may have it.
    player = Player(derived_player_id(f"{lookup}/{event.away}/{event.home}"), lookup, name, None)
    why = "more than one has the name" if registry.anybody(name, not_of=not_of) else "he is on neither team"
    return Found(player, f"{UNRESOLVED}: {why}"), why


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
