"""Who tells a channel of an alert: claimed in the warehouse before it is sent, lest two workers send it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

import pandas as pd

from activities.alerts.letters import Standing
from shared.clock import utc_now
from shared.errors import WarehouseUnavailable
from warehouse.protocol import Fence, Warehouse
from warehouse.writer import Writer

DELIVERIES = "nba_orchestration.alert_deliveries"

LEASE = timedelta(seconds=45)
"""Whoever has not said by then what came of a claim is taken for dead. Sending may take 20 s and recording it
on BigQuery ten more; the clocks of two workers may differ by some seconds."""

TRIES = 20


@dataclass(frozen=True)
class Telling:
    """One alert that one channel is to be told of, on one occasion: the next one has another name."""

    game_date: date
    cause: str
    channel: str
    occasion: str


def telling(row: Standing, channel: str, *, resolved: bool) -> Telling:
    """What telling a channel of a row is called. Made of what telling changes, so that it happens once."""
    what = "resolved" if resolved else row.severity
    sent, tried = (at.isoformat() if at else "never" for at in (row.last_sent, row.last_tried))
    return Telling(row.game_date, row.cause, channel, f"{what}, last sent {sent}, last tried {tried}")


@dataclass(frozen=True)
class Claims:
    """What of the tellings that were wanted is whose."""

    mine: frozenset[Telling]
    sent: frozenset[Telling]
    """By another, which has not come to say so in the table of alerts."""
    held: Mapping[Telling, datetime]
    """By another; until when."""


@dataclass(frozen=True)
class _Entry:
    """One row, without the number of the change."""

    game_date: date
    cause: str
    channel: str
    occasion: str
    status: Literal["claimed", "sent", "refused"]
    holder: str
    claimed_until: datetime
    settled_at: datetime | None = None


class DeliveryBook:
    """Claims tellings and records what came of them; safe for any number of workers.

    A message is sent once as long as its sender lives to record it. One that dies in between leaves a claim
    that lapses after `LEASE`, and whoever comes then sends: *at least once*, twice if the dead one had sent.
    """

    def __init__(self, warehouse: Warehouse, writer: Writer, now: Callable[[], datetime] = utc_now) -> None:
        self._warehouse, self._writer, self._now = warehouse, writer, now

    def claim(self, wanted: Collection[Telling], holder: str) -> Claims:
        """Claims what nobody holds and nobody has sent. `holder` names an attempt that is alive.

        Raises:
            WarehouseUnavailable: it does not take the claim; nothing may be sent.
        """

        def claimed(standing: Mapping[Telling, _Entry]) -> list[_Entry]:
            until = self._now() + LEASE
            free = [one for one in wanted if self._is_free(standing.get(one))]
            return [
                _Entry(**asdict(one), status="claimed", holder=holder, claimed_until=until) for one in free
            ]

        standing = self._change(claimed) if wanted else {}
        found = {one: standing[one] for one in wanted if one in standing}
        sent = frozenset(one for one, entry in found.items() if entry.status == "sent")
        # One that was frozen since its claim must not send what others may claim by now.
        mine = frozenset(
            one
            for one, entry in found.items()
            if entry.status == "claimed" and entry.holder == holder and self._now() < entry.claimed_until
        )
        held = {one: entry.claimed_until for one, entry in found.items() if one not in mine | sent}
        return Claims(mine, sent, held)

    def settle(self, taken: Mapping[Telling, bool], holder: str) -> None:
        """Records which channels took it. What has gone to another in the meantime stays as it is."""

        def settled(standing: Mapping[Telling, _Entry]) -> list[_Entry]:
            now = self._now()
            return [
                _Entry(
                    **asdict(one), status="sent" if well else "refused", holder=holder,
                    claimed_until=now, settled_at=now,
                )
                for one, well in taken.items()
                if (entry := standing.get(one)) and (entry.status, entry.holder) == ("claimed", holder)
            ]  # fmt: skip

        if taken:
            self._change(settled)

    def _is_free(self, entry: _Entry | None) -> bool:
        if entry is None or entry.status == "refused":
            return True
        return entry.status == "claimed" and entry.claimed_until <= self._now()

    def _change(self, change: Callable[[Mapping[Telling, _Entry]], list[_Entry]]) -> dict[Telling, _Entry]:
        """Writes what a change makes of the table, until it makes nothing more of it; what stands then.

        Every change has the number after the one it has read, and that number is its write key: the ledger
        takes it once, on either engine. Whoever comes second writes nothing, reads again and thinks again.
        """
        tried, step = 0, 1
        for _ in range(TRIES):
            standing, number = self._read()
            entries = change(standing)
            if not entries:
                return standing
            if tried > number:
                # The ledger knows later changes than the table, which has been restored from a copy.
                step *= 2
            tried = max(tried, number) + step
            frame = pd.DataFrame([{**asdict(entry), "change_number": tried} for entry in entries])
            self._writer.merge(
                DELIVERIES, frame, write_key=f"{DELIVERIES}/{tried}", fence=Fence(0), run_id=""
            )
        msg = f"{DELIVERIES}: others have been quicker {TRIES} times in a row; nothing was changed"
        raise WarehouseUnavailable(msg)

    def _read(self) -> tuple[dict[Telling, _Entry], int]:
        rows = self._warehouse.read(DELIVERIES)
        entries = [_entry(row) for row in rows.to_dict("records")]
        standing = {Telling(e.game_date, e.cause, e.channel, e.occasion): e for e in entries}
        return standing, int(rows["change_number"].max()) if entries else 0


def _entry(row: Any) -> _Entry:
    return _Entry(
        game_date=pd.Timestamp(row["game_date"]).date(), cause=row["cause"], channel=row["channel"],
        occasion=row["occasion"], status=row["status"], holder=row["holder"],
        claimed_until=row["claimed_until"].to_pydatetime(),
        settled_at=None if pd.isna(row["settled_at"]) else row["settled_at"].to_pydatetime(),
    )  # fmt: skip
