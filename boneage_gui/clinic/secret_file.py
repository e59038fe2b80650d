"""Secret file: random bytes that are made once and kept for their owner alone."""

from __future__ import annotations

import errno
import os
import secrets
from pathlib import Path
from typing import Final

SECRET_BYTES: Final = 32
LONGEST_BYTES: Final = 4096
OWNER_ONLY: Final = 0o600


def read_or_make(path: Path) -> bytes:
    """Return the secret in a file, whatever its length; make it where there is none. Raises OSError."""
    if not path.exists():
        _write_once(path, secrets.token_bytes(SECRET_BYTES))
    if not path.is_file():  # a device has no end
        raise OSError(errno.EINVAL, "it is no file")
    with path.open("rb") as file:
        return file.read(LONGEST_BYTES)


def _write_once(path: Path, secret: bytes) -> None:
    """Write a file beside and link it into place: of two that start together one wins, wholly."""
    beside = path.with_name(f".{path.name}.{secrets.token_hex(8)}.part")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secret)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(beside, path)
        except FileExistsError:
            return
        except OSError:  # a file system without links
            if not path.exists():
                beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
