"""Who a name is: by id where there is one, else by normalised name, alias, suffix and team; never a guess."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Container
from dataclasses import dataclass
from datetime import date

import pandas as pd

from activities.raw.aliases import CANONICAL
from shared.ids import derived_player_id, player_lookup

_SUFFIX = re.compile(r"(jr|sr|ii|iii|iv)$")

COLUMNS = (
    "registered_on", "player_id", "player_lookup", "player_name", "nba_player_id", "team_abbr", "source",
)  # fmt: skip


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


def canonical(lookup: str) -> str:
    """A lookup without its suffix, and with an alias replaced."""
    stem = without_suffix(lookup)
    return CANONICAL.get(stem, stem)


class Registry:
    """The players known so far, and those whom this run adds."""

    def __init__(self, players: pd.DataFrame) -> None:
        self.added: list[dict[str, object]] = []
        self._by_id: dict[int, Player] = {}
        self._by_nba_id: dict[int, Player] = {}
        self._by_lookup: dict[str, list[Player]] = defaultdict(list)
        self._by_canonical: dict[str, list[Player]] = defaultdict(list)
        if len(players):
            ordered = players.sort_values(["registered_on", "player_id"])
            for row in ordered.itertuples(index=False):
                nba_id = None if pd.isna(row.nba_player_id) else int(row.nba_player_id)
                self._keep(Player(int(row.player_id), str(row.player_lookup), str(row.player_name), nba_id))

    def find(
        self, name: str, source_id: int | None = None, *, among: Container[int] | None = None
    ) -> Found | None:
        """The player of a name, or None if there is none or more than one.

        Args:
            name: as the source writes it.
            source_id: nba.com's personId, where the source gives it.
            among: player ids of the teams concerned; decides between players of one name, and an alias or a
                suffix that fits more than one player counts only inside it.
        """
        if source_id is not None and source_id in self._by_nba_id:
            return Found(self._by_nba_id[source_id], "id")
        lookup = player_lookup(name)
        exact = self._one(self._by_lookup.get(lookup, []), source_id, among)
        if exact:
            return Found(exact, "name")
        related = self._one(self._by_canonical.get(canonical(lookup), []), source_id, among)
        if related:
            how = "alias" if without_suffix(lookup) != without_suffix(related.lookup) else "suffix"
            return Found(related, how)
        return None

    def find_or_add(
        self, name: str, source_id: int | None, *, team: str, source: str, on: date,
        among: Container[int] | None = None,
    ) -> Found:  # fmt: skip
        """The player of a name; one whom nobody knows is new, with an id derived from his name."""
        found = self.find(name, source_id, among=among)
        if found:
            return found
        lookup = player_lookup(name)
        player = Player(source_id or derived_player_id(lookup), lookup, name, source_id)
        self._keep(player)
        self.added.append(
            {
                "registered_on": on,
                "player_id": player.player_id,
                "player_lookup": lookup,
                "player_name": name,
                "nba_player_id": source_id,
                "team_abbr": team,
                "source": source,
            }
        )
        return Found(player, "new")

    def added_frame(self) -> pd.DataFrame:
        """The players added, as rows of `nba_reference.players`."""
        frame = pd.DataFrame(self.added, columns=list(COLUMNS))
        frame["nba_player_id"] = frame["nba_player_id"].astype("Int64")
        return frame.sort_values("player_id", ignore_index=True)

    def _keep(self, player: Player) -> None:
        if player.player_id in self._by_id:
            return
        self._by_id[player.player_id] = player
        if player.nba_id is not None:
            self._by_nba_id.setdefault(player.nba_id, player)
        self._by_lookup[player.lookup].append(player)
        self._by_canonical[canonical(player.lookup)].append(player)

    @staticmethod
    def _one(candidates: list[Player], source_id: int | None, among: Container[int] | None) -> Player | None:
        # A namesake with another id of the league's own is another man.
        fitting = [p for p in candidates if source_id is None or p.nba_id in (None, source_id)]
        if len(fitting) > 1 and among is not None:
            fitting = [p for p in fitting if p.player_id in among]
        return fitting[0] if len(fitting) == 1 else None
