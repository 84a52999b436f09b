"""What alerts are told to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.alerts.receivers import Webhook


@pytest.fixture
def hook() -> Iterator[Webhook]:
    """A channel that takes what is posted."""
    hook = Webhook()
    yield hook
    hook.close()
