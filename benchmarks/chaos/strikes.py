"""Which module injects which kind."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from benchmarks.chaos import strike_deployments, strike_messages, strike_processes, strike_surroundings
from benchmarks.chaos.kinds import Group, Kind
from benchmarks.chaos.lived import Lived
from benchmarks.chaos.plan import Injection

Strike = Callable[[Lived, Injection], Awaitable[bool]]

_BY_GROUP: dict[Group, Strike] = {
    Group.PROCESS: strike_processes.strike,
    Group.WAREHOUSE: strike_surroundings.warehouse,
    Group.UPSTREAM: strike_surroundings.upstream,
    Group.CHANNEL: strike_surroundings.channel,
    Group.CLOCK: strike_surroundings.clock,
    Group.MESSAGE: strike_messages.strike,
    Group.DEPLOY: strike_deployments.strike,
}


def strike_of(kind: Kind) -> Strike:
    """What injects a kind: it ends once the fault is over, and says whether there was something to strike."""
    return strike_surroundings.disk if kind.name == "disk_full" else _BY_GROUP[kind.group]
