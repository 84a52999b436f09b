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


def known_rows(*players: tuple[int, str, int | None]) -> pd.DataFrame:
    rows = [
        {
            "registered_on": pd.Timestamp("2024-10-22"), "player_id": player_id,
            "player_lookup": player_lookup(name), "player_name": name, "nba_player_id": nba_id,
            "team_abbr": "BKN", "source": "test",
        }
        for player_id, name, nba_id in players
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(COLUMNS))


def registry(*players: tuple[int, str, int | None], teams: dict[int, str] | None = None) -> Registry:
    return Registry(known_rows(*players), teams)


def rows_of(first: Registry, days: int) -> pd.DataFrame:
    """What a registry has added, as the table has it, so many days on."""
    return first.added_frame().assign(registered_on=pd.Timestamp(DAY) + pd.Timedelta(days=days))


def next_day(first: Registry, teams: dict[int, str] | None = None) -> Registry:
    """Made from the rows that another has added."""
    return Registry(rows_of(first, 0), teams)


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
    two = registry((1, "Jalen Smith", 1), (2, "Jalen Smith", 2), teams={1: "CHI", 2: "PHX"})
    assert two.find("Jalen Smith") is None
    assert two.find("Jalen Smith", teams=("CHI", "PHX")) is None
    found = two.find("Jalen Smith", teams=("PHX", "LAC"))
    assert found
    assert found.player.player_id == 2


def test_who_is_on_the_team_comes_before_a_man_of_the_very_name_who_is_not() -> None:
    two = registry((1, "Gary Payton", 1), (2, "Gary Payton II", 2), teams={2: "GSW"})
    assert how(two.find("Gary Payton", teams=("GSW",))) == "suffix"
    assert how(two.find("Gary Payton", teams=("LAL",))) == "name"


def test_players_of_teams_that_are_ruled_out_are_not_meant() -> None:
    one = registry((1, "Jalen Smith", 1), teams={1: "CHI"})
    assert how(one.find("Jalen Smith", teams=("LAC",))) == "name"
    assert one.find("Jalen Smith", teams=("LAC",), not_of=("CHI",)) is None


def test_a_new_namesake_without_an_id_of_his_own_is_not_given_the_other_s() -> None:
    first = registry()
    one = first.find_or_add("Jalen Smith", None, team="CHI", source="test", on=DAY).player.player_id
    other = first.find_or_add(
        "Jalen Smith", None, team="LAC", source="test", on=DAY, not_of=("CHI",)
    ).player.player_id
    assert one != other
    later = next_day(first, teams={one: "CHI", other: "LAC"})
    again = later.find_or_add("Jalen Smith", None, team="LAC", source="test", on=DAY)
    assert (again.player.player_id, later.added) == (other, [])


def test_a_new_name_that_came_with_a_known_id_leads_to_the_player_from_then_on() -> None:
    kanter = known_rows((1, "Enes Kanter", 1))
    first = Registry(kanter)
    by_id = first.find_or_add("Enes Freedom", 1, team="BKN", source="test", on=DAY)
    assert (by_id.player.player_id, by_id.how, first.new_players) == (1, "id", 0)
    later = Registry(pd.concat([kanter, rows_of(first, 1)]))
    found = later.find("Enes Freedom")
    assert found
    assert (found.player.player_id, found.player.lookup, found.how) == (1, "eneskanter", "name")
    assert how(later.find("Enes Kanter")) == "name"


def test_a_stranger_on_a_roster_was_the_player_whose_id_comes_with_the_name_a_day_later() -> None:
    rows = [known_rows((1, "Enes Kanter", 1))]
    for after, source_id in enumerate((None, 1)):
        morning = Registry(pd.concat(rows))
        morning.find_or_add("Enes Freedom", source_id, team="BKN", source="test", on=DAY)
        rows.append(rows_of(morning, after))
    found = Registry(pd.concat(rows)).find("Enes Freedom")
    assert found
    assert found.player.player_id == 1


def test_an_id_that_came_with_a_known_name_finds_the_player_under_his_next_name() -> None:
    first = registry()
    rookie = first.find_or_add("Cooper Flagg", None, team="DAL", source="test", on=DAY).player
    second = next_day(first)
    second.find_or_add("Cooper Flagg", 99, team="DAL", source="test", on=DAY)
    assert (second.new_players, len(second.added)) == (0, 1)
    third = Registry(pd.concat([rows_of(first, 0), rows_of(second, 1)]))
    renamed = third.find_or_add("The Captain", 99, team="DAL", source="test", on=DAY)
    assert renamed.player.player_id == rookie.player_id


def test_a_namesake_with_an_id_of_his_own_is_another_man() -> None:
    one = registry((1, "Jalen Smith", 1))
    found = one.find_or_add("Jalen Smith", 99, team="X", source="test", on=DAY)
    assert (found.player.player_id, found.how) == (99, "new")


def test_a_new_player_without_an_id_keeps_his_own_when_a_later_file_brings_one() -> None:
    first = registry()
    rookie = first.find_or_add("Cooper Flagg", None, team="DAL", source="test", on=DAY).player
    assert rookie.player_id == derived_player_id("cooperflagg")
    later = next_day(first)
    again = later.find_or_add("Cooper Flagg", 1642843, team="DAL", source="test", on=DAY)
    assert again.player.player_id == rookie.player_id
    assert [(row["player_id"], row["nba_player_id"]) for row in later.added] == [(rookie.player_id, 1642843)]


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
