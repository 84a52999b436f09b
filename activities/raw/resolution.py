"""Who a name is: by id where there is one, else by normalised name, alias, suffix and team; never a guess."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Container, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

import pandas as pd

from activities.raw.aliases import CANONICAL
from shared.ids import derived_player_id, player_lookup

_SUFFIX = re.compile(r"(jr|sr|ii|iii|iv)$")

COLUMNS = (
    "registered_on", "player_id", "player_lookup", "player_name", "nba_player_id", "team_abbr", "source",
)  # fmt: skip


_REGISTERED = ("player_id", "player_lookup", "player_name", "team_abbr")


@dataclass(frozen=True)
class Player:
    """A registered player. `nba_id` is nba.com's personId, where known."""

    player_id: int
    lookup: str
    name: str
    nba_id: int | None


@dataclass(frozen=True)
class Found:
    """A player and how he was found: id, name, alias, suffix or new."""

    player: Player
    how: str


def without_suffix(lookup: str) -> str:
    """`timhardawayjr` → `timhardaway`."""
    return _SUFFIX.sub("", lookup)


@lru_cache(maxsize=16_384)
def canonical(lookup: str) -> str:
    """A lookup without its suffix, and with an alias replaced."""
    stem = without_suffix(lookup)
    return CANONICAL.get(stem, stem)


class Registry:
    """The players known so far, and what this run adds: new players, new names and ids of known ones.

    Two men may have one name. Who is on which team, as far as that is known, tells them apart.
    """

    def __init__(self, players: pd.DataFrame, teams: Mapping[int, str] | None = None) -> None:
        self.added: list[dict[str, object]] = []
        self.new_players = 0
        self._teams = dict(teams or {})
        self._by_id: dict[int, Player] = {}
        self._by_nba_id: dict[int, int] = {}
        self._by_lookup: dict[str, list[int]] = defaultdict(list)
        self._by_canonical: dict[str, list[int]] = defaultdict(list)
        self._registered_at: dict[int, str] = {}
        if len(players):
            ordered = players.sort_values(["registered_on", "player_id"])
            nba_ids = ordered["nba_player_id"].astype("Int64").to_numpy(dtype=object, na_value=None)
            columns = (ordered[name].tolist() for name in _REGISTERED)
            for nba_id, player_id, lookup, name, team in zip(nba_ids, *columns, strict=True):
                self._keep(Player(player_id, lookup, name, nba_id), str(team))

    def find(
        self, name: str, source_id: int | None = None, *, teams: Container[str] = (),
        not_of: Container[str] = (),
    ) -> Found | None:  # fmt: skip
        """The player of a name, or None if there is none or more than one.

        Args:
            name: as the source writes it.
            source_id: nba.com's personId, where the source gives it.
            teams: the teams concerned. Who is known to be on one of them comes before all others of the name;
                where two are, neither is found.
            not_of: teams whose players are not meant.
        """
        if source_id is not None and source_id in self._by_nba_id:
            return Found(self._by_id[self._by_nba_id[source_id]], "id")
        lookup = player_lookup(name)
        kinds = self._of_name(lookup, source_id)
        for players in kinds:
            here = [p for p in players if self._teams.get(p.player_id, "") in teams]
            if here:
                return Found(here[0], self._how(here[0], lookup)) if len(here) == 1 else None
        for players in kinds:
            possible = [p for p in players if self._teams.get(p.player_id, "") not in not_of]
            if len(possible) == 1:
                return Found(possible[0], self._how(possible[0], lookup))
        return None

    def find_or_add(
        self, name: str, source_id: int | None, *, team: str, source: str, on: date,
        not_of: Container[str] = (),
    ) -> Found:  # fmt: skip
        """The player of a name; one whom nobody knows is new, with an id derived from his name.

        A known player's new name, and the id of the league's own that he lacked, are kept with him: the next
        source may give no more than the name.
        """
        found = self.find(name, source_id, teams=(team,), not_of=not_of)
        lookup = player_lookup(name)
        if found is None:
            player_id = source_id or derived_player_id(lookup)
            if player_id in self._by_id:
                # Another man of the name has the id that derives from it.
                player_id = derived_player_id(f"{lookup}/{team}")
            found = Found(Player(player_id, lookup, name, source_id), "new")
            self.new_players += player_id not in self._by_id
            self._add(found.player, team, source, on)
        elif source_id is not None and not self._leads_to(found.player, name, team):
            self._add(replace(found.player, lookup=lookup, name=name, nba_id=source_id), team, source, on)
        return found

    def place(self, player_id: int, team: str) -> None:
        """Tells on which team a player is from here on."""
        self._teams[player_id] = team

    def team_of(self, player_id: int) -> str | None:
        """The team that a player is on, if that is known."""
        return self._teams.get(player_id)

    def anybody(self, name: str, *, not_of: Container[str] = ()) -> bool:
        """Whether any player can be meant by the name, be it more than one."""
        kinds = self._of_name(player_lookup(name), None)
        return any(self._teams.get(p.player_id, "") not in not_of for players in kinds for p in players)

    def added_frame(self) -> pd.DataFrame:
        """What was added, as rows of `nba_reference.players`, one a player."""
        frame = pd.DataFrame(self.added, columns=list(COLUMNS))
        frame["nba_player_id"] = frame["nba_player_id"].astype("Int64")
        return frame.sort_values("player_id", ignore_index=True)

    def _leads_to(self, player: Player, name: str, team: str) -> bool:
        """Whether the player has an id of the league's own, and the name alone is or would do for his."""
        if player.nba_id is None:
            return False
        by_name = self.find(name, teams=(team,))
        is_his = player.player_id in self._by_lookup.get(player_lookup(name), [])
        return is_his or (by_name is not None and by_name.player == player)

    def _add(self, player: Player, team: str, source: str, on: date) -> None:
        self._keep(player, team)
        known = next((row for row in self.added if row["player_id"] == player.player_id), None)
        if known is not None:
            # One row a player and day: his first name of it.
            known["nba_player_id"] = player.nba_id
            return
        self._teams.setdefault(player.player_id, team)
        self.added.append(
            {
                "registered_on": on,
                "player_id": player.player_id,
                "player_lookup": player.lookup,
                "player_name": player.name,
                "nba_player_id": player.nba_id,
                "team_abbr": team,
                "source": source,
            }
        )

    def _keep(self, player: Player, team: str) -> None:
        """Takes a player, or another name or the id of one who is known: he stays who he was first."""
        known = self._by_id.setdefault(player.player_id, player)
        if player.nba_id is not None:
            self._by_nba_id.setdefault(player.nba_id, player.player_id)
        if player.nba_id not in (None, known.nba_id):
            self._by_id[player.player_id] = replace(known, nba_id=player.nba_id)
        self._registered_at.setdefault(player.player_id, team)
        namesakes = self._by_lookup[player.lookup] if known is not player else []
        # A stranger whom his team's roster named so before was he: the roster had no id to tell.
        strangers = [p for p in namesakes if self._by_id[p].nba_id is None and self._registered_at[p] == team]
        for kept, name in ((self._by_lookup, player.lookup), (self._by_canonical, canonical(player.lookup))):
            ids = kept[name]
            if player.player_id not in ids:
                ids[:] = [*(p for p in ids if p not in strangers), player.player_id]

    def _of_name(self, lookup: str, source_id: int | None) -> tuple[list[Player], list[Player]]:
        """Those of the very name, and those of the same without suffixes and aliases.

        A namesake with another id of the league's own is another man.
        """
        kept = (self._by_lookup.get(lookup, []), self._by_canonical.get(canonical(lookup), []))
        exact, related = ([self._by_id[player_id] for player_id in ids] for ids in kept)
        if source_id is None:
            return exact, related
        return [p for p in exact if p.nba_id is None], [p for p in related if p.nba_id is None]

    def _how(self, player: Player, lookup: str) -> str:
        if player.player_id in self._by_lookup.get(lookup, []):
            return "name"
        return "alias" if without_suffix(lookup) != without_suffix(player.lookup) else "suffix"
