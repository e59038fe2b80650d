"""Words inside compressed pictures: comments and application data go, the coded picture stays bit by bit."""

from __future__ import annotations

import struct
from typing import Final

from trainer.errors import RadiographError

RLE: Final = "1.2.840.10008.1.2.5"
_JPEG_2000: Final = "1.2.840.10008.1.2.4."  # and 90 upwards, below
_JPEG_START, _END = b"\xff\xd8", b"\xff\xd9"
_SCAN: Final = 0xDA
_JPEG_WORDS: Final = frozenset({0xFE, *range(0xE0, 0xF0)})  # comments, application data
_J2K_START: Final = b"\xff\x4f\xff\x51"
_TILE, _DATA, _TILE_LENGTHS, _COMMENT = 0xFF90, 0xFF93, 0xFF55, 0xFF64
_TILE_HEADER_BYTES: Final = 12


def without_words(frame: bytes, syntax: str, name: str) -> bytes:
    """Return a compressed frame without words in it. Raises RadiographError for a frame that is out of order.

    ITU-T T.81 B.2.4 (JPEG; JPEG-LS alike), T.800 annex A (JPEG 2000). RLE has no place for words.
    """
    if syntax == RLE:
        return frame
    try:
        cleaned = _jpeg_2000(frame) if _is_jpeg_2000(syntax) else _jpeg(frame)
    except (struct.error, IndexError):
        cleaned = None
    if cleaned is None:
        raise RadiographError(f"{name} holds compressed data that cannot be looked through; it was not exported.")
    return cleaned


def _is_jpeg_2000(syntax: str) -> bool:
    number = syntax.removeprefix(_JPEG_2000)
    return number.isdigit() and int(number) in {90, 91, 201, 202, 203}


def _jpeg(frame: bytes) -> bytes | None:
    end = frame.rfind(_END)
    if not frame.startswith(_JPEG_START) or end < 0:
        return None
    kept, at = [_JPEG_START], len(_JPEG_START)
    while frame[at] == 0xFF:
        code, (length,) = frame[at + 1], struct.unpack_from(">H", frame, at + 2)
        if code == _SCAN:
            return b"".join([*kept, frame[at : end + len(_END)]])
        if code not in _JPEG_WORDS:
            kept.append(frame[at : at + 2 + length])
        at += 2 + length
    return None


def _jpeg_2000(frame: bytes) -> bytes | None:
    begin, end = frame.find(_J2K_START), frame.rfind(_END)  # boxes of a JP2 file may lie around it
    if begin < 0 or end < begin:
        return None
    head, at = _segments(frame, begin + 2, until=_TILE)
    parts = [frame[begin : begin + 2], head]
    while at < end:
        code, _, index, length, part, count = struct.unpack_from(">HHHIBB", frame, at)
        if code != _TILE:
            return None
        length = length or end - at  # 0: the last one, up to the end
        own, data_at = _segments(frame, at + _TILE_HEADER_BYTES, until=_DATA)
        data = frame[data_at : at + length]
        whole = _TILE_HEADER_BYTES + len(own) + len(data)
        parts += [struct.pack(">HHHIBB", _TILE, 10, index, whole, part, count), own, data]
        at += length
    return b"".join([*parts, _END])


def _segments(frame: bytes, at: int, *, until: int) -> tuple[bytes, int]:
    """Return the segments from ``at`` to a marker without those that hold words, and where the marker stands.

    Lists of lengths of tiles are optional, and would be wrong afterwards.
    """
    kept: list[bytes] = []
    while True:
        code, length = struct.unpack_from(">HH", frame, at)
        if code == until:
            return b"".join(kept), at
        if code not in (_COMMENT, _TILE_LENGTHS):
            kept.append(frame[at : at + 2 + length])
        at += 2 + length
