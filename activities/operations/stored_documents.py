"""Published documents as they are stored, beside what the warehouse says of them."""

from __future__ import annotations

import hashlib
import json

import pandas as pd

from activities.processor import Exports
from activities.publishing.document import differences


def documents(
    published: pd.DataFrame, exports: Exports, predictions: pd.DataFrame, withheld: pd.DataFrame
) -> pd.DataFrame:
    """The rows of `published_documents` with `found`, the SHA-256 of what is stored, and `differences`.

    `found` is empty where there is no such document; `differences` names the first three from the rows.
    """
    active = predictions.loc[predictions["is_active"].to_numpy(dtype=bool)]
    seen = [_seen(exports.read(str(path)), active, withheld) for path in published["path"]]
    return published.assign(found=[digest for digest, _ in seen], differences=[said for _, said in seen])


def _seen(body: bytes | None, active: pd.DataFrame, withheld: pd.DataFrame) -> tuple[str, str]:
    if body is None:
        return "", ""
    digest = hashlib.sha256(body).hexdigest()
    try:
        return digest, "; ".join(differences(json.loads(body), active, withheld)[:3])
    except (ValueError, KeyError, TypeError) as error:
        return digest, f"it can't be read: {type(error).__name__}: {error}"
