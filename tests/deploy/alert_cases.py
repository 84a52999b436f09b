"""What Prometheus sees when all is well, and what changes when something is not: which alerts fire then.

Series are in promtool's notation, a sample a minute from the start of 1970; `time()` is seconds since.
"""

from __future__ import annotations

from dataclasses import dataclass, field

HEALTHY = {
    'up{job="tipoff-worker", instance="w1"}': "1",
    'up{job="tipoff-worker", instance="w2"}': "1",
    'up{job="temporal"}': "1",
    'tipoff_days{status="running"}': "0",
    'tipoff_days{status="waiting"}': "0",
    'tipoff_days{status="failed"}': "0",
    'tipoff_days{status="completed"}': "1",
    "tipoff_schedule_exists": "1",
    "tipoff_schedule_paused": "0",
    "tipoff_schedule_missed_starts": "0",
    "tipoff_schedule_last_start_timestamp_seconds": "9000",
    "tipoff_schedule_last_start_lag_seconds": "0.1",
    "tipoff_schedule_next_start_timestamp_seconds": "200000",
    "tipoff_state_read_timestamp_seconds": "0+60",
    'tipoff_loads{table="t"}': "0+0.2",
    'temporal_activity_execution_failed{task_queue="tipoff"}': "0+1",
    'temporal_activity_execution_latency_count{task_queue="tipoff"}': "0+100",
    'temporal_activity_schedule_to_start_latency_bucket{task_queue="tipoff", le="100"}': "0+10",
    'temporal_activity_schedule_to_start_latency_bucket{task_queue="tipoff", le="+Inf"}': "0+10",
    "service_requests": "0+100",
    "service_errors": "0+1",
}


@dataclass(frozen=True)
class Fired:
    """One alert: its value as its texts show it, and its own labels."""

    value: str = ""
    labels: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Case:
    """Other series than the healthy ones (None: gone), and the alerts that fire at that hour."""

    name: str
    series: dict[str, str | None]
    fires: dict[str, Fired]
    hour: int = 3


CASES = (
    Case("all is well", {}, {}),
    Case(
        "the next start is overdue",
        {"tipoff_schedule_next_start_timestamp_seconds": "9600"},
        {"NoDayStarted": Fired()},
    ),
    Case(
        "the schedule started a day, and there is none",
        {'tipoff_days{status="completed"}': "0"},
        {"NoDayForStart": Fired()},
    ),
    Case("no start for more than a day", {}, {"NoDayFor25Hours": Fired("1d 3h 30m 0s")}, hour=30),
    Case("two days wait", {'tipoff_days{status="waiting"}': "2"}, {"DayWaiting": Fired("2")}),
    Case("a day failed", {'tipoff_days{status="failed"}': "1"}, {"DayFailed": Fired("1")}),
    Case("a day runs for hours", {'tipoff_days{status="running"}': "1"}, {"DayRunsLong": Fired()}),
    Case(
        "there is no schedule",
        {
            "tipoff_schedule_exists": "0",
            "tipoff_schedule_paused": None,
            "tipoff_schedule_last_start_timestamp_seconds": None,
            "tipoff_schedule_next_start_timestamp_seconds": None,
        },
        {"NoSchedule": Fired()},
    ),
    Case(
        "the schedule is paused and forgotten",
        {"tipoff_schedule_paused": "1"},
        {"SchedulePaused": Fired()},
        hour=21,
    ),
    Case(
        "a start was late",
        {"tipoff_schedule_last_start_lag_seconds": "600"},
        {"ScheduleLag": Fired("10m 0s")},
    ),
    Case("a start was missed", {"tipoff_schedule_missed_starts": "0x150 1"}, {"StartMissed": Fired()}),
    Case(
        "all workers are gone",
        {f'up{{job="tipoff-worker", instance="{w}"}}': None for w in ("w1", "w2")},
        {"NoWorker": Fired()},
    ),
    Case(
        "one worker doesn't answer",
        {'up{job="tipoff-worker", instance="w2"}': "0"},
        {"WorkerDown": Fired(labels={"job": "tipoff-worker", "instance": "w2"})},
    ),
    Case(
        "the workers can't reach Temporal",
        {"tipoff_state_read_timestamp_seconds": "10200"},
        {"WorkersCutOff": Fired()},
    ),
    Case(
        "half of the attempts fail",
        {'temporal_activity_execution_failed{task_queue="tipoff"}': "0+50"},
        {"ActivitiesFail": Fired("50%")},
    ),
    Case(
        "activities wait for a worker",
        {
            'temporal_activity_schedule_to_start_latency_bucket{task_queue="tipoff", le="100"}': "0",
            'temporal_activity_schedule_to_start_latency_bucket{task_queue="tipoff", le="100000"}': "0+10",
        },
        {"TasksWaitForWorkers": Fired()},
    ),
    Case(
        "a table is loaded often",
        {'tipoff_loads{table="t"}': "0+5"},
        {"LoadQuota": Fired("900", {"table": "t"})},
    ),
    Case(
        "a table's loads are almost used up",
        {'tipoff_loads{table="t"}': "0+8"},
        {"LoadQuota": Fired("1.44k", {"table": "t"}), "LoadQuotaAlmostUsed": Fired("1.44k", {"table": "t"})},
    ),
    Case("the server is gone", {'up{job="temporal"}': "0"}, {"TemporalDown": Fired()}),
    Case("the server fails", {"service_errors": "0+20"}, {"TemporalErrors": Fired("20%")}),
)
