"""From a predicted distribution and a price to a recommendation. The default is PASS."""

from __future__ import annotations

from dataclasses import dataclass

from activities.predictions.lines import Quote

EDGE = 0.01
"""By how much a probability must beat the break-even of the actual price before anything is recommended."""

MINIMUM_QUALITY = 75.0
"""Feature quality below silver is no basis for a recommendation."""


@dataclass(frozen=True)
class Advice:
    """A recommendation with its reason, and the book its price is from."""

    recommendation: str
    reason: str
    sportsbook: str | None = None


def advise(line: float | None, prob_over: float | None, quote: Quote, quality: float) -> Advice:
    """OVER or UNDER if a probability beats the break-even of a real price by `EDGE`; else PASS and why."""
    if line is None or prob_over is None:
        return Advice("NO_LINE", "no line")
    if quote.only_fantasy:
        return Advice("PASS", f"only fantasy operators offer {line:g}: there is no price to beat")
    sides = [
        (probability - 1.0 / price, name, probability, price, book)
        for name, probability, price, book in (
            ("over", prob_over, quote.over_price, quote.over_book),
            ("under", 1.0 - prob_over, quote.under_price, quote.under_book),
        )
        if price is not None and book is not None
    ]
    if not sides:
        return Advice("PASS", f"no sportsbook's main line is the consensus {line:g}")
    likelier = "over" if prob_over >= 0.5 else "under"
    shown = next((book for _, name, _, _, book in sides if name == likelier), sides[0][4])
    if quality < MINIMUM_QUALITY:
        return Advice("PASS", f"feature quality {quality:.0f} is below {MINIMUM_QUALITY:g}", shown)
    edge, name, probability, price, book = max(sides)
    bet = f"the break-even {1.0 / price:.3f} of {price:.2f} at {book}"
    if edge >= EDGE:
        return Advice(name.upper(), f"P({name}) {probability:.3f} beats {bet} by {edge:.3f}", book)
    if edge > 0:
        text = f"P({name}) {probability:.3f} beats {bet} by {edge:.3f}, less than the margin {EDGE:g}"
        return Advice("PASS", text, shown)
    return Advice("PASS", f"P({name}) {probability:.3f} does not beat {bet}", shown)
