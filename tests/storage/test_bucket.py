"""Responses and models in a bucket: Google's own client against HTTP, shared by several workers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from activities.bucket import Bucket
from activities.objects import BucketObjectStore, FolderObjectStore
from activities.predictions.artefacts import METADATA_FILE, MODEL_FILE
from activities.surroundings import Surroundings
from shared.config import load_settings
from shared.errors import AuthenticationError, ConfigurationError, DataNotReady, UpstreamUnavailable
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
