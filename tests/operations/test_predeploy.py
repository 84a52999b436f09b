"""Code about to be deployed, compared with a warehouse that holds a model, vectors and runs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from rich.console import Console
from temporalio.testing import ActivityEnvironment

from activities.operations.predeploy import PredeployChecks
from activities.operations.status import PHASE_STATUS, status_rows
from activities.surroundings import Surroundings
from shared.config import load_settings
from shared.features import FEATURE_NAMES
from shared.messages import PhaseState, Transition
from shared.predeploy import Finding, PredeployInput, PredeployResult, TableColumn
from starter.findings_view import findings_table
from starter.predeploy import this_code
from tests.predictions.tables import DAY, FEATURE_STORE, feature_row, frame, vector
from tests.training.decisions import decisions
from tests.training.models import trained
from warehouse.connect import connect
from warehouse.writer import Fence, Writer
from worker.checkout import own_findings, unserved
from worker.served import WORKFLOWS

MODELS = "nba_predictions.ml_models"
DECISIONS = "nba_predictions.model_decisions"


class Production:
    """A home with what a test puts into it."""

    def __init__(self, home: Path) -> None:
        self.warehouse = connect("duckdb", home=home)
        self.warehouse.ensure_tables()
        settings = load_settings({}, home=home)
        self.around = Surroundings(settings, self.warehouse, Writer(self.warehouse))

    def merge(self, table: str, rows: pd.DataFrame) -> None:
        self.around.writer.merge(table, rows, write_key=f"test/{table}", fence=Fence(1), run_id="test")

    def vectors(self, **changes: Any) -> None:
        self.merge(FEATURE_STORE, frame(FEATURE_STORE, [feature_row(n, **changes) for n in (1, 2)]))

    def check(self, **changes: Any) -> dict[str, Finding]:
        request = this_code().model_copy(update=changes)
        result = ActivityEnvironment().run(PredeployChecks(self.around).check_predeploy, request)
        return {finding.check: finding for finding in result.findings}


@pytest.fixture
def production(tmp_path: Path) -> Iterator[Production]:
    made = Production(tmp_path)
    model = trained(made.around.models)
    made.merge(MODELS, model.row)
    made.merge(DECISIONS, decisions(("bootstrap", model.artefact.model_id, "2025-11-05")))
    made.vectors()
    yield made
    made.warehouse.close()


def grown() -> dict[str, Any]:
    """The code with a 34th feature under the same version."""
    return {
        "feature_names": (*FEATURE_NAMES, "career_games"),
        "contract_checksum": "f" * 64,
        "contract_fault": "v2_33features: 34 features, frozen with 33; surplus: career_games",
    }


def test_code_that_fits_has_only_good_findings(production: Production) -> None:
    findings = production.check()
    assert {check: f.status for check, f in findings.items()} == dict.fromkeys(
        (
            "settings",
            "registry",
            "wiring",
            "contract_frozen",
            "champion_artefact",
            "champion_contract",
            "feature_store_version",
            "processors",
            "tables",
        ),
        "ok",
    )


def test_a_34th_feature_under_the_same_version_fails_against_contract_model_and_vectors(
    production: Production,
) -> None:
    findings = production.check(**grown())
    for check in ("contract_frozen", "champion_contract", "feature_store_version"):
        assert findings[check].status == "fail", check
        assert "career_games" in findings[check].observed, check
        assert findings[check].remedy, check


def test_a_frozen_entry_that_was_edited_along_with_the_features_is_found_out(production: Production) -> None:
    edited = production.check(**{**grown(), "contract_fault": ""})["contract_frozen"]
    assert (edited.status, "edited to 34" in edited.observed) == ("fail", True)
    assert edited.observed.endswith("surplus: career_games")
    findings = production.check(contract_checksum="f" * 64)
    assert findings["contract_frozen"].status == "fail"
    assert "edited" in findings["contract_frozen"].observed
    assert "the code has ffffffffffff" in findings["champion_contract"].observed


def test_another_version_needs_a_model_and_rewrites_the_vectors(production: Production) -> None:
    findings = production.check(feature_version="v3_34features", feature_names=(*FEATURE_NAMES, "new"))
    assert findings["champion_contract"].status == "fail"
    assert "trained under v2_33features" in findings["champion_contract"].observed
    assert findings["feature_store_version"].status == "warn"
    assert "will be rewritten" in findings["feature_store_version"].observed


def test_vectors_of_34_under_the_same_version_fail(production: Production) -> None:
    names = [*FEATURE_NAMES, "career_games"]
    production.around.writer.replace(
        FEATURE_STORE, frame(FEATURE_STORE, [feature_row(1, feature_names=names, features=[*vector(), 1.0])]),
        partitions=(DAY,), write_key="test/again", fence=Fence(2), run_id="test",
    )  # fmt: skip
    finding = production.check()["feature_store_version"]
    assert (finding.status, "has besides career_games" in finding.observed) == ("fail", True)


def test_a_damaged_artefact_fails_with_what_to_do(production: Production) -> None:
    file = next(production.around.models.glob("*/model.ubj"))
    file.write_bytes(b"torn")
    finding = production.check()["champion_artefact"]
    assert finding.status == "fail"
    assert file.parent.name in finding.observed
    assert "tipoff models train --system xgboost_v1" in finding.remedy


def test_without_a_champion_it_fails_and_says_how_to_get_one(tmp_path: Path) -> None:
    empty = Production(tmp_path)
    try:
        findings = empty.check()
    finally:
        empty.warehouse.close()
    assert findings["champion_contract"].status == "fail"
    assert findings["champion_contract"].remedy.startswith("tipoff models train --system xgboost_v1")
    assert findings["feature_store_version"].status == "ok"


def test_a_processor_that_ran_lately_and_is_gone_is_a_warning(production: Production) -> None:
    at = datetime(2025, 11, 7, 18, tzinfo=UTC)
    ran = [
        Transition(
            game_date=day, phase="raw", processor=name, state=PhaseState.COMPLETED, run_id="r", at=at
        )
        for day, name in (
            (DAY, "raw_schedule"), (DAY, "raw_gone"), (DAY, ""), (date(2025, 9, 1), "raw_forgotten"),
        )
    ]  # fmt: skip
    production.merge(PHASE_STATUS, pd.concat([status_rows((t,)) for t in ran], ignore_index=True))
    finding = production.check()["processors"]
    assert finding.status == "warn"
    assert finding.observed == "ran lately, no longer there: raw_gone"


def test_the_table_has_the_remedy_beside_each_finding_in_80_columns(
    production: Production, capsys: pytest.CaptureFixture[str]
) -> None:
    result = PredeployResult(findings=tuple(production.check(**grown()).values()))
    assert result.failed()
    Console(width=80).print(findings_table(result.findings))
    shown = capsys.readouterr().out
    assert max(map(len, shown.splitlines())) <= 80
    assert "career_games" in shown
    assert "version" in shown


def test_what_is_sent_is_this_code() -> None:
    sent = this_code()
    assert isinstance(sent, PredeployInput)
    assert sent.contract_fault == ""
    assert sent.feature_names == FEATURE_NAMES
    assert "ml_feature_store_v2" in {p.name for p in sent.processors}


def test_what_was_found_is_kept(production: Production) -> None:
    production.check(**grown())
    kept = production.warehouse.read("nba_orchestration.quality_results", equals={"checked_by": "predeploy"})
    status = dict(zip(kept["check_name"], kept["status"], strict=True))
    assert (status["contract_frozen"], status["tables"]) == ("fail", "pass")


@pytest.mark.parametrize(
    ("column", "status", "said"),
    [
        (TableColumn(name="height", type="FLOAT64"), "ok", "to be made: nba_raw.rosters.height"),
        (TableColumn(name="height", type="FLOAT64", required=True), "fail", "height is new and required"),
        (TableColumn(name="source", type="INT64"), "fail", "source is STRING, the DDL says INT64"),
    ],
)
def test_tables_on_which_the_code_could_not_start_forbid_it(
    production: Production, column: TableColumn, status: str, said: str
) -> None:
    rosters = next(table for table in this_code().tables if table.name == "nba_raw.rosters")
    others = tuple(c for c in rosters.columns if c.name != column.name)
    found = production.check(tables=(rosters.model_copy(update={"columns": (*others, column)}),))["tables"]
    assert found.status == status
    assert said in found.observed


def test_a_workflow_that_nobody_serves_is_named() -> None:
    assert list(unserved(w.__name__ for w in WORKFLOWS)) == []
    assert list(unserved(w.__name__ for w in WORKFLOWS[1:])) == [f"nobody serves {WORKFLOWS[0].__name__}"]


def test_settings_that_can_not_be_are_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIPOFF_WORKER_THREADS", "many")
    (settings,) = [finding for finding in own_findings() if finding.check == "settings"]
    assert settings.status == "fail"
    assert "TIPOFF_WORKER_THREADS" in settings.observed
