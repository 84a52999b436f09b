"""`./tipoff`: finds uv, brings the environment up to date, becomes the command line."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.starter.running import PROJECT

FAKE_UV = '#!/bin/sh\n[ "$1" = --version ] || echo "uv $*" >> "$CALLS"\necho noise\n'


@pytest.fixture
def place(tmp_path):
    (tmp_path / "bin").mkdir()
    (tmp_path / "elsewhere").mkdir()
    uv = tmp_path / "bin" / "uv"
    uv.write_text(FAKE_UV)
    uv.chmod(0o755)
    return tmp_path


def run(place, command, *arguments, **extra):
    environ = {
        **os.environ, "PATH": f"{place / 'bin'}:{os.environ['PATH']}", "CALLS": str(place / "calls"),
        "UV_PROJECT_ENVIRONMENT": sys.prefix, **extra,
    }  # fmt: skip
    return subprocess.run(
        [str(command), *arguments], cwd=place / "elsewhere", env=environ, capture_output=True, text=True,
        check=False, timeout=60,
    )  # fmt: skip


def test_it_syncs_without_taking_anything_away_and_keeps_standard_output_clean(place):
    done = run(place, PROJECT / "tipoff", "start", "nodate")
    assert done.returncode == 2
    assert done.stdout == ""
    assert "YYYY-MM-DD" in done.stderr
    called = (place / "calls").read_text()
    for flag in ("sync", "--frozen", "--no-dev", "--inexact", f"--project {PROJECT}"):
        assert flag in called


def test_it_works_through_a_link_and_keeps_the_callers_folder(place):
    (place / "bin" / "tipoff").symlink_to(PROJECT / "tipoff")
    (place / "elsewhere" / "here").mkdir()
    done = run(place, "tipoff", "up", "--source", "recorded", "--data", "here")
    assert done.returncode == 2
    assert str(place / "elsewhere" / "here") in done.stderr


def test_modules_of_the_callers_folder_are_not_taken_for_ours(place):
    for name in ("starter", "shared"):
        (place / "elsewhere" / name).mkdir()
        (place / "elsewhere" / name / "__init__.py").write_text("raise SystemExit('not ours')")
    assert "YYYY-MM-DD" in run(place, PROJECT / "tipoff", "start", "nodate").stderr


def test_uv_is_found_in_the_cache(place):
    cached = place / "cache" / "tipoff" / "uv" / "bin"
    cached.mkdir(parents=True)
    (place / "bin" / "uv").rename(cached / "uv")
    done = run(
        place, PROJECT / "tipoff", "start", "nodate",
        PATH="/usr/bin:/bin", HOME=str(place), XDG_CACHE_HOME=str(place / "cache"),
    )  # fmt: skip
    assert "YYYY-MM-DD" in done.stderr
    assert "sync" in (place / "calls").read_text()
