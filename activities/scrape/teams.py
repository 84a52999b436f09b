"""The thirty teams, by nba.com's three letters, and how other upstreams write them."""

from __future__ import annotations

from shared.errors import UpstreamContractViolation

NAMES = {
    "ATL": "Atlanta Hawks", "BKN": "Brooklyn Nets", "BOS": "Boston Celtics", "CHA": "Charlotte Hornets",
    "CHI": "Chicago Bulls", "CLE": "Cleveland Cavaliers", "DAL": "Dallas Mavericks",
    "DEN": "Denver Nuggets", "DET": "Detroit Pistons", "GSW": "Golden State Warriors",
    "HOU": "Houston Rockets", "IND": "Indiana Pacers", "LAC": "LA Clippers", "LAL": "Los Angeles Lakers",
    "MEM": "Memphis Grizzlies", "MIA": "Miami Heat", "MIL": "Milwaukee Bucks",
    "MIN": "Minnesota Timberwolves", "NOP": "New Orleans Pelicans", "NYK": "New York Knicks",
    "OKC": "Oklahoma City Thunder", "ORL": "Orlando Magic", "PHI": "Philadelphia 76ers",
    "PHX": "Phoenix Suns", "POR": "Portland Trail Blazers", "SAC": "Sacramento Kings",
    "SAS": "San Antonio Spurs", "TOR": "Toronto Raptors", "UTA": "Utah Jazz", "WAS": "Washington Wizards",
}  # fmt: skip

ESPN = {"GS": "GSW", "NO": "NOP", "NY": "NYK", "SA": "SAS", "UTAH": "UTA", "WSH": "WAS"}
"""ESPN's abbreviations where they differ."""

BALLDONTLIE = dict(enumerate(sorted(NAMES, key=lambda abbr: NAMES[abbr]), start=1))
"""BallDontLie's team ids: the teams by full name, from 1 (Atlanta) to 30 (Washington)."""

_BY_NAME = {name: abbr for abbr, name in NAMES.items()} | {"Los Angeles Clippers": "LAC"}
_TO_ESPN = {abbr: espn for espn, abbr in ESPN.items()}


def by_name(name: str) -> str:
    """The three letters of a full name. Raises `UpstreamContractViolation` for an unknown one."""
    if name not in _BY_NAME:
        msg = f"team: {name!r} is none of the thirty teams"
        raise UpstreamContractViolation(msg)
    return _BY_NAME[name]


def from_espn(abbr: str) -> str:
    """nba.com's letters for ESPN's. Raises `UpstreamContractViolation` for unknown ones."""
    letters = ESPN.get(abbr, abbr)
    if letters not in NAMES:
        msg = f"team: {abbr!r} is none of the thirty teams"
        raise UpstreamContractViolation(msg)
    return letters


def to_espn(abbr: str) -> str:
    """ESPN's letters for nba.com's, in lower case as its addresses want them."""
    return _TO_ESPN.get(abbr, abbr).lower()
