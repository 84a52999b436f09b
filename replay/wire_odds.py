"""The Odds API v4: the market's events, and one event's player-points lines."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from replay.asof import GAME_LENGTH, eastern_date, iso, parse_instant, season_of
from replay.league import Event, League, Offer, Season
from replay.reply import Ask, Reply, reply

MARKET = "player_points"
_ERRORS = "https://the-odds-api.com/liveapi/guides/v4/api-error-codes.html"
_TITLES = {
    "betmgm": "BetMGM",
    "betonlineag": "BetOnline.ag",
    "betrivers": "BetRivers",
    "bovada": "Bovada",
    "draftkings": "DraftKings",
    "fanatics": "Fanatics",
    "fanduel": "FanDuel",
    "williamhill_us": "Caesars",
}
#: The pick'em sites, recorded under their titles, and their own region.
_DFS = {"PrizePicks": "prizepicks", "Underdog": "underdog"}


def events(league: League, ask: Ask) -> Reply:
    """Serve the events whose first lines were taken by then, by commence time.

    Without `commenceTimeFrom` those in progress or to come, as upstream; with it, older ones too.
    """
    if refused := _refused(ask):
        return refused
    try:
        since = _instant(ask, "commenceTimeFrom") or ask.as_of - GAME_LENGTH
        until = _instant(ask, "commenceTimeTo")
    except ValueError:
        return error(422, "INVALID_COMMENCE_TIME_FROM", "Invalid commenceTimeFrom or -To parameter")
    listed = []
    for event in _known(league, ask.as_of, since, until):
        if since <= event.commence and (until is None or event.commence <= until):
            listed.append(_event(event))
    return reply(listed, headers=_quota(0))


def event_odds(league: League, ask: Ask) -> Reply:
    """Serve one event's lines, of the asked regions or books, taken by then."""
    if refused := _refused(ask):
        return refused
    found = _find(league, ask.path["event_id"], ask.as_of)
    if found is None:
        return error(
            404,
            "EVENT_NOT_FOUND",
            "Event not found. The event may have expired or the event id is invalid.",
        )
    regions = set(ask.many("regions"))
    books = set(ask.many("bookmakers"))
    if not regions and not books:
        return error(422, "MISSING_REGION", "Missing regions parameter")
    season, event = found
    decimal = ask.one("oddsFormat", "decimal") == "decimal"
    body = _event(event) | {"bookmakers": []}
    if MARKET in ask.many("markets"):
        by_book: dict[str, list[Offer]] = {}
        for offer in season.offers[event.event_id]:
            if offer.snapshot <= ask.as_of and _wanted(offer.book, regions, books):
                by_book.setdefault(offer.book, []).append(offer)
        body["bookmakers"] = [_bookmaker(book, by_book[book], decimal) for book in sorted(by_book)]
    about = {
        "event_id": frozenset({event.event_id}),
        "date": frozenset({event.game_date.isoformat()}),
    }
    games = [game for game in season.games if game.event_id == event.event_id]
    if games:
        about["game_id"] = frozenset(games[0].aliases())
    return reply(body, headers=_quota(max(1, len(regions)) if body["bookmakers"] else 0), about=about)


def _wanted(book: str, regions: set[str], books: set[str]) -> bool:
    if books:
        return _DFS.get(book, book) in books
    return ("us_dfs" if book in _DFS else "us") in regions


def _bookmaker(book: str, offers: list[Offer], decimal: bool) -> dict[str, Any]:
    outcomes = []
    for offer in offers:
        for name, price in (("Over", offer.over), ("Under", offer.under)):
            if price is not None:
                outcomes.append(
                    {
                        "name": name,
                        "description": offer.player,
                        "price": _decimal(price) if decimal else price,
                        "point": offer.point,
                    }
                )
    last = iso(max(offer.snapshot for offer in offers))
    return {
        "key": _DFS.get(book, book),
        "title": _TITLES.get(book, book),
        "markets": [{"key": MARKET, "last_update": last, "outcomes": outcomes}],
    }


def _decimal(american: int) -> float:
    return round(1 + (american / 100 if american > 0 else 100 / -american), 2)


def _event(event: Event) -> dict[str, Any]:
    return {
        "id": event.event_id,
        "sport_key": "basketball_nba",
        "sport_title": "NBA",
        "commence_time": iso(event.commence),
        "home_team": event.home_name,
        "away_team": event.away_name,
    }


def _instant(ask: Ask, name: str) -> datetime | None:
    text = ask.one(name)
    return parse_instant(text) if text else None


def dates_between(since: datetime, until: datetime) -> list[date]:
    """Return the US/Eastern dates from one instant to another, both included."""
    first, last = eastern_date(since), eastern_date(until)
    return [first + timedelta(days=at) for at in range((last - first).days + 1)]


def _known(league: League, as_of: datetime, since: datetime, until: datetime | None) -> list[Event]:
    """Return the events known at `as_of`: no event was recorded before its first lines were."""
    last = min(until, as_of + timedelta(days=2)) if until else as_of + timedelta(days=2)
    found = []
    for day in dates_between(since, last):
        season = league.season(season_of(day))
        if season:
            found += [it for it in season.events_by_date.get(day, []) if it.snapshot <= as_of]
    return found


def _find(league: League, event_id: str, as_of: datetime) -> tuple[Season, Event] | None:
    day = eastern_date(as_of)
    for label in dict.fromkeys((season_of(day), season_of(day - timedelta(days=300)))):
        season = league.season(label)
        event = season.events.get(event_id) if season else None
        if season and event and event.snapshot <= as_of:
            return season, event
    return None


def _refused(ask: Ask) -> Reply | None:
    if ask.one("apiKey"):
        return None
    return error(
        401,
        "MISSING_KEY",
        "API key is missing. Get an API key at https://the-odds-api.com",
        "#missing-key",
    )


def error(status: int, code: str, message: str, anchor: str = "") -> Reply:
    """Return an error in the upstream's form."""
    body = {"message": message, "error_code": code, "details_url": _ERRORS + anchor}
    return reply(body, status=status, headers=_quota(0))


def _quota(cost: int) -> dict[str, str]:
    """Return the quota headers; the server fills in what is used and what remains."""
    return {"x-requests-last": str(cost)}
