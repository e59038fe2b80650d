"""Shelf: the user's folder of what explanations need again, bounded, and checked when it is read. No picture of a
patient is in it: features of the user's cases, and pictures of phantoms.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from trainer.errors import DataError
from trainer.whole_file import write_whole

SUFFIX: Final = ".safetensors"
MOST_BYTES: Final = 256 << 20  # features of 12,611 cases are 13 MB, 200 phantoms 23 MB
_HASH: Final = "sha256"

Tensors = dict[str, npt.NDArray[Any]]


class Shelf:
    """Arrays by name, in one folder."""

    def __init__(self, folder: Path) -> None:
        """Keep things in this folder, which is made when it is needed."""
        self.folder = folder

    def find(self, name: str) -> Tensors | None:
        """Return what was kept under a name; None where there is nothing or it is not what was written."""
        from safetensors import SafetensorError, safe_open

        path = self._path(name)
        try:
            with safe_open(path, framework="np") as file:
                tensors = {key: np.asarray(file.get_tensor(key)) for key in file.keys()}  # noqa: SIM118
                whole = (file.metadata() or {}).get(_HASH) == _digest(tensors)
        except (OSError, SafetensorError, ValueError, TypeError):
            whole = False
        if not whole:
            with suppress(OSError):
                path.unlink(missing_ok=True)
            return None
        with suppress(OSError):
            os.utime(path)
        return tensors

    def keep(self, name: str, tensors: Tensors) -> None:
        """Keep arrays for the next time; what cannot be written is made again then."""
        from safetensors.numpy import save

        size = sum(value.nbytes for value in tensors.values())
        if size > MOST_BYTES:
            return
        content = save({key: np.ascontiguousarray(value) for key, value in tensors.items()}, {_HASH: _digest(tensors)})
        with suppress(DataError, OSError):
            self._make_room(len(content))
            write_whole(self._path(name), content)

    def _make_room(self, size: int) -> None:
        """Remove what was not used for longest, beyond the bound."""
        kept = sorted((path.stat().st_mtime, path.stat().st_size, path) for path in self.folder.glob(f"*{SUFFIX}"))
        total = size + sum(bytes_ for _, bytes_, _ in kept)
        for _, bytes_, path in kept:
            if total <= MOST_BYTES:
                return
            path.unlink(missing_ok=True)
            total -= bytes_

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}{SUFFIX}"


def _digest(tensors: Mapping[str, npt.NDArray[Any]]) -> str:
    digest = hashlib.sha256()
    for key in sorted(tensors):
        value = np.ascontiguousarray(tensors[key])
        digest.update(f"{key} {value.dtype} {value.shape}\n".encode())
        digest.update(value.reshape(-1).view(np.uint8).data)
    return digest.hexdigest()
