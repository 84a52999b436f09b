"""What workers share in a bucket: Google's own client against HTTP."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from activities.bucket import Bucket
from activities.objects import BucketObjectStore, FolderObjectStore
from activities.predictions.artefacts import METADATA_FILE, MODEL_FILE
from activities.publishing import published_documents
from activities.quality.stored_documents import documents
from activities.surroundings import Surroundings
from shared.config import load_settings
from shared.errors import (
    AuthenticationError,
    ConfigurationError,
    DataNotReady,
    SchemaViolation,
    UpstreamUnavailable,
)
from tests.predictions.tables import context, silent
from tests.publishing.test_published_documents import frames
from tests.storage.gcs import FakeStorage, fake_storage

BODY = b'{"a": 1}\r\n--x\x00' * 50


@pytest.fixture
def gcs(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeStorage]:
    """A storage that Google's client takes for Google's."""
    with fake_storage() as made:
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", f"http://127.0.0.1:{made.server_address[1]}")
        # Only one attempt: what is refused here stays refused.
        monkeypatch.setattr("google.cloud.storage.retry.DEFAULT_RETRY._timeout", 0.2)
        yield made


def around(home: Path, objects: str = "gs://tipoff/nba") -> Surroundings:
    nothing: Any = None
    return Surroundings(load_settings({}, home=home, objects=objects), nothing, nothing)


def test_a_folder_and_a_bucket_keep_the_same_bytes_under_the_same_path(
    gcs: FakeStorage, tmp_path: Path
) -> None:
    folder, bucket = FolderObjectStore(tmp_path), BucketObjectStore(Bucket("gs://tipoff/nba"))
    path = bucket.put("espn", BODY)
    assert path == folder.put("espn", BODY)
    assert gcs.buckets["tipoff"] == {f"nba/objects/{path}": (tmp_path / path).read_bytes()}
    assert bucket.get(path) == folder.get(path) == BODY
    assert bucket.put("espn", BODY) == path, "a retry finds it there"
    assert len(gcs.buckets["tipoff"]) == 1


def test_what_is_not_there_is_data_not_ready_as_in_a_folder(gcs: FakeStorage, tmp_path: Path) -> None:
    for store in (FolderObjectStore(tmp_path), BucketObjectStore(Bucket("gs://tipoff"))):
        with pytest.raises(DataNotReady, match="object espn/aa/x is not stored"):
            store.get("espn/aa/x")


def test_a_model_that_one_worker_made_is_there_for_another(gcs: FakeStorage, tmp_path: Path) -> None:
    maker, other = around(tmp_path / "maker"), around(tmp_path / "other")
    made = maker.models / "m1"
    made.mkdir(parents=True)
    (made / MODEL_FILE).write_bytes(BODY)
    (made / METADATA_FILE).write_text("{}")
    maker.keep_model("m1")
    maker.keep_model("m1")
    other.fetch_models(["m1", "never-kept"])
    assert (other.models / "m1" / MODEL_FILE).read_bytes() == BODY
    assert sorted(path.name for path in other.models.iterdir()) == ["m1"]
    gcs.refuses = 503
    other.fetch_models(["m1"])  # Asks for nothing that it has.


def test_documents_that_one_worker_publishes_another_checks_and_publishes_anew(
    gcs: FakeStorage, tmp_path: Path
) -> None:
    made, other = around(tmp_path / "made"), around(tmp_path / "other")
    bucket, given = gcs.buckets["tipoff"], frames()
    published = published_documents.process(context(exports=made.exports), given, silent).frame
    name = "nba/exports/2025-11-07/predictions.json"
    assert sorted(bucket) == ["nba/exports/2025-11-07/predictions.json", "nba/exports/latest.json"]
    assert hashlib.sha256(bucket[name]).hexdigest() == published["sha256"].iloc[0]
    assert made.exports.address(published["path"].iloc[0]) == f"gs://tipoff/{name}"

    def checked() -> str:
        rows = documents(published, other.exports, given["predictions"], given["withheld"])
        return str(rows["differences"].iloc[0])

    assert checked() == ""
    edited = json.loads(bucket[name])
    edited["games"][0]["players"][0]["systems"]["moving_average_v1"]["predicted_points"] += 0.01
    bucket[name] = json.dumps(edited).encode()
    assert "is not the file that was published" in checked()
    assert "predicted_points" in checked()
    earlier = frames(predictions=given["predictions"].head(0), withheld=given["withheld"].head(0))
    day = context(exports=other.exports, game_date=date(2025, 11, 6))
    assert published_documents.process(day, earlier, silent).facts["latest"] is False
    published_documents.process(context(exports=other.exports), given, silent)
    assert checked() == ""
    del bucket[name]
    assert checked() == f"gs://tipoff/{name} is not there"
    assert not (tmp_path / "made").exists()


def test_a_document_that_did_not_get_into_the_bucket_whole_moves_no_pointer(
    gcs: FakeStorage, tmp_path: Path
) -> None:
    gcs.loses_half = True
    with pytest.raises((SchemaViolation, ValueError), match="does not say what the warehouse says"):
        published_documents.process(context(exports=around(tmp_path).exports), frames(), silent)
    assert "nba/exports/latest.json" not in gcs.buckets["tipoff"]


def test_without_a_bucket_everything_stays_in_the_home(tmp_path: Path) -> None:
    home = around(tmp_path, objects="")
    assert isinstance(home.objects, FolderObjectStore)
    home.keep_model("m1")
    home.fetch_models(["m1"])
    assert not (tmp_path / "models").exists()


def test_each_refusal_has_its_word_and_its_remedy(gcs: FakeStorage) -> None:
    Bucket("gs://tipoff").check()
    with pytest.raises(ConfigurationError, match="gcloud storage buckets create"):
        Bucket("gs://missing").check()
    with pytest.raises(ConfigurationError, match="gcloud storage buckets create"):
        BucketObjectStore(Bucket("gs://missing")).get("espn/aa/x")
    gcs.refuses = 403
    with pytest.raises(AuthenticationError, match=r"roles/storage\.objectUser"):
        Bucket("gs://tipoff").put("a", b"")
    gcs.refuses = 503
    with pytest.raises(UpstreamUnavailable, match="does not answer"):
        Bucket("gs://tipoff").get("a")


@pytest.mark.parametrize("url", ["s3://b", "gs://", "gs://UPPER", "gs://b"])
def test_what_is_no_bucket_is_refused_by_name(url: str) -> None:
    with pytest.raises(ConfigurationError, match="TIPOFF_OBJECTS"):
        Bucket(url)
