"""Which build of the code runs: the id under which a worker is known to the Temporal server."""

from __future__ import annotations

import hashlib
import re
import subprocess
from functools import lru_cache
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
ROOMS = ("activities", "schemas", "shared", "warehouse", "worker", "workflows")
"""What a worker's behaviour is made of."""

SHORT = 12
GIT_SECONDS = 10


def build_id(given: str = "") -> str:
    """The name given (`TIPOFF_BUILD_ID`), else the checkout's commit, else the digest of the code.

    A checkout with changes that no commit holds is `<commit>-dirty-<digest of the code>`: two such builds are
    told apart. An installed wheel has no commit.
    """
    return given or _checkout_id()


@lru_cache(maxsize=1)
def _checkout_id() -> str:
    commit = git("rev-parse", f"--short={SHORT}", "HEAD")
    if not commit:
        return f"code-{code_digest(PROJECT)}"
    if git("status", "--porcelain", "--untracked-files=normal", "--", *ROOMS):
        return f"{commit}-dirty-{code_digest(PROJECT)}"
    return commit


def git(*arguments: str) -> str:
    """What git says of this checkout; empty where there is no git, no checkout or no such object."""
    if not (PROJECT / ".git").exists():
        return ""
    try:
        done = subprocess.run(  # noqa: S603
            ["git", "-C", str(PROJECT), *arguments],  # noqa: S607
            capture_output=True, text=True, timeout=GIT_SECONDS, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def code_digest(root: Path) -> str:
    """Twelve hexadecimal digits of the SHA-256 of the code and the table definitions below a folder."""
    digest = hashlib.sha256()
    for room in ROOMS:
        for path in sorted((root / room).rglob("*")):
            if path.suffix in (".py", ".sql"):
                digest.update(f"{path.relative_to(root)}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()[:SHORT]


def commit_of(build: str) -> str:
    """The commit that a build id begins with; empty if it is named otherwise."""
    match = re.match(r"[0-9a-f]{7,40}(?=$|-dirty-)", build)
    return match[0] if match else ""
