"""Probabilities, prices and recommendations."""

from __future__ import annotations

from activities.predictions.lines import Quote, offers_of, quote_for
from activities.predictions.recommend import EDGE, advise
from tests.predictions.tables import PROPS, frame, prop_row


def offers(*rows: dict) -> Quote:
    offers = offers_of(frame(PROPS, list(rows)))
    return quote_for(next(iter(offers.values()), []), 24.5)


def test_the_best_price_is_found_per_side_over_books() -> None:
    quote = offers(
        prop_row(book="fanduel", over=1.87, under=1.95), prop_row(book="betmgm", over=1.91, under=1.9)
    )
    assert (quote.over_price, quote.over_book) == (1.91, "betmgm")
    assert (quote.under_price, quote.under_book) == (1.95, "fanduel")


def test_other_lines_and_alternates_have_no_price_at_this_line() -> None:
    quote = offers(prop_row(line=25.5, over=2.4), prop_row(book="betmgm", is_main=False, over=2.2))
    assert quote.over_price is None
    advice = advise(24.5, 0.5, quote, 93)
    assert advice.recommendation == "PASS"
    assert advice.reason == "no sportsbook's main line is the consensus 24.5"


def test_a_fantasy_operators_price_is_never_bet() -> None:
    quote = offers(prop_row(book="prizepicks", over=9.0, is_dfs=True))
    advice = advise(24.5, 0.9, quote, 93)
    assert (advice.recommendation, "fantasy" in advice.reason) == ("PASS", True)


def test_pass_carries_its_reason_in_plain_words() -> None:
    advice = advise(24.5, 0.52, offers(prop_row(over=1.87, under=1.87)), 93)
    assert advice.recommendation == "PASS"
    assert advice.reason == "P(over) 0.520 does not beat the break-even 0.535 of 1.87 at fanduel"


def test_over_and_under_need_a_probability_beyond_the_break_even_and_a_margin() -> None:
    even = offers(prop_row(over=2.0, under=2.0))
    assert advise(24.5, 0.5 + EDGE + 0.001, even, 93).recommendation == "OVER"
    assert advise(24.5, 0.5 - EDGE - 0.001, even, 93).recommendation == "UNDER"
    within = advise(24.5, 0.5 + EDGE / 2, even, 93)
    assert (within.recommendation, "less than the margin" in within.reason) == ("PASS", True)


def test_poor_features_recommend_nothing() -> None:
    advice = advise(24.5, 0.9, offers(prop_row(over=2.0)), 60)
    assert (advice.recommendation, advice.reason) == ("PASS", "feature quality 60 is below 75")


def test_without_a_line_there_is_no_recommendation() -> None:
    assert advise(None, None, Quote(), 93).reason == "no line"
