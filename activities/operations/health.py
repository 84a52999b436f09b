"""What the worker knows of the health of everything behind it: warehouse, sources, data, quotas, days."""

from __future__ import annotations

from datetime import datetime, timedelta

import pandas as pd
from temporalio import activity

from activities.alerts.book import AlertBook
from activities.alerts.letters import Standing
from activities.failures import as_application_errors
from activities.heartbeat import heartbeating
from activities.operations.status import PHASE_STATUS, RUN_HISTORY, latest_date
from activities.runner import SCRAPE_LOG
from activities.source_states import BREAKERS
from activities.surroundings import Surroundings
from shared.alerts import SEVERITIES
from shared.clock import utc_now
from shared.errors import WarehouseUnavailable
from shared.grid import LONGEST_RUN
from shared.health import HealthInput, HealthReport
from shared.names import HEALTH_ACTIVITY
from shared.predeploy import Finding, FindingStatus
from warehouse.protocol import Warehouse

LEDGER = "nba_orchestration.write_ledger"
PREDICTIONS = "nba_predictions.player_prop_predictions"

LOOKED_BACK = timedelta(days=14)
FRESH_FOR = timedelta(hours=36)


class HealthChecks:
    """The activity behind `tipoff health`."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._surroundings = surroundings

    @activity.defn(name=HEALTH_ACTIVITY)
    def check_health(self, request: HealthInput) -> HealthReport:
        """Looks, and changes nothing."""
        with as_application_errors(), heartbeating():
            live = self._surroundings.settings.replay_url is None
            return HealthReport(findings=findings_of(self._surroundings, utc_now()), live=live)


def findings_of(surroundings: Surroundings, now: datetime) -> tuple[Finding, ...]:
    """Every finding about warehouse, sources, alerts, data, quotas and days, those that are well included."""
    warehouse, settings = surroundings.warehouse, surroundings.settings
    try:
        warehouse.ping()
    except WarehouseUnavailable as error:
        return (_down(str(error)),)
    scraped = latest_date(warehouse, SCRAPE_LOG)
    asked = warehouse.read(SCRAPE_LOG, dates=[scraped] if scraped else [])
    recent = now.date() - LOOKED_BACK
    return (
        _well("warehouse", f"{settings.warehouse} answers"),
        *source_findings(asked),
        *alert_findings(AlertBook(warehouse, surroundings.writer).lately(now)),
        *breaker_findings(warehouse.read(BREAKERS), now),
        freshness(asked, now, live=settings.replay_url is None),
        _predicted(warehouse),
        loads(
            warehouse.read(LEDGER, columns=["table_name", "row_count"], dates=[now.date()]),
            warehouse.loads_a_day,
        ),
        billed(warehouse.read(RUN_HISTORY, since=recent), now),
        *day_findings(warehouse.read(PHASE_STATUS, equals={"processor_name": ""}), now),
    )


def _well(check: str, observed: str) -> Finding:
    return Finding(check=check, status="ok", observed=observed, expected="")


def _down(why: str) -> Finding:
    return Finding(
        check="warehouse", status="fail", observed=why[:300], expected="an answer",
        remedy="tipoff up, or the credentials of TIPOFF_WAREHOUSE",
    )  # fmt: skip


def source_findings(asked: pd.DataFrame) -> list[Finding]:
    """One finding a source: how its answers to the latest day were.

    Args:
        asked: the day's rows of `nba_raw.scrape_log`.
    """
    found = []
    for source, rows in asked.groupby("source", sort=True):
        good = rows["status"].isin(["ok", "incomplete"]).to_numpy(dtype=bool)
        day = pd.Timestamp(rows["game_date"].iloc[0]).date()
        observed = f"{int(good.sum())} of {len(rows)} answers for {day}"
        if good.all():
            found.append(_well(f"source {source}", observed))
            continue
        worst = rows.loc[~good].sort_values("request").iloc[0]
        status: FindingStatus = "warn" if good.any() else "fail"
        found.append(
            Finding(
                check=f"source {source}",
                status=status,
                observed=f"{observed}; {worst['request']} {worst['status']}: {str(worst['detail'])[:160]}",
                expected="every request answered",
                remedy=f"tipoff retrigger {day} --phase scrape --reason …",
            )
        )
    return found


def breaker_findings(breakers: pd.DataFrame, now: datetime) -> list[Finding]:
    """The sources that are not asked now, or whose last probe has failed.

    Args:
        breakers: rows of `nba_orchestration.circuit_breakers`.
        now: the present.
    """
    found = []
    for row in breakers.sort_values("source").itertuples():
        held = not pd.isna(row.not_before) and row.not_before > now
        if row.state == "closed" and not held:
            continue
        when = f"not before {row.not_before:%Y-%m-%d %H:%M:%S} UTC" if held else "at the next occasion"
        found.append(
            Finding(
                check=f"breaker {row.source}", status="warn",
                observed=f"{row.state}; asked again {when}. {row.reason or ''}".strip(),
                expected="closed", remedy="none: its first answer closes it. Back already: "
                f"tipoff sources close {row.source} --reason …",
            )
        )  # fmt: skip
    return found


def alert_findings(alerts: list[Standing]) -> list[Finding]:
    """The open alerts, the gravest first, and those that no channel has taken yet."""
    found = []
    for row in sorted(alerts, key=lambda r: (-SEVERITIES.index(r.severity), r.game_date, r.cause)):
        if row.resolved_at is not None:
            continue
        untold = f" Not delivered: {row.failure}." if row.undelivered else ""
        found.append(
            Finding(
                check=f"alert {row.game_date}",
                status="fail" if row.severity in ("error", "critical") else "warn",
                observed=f"{row.severity} since {row.first_seen:%Y-%m-%d %H:%M} UTC: {row.title}.{untold}",
                expected="none open",
                remedy=row.command,
            )
        )
    return found or [_well("alerts", "none open")]


def freshness(asked: pd.DataFrame, now: datetime, *, live: bool) -> Finding:
    """How old the newest response is. A replayed day has a time of its own, so its age is not judged."""
    if asked.empty:
        return Finding(
            check="fresh data", status="warn", observed="no response was ever stored",
            expected="a response a day", remedy="tipoff start <today>",
        )  # fmt: skip
    newest = pd.Timestamp(asked["fetched_at"].max()).to_pydatetime()
    if not live:
        return _well(
            "fresh data", f"newest response of {newest:%Y-%m-%d %H:%M} UTC, in the replayed day's time"
        )
    hours = (now - newest).total_seconds() / 3600
    observed = f"newest response {hours:.1f} h old"
    if now - newest <= FRESH_FOR:
        return _well("fresh data", observed)
    return Finding(
        check="fresh data", status="fail", observed=observed,
        expected=f"at most {FRESH_FOR.total_seconds() / 3600:.0f} h", remedy="tipoff start <today>",
    )  # fmt: skip


def _predicted(warehouse: Warehouse) -> Finding:
    latest = latest_date(warehouse, PREDICTIONS)
    if latest is None:
        return Finding(
            check="predictions", status="warn", observed="none yet", expected="some",
            remedy="tipoff start <today>",
        )  # fmt: skip
    active = int(warehouse.read(PREDICTIONS, columns=["is_active"], dates=[latest])["is_active"].sum())
    return _well("predictions", f"{active:,} active for {latest:%Y-%m-%d}, the latest date")


def loads(written: pd.DataFrame, most_a_day: int | None) -> Finding:
    """The busiest table's load jobs of the UTC day against what a table is allowed; None: any number."""
    counts = written.loc[(written["row_count"] > 0).to_numpy(dtype=bool), "table_name"].value_counts()
    if counts.empty:
        return _well("load quota", "nothing written today")
    table, most = str(counts.index[0]), int(counts.iloc[0])
    others = f"for {table} today, {int(counts.sum()):,} for all tables"
    if most_a_day is None:
        return _well("load quota", f"{most:,} {others}; this warehouse has no quota")
    observed = f"{most:,} of {most_a_day:,} {others}"
    if most < most_a_day // 2:
        return _well("load quota", observed)
    return Finding(
        check="load quota", status="fail" if most >= most_a_day * 0.9 else "warn", observed=observed,
        expected=f"under {most_a_day // 2:,} a table and day",
        remedy="tipoff sql \"SELECT table_name, run_id, COUNT(*) AS n FROM nba_orchestration.write_ledger "
        "GROUP BY 1, 2 ORDER BY n DESC\"",
    )  # fmt: skip


def billed(runs: pd.DataFrame, now: datetime) -> Finding:
    """What BigQuery billed for processors that ended on this UTC day, and the dearest of them.

    Args:
        runs: rows of `processor_run_history`.
        now: the present.
    """
    today = runs.loc[(runs["finished_at"] >= pd.Timestamp(now.date(), tz="UTC")).to_numpy(dtype=bool)]
    sums = today.groupby("processor_name")["bytes_billed"].sum().sort_values(ascending=False)
    total = int(sums.sum())
    if not total:
        return _well("bytes billed", "none today")
    dearest = f"most for {sums.index[0]}: {int(sums.iloc[0]) / 2**20:,.0f} MiB"
    return _well("bytes billed", f"{total / 2**20:,.0f} MiB today for processors, {dearest}")


def day_findings(statuses: pd.DataFrame, now: datetime) -> list[Finding]:
    """Phases that wait, failed, or say that they run and are not heard of: of the last two weeks.

    Args:
        statuses: rows of `phase_status` of phases.
        now: the present.
    """
    recent = statuses.loc[(statuses["updated_at"] >= pd.Timestamp(now - LOOKED_BACK)).to_numpy(dtype=bool)]
    silent = (recent["status"] == "running") & (recent["updated_at"] < pd.Timestamp(now - LONGEST_RUN))
    bad = recent.loc[(recent["status"].isin(["waiting", "failed"]) | silent).to_numpy(dtype=bool)]
    if bad.empty:
        return [_well("days", f"none waits, failed or is stuck, of {recent['game_date'].nunique()}")]
    found = []
    for row in bad.sort_values(["game_date", "phase_name"]).itertuples():
        day = row.game_date.date()
        state = "stuck running" if row.status == "running" else row.status
        found.append(
            Finding(
                check=f"day {day}",
                status="fail" if row.status == "failed" else "warn",
                observed=f"{row.phase_name} {state} since {row.updated_at:%Y-%m-%d %H:%M} UTC: "
                f"{str(row.message or '')[:160]}",
                expected="completed",
                remedy=f"tipoff retrigger {day} --phase {row.phase_name} --reason …",
            )
        )
    return found
