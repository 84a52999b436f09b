"""The peers' own Python: their packages are kept apart from ours by the lock file's group `peers`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from starter.places import PROJECT, cache_folder


def python() -> Path:
    """Its interpreter; installs what is missing, from the lock file (the first time 750 MB)."""
    folder = cache_folder() / "peers"
    uv = next(
        (str(p) for p in (shutil.which("uv"), cache_folder() / "uv/bin/uv") if p and os.access(p, os.X_OK)),
        None,
    )
    command = [uv] if uv else [sys.executable, "-m", "uv"]
    command += ["sync", "--quiet", "--frozen", "--no-default-groups", "--group", "peers"]
    clean = {k: v for k, v in os.environ.items() if k != "VIRTUAL_ENV"}
    done = subprocess.run(
        [*command, "--no-install-project", "--project", str(PROJECT)], cwd=PROJECT, text=True,
        env={**clean, "UV_PROJECT_ENVIRONMENT": str(folder)}, capture_output=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"uv can't install the dependency group peers: {done.stderr.strip()[-500:]}")
    return folder / "bin" / "python"
