"""Payloads encrypted before they leave this process: the Temporal server and its database hold no plaintext.

AES-256-GCM with a new nonce for each payload; the key's id stands beside it and is authenticated with it. The
first key encrypts, every key decrypts: a new one is put in front, and an old one is removed once no workflow
that it encrypted is kept any more. What is not encrypted is read as it is, so that keys can be switched on
while days are under way, and a plain `temporal workflow signal` still arrives.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from temporalio.api.common.v1 import Payload
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.converter import DataConverter, DefaultFailureConverterWithEncodedAttributes, PayloadCodec

from shared.errors import ConfigurationError

ENCODING = b"binary/encrypted"
CIPHER = b"AES-256-GCM"
NONCE_BYTES = 12
KEY_BYTES = 32
VARIABLE = "TIPOFF_PAYLOAD_KEYS"
_KEY_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


def parse_keys(text: str) -> dict[str, bytes]:
    """Keys by their ids, in the order given: `id:base64 id:base64`, separated by commas or white space.

    Raises:
        ConfigurationError: one is malformed or given twice; the message names its place, never its content.
    """
    keys: dict[str, bytes] = {}
    for number, one in enumerate(re.split(r"[,\s]+", text.strip()), start=1):
        key_id, _, encoded = one.partition(":")
        try:
            key = base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError):
            key = b""
        if not _KEY_ID.fullmatch(key_id) or len(key) != KEY_BYTES:
            msg = (
                f"{VARIABLE}: entry {number} is not ID:KEY with {KEY_BYTES} bytes in base64; "
                "make one with: openssl rand -base64 32"
            )
            raise ConfigurationError(msg)
        if key_id in keys:
            msg = f"{VARIABLE}: the id of entry {number} is given twice; each key has its own"
            raise ConfigurationError(msg)
        keys[key_id] = key
    return keys


class EncryptionCodec(PayloadCodec):
    """Encrypts with the first key, decrypts with whichever key a payload names."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        self._ciphers = {key_id: AESGCM(key) for key_id, key in keys.items()}
        self._first = next(iter(keys))

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Each payload as a whole, its metadata too."""
        return [self._encrypted(payload) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """What is encrypted decrypted, all else as it is.

        Raises:
            ConfigurationError: its key is not among ours, or is another one under the same id.
        """
        return [
            self._decrypted(payload) if payload.metadata.get("encoding") == ENCODING else payload
            for payload in payloads
        ]

    def _encrypted(self, payload: Payload) -> Payload:
        nonce, key_id = os.urandom(NONCE_BYTES), self._first.encode()
        sealed = self._ciphers[self._first].encrypt(nonce, payload.SerializeToString(), key_id)
        return Payload(
            metadata={"encoding": ENCODING, "encryption-cipher": CIPHER, "encryption-key-id": key_id},
            data=nonce + sealed,
        )

    def _decrypted(self, payload: Payload) -> Payload:
        key_id = payload.metadata.get("encryption-key-id", b"").decode(errors="replace")
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            msg = (
                f"{VARIABLE}: a payload was encrypted with the key {key_id!r}, which is not among ours "
                f"({', '.join(self._ciphers)}); add it behind them"
            )
            raise ConfigurationError(msg)
        nonce, sealed = payload.data[:NONCE_BYTES], payload.data[NONCE_BYTES:]
        try:
            opened = cipher.decrypt(nonce, sealed, key_id.encode())
        except InvalidTag:
            msg = f"{VARIABLE}: a payload does not open with the key {key_id!r}: another key, or damaged"
            raise ConfigurationError(msg) from None
        found = Payload()
        found.ParseFromString(opened)
        return found


def encrypting_converter(keys: Mapping[str, bytes]) -> DataConverter:
    """Our data converter with the codec; messages and stack traces of failures are encrypted as well."""
    return replace(
        pydantic_data_converter,
        payload_codec=EncryptionCodec(keys),
        failure_converter_class=DefaultFailureConverterWithEncodedAttributes,
    )
