"""Who a name is."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from activities.raw.prop_lines import decimal_price, lines_of
from activities.raw.resolution import COLUMNS, Registry
from activities.scrape.sources.odds_api import Offer
from shared.ids import derived_player_id, player_lookup

DAY = date(2025, 11, 7)
NOW = pd.Timestamp("2025-11-07T17:00:00Z")


def registry(*players: tuple[int, str, int | None]) -> Registry:
    rows = [
        {
            "registered_on": pd.Timestamp("2024-10-22"), "player_id": player_id,
            "player_lookup": player_lookup(name), "player_name": name, "nba_player_id": nba_id,
            "team_abbr": "BKN", "source": "test",
        }
        for player_id, name, nba_id in players
    ]  # fmt: skip
    return Registry(pd.DataFrame(rows, columns=list(COLUMNS)))


def how(found: object) -> str | None:
    return getattr(found, "how", None)


def test_an_id_wins_over_any_name() -> None:
    found = registry((1, "Nic Claxton", 1)).find("Somebody Else", 1)
    assert found
    assert (found.player.player_id, found.how) == (1, "id")


@pytest.mark.parametrize(
    ("known", "written", "expected"),
    [
        ("Nikola Jokić", "Nikola Jokic", "name"),
        ("Nic Claxton", "Nicolas Claxton", "alias"),
        ("Bub Carrington", "Carlton Carrington", "alias"),
        ("Brandon Boston", "B.J. Boston Jr", "alias"),
        ("Ronald Holland II", "Ron Holland", "alias"),
        ("Jimmy Butler III", "Jimmy Butler", "suffix"),
        ("Wendell Carter Jr.", "Wendell Carter, Jr.", "name"),
        ("Kelly Oubre Jr.", "Kelly Oubre", "suffix"),
    ],
)
def test_a_name_is_found_as_other_sources_write_it(known: str, written: str, expected: str) -> None:
    assert how(registry((7, known, 7)).find(written)) == expected


def test_a_name_that_nobody_has_is_nobody() -> None:
    assert registry((1, "Nic Claxton", 1)).find("Nick Clayton") is None


def test_two_players_of_one_name_are_told_apart_by_their_teams_or_not_at_all() -> None:
    two = registry((1, "Jalen Smith", 1), (2, "Jalen Smith", 2))
    assert two.find("Jalen Smith") is None
    found = two.find("Jalen Smith", among={2, 5})
    assert found
    assert found.player.player_id == 2


def test_a_namesake_with_an_id_of_his_own_is_another_man() -> None:
    one = registry((1, "Jalen Smith", 1))
    found = one.find_or_add("Jalen Smith", 99, team="X", source="test", on=DAY)
    assert (found.player.player_id, found.how) == (99, "new")


def test_a_new_player_without_an_id_keeps_his_own_when_a_later_file_brings_one() -> None:
    first = registry()
    rookie = first.find_or_add("Cooper Flagg", None, team="DAL", source="test", on=DAY).player
    assert rookie.player_id == derived_player_id("cooperflagg")
    later = Registry(first.added_frame().assign(registered_on=pd.Timestamp(DAY)))
    again = later.find_or_add("Cooper Flagg", 1642843, team="DAL", source="test", on=DAY)
    assert again.player.player_id == rookie.player_id
    assert later.added == []


def offer(book: str, side: str, line: float, price: float) -> Offer:
    return Offer(book, NOW.to_pydatetime(), "A", side, price, line)


def test_american_odds_become_decimal() -> None:
    assert decimal_price(150) == 2.5
    assert decimal_price(-110) == pytest.approx(1.909091)


def test_the_main_line_of_a_book_is_its_most_balanced_two_sided_one() -> None:
    offers = [
        offer("bovada", "Over", 20.5, -250), offer("bovada", "Under", 20.5, 190),
        offer("bovada", "Over", 24.5, -110), offer("bovada", "Under", 24.5, -114),
        offer("bovada", "Over", 29.5, 200),
    ]  # fmt: skip
    assert [(r["points_line"], r["is_main"]) for r in lines_of(offers)] == [
        (20.5, False), (24.5, True), (29.5, False),
    ]  # fmt: skip


def test_a_fantasy_operators_one_sided_rows_and_absurd_prices_are_left_out() -> None:
    offers = [
        offer("prizepicks", "Over", 24.5, -137), offer("prizepicks", "Under", 24.5, -137),
        offer("prizepicks", "Over", 30.5, -137),
        offer("underdog", "Over", 24.5, -1400), offer("underdog", "Under", 24.5, 900),
    ]  # fmt: skip
    rows = lines_of(offers)
    assert [(r["bookmaker"], r["points_line"], r["is_dfs"], r["is_main"]) for r in rows] == [
        ("prizepicks", 24.5, True, True)
    ]
