"""SIGKILL of the whole process group at random instants: `python -m benchmarks.kills --seeds 20`.

Runs the demo undisturbed once, then once per seed: killed at an instant drawn over history load, training and
the day, started again with the same `--home`, and compared by table hashes. The first seed is killed right
after the day has completed, before anything is printed.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

COMPLETED = "publishing completed"


def command(home: Path, arguments: argparse.Namespace) -> list[str]:
    """The demo's command line."""
    words = [sys.executable, "-m", "starter", "demo", "--once", "--json", "--home", str(home)]
    words += ["--date", arguments.date, "--source", arguments.source]
    return words + (["--data", arguments.data] if arguments.data else [])


def run(home: Path, arguments: argparse.Namespace) -> tuple[dict[str, Any], float]:
    """Runs to the end. Returns what it printed and the seconds it took."""
    started = time.monotonic()
    done = subprocess.run(command(home, arguments), capture_output=True, text=True, timeout=900, check=False)
    if done.returncode != 0:
        raise SystemExit(f"exit {done.returncode}: {done.stderr[-2_000:]}")
    return json.loads(done.stdout), time.monotonic() - started


def kill_at(home: Path, arguments: argparse.Namespace, seconds: float | None) -> str:
    """Starts it and kills its process group: after `seconds`, or right after completion if None."""
    with tempfile.TemporaryFile("w+") as out:
        process = subprocess.Popen(
            command(home, arguments), stdout=out, stderr=subprocess.PIPE, text=True, start_new_session=True
        )
        last = ""
        deadline = time.monotonic() + (seconds if seconds is not None else 900)
        os.set_blocking(process.stderr.fileno(), False)
        while time.monotonic() < deadline and process.poll() is None:
            line = process.stderr.readline()
            if line.strip():
                last = line.strip()
            if seconds is None and COMPLETED in last:
                break
            if not line:
                time.sleep(0.01)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        process.stderr.close()
    return last


def main() -> None:
    """Prints one row per seed and the total."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--date", default="2025-11-07")
    parser.add_argument("--source", default="recorded")
    parser.add_argument("--data", default=os.environ.get("TIPOFF_DATA", ""))
    arguments = parser.parse_args()
    root = Path(tempfile.mkdtemp(prefix="tipoff-kills-"))
    expected, seconds = run(root / "undisturbed", arguments)
    print(f"undisturbed: {seconds:.1f} s, {len(expected['table_hashes'])} tables", flush=True)
    good = 0
    for seed in range(arguments.first_seed, arguments.first_seed + arguments.seeds):
        home = root / f"seed-{seed}"
        instant = None if seed == 0 else random.Random(seed).uniform(1, seconds - 1)
        last = kill_at(home, arguments, instant)
        got, again = run(home, arguments)
        wrong = sorted(t for t, h in expected["table_hashes"].items() if got["table_hashes"].get(t) != h)
        ok = got["status"] == "completed" and not wrong
        good += ok
        when = "after completion" if instant is None else f"{instant:.1f} s"
        print(
            f"seed {seed}: killed at {when} ({last[:50]}), {again:.1f} s: {'ok' if ok else wrong}", flush=True
        )
        if ok:
            shutil.rmtree(home)
    print(f"{good} of {arguments.seeds} completed with the hashes of the undisturbed run")
    raise SystemExit(good != arguments.seeds)


if __name__ == "__main__":
    main()
