"""Whether a PNG file is whole: Pillow looks at no checksum of the picture's data, nor for the file's end."""

from __future__ import annotations

import struct
import zlib
from typing import BinaryIO, Final

MARK: Final = b"\x89PNG\r\n\x1a\n"
_CRITICAL: Final = (b"IHDR", b"PLTE", b"IDAT")
# Pillow takes chunks one by one: of millions of empty ones it reads for minutes. Few programs write less than 8 KB of
# a picture in each, which for the largest file makes 65,536.
_MOST_DATA_CHUNKS: Final = 100_000
_MOST_OTHER_CHUNKS: Final = 1_000
_PIECE_BYTES: Final = 1 << 20


def is_whole(file: BinaryIO) -> bool:
    """Say whether a PNG's chunks run to its end mark, as many as a picture needs, and the picture's are undamaged.

    The format: PNG Specification (Second Edition), 5.3.
    """
    file.seek(len(MARK))
    data_chunks = other_chunks = 0
    while data_chunks <= _MOST_DATA_CHUNKS and other_chunks <= _MOST_OTHER_CHUNKS:
        head = file.read(8)
        if len(head) < 8:
            return False
        length, kind = struct.unpack(">I4s", head)
        if kind == b"IEND":
            return True
        data_chunks += kind == b"IDAT"
        other_chunks += kind != b"IDAT"
        if kind not in _CRITICAL:
            file.seek(length + 4, 1)
            continue
        if _sum_of(file, length, kind) != file.read(4):
            return False
    return False


def _sum_of(file: BinaryIO, length: int, kind: bytes) -> bytes:
    """Return the checksum of a chunk, piece by piece: it may be as large as the file."""
    found = zlib.crc32(kind)
    for at in range(0, length, _PIECE_BYTES):
        found = zlib.crc32(file.read(min(_PIECE_BYTES, length - at)), found)
    return struct.pack(">I", found)
