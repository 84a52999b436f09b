"""A Google Cloud Storage bucket: what production keeps responses, models and published documents in.

Responses and models have a name of their own content or are written once; documents are replaced whole. So a
retry adds nothing.
"""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests
from google.api_core import exceptions as api
from google.auth import exceptions as auth
from google.cloud import storage
from google.cloud.storage import retry

from shared.errors import AuthenticationError, ConfigurationError, UpstreamUnavailable

URL = re.compile(r"gs://([a-z0-9][a-z0-9._-]{1,61}[a-z0-9])(?:/([A-Za-z0-9._/-]*))?")
SECONDS = 30.0


class Bucket:
    """A bucket, or what lies below a prefix of it. Credentials are Google's application default ones."""

    def __init__(self, url: str, client: Any = None) -> None:
        """Opens `gs://bucket[/prefix]`; nothing is asked yet.

        Raises:
            ConfigurationError: the URL is no bucket's.
            AuthenticationError: there are no credentials.
        """
        match = URL.fullmatch(url)
        if not match:
            msg = f"TIPOFF_OBJECTS: {url!r} is not gs://bucket or gs://bucket/prefix; correct or unset it"
            raise ConfigurationError(msg)
        self.url = url
        self._prefix = f"{match[2].strip('/')}/" if match[2] and match[2].strip("/") else ""
        with self._errors():
            self._bucket = (client or storage.Client(project=None)).bucket(match[1])

    def check(self) -> None:
        """Raises what stands in the way of using it: `ConfigurationError` if there is no such bucket."""
        with self._errors():
            # A listing needs no more than what is needed anyway; the bucket's own data would.
            list(self._bucket.list_blobs(max_results=1, prefix=self._prefix, timeout=SECONDS))

    def put(self, name: str, body: bytes) -> None:
        """Stores a body under a name that never changes its content; one that is there is left alone."""
        blob = self._bucket.blob(self._prefix + name)
        with self._errors():
            try:
                blob.upload_from_string(
                    body, content_type="application/octet-stream", if_generation_match=0, timeout=SECONDS
                )
            except api.PreconditionFailed:
                return

    def replace(self, name: str, body: bytes) -> None:
        """Puts a body in place of what is there under the name, if anything: readers see one or the other."""
        blob = self._bucket.blob(self._prefix + name)
        # Who reads it through a cache must not be shown the one before for an hour, which is the default.
        blob.cache_control = "no-cache"
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        with self._errors():
            # The same bytes twice are the same document: safe to send again.
            blob.upload_from_string(body, content_type=kind, timeout=SECONDS, retry=retry.DEFAULT_RETRY)

    def get(self, name: str) -> bytes | None:
        """The body under a name; None if there is none."""
        with self._errors():
            try:
                body: bytes = self._bucket.blob(self._prefix + name).download_as_bytes(
                    raw_download=True, timeout=SECONDS
                )
            except api.NotFound as error:
                if "bucket" in str(error).lower() and "does not exist" in str(error):
                    raise
                return None
        return body

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except api.NotFound as error:
            msg = f"TIPOFF_OBJECTS: there is no bucket {self.url}; make it: gcloud storage buckets create"
            raise ConfigurationError(msg) from error
        except (api.Unauthorized, api.Forbidden, auth.DefaultCredentialsError, auth.RefreshError) as error:
            msg = f"{self.url}: Google refused our credentials (roles/storage.objectUser is needed): {error}"
            raise AuthenticationError(msg) from error
        except (
            api.GoogleAPIError,
            auth.TransportError,
            requests.exceptions.RequestException,
            OSError,
        ) as error:
            raise UpstreamUnavailable(f"{self.url} does not answer: {error}") from error
