"""Compares code that is about to be deployed with what production holds: models, vectors, processors."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, timedelta

import pandas as pd
from temporalio import activity

from activities.failures import as_application_errors
from activities.heartbeat import heartbeating
from activities.operations.decision_book import DECISIONS, MODELS
from activities.operations.models import TRAINABLE
from activities.operations.quality_book import outcomes_of, record
from activities.operations.status import PHASE_STATUS, RUN_HISTORY
from activities.predictions.artefacts import METADATA_FILE, load_artefact
from activities.predictions.champions import serving_decision
from activities.surroundings import Surroundings
from shared.clock import game_date_of, utc_now
from shared.errors import FeatureContractViolation, ModelIntegrityError, SchemaViolation
from shared.features import FEATURE_NAMES, FROZEN
from shared.names import PREDEPLOY_ACTIVITY
from shared.phases import PHASES
from shared.predeploy import Finding, FindingStatus, PredeployInput, PredeployResult
from warehouse.protocol import Warehouse
from warehouse.schema import Column, TableSchema, new_columns

FEATURE_STORE = "nba_predictions.ml_feature_store_v2"
RECENT_DAYS = 14
"""Processors that ran in so many days before the newest day on record count as in use."""

EVER = date(2200, 1, 1)
"""After every decision: whoever serves then is whom the next day will have."""

OWNER, DATASET = "predeploy", "code.checkout"
"""Not a table: what was checked is the code."""

NEW_VERSION = "give the features a new version; train and promote its model first"


def serving_model(warehouse: Warehouse, system: str) -> pd.Series | None:
    """The registered model of a system that the next day would be served by; None if there is none."""
    models = warehouse.read(MODELS, equals={"system_id": system})
    decision = serving_decision(models, warehouse.read(DECISIONS), system, EVER)
    if decision is None:
        return None
    return models.loc[(models["model_id"] == decision["model_id"]).to_numpy(dtype=bool)].iloc[-1]


class PredeployChecks:
    """The activity behind `tipoff predeploy`. It changes nothing, and keeps what it found."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._surroundings = surroundings

    @activity.defn(name=PREDEPLOY_ACTIVITY)
    def check_predeploy(self, request: PredeployInput) -> PredeployResult:
        """Every check's finding. A damaged model is a finding, never an error."""
        warehouse = self._surroundings.warehouse
        with as_application_errors(), heartbeating():
            findings = [*request.own_findings, contract_frozen(request)]
            for system in TRAINABLE:
                findings += self._champion(system, request)
            findings += [
                feature_store(warehouse, request),
                processors(warehouse, request),
                tables(warehouse, request),
            ]
            today = game_date_of(utc_now())
            record(
                self._surroundings,
                {OWNER: [(today, o) for o in outcomes_of(findings, DATASET)]},
                {OWNER: (today,)},
            )
        return PredeployResult(findings=tuple(findings))

    def _champion(self, system: str, request: PredeployInput) -> list[Finding]:
        row = serving_model(self._surroundings.warehouse, system)
        train = f"tipoff models train --system {system} --through <date>"
        if row is None:
            return [
                _finding("champion_contract", "fail", f"no {system} champion", "a champion", train),
            ]
        model_id, models = str(row["model_id"]), self._surroundings.models
        self._surroundings.fetch_models([model_id])
        try:
            load_artefact(models, model_id, str(row["checksum"]))
        except ModelIntegrityError as error:
            return [
                _finding(
                    "champion_artefact", "fail", str(error), "an artefact as registered",
                    f"restore {model_id} from a backup, or {train}",
                )
            ]  # fmt: skip
        except FeatureContractViolation as violation:
            # The bytes are as registered; it is the running worker's own contract that it does not fit.
            loaded = _finding(
                "champion_artefact", "warn", f"the running worker refuses it: {violation}", "it loads", train
            )
        else:
            loaded = _finding("champion_artefact", "ok", f"{model_id} loads", "it loads")
        served = json.loads((models / model_id / METADATA_FILE).read_text(encoding="utf-8"))["served"]
        fault = contract_difference(
            str(served["feature_version"]), served["feature_names"], str(served["contract_checksum"]), request
        )
        expected = f"{request.feature_version}, {len(request.feature_names)} features"
        contract = (
            _finding(
                "champion_contract", "fail", f"{model_id}: {fault}", expected, f"{train}, then promote it"
            )
            if fault
            else _finding("champion_contract", "ok", f"{model_id}: the same", expected)
        )
        return [loaded, contract]


def _finding(check: str, status: FindingStatus, observed: str, expected: str, remedy: str = "") -> Finding:
    return Finding(check=check, status=status, observed=observed, expected=expected, remedy=remedy)


def contract_frozen(request: PredeployInput) -> Finding:
    """Whether the code's contract is the frozen one, by its own word and by this worker's table.

    The second catches code that changed a version's features and its frozen entry along with them.
    """
    fault = request.contract_fault
    ours = FROZEN.get(request.feature_version)
    theirs = (len(request.feature_names), request.contract_checksum)
    if not fault and ours is not None and ours != theirs:
        besides = [name for name in request.feature_names if name not in FEATURE_NAMES]
        fault = (
            f"{request.feature_version} is {ours[0]} features, {ours[1][:12]} on the running worker; "
            f"the code's own table was edited to {theirs[0]}, {theirs[1][:12]}"
            + (f"; surplus: {', '.join(besides)}" if besides else "")
        )
    expected = f"{request.feature_version} as frozen"
    if fault:
        return _finding("contract_frozen", "fail", fault, expected, NEW_VERSION)
    return _finding("contract_frozen", "ok", f"{len(request.feature_names)} features", expected)


def contract_difference(version: str, names: Sequence[str], checksum: str, request: PredeployInput) -> str:
    """How a model's contract differs from the code's; empty if it does not."""
    if version != request.feature_version:
        return f"trained under {version}"
    difference = names_difference(names, request.feature_names)
    if difference:
        return difference
    if checksum != request.contract_checksum:
        return f"contract {checksum[:12]}, the code has {request.contract_checksum[:12]}"
    return ""


def names_difference(there: Sequence[str], wanted: Sequence[str]) -> str:
    """How the names that are there differ from the code's; empty if they do not."""
    if list(there) == list(wanted):
        return ""
    parts = [f"{len(there)} features"]
    for word, some, others in (("lacks", wanted, there), ("has besides", there, wanted)):
        extra = [name for name in some if name not in others]
        parts += [f"{word} {', '.join(extra)}"] if extra else []
    return "; ".join(parts) if len(parts) > 1 else "the same features in another order"


def feature_store(warehouse: Warehouse, request: PredeployInput) -> Finding:
    """Whether the newest vectors are the code's: another version is rewritten, another shape is a fault."""
    check, expected = (
        "feature_store_version",
        f"{request.feature_version}, {len(request.feature_names)} names",
    )
    newest = warehouse.query(f"SELECT MAX(game_date) AS newest FROM {FEATURE_STORE}")["newest"].iloc[0]
    if pd.isna(newest):
        return _finding(check, "ok", "no vectors yet", expected)
    day = pd.Timestamp(newest).date()
    rows = warehouse.read(
        FEATURE_STORE, columns=["feature_version", "feature_names", "feature_count"], dates=[day]
    )
    again = f"tipoff retrigger {day} --phase precompute --reason …"
    for row in rows.itertuples():
        if row.feature_version != request.feature_version:
            continue
        fault = names_difference(list(row.feature_names), request.feature_names)
        if not fault and row.feature_count != len(request.feature_names):
            fault = f"{row.feature_count} values"
        if fault:
            return _finding(
                check, "fail", f"{day}: {row.feature_version}, {fault}", expected,
                f"{NEW_VERSION}; or, if the rows are wrong, {again}",
            )  # fmt: skip
    others = sorted(set(rows["feature_version"]) - {request.feature_version})
    if others:
        return _finding(check, "warn", f"{day}: {', '.join(others)}; will be rewritten", expected, again)
    return _finding(check, "ok", f"{day}: {len(rows)} vectors", expected)


def processors(warehouse: Warehouse, request: PredeployInput) -> Finding:
    """Whether a processor that ran lately is missing from the code's registry."""
    sent = {p.name: p.path for p in request.processors}
    ran = _ran_lately(warehouse, PHASE_STATUS, "game_date") | _ran_lately(warehouse, RUN_HISTORY, "data_date")
    gone = sorted(ran - set(sent))
    expected = f"{len(sent)} processors"
    if gone:
        return _finding(
            "processors", "warn", f"ran lately, no longer there: {', '.join(gone)}", expected,
            "put it back under its name, or see that nothing reads its table",
        )  # fmt: skip
    here = {p.name: p.path for phase in PHASES for p in phase.processors}
    notes = [f"new: {name}" for name in sent if name not in here]
    notes += [f"moved: {name}" for name, path in sent.items() if here.get(name, path) != path]
    return _finding("processors", "ok", "; ".join(notes) or "none is missing", expected)


def tables(warehouse: Warehouse, request: PredeployInput) -> Finding:
    """Whether the code's worker could start on the live tables: what it can't add by itself forbids it."""
    faults, new = [], []
    for shape in request.tables:
        live = warehouse.live_table(shape.name)
        if live is None:
            new.append(shape.name)
            continue
        columns = tuple(Column(c.name, c.type, c.required, "") for c in shape.columns)
        schema = TableSchema(shape.name, columns, (), shape.partition, "", "")
        try:
            new += [f"{shape.name}.{column.name}" for column in new_columns(schema, live)]
        except SchemaViolation as violation:
            faults.append(str(violation))
        if live.has_partitions and live.partition != shape.partition:
            faults.append(f"{shape.name} is partitioned by {live.partition}, the DDL says {shape.partition}")
    expected = f"{len(request.tables)} tables that fit or can be made"
    if faults:
        return _finding(
            "tables", "fail", "; ".join(faults), expected,
            "add columns as nullable, and change no type: a worker of this code would not start",
        )  # fmt: skip
    return _finding("tables", "ok", f"to be made: {', '.join(new)}" if new else "all are there", expected)


def _ran_lately(warehouse: Warehouse, table: str, partition: str) -> set[str]:
    newest = warehouse.query(f"SELECT MAX({partition}) AS newest FROM {table}")["newest"].iloc[0]
    if pd.isna(newest):
        return set()
    since = pd.Timestamp(newest).date() - timedelta(days=RECENT_DAYS)
    names = warehouse.read(table, columns=["processor_name"], since=since)["processor_name"]
    return {str(name) for name in names if name}
