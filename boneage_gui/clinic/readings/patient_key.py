"""Patient keys: who a reading is of, as a hash that nobody can turn back without this computer's secret."""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path

from boneage_gui.clinic.reading import ReadingError
from boneage_gui.clinic.secret_file import SECRET_BYTES, read_or_make


class PatientKeys:
    """Makes keyed hashes with a secret that is made once and kept beside the readings, for its owner alone.

    A plain hash of a patient's number could be found by trying all numbers; this one cannot without the secret.
    """

    def __init__(self, path: Path, *, was_used: bool = False) -> None:
        """Read the secret, or make it unless readings were kept with it. Raises ReadingError."""
        self._secret = _secret(path, was_used=was_used)

    def of_patient(self, patient_key: str | None) -> str | None:
        """Return the hash of a patient; None for a patient that nobody knows."""
        return self._hash("patient", patient_key) if patient_key else None

    def of_radiograph(self, content: bytes) -> str:
        """Return the hash of a radiograph's content."""
        return self._hash("radiograph", hashlib.sha256(content).hexdigest())

    def _hash(self, kind: str, text: str) -> str:
        return hmac.new(self._secret, f"{kind}\0{text}".encode(), hashlib.sha256).hexdigest()


def _secret(path: Path, *, was_used: bool) -> bytes:
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if was_used and not path.exists():
            raise ReadingError(
                f"The key of the readings, {path}, is missing: without it neither a patient's earlier readings nor "
                "a radiograph's own are found. Put it back from a copy. If there is none, move all of "
                f"{path.parent} elsewhere and start again: the former stay whole there, and new ones begin."
            )
        secret = read_or_make(path)
    except OSError as error:
        raise ReadingError(f"The key of the readings, {path}, cannot be used: {error.strerror}.") from error
    if len(secret) != SECRET_BYTES:
        raise ReadingError(
            f"The key of the readings, {path}, is damaged. Put it back from a copy: without it earlier readings of a "
            "patient are not found."
        )
    return secret
