"""The Odds API v4: events and player points lines. Needs a key; counts requests against a monthly quota."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from pydantic import BaseModel, TypeAdapter, ValidationError

from activities.scrape.http import Reply, UpstreamClient, parse
from activities.scrape.teams import by_name
from shared.clock import NIGHT, eastern, iso_utc, slate_date_of
from shared.errors import UpstreamContractViolation
from shared.ids import game_key

SOURCE = "odds_api"
MARKET = "player_points"
_SPORT = "/v4/sports/basketball_nba"
_PAST = "/v4/historical/sports/basketball_nba"
_ODDS = {"regions": "us,us_dfs", "markets": MARKET, "oddsFormat": "american"}


@dataclass(frozen=True)
class OddsEvent:
    """One game as the odds source has it."""

    id: str
    commence_time: datetime
    home: str
    away: str

    @property
    def game_date(self) -> date:
        """The US/Eastern date."""
        return slate_date_of(self.commence_time)

    @property
    def key(self) -> str:
        """The canonical game key."""
        return game_key(self.game_date, self.away, self.home)


@dataclass(frozen=True)
class Offer:
    """One side of one line at one book. `price` as the book gives it: American odds."""

    bookmaker: str
    last_update: datetime
    player: str
    side: str
    price: float
    line: float


class _Event(BaseModel):
    id: str
    commence_time: datetime
    home_team: str
    away_team: str


class _Outcome(BaseModel):
    name: str
    description: str
    price: float
    point: float


class _Market(BaseModel):
    key: str
    last_update: datetime
    outcomes: list[_Outcome]


class _Bookmaker(BaseModel):
    key: str
    markets: list[_Market]


class _EventOdds(_Event):
    bookmakers: list[_Bookmaker]


class _PastEvents(BaseModel):
    next_timestamp: datetime | None
    data: list[_Event]


class _PastEventOdds(BaseModel):
    data: _EventOdds


_EVENTS = TypeAdapter(list[_Event])


def _key(client: UpstreamClient) -> dict[str, str]:
    return {"apiKey": client.upstreams.odds_api_key.get_secret_value()}


def events(client: UpstreamClient, day: date) -> Reply:
    """The events of a US/Eastern date."""
    return client.get("odds-api", f"{_SPORT}/events", _span(day), secret=_key(client))


def past_events(client: UpstreamClient, day: date, at: datetime) -> Reply:
    """The events of a US/Eastern date as they were listed at an instant. Costs 1 of the quota."""
    params = _span(day) | {"date": iso_utc(at)}
    return client.get("odds-api", f"{_PAST}/events", params, secret=_key(client))


def _span(day: date) -> dict[str, str]:
    midnight = eastern(day, time.min)
    return {
        "commenceTimeFrom": iso_utc(midnight),
        "commenceTimeTo": iso_utc(midnight + timedelta(days=1) + NIGHT),
    }


def parse_events(body: bytes) -> list[OddsEvent]:
    """The events, in order of time and id."""
    try:
        wire = _EVENTS.validate_json(body)
    except ValidationError as error:
        first = error.errors()[0]
        msg = f"The Odds API events: {'.'.join(map(str, first['loc']))}: {first['msg']}"
        raise UpstreamContractViolation(msg) from None
    return _ordered(wire)


def parse_past_events(body: bytes) -> tuple[list[OddsEvent], datetime | None]:
    """The events of a snapshot, and when the snapshot after it was taken, if there is one."""
    wire = parse(_PastEvents, body, "The Odds API historical events")
    return _ordered(wire.data), wire.next_timestamp


def _ordered(wire: list[_Event]) -> list[OddsEvent]:
    """One of each id: a list may name a game twice."""
    once = {event.id: event for event in wire}
    return sorted((_event(e) for e in once.values()), key=lambda e: (e.commence_time, e.id))


def event_odds(client: UpstreamClient, event_id: str) -> Reply:
    """The player points lines of an event, at every book."""
    return client.get("odds-api", f"{_SPORT}/events/{event_id}/odds", _ODDS, secret=_key(client))


def past_event_odds(client: UpstreamClient, event_id: str, at: datetime) -> Reply:
    """The same as it was at an instant. Costs 10 of the quota a region: 20."""
    params = _ODDS | {"date": iso_utc(at)}
    return client.get("odds-api", f"{_PAST}/events/{event_id}/odds", params, secret=_key(client))


def parse_event_odds(body: bytes) -> tuple[OddsEvent, list[Offer]]:
    """The event and its offers. Markets other than player points are left out."""
    return _with_offers(parse(_EventOdds, body, "The Odds API event odds"))


def parse_past_event_odds(body: bytes) -> tuple[OddsEvent, list[Offer]]:
    """The same of a snapshot."""
    return _with_offers(parse(_PastEventOdds, body, "The Odds API historical event odds").data)


def _with_offers(wire: _EventOdds) -> tuple[OddsEvent, list[Offer]]:
    offers = [
        Offer(book.key, market.last_update, o.description, o.name, o.price, o.point)
        for book in wire.bookmakers
        for market in book.markets
        if market.key == MARKET
        for o in market.outcomes
    ]
    return _event(wire), offers


def _event(wire: _Event) -> OddsEvent:
    return OddsEvent(wire.id, wire.commence_time, by_name(wire.home_team), by_name(wire.away_team))
