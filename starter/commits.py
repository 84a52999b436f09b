"""The commits between two builds, as far as this checkout knows them."""

from __future__ import annotations

from shared.build import commit_of, git

SHOWN = 3


def commits_between(build: str, expected: str) -> tuple[str, ...]:
    """`<commit> <subject>`, newest first, of whichever of the two is ahead; empty: none is known."""
    return _log(build, expected) or _log(expected, build)


def in_words(build: str, expected: str) -> str:
    """How a build lies to the expected one: `2 commits behind: 1a2b3c4 Subject; …`."""
    behind, ahead = _log(build, expected), _log(expected, build)
    if not behind and not ahead:
        same = commit_of(build) and commit_of(build) == commit_of(expected)
        return (
            "the same commit with other code" if same else "no commit of this checkout lies between the two"
        )
    parts = []
    for commits, word in ((behind, "behind"), (ahead, "ahead")):
        if commits:
            more = f" and {len(commits) - SHOWN} more" if len(commits) > SHOWN else ""
            plural = "s" if len(commits) > 1 else ""
            parts.append(f"{len(commits)} commit{plural} {word}: {'; '.join(commits[:SHOWN])}{more}")
    return "; ".join(parts)


def _log(older: str, newer: str) -> tuple[str, ...]:
    """The commits that the newer build has and the older one hasn't."""
    first, last = commit_of(older), commit_of(newer)
    if not first or not last:
        return ()
    return tuple(git("log", "--no-decorate", "--format=%h %s", f"{first}..{last}").splitlines())
