"""Pictures: the radiographs' files beside a table, found by the names that tables give them.

A file is found only where it was seen lying: in the folder of the pictures, at any depth. No text of a table is ever
opened as a path, so none can lead out of that folder.
"""

from __future__ import annotations

import os
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from trainer import rsna
from trainer.errors import DataError, printable
from trainer.radiograph import SUFFIXES, Identity, holds_dicom, read_identity

NO_PICTURE: Final = "no picture"
SEVERAL: Final = "several pictures"
OUTSIDE: Final = "picture outside the folder"
MOST_ENTRIES: Final = 500_000  # files and folders looked at; a data set of 12,611 cases has some 13,000
_DICOM_SUFFIXES: Final = (".dcm", ".dicom")
_NOT_LOOKED_INTO: Final = "__MACOSX"  # what a Mac puts into zip files beside the real thing


@dataclass(frozen=True, slots=True)
class _File:
    rank: int  # the lower, the nearer to where pictures are expected
    path: Path
    may_be_dicom: bool


class Pictures:
    """The picture files of a folder."""

    def __init__(self, table_folder: Path, pictures: Path | None = None) -> None:
        """Look into the folder: ``pictures``, else where the table lies. Raises DataError where that cannot be."""
        inner = table_folder / rsna.FOLDER
        self._root = pictures or table_folder
        # Kaggle's archive nests the folder in one of its own name.
        places = [pictures] if pictures else [inner, inner / rsna.FOLDER, table_folder]
        self._bases = [*places, table_folder]
        self._roots = {Path(os.path.abspath(self._root)), Path(os.path.realpath(self._root))}
        self._by_stem: defaultdict[str, list[_File]] = defaultdict(list)
        self._by_relative: defaultdict[str, list[_File]] = defaultdict(list)
        self._seen: set[Path] = set()
        self._walked = False
        self._by_header: defaultdict[str, list[Path]] | None = None
        self._identities: dict[Path, Identity | None] = {}
        try:
            there = not pictures or pictures.is_dir()
        except OSError as error:
            raise DataError(f"{printable(str(pictures))} cannot be looked into: {error.strerror}.") from error
        if not there:
            raise DataError(f"There is no folder of pictures at {pictures}.")
        for rank, place in enumerate(places):
            for path in _files(place):
                self._add(path, rank)

    def find(self, text: str) -> Path | str:
        """Return the one file that a text names, or why there is none.

        A text is a file's name or a path, with or without its ending. Among several of one name, those directly in
        the folder, or where the RSNA's layout has them, go before those deeper down.
        """
        text = text.replace("\\", "/")
        found = self._find(text) or (self._find(text) if self._walk() else [])
        if found:
            return _only(text, found)
        return OUTSIDE if "/" in text and not self._relatives(text) else NO_PICTURE

    def find_by_header(self, text: str) -> Path | str:
        """Return the one DICOM file whose header bears a text as SOPInstanceUID, AccessionNumber or PatientID."""
        if self._by_header is None:
            self._walk()
            self._by_header = defaultdict(list)
            for file in sorted({file.path for files in self._by_stem.values() for file in files if file.may_be_dicom}):
                identity = self.identity(file)
                for name in dict.fromkeys(identity.names if identity else ()):
                    self._by_header[name].append(file)
        found = self._by_header.get(text, [])
        if len(found) == 1:
            return found[0]
        return SEVERAL if found else NO_PICTURE

    def identity(self, path: Path) -> Identity | None:
        """Return what a picture's header says; None where it is no DICOM."""
        if path not in self._identities:
            other = path.suffix.lower() in SUFFIXES and path.suffix.lower() not in _DICOM_SUFFIXES
            self._identities[path] = None if other else read_identity(path)
        return self._identities[path]

    def _find(self, text: str) -> list[_File]:
        if "/" not in text:
            return self._by_stem.get(stem(_composed(text)), [])
        for relative in self._relatives(text):
            if found := self._by_relative.get(stem(_composed(relative))):
                return found
        return []

    def _relatives(self, text: str) -> list[str]:
        """Return what a path may be below the folder; nothing for one that leads out of it."""
        found = []
        for base in self._bases:
            path = Path(os.path.normpath(os.path.join(os.path.abspath(base), text)))
            found += [path.relative_to(root).as_posix() for root in self._roots if path.is_relative_to(root)]
        return found

    def _walk(self) -> bool:
        """Look into every folder below, once; say whether that was done now."""
        if self._walked:
            return False
        self._walked = True
        deepest = len(self._bases)
        for path in _files_below(self._root):
            self._add(path, deepest)
        return True

    def _add(self, path: Path, rank: int) -> None:
        if path in self._seen:
            return
        self._seen.add(path)
        suffix = path.suffix.lower()
        # An export of a PACS may have no ending, or digits for one.
        if suffix not in SUFFIXES and not holds_dicom(path):
            return
        file = _File(rank, path, may_be_dicom=suffix in _DICOM_SUFFIXES or suffix not in SUFFIXES)
        self._by_stem[stem(_composed(path.name))].append(file)
        self._by_relative[stem(_composed(path.relative_to(self._root).as_posix()))].append(file)


def stem(name: str) -> str:
    """Return a name or path without the ending of a picture; other endings are part of the name."""
    for suffix in SUFFIXES:
        if name.lower().endswith(suffix):
            return name[: -len(suffix)]
    return name


def _composed(name: str) -> str:
    """Write letters and their accents as one character each: macOS names files with two, tables have one."""
    return unicodedata.normalize("NFC", name)


def _only(text: str, found: list[_File]) -> Path | str:
    nearest = min(file.rank for file in found)
    files = [file.path for file in found if file.rank == nearest]
    name = text.rpartition("/")[2]
    same = [path for path in files if path.name == name]
    alike = [path for path in files if _composed(path.name) == _composed(name)]
    files = same or alike or [path for path in files if stem(path.name) == stem(name)] or files
    return files[0] if len(files) == 1 else SEVERAL


def _files(folder: Path) -> Iterator[Path]:
    """Yield the files directly in a folder, sorted; none where there is no folder."""
    if not folder.is_dir():
        return
    for entry in _entries(folder):
        if _is(entry.is_file):
            yield Path(entry.path)


def _files_below(root: Path) -> Iterator[Path]:
    """Yield the files at any depth, folder by folder. Links are followed, but no folder is entered twice."""
    waiting, entered, count = [root], set[tuple[int, int]](), 0
    while waiting:
        folder = waiting.pop()
        try:
            facts = os.stat(folder)
            if (facts.st_dev, facts.st_ino) in entered:
                continue
            entered.add((facts.st_dev, facts.st_ino))
            entries = _entries(folder)
        except (OSError, DataError):  # a folder that may not be looked into is no reason to give up the others
            continue
        folders = []
        for entry in entries:
            count += 1
            if count > MOST_ENTRIES:
                raise DataError(
                    f"{root} holds more than {MOST_ENTRIES:,} files and folders. Name the folder of the pictures "
                    "(--pictures)."
                )
            if _is(entry.is_dir):
                folders.append(Path(entry.path))
            elif _is(entry.is_file):
                yield Path(entry.path)
        waiting += reversed(folders)


def _is(kind: Callable[[], bool]) -> bool:
    """Ask an entry what it is; a link in a circle, or to where nobody may look, is nothing."""
    try:
        return kind()
    except OSError:
        return False


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            shown = [entry for entry in entries if not entry.name.startswith((".", _NOT_LOOKED_INTO))]
    except OSError as error:
        raise DataError(f"The folder {folder} cannot be looked into: {error.strerror}.") from error
    return sorted(shown, key=lambda entry: entry.name)
