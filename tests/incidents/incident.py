"""What an incident test is: a failure of the old system, and the proof that something here stands in its way.

`@incident` makes two cases of one test. `[fixed]` runs its body on the product as it is. `[fix taken out]`
takes the fix out of the product first, by patching the very function, constant or gate that prevents or
names the failure, and demands that the body then fails, in its own words. A body that passes without the
fix, or that fails for another reason, fails the test.
"""

from __future__ import annotations

import functools
import inspect
import pkgutil
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

Body = Callable[..., Any]
FixOut = Callable[[pytest.MonkeyPatch], None]

HERE = Path(__file__).resolve().parent
NUMBERS = range(1, 53)
"""The incidents that the old system had."""

CASES = ("fixed", "fix taken out")


@dataclass(frozen=True)
class Incident:
    """One failure of old, and its test here."""

    number: int | None
    """Its number among the old system's incidents; None: a defect that lay in its code."""
    failure: str
    """What happened then, in a few words."""
    prevented: str
    """What prevents or names it here: one sentence without its full stop."""
    test: str
    """Where it is shown: `test_vectors.py::test_incident_2_…`."""


REGISTERED: list[Incident] = []
"""What has been declared so far; `declared` has all of it."""


def incident(
    number: int, failure: str, *, prevented: str, fix_out: FixOut, fails_with: str | type[BaseException]
) -> Callable[[Body], Body]:
    """Makes a test function, sync or async, the test of an incident.

    Args:
        number: the incident's, 1 to 52; the test's name begins with `test_incident_<number>_`.
        failure: what happened then, a few words.
        prevented: what prevents or names it here, one sentence without a full stop.
        fix_out: takes the fix out of the product with a monkeypatch. An error in it fails the test. It runs
            after the fixtures, right before the body.
        fails_with: how the body fails without the fix: words of the message of its own assertion (or `DID NOT
            RAISE`, of `pytest.raises`), or the type of the exception that the product then raises.
    """
    return _declared(number, failure, prevented, fix_out, fails_with, f"test_incident_{number}_")


def latent_defect(
    failure: str, *, prevented: str, fix_out: FixOut, fails_with: str | type[BaseException]
) -> Callable[[Body], Body]:
    """Makes a test function the test of a defect that lay in the old code; see `incident`.

    The test's name begins with `test_defect_`.
    """
    return _declared(None, failure, prevented, fix_out, fails_with, "test_defect_")


def declared() -> list[Incident]:
    """All that the modules of this folder declare: the incidents by number, then the defects."""
    for module in pkgutil.iter_modules([str(HERE)]):
        if module.name.startswith("test_"):
            import_module(f"tests.incidents.{module.name}")
    return sorted(REGISTERED, key=lambda one: (one.number or len(NUMBERS) + 1, one.test))


@contextmanager
def failing(fails_with: str | type[BaseException]) -> Iterator[None]:
    """Demands that what is inside fails, and in this way: see `incident`."""
    try:
        yield
    except (AssertionError, pytest.fail.Exception) as failure:
        own = _where(failure)
        if fails_with is type(failure):
            return
        if isinstance(fails_with, str) and HERE in own.parents and fails_with in str(failure):
            return
        msg = f"without the fix it fails, but not as told ({fails_with!r}): in {own.name}: {failure}"
        raise NotAsToldError(msg) from failure
    except Exception as error:
        if isinstance(fails_with, type) and isinstance(error, fails_with):
            return
        msg = f"without the fix it fails, but not as told ({fails_with!r}): {type(error).__name__}: {error}"
        raise NotAsToldError(msg) from error
    msg = "without the fix it passes all the same: it shows nothing"
    raise NotAsToldError(msg)


class NotAsToldError(Exception):
    """A body that passes without the fix, or fails for another reason."""


def _where(failure: BaseException) -> Path:
    """The file of the assertion: the innermost frame that isn't pytest's own."""
    frames = [Path(frame.filename) for frame in traceback.extract_tb(failure.__traceback__)]
    ours = [file for file in frames if "_pytest" not in file.parts and "site-packages" not in file.parts]
    return ours[-1] if ours else Path()


def _declared(
    number: int | None,
    failure: str,
    prevented: str,
    fix_out: FixOut,
    fails_with: str | type[BaseException],
    prefix: str,
) -> Callable[[Body], Body]:
    def declare(body: Body) -> Body:
        assert body.__name__.startswith(prefix), f"{body.__name__}: the name begins with {prefix}"
        file = Path(inspect.getfile(body)).name
        one = Incident(number, failure, prevented, f"{file}::{body.__name__}")
        if one not in REGISTERED:
            REGISTERED.append(one)
        wanted = inspect.signature(body).parameters

        @contextmanager
        def around(given: dict[str, Any]) -> Iterator[dict[str, Any]]:
            case, monkeypatch = given.pop("case"), given["monkeypatch"]
            asked = {name: value for name, value in given.items() if name in wanted}
            if case == "fixed":
                yield asked
                return
            fix_out(monkeypatch)
            with failing(fails_with):
                yield asked

        if inspect.iscoroutinefunction(body):

            async def run(**given: Any) -> None:
                with around(given) as asked:
                    await body(**asked)

        else:

            def run(**given: Any) -> None:
                with around(given) as asked:
                    body(**asked)

        functools.update_wrapper(run, body)
        del run.__wrapped__
        names = ["case", "monkeypatch", *(name for name in wanted if name != "monkeypatch")]
        run.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
            [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY) for name in names]
        )
        return pytest.mark.parametrize("case", CASES)(run)

    return declare
