"""The thirty teams, with the names and ids that each upstream has for them."""

from __future__ import annotations

from typing import NamedTuple


class Team(NamedTuple):
    """One team. `espn` and the ids in `espn_id` and `bdl_id` are those upstreams' own."""

    tricode: str
    nba_id: int
    city: str
    name: str
    espn: str
    espn_id: int
    bdl_id: int
    conference: str
    division: str

    @property
    def full_name(self) -> str:
        """The name as nba.com and ESPN write it ("LA Clippers")."""
        return f"{self.city} {self.name}"

    @property
    def odds_name(self) -> str:
        """The name as The Odds API writes it, which spells out Los Angeles for both teams."""
        return f"{self.city.replace('LA', 'Los Angeles')} {self.name}"


_ROWS = """
ATL 1610612737 Atlanta|Hawks ATL 1 1 East Southeast
BOS 1610612738 Boston|Celtics BOS 2 2 East Atlantic
BKN 1610612751 Brooklyn|Nets BKN 17 3 East Atlantic
CHA 1610612766 Charlotte|Hornets CHA 30 4 East Southeast
CHI 1610612741 Chicago|Bulls CHI 4 5 East Central
CLE 1610612739 Cleveland|Cavaliers CLE 5 6 East Central
DAL 1610612742 Dallas|Mavericks DAL 6 7 West Southwest
DEN 1610612743 Denver|Nuggets DEN 7 8 West Northwest
DET 1610612765 Detroit|Pistons DET 8 9 East Central
GSW 1610612744 Golden_State|Warriors GS 9 10 West Pacific
HOU 1610612745 Houston|Rockets HOU 10 11 West Southwest
IND 1610612754 Indiana|Pacers IND 11 12 East Central
LAC 1610612746 LA|Clippers LAC 12 13 West Pacific
LAL 1610612747 Los_Angeles|Lakers LAL 13 14 West Pacific
MEM 1610612763 Memphis|Grizzlies MEM 29 15 West Southwest
MIA 1610612748 Miami|Heat MIA 14 16 East Southeast
MIL 1610612749 Milwaukee|Bucks MIL 15 17 East Central
MIN 1610612750 Minnesota|Timberwolves MIN 16 18 West Northwest
NOP 1610612740 New_Orleans|Pelicans NO 3 19 West Southwest
NYK 1610612752 New_York|Knicks NY 18 20 East Atlantic
OKC 1610612760 Oklahoma_City|Thunder OKC 25 21 West Northwest
ORL 1610612753 Orlando|Magic ORL 19 22 East Southeast
PHI 1610612755 Philadelphia|76ers PHI 20 23 East Atlantic
PHX 1610612756 Phoenix|Suns PHX 21 24 West Pacific
POR 1610612757 Portland|Trail_Blazers POR 22 25 West Northwest
SAC 1610612758 Sacramento|Kings SAC 23 26 West Pacific
SAS 1610612759 San_Antonio|Spurs SA 24 27 West Southwest
TOR 1610612761 Toronto|Raptors TOR 28 28 East Atlantic
UTA 1610612762 Utah|Jazz UTAH 26 29 West Northwest
WAS 1610612764 Washington|Wizards WSH 27 30 East Southeast
"""


def _team(row: str) -> Team:
    tricode, nba_id, names, espn, espn_id, bdl_id, conference, division = row.split()
    city, name = names.replace("_", " ").split("|")
    return Team(tricode, int(nba_id), city, name, espn, int(espn_id), int(bdl_id), conference, division)


TEAMS: dict[str, Team] = {team.tricode: team for team in map(_team, _ROWS.strip().splitlines())}
TRICODES: tuple[str, ...] = tuple(sorted(TEAMS))
BY_ESPN: dict[str, Team] = {
    key: team for team in TEAMS.values() for key in (team.espn.lower(), str(team.espn_id))
}
BY_NAME: dict[str, Team] = {
    name: team for team in TEAMS.values() for name in (team.full_name, team.odds_name)
}
