"""Ids. Each derives from what it names, never from chance or from the time of making it."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from datetime import date
from functools import lru_cache

GAME_KEY = re.compile(r"^\d{8}_[A-Z]{3}_[A-Z]{3}$")

DERIVED_PLAYER_BASE = 9_000_000_000
"""Ids derived from names start here, far above any id that nba.com has given."""


def daily_workflow_id(game_date: date) -> str:
    """The id of a day, which is also its lock: two runs of one date can't exist at once."""
    return f"daily-{game_date.isoformat()}"


def phase_workflow_id(game_date: date, phase: str, retrigger: int) -> str:
    """`daily-2026-01-25/analytics`, and `…/r2` for its second run, after one re-trigger."""
    base = f"{daily_workflow_id(game_date)}/{phase}"
    return f"{base}/r{retrigger + 1}" if retrigger else base


def game_key(game_date: date, away: str, home: str) -> str:
    """The canonical key of a game: `20251106_LAC_PHX`."""
    return f"{game_date:%Y%m%d}_{away}_{home}"


@lru_cache(maxsize=16_384)
def player_lookup(name: str) -> str:
    """A name reduced to what every source agrees on: `Nikola Jokić` → `nikolajokic`.

    NFKC, dotless i, no diacritics, case folded, junior and senior shortened, nothing but [a-z0-9].
    """
    text = unicodedata.normalize("NFKC", name).replace("ı", "i").replace("İ", "I")
    text = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    text = text.replace("đ", "d").replace("Đ", "D").replace("ł", "l").replace("Ł", "L")
    text = text.replace("ø", "o").replace("Ø", "O").replace("ß", "ss").casefold()
    text = re.sub(r"\bjunior\b", "jr", text)
    text = re.sub(r"\bsenior\b", "sr", text)
    return re.sub(r"[^a-z0-9]", "", text)


def derived_player_id(lookup: str) -> int:
    """A stable id for a player whom no source has given one, from the normalised name."""
    digest = hashlib.sha256(f"player/{lookup}".encode()).digest()
    return DERIVED_PLAYER_BASE + int.from_bytes(digest[:4], "big") % 1_000_000_000


def prediction_id(game: str, player_id: int, system: str, line: float | None) -> str:
    """The id of a prediction: its key, hashed. Line 24.5 and 25 are two predictions."""
    text = f"{game}/{player_id}/{system}/{'none' if line is None else f'{line:.1f}'}"
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def replaced_prediction_id(prediction: str, number: int) -> str:
    """The id under which a prediction is kept once the same one was made anew, as the n-th one of its key."""
    return hashlib.sha256(f"{prediction}/replaced/{number}".encode()).hexdigest()[:24]


def content_digest(*parts: str) -> str:
    """Sixteen hexadecimal digits of the SHA-256 of the parts, for ids made of several things."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:16]
