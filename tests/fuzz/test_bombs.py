"""Named bombs: small files that ask for much. Each is read in a victim, whose time and memory are measured."""

from __future__ import annotations

import io
import os
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests import factories
from tests.fuzz.hunt import LONGEST_S, MOST_MB, Victim
from tests.fuzz.seeds.models import small_card, with_card
from tests.fuzz.seeds.radiographs import HAND
from tests.fuzz.targets import TARGETS

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the victim uses what only POSIX has")
DEPTH = 100_000
ITEM, UNDEFINED = b"\xfe\xff\x00\xe0\xff\xff\xff\xff", b"\xff\xff\xff\xff"


@pytest.fixture(scope="module")
def victim(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Victim]:
    """One process for all, as long as none ends it."""
    made = Victim(tmp_path_factory.mktemp("home"))
    yield made
    made.close()


def sequence(inside: bytes, depth: int) -> bytes:
    """Sequences in sequences, of undefined length."""
    return (b"\x40\x00\x75\x02SQ\0\0" + UNDEFINED + ITEM) * depth + inside


def dicom(body: bytes, syntax: str = factories.EXPLICIT) -> bytes:
    """A DICOM file of a picture, with something else before it."""
    meta = (
        b"\x02\x00\x10\x00UI"
        + struct.pack("<H", len(syntax) + len(syntax) % 2)
        + syntax.encode().ljust(len(syntax) + len(syntax) % 2, b"\0")
    )
    head = bytes(128) + b"DICM" + b"\x02\x00\x00\x00UL\x04\x00" + struct.pack("<I", len(meta)) + meta
    if syntax == factories.DEFLATED:
        packer = zlib.compressobj(1, zlib.DEFLATED, -zlib.MAX_WBITS)
        body = packer.compress(body) + packer.flush()
    return head + body


def picture(folder: Path) -> bytes:
    """The elements of a sound picture."""
    whole = factories.write_dicom(folder / "sound.dcm", HAND, bits=8).read_bytes()
    return whole[whole.index(b"\x08\x00\x16\x00UI") :]


def jpeg(width: int, height: int) -> bytes:
    """A JPEG that says how large it is, and little more."""
    sound = io.BytesIO()
    from PIL import Image

    Image.fromarray(HAND).save(sound, "JPEG")
    data = bytearray(sound.getvalue())
    at = data.index(b"\xff\xc0") + 5
    data[at : at + 4] = struct.pack(">HH", height, width)
    return bytes(data)


def png(width: int, height: int, *chunks: tuple[bytes, bytes], depth: int = 8) -> bytes:
    """A PNG that says how large it is; its pixels are all 0."""
    packer = zlib.compressobj(1)
    row = bytes(1 + width * depth // 8)
    pixels = b"".join(packer.compress(row * 100) for _ in range(height // 100)) + packer.flush()
    head = struct.pack(">IIBBBBB", width, height, depth, 0, 0, 0, 0)
    made = b"\x89PNG\r\n\x1a\n"
    for kind, body in ((b"IHDR", head), *chunks, (b"IDAT", pixels), (b"IEND", b"")):
        made += struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    return made


def tiff(width: int, height: int, *, again: int = 0) -> bytes:
    """A TIFF of one strip that says how large it is; ``again`` is where its next picture lies."""
    tags = ((256, 4, width), (257, 4, height), (258, 3, 8), (259, 3, 1), (262, 3, 1), (273, 4, 200), (279, 4, 10))
    entries = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in tags)
    return (b"II*\0\x08\0\0\0" + struct.pack("<H", len(tags)) + entries + struct.pack("<I", again)).ljust(210, b"\0")


def zeros_in_zip(name: str, size_mb: int) -> bytes:
    """An archive of one member of zeros."""
    written = io.BytesIO()
    with (
        zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as zipped,
        zipped.open(name, "w") as member,
    ):
        for _ in range(size_mb):
            member.write(bytes(1 << 20))
    return written.getvalue()


Make = Callable[[Path], bytes]
REFUSED: dict[str, tuple[str, Make]] = {
    "JPEG of 4 gigapixels": ("jpeg", lambda _: jpeg(65_500, 65_500)),
    "TIFF of 4 gigapixels": ("tiff", lambda _: tiff(1 << 31, 1 << 31)),
    "TIFF of a hundred megapixels without them": ("tiff", lambda _: tiff(10_000, 10_000)),
    "PNG whose words unpack to 200 MB": (
        "png",
        lambda _: png(100, 100, (b"zTXt", b"Comment\0\0" + zlib.compress(bytes(200 << 20), 1))),
    ),
    "DICOM that inflates to 400 MB": (
        "dicom",
        lambda folder: dicom(
            b"\x09\x00\x10\x10OB\0\0" + struct.pack("<I", 400 << 20) + bytes(400 << 20) + picture(folder),
            factories.DEFLATED,
        ),
    ),
    "DICOM with an element longer than its file": (
        "dicom",
        lambda _: dicom(b"\x09\x00\x10\x10OB\0\0\xf0\xff\xff\xff" + bytes(100)),
    ),
    "DICOM of undefined length without an end": (
        "dicom",
        lambda _: dicom(b"\x09\x00\x10\x10OB\0\0" + UNDEFINED + ITEM),
    ),
    "DICOM of sequences in sequences": ("dicom", lambda folder: dicom(sequence(picture(folder), DEPTH))),
    "DICOM in the preamble's TIFF": ("dicom", lambda _: tiff(8, 1)[:128].ljust(128, b"\0") + b"DICM" + bytes(50)),
    "CSV of a million columns": ("csv", lambda _: b"id,boneage" + b",x" * 1_000_000 + b"\n1,120\n"),
    "CSV of a million columns in its second row": ("csv", lambda _: b"id,boneage\n1,120" + b",x" * 1_000_000 + b"\n"),
    "CSV of one cell of 70 MB": ("csv", lambda _: b"id,boneage\n1," + b"9" * (70 << 20) + b"\n"),
    "CSV of one cell of 20 MB": ("csv", lambda _: b"id,boneage\n1," + b"9" * (20 << 20) + b"\n"),
    "CSV with a quote that never ends": ("csv", lambda _: b'id,boneage\n1,"' + b"x\n" * (5 << 20)),
    "Excel file of 300 MB": ("xlsx", lambda _: zeros_in_zip("xl/workbook.xml", 300)),
    "recipe nested deep": ("recipe", lambda _: b'{"name": "x", "steps": ' + b"[" * DEPTH),
    "config nested deep": ("config", lambda _: b'{"model":' * DEPTH),
    "address book nested deep": ("nodes", lambda _: b"[" * DEPTH),
    "model whose header is longer than it": ("model", lambda _: struct.pack("<Q", 1 << 62) + b"{}"),
    "model whose header is longer than it, a little": (
        "model",
        lambda _: struct.pack("<Q", 8 << 20) + b"{}" + bytes(50),
    ),
    "model whose card is nested deep": ("model", lambda _: with_card("[" * DEPTH)),
    "model of terabytes of weights": (
        "model",
        lambda _: with_card(small_card().to_json()).replace(b'"shape": [2, 2]', b'"shape": [9, 9e9]'),
    ),
}
READ: dict[str, tuple[str, Make]] = {
    "PNG of a hundred megapixels": ("png", lambda _: png(10_000, 10_000)),
    "TIFF whose next picture is itself": ("tiff", lambda _: tiff(8, 1, again=8)),
    "DICOM of very many elements": (
        "dicom",
        lambda folder: dicom(
            b"".join(struct.pack("<HHBBH", 9, 0x1000 + number % 0xE000, 76, 79, 0) for number in range(60_000))
            + picture(folder)
        ),
    ),
    "events nested deep": ("events", lambda _: b"[" * DEPTH + b"\n"),
    "evaluation nested deep": ("evaluation", lambda _: b'{"a":' * DEPTH),
    "settings with a value of 20 MB": ("settings", lambda _: b"[General]\nmodel=" + b"x" * (20 << 20)),
}


@pytest.mark.parametrize("name", [*REFUSED, *READ])
def test_a_bomb_takes_neither_long_nor_much(name: str, victim: Victim, tmp_path: Path) -> None:
    target, make = {**REFUSED, **READ}[name]
    room = tmp_path / "room"
    room.mkdir()
    path = room / TARGETS[target].file
    path.write_bytes(make(tmp_path))
    outcome = victim.read(target, path)
    assert outcome["kind"] == ("refused" if name in REFUSED else "read"), outcome
    assert outcome["spent_s"] < LONGEST_S
    assert outcome["peak_mb"] < MOST_MB
    assert outcome["elsewhere"] == []
