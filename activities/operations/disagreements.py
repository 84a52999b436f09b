"""What schedule, tables and statuses of some dates disagree about. Pure functions over frames."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pandas as pd

from shared.ids import content_digest
from shared.phases import PHASES
from shared.reconcile import TRIES, UNFINISHED_MINUTES, Found, Kind, Remedy

OPEN = ("running", "waiting", "pending")
LOOKED_FOR = timedelta(days=8)
"""How long the days after look for a game's box score."""

PREFIX = "reconcile-"
"""Of the request ids of the reconciler."""

PRODUCT = {
    "precompute": ("feature vectors", "eligible", "vectors"),
    "predictions": ("active predictions", "vectors", "predictions"),
    "publishing": ("published document", "predictions", "documents"),
}
"""By phase: what it makes, the count that calls for it, and its own count."""


@dataclass(frozen=True)
class Standing:
    """What the warehouse holds of some dates."""

    statuses: pd.DataFrame
    """`phase_status` of whole phases."""
    games: Mapping[date, int]
    """Games of each date, by the newest schedule that shows it."""
    counts: Mapping[str, Mapping[date, int]]
    """Rows by date: eligible, vectors, predictions, results, documents."""
    incomplete: Mapping[str, date]
    """Final games without a complete box score, and their dates."""
    claims: pd.DataFrame
    log: pd.DataFrame
    """`phase_execution_log`."""


def disagreements(
    standing: Standing, start: date, end: date, now: datetime, minutes: int = UNFINISHED_MINUTES
) -> list[Found]:
    """All of them, in order of dates; a status that has stood for so many minutes is a stale one."""
    stale = timedelta(minutes=minutes)
    by_date = {
        pd.Timestamp(day).date(): rows.set_index("phase_name")
        for day, rows in standing.statuses.groupby("game_date")
    }
    found: list[Found] = []
    for offset in range((end - start).days + 1):
        day = start + timedelta(days=offset)
        own = by_date.get(day)
        if own is None:
            found += _never_run(standing, day, by_date)
        else:
            found += list(_of_day(standing, day, own, by_date, now, stale))
    found += _box_scores(standing, end)
    return sorted(found, key=lambda one: (one.game_date or end, one.kind, one.what))


def _never_run(standing: Standing, day: date, by_date: Mapping[date, pd.DataFrame]) -> list[Found]:
    games = standing.games.get(day, 0)
    if not games or not by_date or day < min(by_date):
        return []
    return [
        Found(
            kind=Kind.NEVER_RUN, game_date=day, what=f"{games} games and no status of any phase",
            remedy=Remedy.START, command=f"tipoff start {day}",
        )
    ]  # fmt: skip


def _of_day(
    standing: Standing,
    day: date,
    own: pd.DataFrame,
    by_date: Mapping[date, pd.DataFrame],
    now: datetime,
    stale: timedelta,
) -> Iterator[Found]:
    claims = standing.claims.loc[(standing.claims["game_date"] == pd.Timestamp(day)).to_numpy(dtype=bool)]
    tries = int(claims["request_id"].str.startswith(PREFIX).sum())
    last = own["updated_at"].max()
    aborts = claims.loc[(claims["action"] == "abort").to_numpy(dtype=bool)]
    aborted = bool(len(aborts)) and bool((aborts["claimed_at"] >= last - pd.Timedelta(minutes=5)).any())
    stood = pd.Timestamp(now) - last
    states = {phase.name: str(own.loc[phase.name, "status"]) for phase in PHASES if phase.name in own.index}
    open_ = [name for name, state in states.items() if state in OPEN]
    failed = [name for name, state in states.items() if state == "failed"]
    if aborted and (open_ or failed):
        who = aborts.sort_values("claimed_at").iloc[-1]
        yield Found(
            kind=Kind.FAILED, game_date=day, what=f"aborted by {who['requested_by']}: {who['reason']}"[:500],
            remedy=Remedy.NONE, command=f"tipoff retrigger {day} --phase {(open_ + failed)[0]} --reason …",
        )  # fmt: skip
    elif open_ and stood > stale:
        what = f"{open_[0]} is {states[open_[0]]} since {own.loc[open_[0], 'updated_at']:%Y-%m-%d %H:%M} UTC"
        yield _again(Kind.UNFINISHED, day, open_[0], what, str(last), tries)
    elif failed:
        yield _again(Kind.FAILED, day, failed[0], f"failed: {', '.join(failed)}", str(last), tries)
    elif not open_:
        yield from _empty(standing, day, states, str(last), tries)
        yield from _ungraded(standing, day, by_date, tries)
    yield from _claims(standing, day, claims, now, stale)


def _again(kind: Kind, day: date, phase: str, what: str, seen: str, tries: int) -> Found:
    """The phase is run again; the same state is acted on once, and a date so often and no more."""
    command = f"tipoff retrigger {day} --phase {phase} --reason …"
    if tries >= TRIES:
        return Found(
            kind=kind, game_date=day, what=f"{what}; run again {tries} times already", remedy=Remedy.NONE,
            phase=phase, command=command,
        )  # fmt: skip
    return Found(
        kind=kind, game_date=day, what=what, remedy=Remedy.RETRIGGER, phase=phase, command=command,
        request_id=f"{PREFIX}{day}-{phase}-{content_digest(kind, seen)}",
    )  # fmt: skip


def _empty(
    standing: Standing, day: date, states: Mapping[str, str], seen: str, tries: int
) -> Iterator[Found]:
    for phase, (name, calls, own) in PRODUCT.items():
        wanted = standing.counts[calls].get(day, 0)
        if states.get(phase) == "completed" and wanted and not standing.counts[own].get(day, 0):
            what = f"{phase} is completed, and there is no {name} for {wanted:,} {calls}"
            yield _again(Kind.EMPTY_TABLE, day, phase, what, seen, tries)
            return


def _ungraded(
    standing: Standing, day: date, by_date: Mapping[date, pd.DataFrame], tries: int
) -> Iterator[Found]:
    after = day + timedelta(days=1)
    graded_by = by_date.get(after)
    if graded_by is None or "grading" not in graded_by.index:
        return
    made = standing.counts["predictions"].get(day, 0)
    done = str(graded_by.loc["grading", "status"]) == "completed"
    if done and made and not standing.counts["results"].get(day, 0):
        what = f"{made:,} predictions of {day} and no result"
        seen = str(graded_by.loc["grading", "updated_at"])
        yield _again(Kind.UNGRADED, after, "grading", what, seen, tries)


def _claims(
    standing: Standing, day: date, claims: pd.DataFrame, now: datetime, stale: timedelta
) -> Iterator[Found]:
    """Re-triggers that a run took some time ago and that no phase has begun since."""
    log = standing.log.loc[(standing.log["game_date"] == pd.Timestamp(day)).to_numpy(dtype=bool)]
    latest = log["execution_timestamp"].max() if len(log) else pd.NaT
    for claim in claims.loc[(claims["action"] == "retrigger").to_numpy(dtype=bool)].itertuples():
        old = pd.Timestamp(now) - claim.claimed_at > stale
        if old and (pd.isna(latest) or latest < claim.claimed_at):
            yield Found(
                kind=Kind.CLAIM, game_date=day, remedy=Remedy.NONE,
                what=f"{claim.requested_by} asked for a phase again ({claim.reason}), and none began"[:500],
                command=f"tipoff retrigger {day} --phase … --reason …",
            )  # fmt: skip


def _box_scores(standing: Standing, end: date) -> list[Found]:
    found = []
    for game, day in sorted(standing.incomplete.items()):
        open_ = end - day < LOOKED_FOR
        then = f"looked for again until {day + LOOKED_FOR}" if open_ else "given up: it stays as it is"
        found.append(
            Found(
                kind=Kind.BOX_SCORE, game_date=day, what=f"{game} has no complete box score; {then}",
                remedy=Remedy.NONE,
                command=f"tipoff retrigger {end} --phase scrape --reason …" if open_ else "",
            )
        )  # fmt: skip
    return found
