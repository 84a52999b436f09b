"""The catalogue of faults: one line a kind. What each does is in the module of its group."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Group(StrEnum):
    """Where a fault strikes."""

    PROCESS = "process"
    WAREHOUSE = "warehouse"
    UPSTREAM = "upstream"
    CHANNEL = "channel"
    CLOCK = "clock"
    MESSAGE = "message"
    DEPLOY = "deploy"
    WORLD = "world"


class Needs(StrEnum):
    """What a kind needs of its round."""

    ANY = "any"
    PRODUCTION = "production"
    """Several workers on a BigQuery endpoint, each a build of a deployment."""


@dataclass(frozen=True)
class Kind:
    """One kind of fault."""

    name: str
    group: Group
    about: str
    """What it does, for the table of the documentation."""
    needs: Needs = Needs.ANY
    routes: tuple[str, ...] = ()
    """Upstream faults: the replay routes that it can strike, taken in turn."""
    alone: bool = True
    """Whether it means something where nothing else happens: a dead channel has nothing to tell."""
    companion: str = ""
    """The kind that strikes the same day, so that there is something to tell."""


SCHEDULE = ("nba-cdn/schedule", "espn/scoreboard")
BOXES = ("nba-cdn/boxscore", "espn/summary", "balldontlie/stats")
LINES = ("odds-api/events", "odds-api/event-odds")
INJURIES = ("espn/injuries", "balldontlie/player_injuries")
BODIES = (*SCHEDULE, *BOXES, *LINES, "espn/roster")
"""The routes that have a body to be edited; the recorded league has no injury reports."""
EVERY = (*BODIES, *INJURIES)

_P, _W, _U, _C, _M, _D = (
    Group.PROCESS, Group.WAREHOUSE, Group.UPSTREAM, Group.CHANNEL, Group.MESSAGE, Group.DEPLOY,
)  # fmt: skip

KINDS: tuple[Kind, ...] = (
    Kind("worker_sigkill", _P, "SIGKILL of the worker"),
    Kind("worker_sigterm", _P, "SIGTERM of the worker"),
    Kind("worker_sigstop", _P, "SIGSTOP of the worker for longer than the heartbeat timeout, then SIGCONT"),
    Kind("compute_sigkill", _P, "SIGKILL of the process in which the worker's processors compute"),
    Kind("server_sigkill", _P, "SIGKILL of the Temporal server"),
    Kind("server_sigterm", _P, "SIGTERM of the Temporal server"),
    Kind("server_sigstop", _P, "SIGSTOP of the Temporal server, longer than the heartbeat timeout"),
    Kind("everything_sigkill", _P, "SIGKILL of all processes at once; `tipoff up` again"),
    Kind("warehouse_refuses", _W, "every read and write fails for a while"),
    Kind("warehouse_slow", _W, "every write takes a second longer for a while"),
    Kind("warehouse_ambiguous", _W, "writes are committed and then fail: the acknowledgement is lost"),
    Kind("warehouse_quota", _W, "writes are refused with 403 quotaExceeded for a while"),
    Kind("disk_full", _W, "no file of the worker can grow (RLIMIT_FSIZE of the live process) for a while"),
    Kind("upstream_down", _U, "503 for a while", routes=EVERY),
    Kind("upstream_hangs", _U, "no answer within the client's patience", routes=EVERY),
    Kind("upstream_429", _U, "429 with Retry-After", routes=EVERY),
    Kind("key_refused", _U, "401: the day parks and a person is told", routes=LINES),
    Kind("upstream_500s", _U, "a burst of 500", routes=EVERY),
    Kind("upstream_truncated", _U, "half of a body", routes=BODIES),
    Kind("wrong_json", _U, "JSON that is not the format", routes=BODIES),
    Kind("unknown_field", _U, "a new field that nobody knows", routes=BODIES),
    Kind("removed_field", _U, "a field that is needed is gone", routes=BODIES),
    Kind("stale_copy", _U, "what a cache had a day ago", routes=BODIES),
    Kind("missing_game", _U, "a game is left out", routes=(*SCHEDULE, *BOXES)),
    Kind("missing_players", _U, "the top scorer is left out of box scores", routes=BOXES),
    Kind("duplicate_rows", _U, "a row comes twice", routes=(*SCHEDULE, *BOXES, "espn/roster")),
    Kind("slack_down", _C, "the webhook answers 503 for a while", alone=False, companion="key_refused"),
    Kind(
        "smtp_down",
        _C,
        "the mail server refuses connections for a while",
        alone=False,
        companion="key_refused",
    ),
    Kind("clock_forward", Group.CLOCK, "the worker's clock is hours ahead for a while"),
    Kind("clock_back", Group.CLOCK, "the worker's clock is hours behind for a while"),
    Kind("duplicate_signal", _M, "one re-trigger sent twice with one request id"),
    Kind("concurrent_signals", _M, "pause, resume and re-trigger at once"),
    Kind("contradictory_signals", _M, "skip and re-trigger of one phase at once; a person undoes the skip"),
    Kind("abort_signal", _M, "the day is aborted; a person begins it again"),
    Kind("malformed_signal", _M, "a signal that makes no sense"),
    Kind("two_workers", _D, "two workers by turns: one is killed, then the other", Needs.PRODUCTION),
    Kind("deploy_midday", _D, "a new build while a day runs on the old one", Needs.PRODUCTION),
)
