"""Parsing DICOM within bounds: pydicom takes as many elements, items and fragments as a file holds, hours of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO, Final, cast

from trainer.errors import RadiographError

if TYPE_CHECKING:
    from pydicom import Dataset
    from pydicom.dataset import FileMetaDataset

# An element takes two or three reads, a fragment of pixels as many. Headers of radiographs have some hundred elements,
# and 512 MB of pixels in fragments of 32 KB are 16,000.
_MOST_READS: Final = 100_000
_FILE_META_GROUP: Final = 0x0002


class TooManyPartsError(RadiographError):
    """More elements, items and fragments than any radiograph has."""


class _CountedFile:
    """A binary file that may be read from so many times."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        self._file, self._name = file, name
        self._left = _MOST_READS
        self.seek, self.tell = file.seek, file.tell

    def read(self, size: int = -1) -> bytes:
        self._left -= 1
        if self._left < 0:
            raise TooManyPartsError(
                f"{self._name} has more parts than any radiograph has: it is damaged, or made to do harm. "
                "Export it once more."
            )
        return self._file.read(size)


def parse(file: BinaryIO, name: str, **options: Any) -> Dataset:
    """Parse as ``pydicom.dcmread`` does, with its options.

    Raises TooManyPartsError, and whatever pydicom raises for damaged files.
    """
    from pydicom import dcmread

    return dcmread(_counted(file, name), **options)


def parse_explicit(file: BinaryIO, name: str) -> Dataset:
    """Parse a data set without a file's beginning, in explicit VR little endian. Raises as ``parse``."""
    from pydicom.filereader import read_dataset

    return read_dataset(_counted(file, name), is_implicit_VR=False, is_little_endian=True)


def file_meta(file: BinaryIO, name: str, *, force: bool = False) -> FileMetaDataset:
    """Return a file's meta information, group 2. Raises as ``parse``, and unless forced without DICOM's mark."""
    from pydicom.dataset import FileMetaDataset
    from pydicom.filereader import read_dataset, read_preamble

    read_preamble(file, force=force)
    elements = read_dataset(
        _counted(file, name),
        is_implicit_VR=False,
        is_little_endian=True,
        stop_when=lambda tag, vr, length: tag.group != _FILE_META_GROUP,
    )
    return FileMetaDataset(elements)


def _counted(file: BinaryIO, name: str) -> BinaryIO:
    return cast(BinaryIO, _CountedFile(file, name))
