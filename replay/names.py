"""Names as two sources may write them: reduced to what they agree on."""

from __future__ import annotations

import unicodedata
from functools import lru_cache


@lru_cache(maxsize=8192)
def plain(name: str) -> str:
    """Return the name in small letters, without accents or anything that is no letter or digit."""
    marks = unicodedata.normalize("NFKD", name)
    return "".join(mark for mark in marks if mark.isalnum()).casefold()
