"""Inbox: the folder of what was received, until it is read and after.

A file's name is the keyed hash of its content, the one that its reading is kept with: the same radiograph received
twice is one file, a reading finds its radiograph without an index, and nothing that was received ever becomes a path.
"""

from __future__ import annotations

import os
import secrets
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from boneage_gui.clinic.dicom_node.node import NodeError
from boneage_gui.clinic.dicom_node.receiver_settings import GIB
from trainer.whole_file import write_whole

SUFFIX: Final = ".dcm"
OWNER_ONLY: Final = 0o600
OWNER_FOLDER: Final = 0o700
LEAST_FREE_BYTES: Final = GIB  # of the disk, for everything else on this computer


class InboxFullError(NodeError):
    """No room for one more."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A file that holds no radiograph that could be read, and why."""

    path: Path
    sentence: str  # empty where somebody removed it


class Inbox:
    """Held by one program at a time; its methods may be called from any thread."""

    def __init__(
        self,
        folder: Path,
        name_of: Callable[[bytes], str],
        *,
        max_bytes: int = 20 * GIB,
        least_free_bytes: int = LEAST_FREE_BYTES,
    ) -> None:
        """Name the folder; ``name_of`` makes a file's name of its content."""
        self.folder, self.max_bytes, self.least_free_bytes = folder, max_bytes, least_free_bytes
        self._name_of = name_of
        self._waiting, self._kept, self._refused = (folder / name for name in ("received", "kept", "refused"))
        self._lock = threading.Lock()
        self._held = FileLock(folder / ".inbox.lock", thread_local=False)
        self._used_bytes = 0

    def open(self) -> None:
        """Take hold of the folder, making it, and clear away what was half done when a program ended.

        Raises NodeError where another program holds it, or it cannot be written to.
        """
        try:
            for folder in (self.folder, self._waiting, self._kept, self._refused):
                folder.mkdir(parents=True, exist_ok=True, mode=OWNER_FOLDER)
                folder.chmod(OWNER_FOLDER)
            self._held.acquire(timeout=0)
            for part in self.folder.rglob(".*.part"):
                part.unlink(missing_ok=True)
            for sentence in self._refused.glob("*.txt"):
                if not sentence.with_suffix(SUFFIX).exists():
                    sentence.unlink()
            self._used_bytes = sum(path.stat().st_size for path in self._files())
        except Timeout as error:
            raise NodeError(
                f"Another program receives radiographs into {self.folder}. Close it, or choose another folder."
            ) from error
        except OSError as error:
            raise NodeError(f"The inbox {self.folder} cannot be used: {error.strerror}.") from error

    def close(self) -> None:
        """Let go of the folder."""
        self._held.release()

    @property
    def used_bytes(self) -> int:
        """How much all files take."""
        return self._used_bytes

    def take_in(self, content: bytes) -> tuple[Path, bool]:
        """Keep a file's content; return its path, and whether it is new. When this returns it is on the disk.

        What was put aside is new when it comes again: its sentence may have asked for that. Raises InboxFullError, and
        OSError for a disk that fails.
        """
        name = self._name_of(content) + SUFFIX
        with self._lock:
            known, path = self._find(name), self._waiting / name
            if known is not None and known.parent == self._refused:
                known.touch()  # it is the newest again
                known.replace(path)
                _settle(path.parent)
                known.with_suffix(".txt").unlink(missing_ok=True)
                return path, True
            if known is not None:
                return known, False
            self._need_room(len(content))
            self._write(path, content)
            self._used_bytes += len(content)
        return path, True

    def waiting(self) -> list[Path]:
        """Return what was received and not yet read, the oldest first."""
        return _oldest_first(self._waiting)

    def keep(self, path: Path) -> Path:
        """Put a file that was read where its reading finds it again; return it."""
        return self._move(path, self._kept)

    def kept(self, radiograph_hash: str) -> Path | None:
        """Return the file of a radiograph by the hash that its reading has; None where there is none."""
        if not radiograph_hash.isalnum():
            return None
        return self._find(radiograph_hash + SUFFIX)

    def read_files(self) -> list[Path]:
        """Return the files that were read and are kept for their readings."""
        return sorted(_files_in(self._kept))

    def refuse(self, path: Path, sentence: str) -> Path:
        """Put a file aside that cannot be read, with the sentence that says why; return it."""
        aside = self._refused / path.name
        with _said(path):
            path.stat()  # of a file that is gone no sentence stays, and none takes the place of another
        write_whole(aside.with_suffix(".txt"), sentence + "\n")
        return self._move(path, self._refused)

    def refused(self) -> list[Refused]:
        """Return what was put aside, the oldest first."""
        return [Refused(path, _sentence_of(path)) for path in _oldest_first(self._refused)]

    def forget(self, path: Path) -> None:
        """Delete a file of the inbox, and the sentence with it. Raises NodeError."""
        if path.parent not in (self._waiting, self._kept, self._refused):
            raise NodeError(f"{path} does not lie in the inbox.")
        with self._lock, _said(path):
            size = path.stat().st_size
            path.unlink()
            self._used_bytes -= size
            path.with_suffix(".txt").unlink(missing_ok=True)

    def _find(self, name: str) -> Path | None:
        places = (folder / name for folder in (self._waiting, self._kept, self._refused))
        return next((path for path in places if path.is_file()), None)

    def _files(self) -> Iterator[Path]:
        for folder in (self._waiting, self._kept, self._refused):
            yield from _files_in(folder)

    def _need_room(self, size: int) -> None:
        if self._used_bytes + size > self.max_bytes:
            raise InboxFullError(f"The inbox {self.folder} is full. Remove radiographs that are no longer needed.")
        if shutil.disk_usage(self.folder).free - size < self.least_free_bytes:
            raise InboxFullError(f"The disk of the inbox {self.folder} is nearly full. Make room on it.")

    def _write(self, path: Path, content: bytes) -> None:
        """Write a file that is whole under its name or not there, through to the disk."""
        beside = path.with_name(f".{secrets.token_hex(8)}.part")
        try:
            descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(path)
            _settle(path.parent)
        finally:
            with suppress(OSError):
                beside.unlink(missing_ok=True)

    def _move(self, path: Path, folder: Path) -> Path:
        goal = folder / path.name
        if goal != path:
            with self._lock, _said(path):
                path.replace(goal)
                _settle(folder)
        return goal


@contextmanager
def _said(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise NodeError(f"The file {path.name} of the inbox cannot be moved or removed: {error.strerror}.") from error


def _oldest_first(folder: Path) -> list[Path]:
    return sorted(_files_in(folder), key=lambda path: (path.stat().st_mtime_ns, path.name))


def _sentence_of(path: Path) -> str:
    try:
        return path.with_suffix(".txt").read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def _files_in(folder: Path) -> list[Path]:
    return [path for path in folder.glob(f"*{SUFFIX}") if path.is_file()]


def _settle(folder: Path) -> None:
    """Let a renamed file survive a power cut, where the system has a way to say so."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
