"""Mutation: a file changed by chance, as damage and as malice change files."""

from __future__ import annotations

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Sequence
from typing import Final

LARGEST: Final = 4 << 20  # of what a mutation makes
EXTREMES: Final = (0, 1, 2, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFFFE, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000)
LENGTHS: Final = (*EXTREMES, 0xFFFFFFFE, 0xFFFFFFFF)
TOKENS: Final = (
    b"\xff\xff\xff\xff", b"\xfe\xff\x00\xe0\xff\xff\xff\xff", b"\xfe\xff\xdd\xe0\0\0\0\0", b"\xfe\xff\x0d\xe0\0\0\0\0",
    b"\xe0\x7f\x10\x00OB\0\0", b"\x28\x00\x10\x00US\x02\x00", b"SQ\0\0", b"UN\0\0\xff\xff\xff\xff", b"DICM",
    b"1.2.840.10008.1.2.1.99\0", b"1.2.840.10008.1.2.4.70", b"1.2.840.10008.1.2.4.90",
    b"\xff\xd8", b"\xff\xd9", b"\xff\xc0", b"\xff\xc4", b"\xff\xda", b"\xff\x4f\xff\x51",
    b"IHDR", b"IDAT", b"IEND", b"tRNS", b"PLTE", b"zTXt", b"iCCP", b"II*\0", b"MM\0*", b"PK\x03\x04", b"PK\x01\x02",
    b'""', b"\n", b"\r", b"\0", b",", b";", b"\t", b"[" * 2_000, b'{"a":' * 2_000, b"NaN", b"-Infinity", b"1e999",
    b"-1", b"9" * 400, b"null", b"true", b"[]", b"{}", b'"', b"\\ud800", b"\xed\xa0\x80", "\u202e".encode(),
    b"\x1b[2J", b"../../x", b"/etc/passwd", b"@Variant(\0\0\0\x7f", b"@ByteArray(", b"@Invalid()", b"%n%s", b"=1+1",
)  # fmt: skip


def mutated(data: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    """Return a file changed in one to eight places; archives and PNG are put in order again, half of the time."""
    if data.startswith(b"PK") and rng.random() < 0.6:
        return _inside_archive(data, others, rng)
    for _ in range(rng.choice((1, 1, 1, 2, 2, 3, 5, 8))):
        data = rng.choice(_WAYS)(data or b"\0", others, rng)[:LARGEST]
    return _with_sums(data) if data.startswith(b"\x89PNG") and rng.random() < 0.5 else data


def _flip(data: bytes, _others: Sequence[bytes], rng: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 8))):
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def _cut(data: bytes, _others: Sequence[bytes], rng: random.Random) -> bytes:
    return data[: rng.randrange(len(data))]


def _delete(data: bytes, _others: Sequence[bytes], rng: random.Random) -> bytes:
    at, size = _piece(data, rng)
    return data[:at] + data[at + size :]


def _double(data: bytes, _others: Sequence[bytes], rng: random.Random) -> bytes:
    at, size = _piece(data, rng)
    return data[: at + size] + data[at : at + size] * rng.choice((1, 1, 2, 300)) + data[at + size :]


def _length(data: bytes, _others: Sequence[bytes], rng: random.Random) -> bytes:
    """Overwrite what may be a length."""
    at = rng.randrange(len(data))
    kind, most = rng.choice((("<B", 0xFF), ("<H", 0xFFFF), (">H", 0xFFFF), ("<I", 1 << 32), (">I", 1 << 32)))
    number = struct.pack(kind, rng.choice([length for length in LENGTHS if length <= min(most, 0xFFFFFFFF)]))
    return data[:at] + number + data[at + len(number) :]


def _splice(data: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    other = rng.choice(others)
    return data[: rng.randrange(len(data))] + other[rng.randrange(max(1, len(other))) :]


def _token(data: bytes, _others: Sequence[bytes], rng: random.Random) -> bytes:
    at, token = rng.randrange(len(data)), rng.choice(TOKENS)
    return data[:at] + token + data[at + rng.choice((0, len(token))) :]


def _swap_numbers(data: bytes, _others: Sequence[bytes], rng: random.Random) -> bytes:
    """Put something else where a text has a number, a word or a text in quotes."""
    import re

    found = list(re.finditer(rb'"[^"\n]{0,60}"|-?\d+(?:\.\d+)?|true|false|null', data[: 1 << 16]))
    if not found:
        return _flip(data, (), rng)
    chosen = rng.choice(found)
    other = rng.choice((*TOKENS, rng.choice(found).group()))
    return data[: chosen.start()] + other + data[chosen.end() :]


_WAYS: Final = (_flip, _flip, _cut, _delete, _double, _length, _length, _splice, _token, _token, _swap_numbers)


def _piece(data: bytes, rng: random.Random) -> tuple[int, int]:
    at = rng.randrange(len(data))
    return at, rng.randrange(1, rng.choice((4, 16, 64, 4096)))


def _with_sums(png: bytes) -> bytes:
    """Correct the checksums of a PNG's chunks, so that its decoder looks further."""
    made, at = [png[:8]], 8
    while at + 12 <= len(png):
        (length,) = struct.unpack_from(">I", png, at)
        body = png[at + 4 : at + 8 + length]
        made.append(struct.pack(">I", length) + body + struct.pack(">I", zlib.crc32(body)))
        at += 12 + length
    return b"".join(made) + png[at:]


def _inside_archive(data: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    """Change one member of an archive or its name, and pack it again."""
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as target:
        chosen = rng.choice(source.namelist())
        for member in source.infolist():
            name, content = member.filename, source.read(member)
            if name == chosen and rng.random() < 0.1:
                name = rng.choice(("../../x.png", "/x.png", "C:x.png", "a\nb.png", "\u202egnp.csv", "x" * 300 + ".png"))
            elif name == chosen:
                content = rng.choice(_WAYS)(content or b"\0", [content or b"\0"], rng)[:LARGEST]
            target.writestr(name, content)
    return written.getvalue()
