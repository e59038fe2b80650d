"""Archive: unpack chosen members of a zip file into one flat folder, safely. Every member's CRC is checked."""

from __future__ import annotations

import os
import shutil
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import Final

from trainer.download import CHUNK_BYTES, need_free
from trainer.errors import DataError, printable

MOST_MEMBERS: Final = 50_000
LARGEST_TOTAL_BYTES: Final = 48 << 30
USUAL: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
ENCRYPTED: Final = 0x1
MOST_SAID: Final = 80  # of what zipfile says, which quotes the archive

Choose = Callable[[str], str | None]
Progress = Callable[[int, int], None]


def unpack(
    archive: Path,
    folder: Path,
    choose: Choose,
    *,
    most_members: int = MOST_MEMBERS,
    largest_total_bytes: int = LARGEST_TOTAL_BYTES,
    progress: Progress | None = None,
) -> list[Path]:
    """Unpack the members that ``choose`` gives a file name, and return their files.

    ``choose`` is told the last part of a member's path. A file that is there already, the same to its CRC, is not
    written again, so that this can go on after a kill; each file is whole or not there. Raises DataError for an
    archive that is damaged, holds a link or a path that leads out, is encrypted, or is larger than the bounds.
    """
    with _opened(archive) as zipped:
        members = zipped.infolist()
        if len(members) > most_members:
            raise DataError(f"{archive.name} holds {len(members):,} files, more than {most_members:,}; not unpacked.")
        for member in members:
            _refuse_unsafe(archive, member)
        chosen = _chosen(archive, members, choose)
        total = sum(member.file_size for member in chosen.values())
        if total > largest_total_bytes:
            raise DataError(
                f"{archive.name} unpacks to {total:,} bytes, more than {largest_total_bytes:,}; not unpacked."
            )
        folder.mkdir(parents=True, exist_ok=True)
        missing = {name: member for name, member in chosen.items() if not _is_there(folder / name, member)}
        need_free(folder, sum(member.file_size for member in missing.values()))
        for index, (name, member) in enumerate(missing.items()):
            _write(zipped, member, folder / name)
            if progress:
                progress(len(chosen) - len(missing) + index + 1, len(chosen))
    return [folder / name for name in chosen]


@contextmanager
def _opened(archive: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(archive) as zipped:
            yield zipped
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, ValueError) as error:
        said = printable(str(error))[:MOST_SAID]
        raise DataError(
            f"{archive.name} is damaged or not a zip file ({said}). Delete it and download it again."
        ) from error
    except OSError as error:
        raise DataError(f"{archive.name} could not be unpacked: {error.strerror or error}.") from error


def _refuse_unsafe(archive: Path, member: zipfile.ZipInfo) -> None:
    name = member.filename
    path = PurePosixPath(name.replace("\\", "/"))
    leads_out = path.is_absolute() or ".." in path.parts or ":" in name
    kind = stat.S_IFMT(member.external_attr >> 16)
    if leads_out or kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise DataError(
            f"{archive.name} holds a link or a path that leads out of its folder ({name[:80]!r}); nothing of it is "
            "unpacked."
        )
    if member.flag_bits & ENCRYPTED:
        raise DataError(f"{archive.name} is encrypted and cannot be unpacked.")
    if member.compress_type not in USUAL:  # LZMA's would take as much memory as a few bytes of the file ask for
        raise DataError(f"{archive.name} is packed in an unusual way. Pack it again as a plain zip file.")


def _chosen(archive: Path, members: list[zipfile.ZipInfo], choose: Choose) -> dict[str, zipfile.ZipInfo]:
    chosen: dict[str, zipfile.ZipInfo] = {}
    for member in members:
        parts = PurePosixPath(member.filename.replace("\\", "/")).parts
        if member.is_dir() or not parts or "__MACOSX" in parts:
            continue
        name = choose(parts[-1])
        if name is None:
            continue
        if name in chosen:
            raise DataError(f"{archive.name} holds {name} twice; it is not the archive expected.")
        chosen[name] = member
    return chosen


def _is_there(path: Path, member: zipfile.ZipInfo) -> bool:
    if not path.is_file() or path.stat().st_size != member.file_size:
        return False
    crc = 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            crc = zlib.crc32(chunk, crc)
    return crc == member.CRC


def _write(zipped: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path) -> None:
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        # zipfile stops at the size that the directory states, and compares the CRC at the end.
        with zipped.open(member) as source, beside.open("wb") as target:
            shutil.copyfileobj(source, target, CHUNK_BYTES)
        beside.replace(path)
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
