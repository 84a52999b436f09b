"""What a wrong command is answered with: one line that says what is possible, and exit code 2."""

from __future__ import annotations

import pytest

from starter.cli import invoke


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["start", "2025-13-40"], "month must be in 1..12"),
        (["start", "20251107"], "write it as YYYY-MM-DD, like 2025-11-07"),
        (["status", "yesterday"], "'yesterday' is not a date"),
        (["demo", "--date", "2025-11"], "YYYY-MM-DD"),
        (["retrigger", "2025-11-07", "--phase", "predicton", "--reason", "x"], "did you mean predictions"),
        (["skip", "2025-11-07", "--phase", "zzz", "--reason", "x"], "possible: scrape, raw, analytics"),
        (
            ["retrigger", "2025-11-07", "--phase", "raw", "--processor", "raw_playrs", "--reason", "x"],
            "did you mean raw_players",
        ),
        (
            ["retrigger", "2025-11-07", "--phase", "raw", "--processor", "scrape_rosters", "--reason", "x"],
            "scrape_rosters is not in phase raw; possible: raw_schedule",
        ),
        (["pause", "2025-11-07", "--reason", " "], "reason: give one"),
        (["pause", "2025-11-07"], "--reason"),
        (["predictions", "2025-11-07", "--recommendation", "MAYBE"], "possible: OVER, UNDER, PASS, NO_LINE"),
        (["predictions", "2025-11-07", "--system", "x' OR 1=1"], "is not a name of a system"),
        (["sql", " "], "give one SELECT"),
        (["up", "--source", "banana"], "possible: recorded, simulated, live"),
        (["up", "--source", "recorded", "--data", "/nonexistent"], "not a folder of recorded data"),
        (["up", "--address", "127.0.0.1:1", "--port", "7000"], "leave --port out"),
        (["demo", "--source", "live"], "recorded or simulated"),
        (["models", "promote", "m"], "--reason"),
        (["models", "promote", "m", "--reason", " "], "reason: give one"),
        (["models", "rollback", "--reason", "x", "--effective-from", "soon"], "'soon' is not a date"),
        (["models", "compare", "m", "m"], "two different models"),
        (["schedule", "create", "--at", "6am"], "write it as HH:MM, like 06:00"),
        (["schedule", "create", "--at", "02:30"], "comes twice or not at all"),
        (["schedule", "create", "--at", "14:00"], "catch-up: 12 h after 14:00 is another date; at most 10"),
        (["schedule", "pause", "weekly", "--reason", "x"], "possible: daily"),
        (["schedule", "pause"], "--reason"),
        (["frobnicate"], "No such command"),
        (["start"], "Missing argument"),
    ],
)
def test_wrong_usage_gets_one_line_and_exit_code_2(arguments, said, capfd):
    assert invoke(arguments) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert said in err
    assert len(err.strip().splitlines()) == 1


def test_a_bad_setting_names_its_variable(capfd, monkeypatch):
    monkeypatch.setenv("TIPOFF_HEALTH_PORT", "eighty")
    assert invoke(["up", "--source", "simulated"]) == 2
    assert "TIPOFF_HEALTH_PORT" in capfd.readouterr().err


def test_unreachable_temporal_is_one_line_naming_the_address_and_the_remedy(capfd, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert invoke(["status", "2025-11-07", "--address", "127.0.0.1:9"]) == 1
    out, err = capfd.readouterr()
    assert out == ""
    assert "127.0.0.1:9" in err
    assert "tipoff up" in err
    assert len(err.strip().splitlines()) == 1


def test_a_named_home_without_a_stack_is_never_answered_by_another_ones_server(capfd, monkeypatch, tmp_path):
    monkeypatch.delenv("TEMPORAL_ADDRESS", raising=False)
    monkeypatch.setenv("TIPOFF_HOME", str(tmp_path))
    assert invoke(["start", "2025-11-07"]) == 1
    assert f"no stack runs in {tmp_path}; `tipoff up` starts one" in capfd.readouterr().err


def test_help_names_every_verb_and_the_exit_codes(capfd):
    assert invoke(["--help"]) == 0
    shown = capfd.readouterr().out
    verbs = (
        "up demo worker start status predictions retrigger skip pause resume abort sql models predeploy "
        "health brief evaluate schedule"
    )
    for verb in verbs.split():
        assert f" {verb} " in shown
    assert "3 waiting for an operator" in shown
