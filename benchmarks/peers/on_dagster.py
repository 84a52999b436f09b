"""Runs the Dagster job on the instance of `DAGSTER_HOME`; a run that was killed is re-executed from failure.

What marks a killed run as failed in production is the run monitoring of Dagster's daemon; here it's this
program when it finds one on its start.
"""

from __future__ import annotations

import os

from dagster import DagsterInstance, DagsterRunStatus, ReexecutionOptions, execute_job, reconstructable

from benchmarks.peers.dagster_job import daily_pipeline
from benchmarks.peers.program import run
from benchmarks.peers.work import work

IN_PROCESS = "TIPOFF_PEER_IN_PROCESS"


def day(instance: DagsterInstance) -> None:
    """A new run, or the rest of the one that was killed: nothing, if that was at its end.

    Raises:
        DagsterError: an op failed.
    """
    executor = {"in_process": {}} if os.environ.get(IN_PROCESS) else {"multiprocess": {"max_concurrent": 1}}
    options = None
    runs = instance.get_runs(limit=1)
    if runs:
        if runs[0].status is DagsterRunStatus.SUCCESS:
            return
        if not runs[0].is_finished:
            instance.report_run_failed(runs[0])
        options = ReexecutionOptions.from_failure(runs[0].run_id, instance)
    with execute_job(
        reconstructable(daily_pipeline), instance, run_config={"execution": {"config": executor}},
        reexecution_options=options, raise_on_error=True,
    ):  # fmt: skip
        pass


if __name__ == "__main__":
    if os.environ.get(IN_PROCESS):
        work()
    with DagsterInstance.get() as opened:
        # Its storage is made at its first use.
        opened.get_runs(limit=1)
        run(lambda: day(opened))
