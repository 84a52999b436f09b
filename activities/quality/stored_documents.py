"""Published documents as they are stored, beside what was recorded of them and what the warehouse says."""

from __future__ import annotations

import hashlib
import json

import pandas as pd

from activities.processor import Exports
from activities.publishing.document import differences
from activities.quality.properties import active_of


def said_otherwise(
    exports: Exports, path: str, sha256: str, active: pd.DataFrame, withheld: pd.DataFrame
) -> tuple[str, ...]:
    """What a stored document is or says other than was recorded and than the rows; empty if nothing."""
    address = exports.address(path)
    edited: tuple[str, ...] = ()
    try:
        body = exports.read(path)
        if body is None:
            return (f"{address} is not there",)
        if hashlib.sha256(body).hexdigest() != sha256:
            edited = (f"{address} is not the file that was published",)
        return (*edited, *differences(json.loads(body), active, withheld))
    except (OSError, ValueError, KeyError, TypeError) as error:
        return (*edited, f"{address} can't be read: {type(error).__name__}: {error}")


def documents(
    published: pd.DataFrame, exports: Exports, predictions: pd.DataFrame, withheld: pd.DataFrame
) -> pd.DataFrame:
    """The rows of `published_documents` with `differences`: the first three of what is otherwise, or ""."""
    active = active_of(predictions)
    said = [
        "; ".join(said_otherwise(exports, str(path), str(sha256), active, withheld)[:3])
        for path, sha256 in zip(published["path"], published["sha256"], strict=True)
    ]
    return published.assign(differences=pd.Series(said, index=published.index, dtype="str"))
