"""Pseudonyms: what stands in the place of identifiers, the same for the same; nothing turns them back."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from pathlib import Path
from typing import Final

from boneage_gui.clinic.secret_file import SECRET_BYTES, read_or_make
from trainer.errors import DataError

LEAST_SECRET_BYTES: Final = 16
_MOST_DAYS: Final = 3650


class Pseudonyms:
    """Keyed hashes. With a fresh secret nobody can link two exports; with one that is kept, they stay together."""

    def __init__(self, secret: bytes | None = None) -> None:
        """Use a secret, or a fresh one that is forgotten with this object."""
        self.secret = secret or secrets.token_bytes(SECRET_BYTES)

    def uid(self, uid: str) -> str:
        """Return another UID for a UID, made as PS3.5 B.2 has it; a fresh one for none."""
        number = int.from_bytes(self._hash("uid", uid)[:16], "big") if uid else secrets.randbits(128)
        return f"2.25.{number}"

    def patient(self, key: str) -> str:
        """Return a number for a patient, letters and digits."""
        return f"ANON-{self._hash('patient', key).hex()[:12].upper()}"

    def days_back(self, key: str) -> int:
        """Return by how many days a patient's dates are moved into the past: 1 to 3650."""
        return 1 + int.from_bytes(self._hash("days", key)[:8], "big") % _MOST_DAYS

    def _hash(self, kind: str, text: str) -> bytes:
        return hmac.new(self.secret, f"{kind}\0{text}".encode(errors="surrogatepass"), hashlib.sha256).digest()


def secret_of_file(path: Path) -> bytes:
    """Return the secret in a file, made for its owner alone where there is none. Raises DataError."""
    try:
        secret = read_or_make(path)
    except OSError as error:
        raise DataError(f"The key {path} cannot be used: {error.strerror}.") from error
    if len(secret) < LEAST_SECRET_BYTES:
        raise DataError(f"The key {path} is too short: it needs {LEAST_SECRET_BYTES} bytes or more.")
    return secret
