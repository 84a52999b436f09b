"""The switch of the incident tests: a body that shows nothing, or something else, is no proof."""

from __future__ import annotations

import pytest

from tests.incidents import incident
from tests.incidents.incident import NotAsToldError, failing


def test_a_body_that_passes_without_the_fix_shows_nothing():
    with pytest.raises(NotAsToldError, match="it shows nothing"), failing("1 == 2"):
        pass


def test_a_body_that_fails_as_told_is_proof():
    one = 1
    with failing("assert 1 == 2"):
        assert one == 2
    with failing("DID NOT RAISE"), pytest.raises(ValueError, match="x"):
        pass
    with failing(KeyError):
        {}["x"]


def test_a_body_that_fails_for_another_reason_is_none():
    with pytest.raises(NotAsToldError, match="AttributeError"), failing("1 == 2"):
        raise AttributeError
    with pytest.raises(NotAsToldError, match="assert 3 == 4"), failing("1 == 2"):
        assert len("abc") == 4
    with pytest.raises(NotAsToldError, match="ValueError"), failing(KeyError):
        raise ValueError


def test_an_assertion_of_other_code_is_no_proof(tmp_path):
    elsewhere = tmp_path / "elsewhere.py"
    code = compile("raise AssertionError('1 == 2')", str(elsewhere), "exec")
    with pytest.raises(NotAsToldError, match="elsewhere"), failing("1 == 2"):
        exec(code)


def test_an_error_while_the_fix_is_taken_out_fails_the_test(monkeypatch):
    monkeypatch.setattr(incident, "REGISTERED", [])

    def broken(_: pytest.MonkeyPatch) -> None:
        raise AssertionError("there is no such fix")

    @incident.incident(1, "", prevented="", fix_out=broken, fails_with=AssertionError)
    def test_incident_1_x() -> None:
        pass

    test_incident_1_x(case="fixed", monkeypatch=monkeypatch)
    with pytest.raises(AssertionError, match="no such fix"):
        test_incident_1_x(case="fix taken out", monkeypatch=monkeypatch)


def test_every_incident_has_exactly_one_test():
    numbers = [one.number for one in incident.declared() if one.number is not None]
    assert numbers == list(incident.NUMBERS)
