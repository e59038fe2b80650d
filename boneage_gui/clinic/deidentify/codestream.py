"""Words inside compressed pictures: comments and application data go, the coded picture stays bit by bit."""

from __future__ import annotations

import struct
from typing import Final

from trainer.errors import RadiographError

_JPEG_2000: Final = "1.2.840.10008.1.2.4."  # and 90 upwards, below
_JPEG_START, _END = b"\xff\xd8", b"\xff\xd9"
_SCAN, _END_CODE, _FILL = 0xDA, 0xD9, 0xFF
_RESTARTS: Final = range(0xD0, 0xD8)
# Frames, tables, number of lines, restart interval, JPEG-LS's frame and parameters: no comments, no application data.
_JPEG_KEPT: Final = frozenset({_SCAN, *range(0xC0, 0xC8), *range(0xC9, 0xD0), 0xDB, 0xDC, 0xDD, 0xF7, 0xF8})
_J2K_START: Final = b"\xff\x4f\xff\x51"
_TILE, _DATA = 0xFF90, 0xFF93
# Size, coding, quantisation, regions, progression, headers of packets, registration (T.800 table A.2, T.814 A.2): no
# comment, no list of lengths of tiles, which is optional and would be wrong afterwards, and nothing of a vendor's.
_J2K_KEPT: Final = frozenset(
    (0xFF50, 0xFF51, 0xFF52, 0xFF53, 0xFF56, 0xFF57, 0xFF58, 0xFF59, 0xFF5C, 0xFF5D, 0xFF5E, 0xFF5F)
) | {0xFF60, 0xFF61, 0xFF63}
_TILE_HEADER_BYTES: Final = 12


def without_words(frame: bytes, syntax: str, name: str) -> bytes:
    """Return a compressed frame without words in it. Raises RadiographError for a frame that is out of order.

    ITU-T T.81 B.2.4 (JPEG; JPEG-LS alike), T.800 annex A (JPEG 2000).
    """
    try:
        cleaned = _jpeg_2000(frame) if _is_jpeg_2000(syntax) else _jpeg(frame)
    except (struct.error, IndexError, ValueError):
        cleaned = None
    if cleaned is None:
        raise RadiographError(f"{name} holds compressed data that cannot be looked through; it was not exported.")
    return cleaned


def _is_jpeg_2000(syntax: str) -> bool:
    number = syntax.removeprefix(_JPEG_2000)
    return number.isdigit() and int(number) in {90, 91, 201, 202, 203}


def _jpeg(frame: bytes) -> bytes | None:
    """Keep frame, tables and scans up to the first end marker; what lies behind that is no picture."""
    if not frame.startswith(_JPEG_START):
        return None
    kept, at, scans = [_JPEG_START], len(_JPEG_START), 0
    while frame[at] == _FILL and frame[at + 1] != _END_CODE:
        code, (length,), begin = frame[at + 1], struct.unpack_from(">H", frame, at + 2), at
        at += 2 + length
        if code == _SCAN:
            at, scans = _end_of_scan(frame, at), scans + 1
        if code in _JPEG_KEPT:
            kept.append(frame[begin:at])
    return b"".join([*kept, _END]) if scans and frame[at] == _FILL else None


def _end_of_scan(frame: bytes, at: int) -> int:
    """Return where the first marker behind a scan stands; coded data have 0xFF too, then less than 0x80 behind it."""
    at = frame.index(_FILL, at)
    while not 0x80 <= frame[at + 1] < _FILL or frame[at + 1] in _RESTARTS:
        at = frame.index(_FILL, at + 1)
    return at


def _jpeg_2000(frame: bytes) -> bytes | None:
    """Keep main header and tile-parts up to the end marker, which coded data never hold (T.800 A.4.4)."""
    begin = frame.find(_J2K_START)  # boxes of a JP2 file may lie around it
    if begin < 0:
        return None
    head, at = _segments(frame, begin + 2, until=_TILE)
    parts = [frame[begin : begin + 2], head]
    while frame[at : at + len(_END)] != _END:
        code, _, index, length, part, count = struct.unpack_from(">HHHIBB", frame, at)
        if code != _TILE:
            return None
        own, data_at = _segments(frame, at + _TILE_HEADER_BYTES, until=_DATA)
        length = length or frame.index(_END, data_at) - at  # 0: the last one, up to the end
        data = frame[data_at : at + length]
        if _END in data:
            return None
        whole = _TILE_HEADER_BYTES + len(own) + len(data)
        parts += [struct.pack(">HHHIBB", _TILE, 10, index, whole, part, count), own, data]
        at += length
    return b"".join([*parts, _END])


def _segments(frame: bytes, at: int, *, until: int) -> tuple[bytes, int]:
    """Return the segments from ``at`` to a marker that a decoder needs, and where the marker stands."""
    kept: list[bytes] = []
    while True:
        code, length = struct.unpack_from(">HH", frame, at)
        if code == until:
            return b"".join(kept), at
        if code in _J2K_KEPT:
            kept.append(frame[at : at + 2 + length])
        at += 2 + length
