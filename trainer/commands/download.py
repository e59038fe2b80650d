"""``boneage download rsna DIR``: the public archives of the RSNA Pediatric Bone Age set, unpacked ready to train on."""

from __future__ import annotations

import argparse
import csv
import io
import re
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from trainer import rsna
from trainer.archive import unpack
from trainer.cases import read_cases
from trainer.download import SCHEMES, Wanted, fetch
from trainer.errors import DataError, printable
from trainer.whole_file import write_whole

ADDRESS: Final = "https://s3.amazonaws.com/east1.public.rsna.org/AI/2017/"
TERMS: Final = "Terms of the RSNA: research and education, not commercial; cite Halabi et al., Radiology 2019;290:498."
SHOW_EVERY_S: Final = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of the set: its archives, what to expect of them, and how many radiographs there are."""

    archives: tuple[str, ...]  # file names under ADDRESS; the first is the largest, and what --sha256 speaks of
    radiographs: int
    size: str

    @property
    def words(self) -> str:
        """What there is to come."""
        return f"{self.radiographs:,} radiographs, {self.size}"


PARTS: Final = {
    "training": Part(
        archives=("Bone+Age+Training+Set.zip", "Bone+Age+Training+Set+Annotations.zip"),
        radiographs=12_611,
        size="9.6 GB",
    ),
    "validation": Part(archives=("Bone+Age+Validation+Set.zip",), radiographs=1_425, size="1.1 GB"),
}
# Names of columns as the set's own tables have them, in small letters.
COLUMNS: Final = {
    "id": ("id", "image id", "case id"),
    "boneage": ("boneage", "bone age (months)"),
    "male": ("male", "sex"),
}
_PICTURE = re.compile(r"[0-9A-Za-z_-]{1,64}\.png", re.IGNORECASE)
_INNER = re.compile(r"boneage-[0-9A-Za-z_-]{1,64}\.zip", re.IGNORECASE)


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "download",
        help="download a public set of labelled radiographs",
        description="Download the public archives of the RSNA Pediatric Bone Age set and unpack them into DIR/training "
        f"and DIR/validation. Stopped, the same command goes on. {TERMS}",
    )
    parser.add_argument("data_set", choices=("rsna",), metavar="rsna", help="the RSNA Pediatric Bone Age set of 2017")
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument(
        "--part",
        choices=(*PARTS, "all"),
        default="training",
        help="; ".join(f"{name}: {part.words}" for name, part in PARTS.items()) + " (default: training)",
    )
    parser.add_argument(
        "--sha256",
        type=_sha256,
        metavar="HEX",
        help="what the archive of the radiographs must hash to; for one part",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Download, check, unpack."""
    names = list(PARTS) if options.part == "all" else [options.part]
    if options.sha256 and len(names) > 1:
        raise DataError("--sha256 belongs to one archive: name one part with --part.")
    print(TERMS, flush=True)
    try:
        for name in names:
            print(f"{name}: {PARTS[name].words}.", flush=True)
            folder = _get(options.folder, name, options.sha256)
            table = read_cases(folder)
            print(f"{len(table.cases):,} labelled radiographs in {folder}; {len(table.dropped):,} rows are not usable.")
            rows = len(table.cases) + len(table.dropped)
            if rows != PARTS[name].radiographs:
                print(
                    f"The set was published with {PARTS[name].radiographs:,} radiographs; this one lists {rows:,}.",
                    file=sys.stderr,
                )
    except KeyboardInterrupt:
        print("Stopped. The same command goes on from here.", file=sys.stderr)
        return 130
    print(f"Train on them with: boneage fit {options.folder / names[0]} --run-dir RUN")
    return 0


def _get(folder: Path, name: str, sha256: str | None) -> Path:
    """Bring one part to the disk; return the folder of its data set."""
    archives = []
    for index, archive in enumerate(PARTS[name].archives):
        path = folder / "archives" / archive.replace("+", "-")
        wanted = Wanted(url=ADDRESS + archive, sha256=None if index else sha256, schemes=SCHEMES)
        digest = fetch(wanted, path, progress=_shown(path.name))
        print(f"{path.name}: SHA-256 {digest}", flush=True)
        archives.append(path)
    try:
        return lay_out(archives, folder / name)
    except OSError as error:
        raise DataError(f"{folder / name} could not be written: {error.strerror or error}.") from error


def lay_out(archives: list[Path], folder: Path) -> Path:
    """Unpack archives of one part into the RSNA layout; the table comes last, so that it stands for a whole set.

    Raises DataError where an archive is damaged or unsafe, or where there is no table among them; OSError where
    the folder cannot be made.
    """
    pictures, tables = folder / rsna.FOLDER, []
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".unpacking-") as scratch:
        for archive in archives:
            unpack(archive, pictures, _picture, progress=_unpacked(archive.name))
            tables += unpack(archive, Path(scratch), _table)
            for inner in unpack(archive, Path(scratch), _inner):  # the validation set's are archives in an archive
                unpack(inner, pictures, _picture, progress=_unpacked(inner.name))
                inner.unlink()
        if not tables:
            raise DataError("The archives hold no table of ages; they are not the ones expected.")
        write_whole(folder / rsna.TABLE, _in_our_columns(tables[-1]))
    return folder


def _in_our_columns(path: Path) -> str:
    """Return a table of the set with the columns id, boneage, male. Raises DataError."""
    try:
        rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))
        heads = [head.strip().lower() for head in rows[0]]
        places = [next(heads.index(head) for head in COLUMNS[column] if head in heads) for column in rsna.COLUMNS]
        text = io.StringIO(newline="")
        writer = csv.writer(text)
        writer.writerow(rsna.COLUMNS)
        writer.writerows([row[place].strip() for place in places] for row in rows[1:] if row)
    except (OSError, ValueError, IndexError, StopIteration, csv.Error) as error:
        raise DataError(f"{printable(path.name)} is not the table of ages that was expected.") from error
    return text.getvalue()


def _picture(name: str) -> str | None:
    return name if _PICTURE.fullmatch(name) else None


def _table(name: str) -> str | None:
    return "table.csv" if name.lower().endswith(".csv") and not name.startswith(".") else None


def _inner(name: str) -> str | None:
    return name if _INNER.fullmatch(name) else None


def _shown(name: str) -> Callable[[int, int | None], None]:
    """Return a function that shows bytes and their rate every few seconds."""
    begun: list[float] = []

    def show(done: int, total: int | None) -> None:
        now = time.monotonic()
        if not begun:
            begun.extend((now, now, float(done)))
        if now - begun[1] < SHOW_EVERY_S:
            return
        begun[1] = now
        rate = (done - begun[2]) / max(now - begun[0], 1e-9) / 1e6
        of = f" of {total / 1e9:.2f}" if total else ""
        print(f"  {name}: {done / 1e9:.2f}{of} GB, {rate:.1f} MB/s", file=sys.stderr, flush=True)

    return show


def _unpacked(name: str) -> Callable[[int, int], None]:
    def show(done: int, total: int) -> None:
        if done % 1000 == 0:
            print(f"  {name}: {done:,} of {total:,} unpacked", file=sys.stderr, flush=True)

    return show


def _sha256(text: str) -> str:
    if not re.fullmatch(r"[0-9a-fA-F]{64}", text):
        raise argparse.ArgumentTypeError("a SHA-256 has 64 hexadecimal digits")
    return text.lower()
