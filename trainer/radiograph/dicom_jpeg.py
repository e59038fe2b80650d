"""What JPEG and JPEG-LS codestreams say of themselves, and whether JPEG is in order (ITU-T T.81 annex B).

Strict on purpose: GDCM ends the whole process (std::terminate) on codestreams that are merely odd. It gets to see
one frame, one scan and their tables, nothing else, and only after each of them was held against the standard.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np

_BASELINE, _EXTENDED, _LOSSLESS, _JPEG_LS = 0xC0, 0xC1, 0xC3, 0xF7
_HUFFMAN, _QUANTA, _RESTART, _SCAN = 0xC4, 0xDB, 0xDD, 0xDA
_LEFT_OUT = frozenset({0xF8, 0xFE, *range(0xE0, 0xF0)})  # JPEG-LS parameters, comments, application data
_PRECISIONS = {_BASELINE: (8,), _EXTENDED: (8, 12), _LOSSLESS: tuple(range(8, 17)), _JPEG_LS: tuple(range(8, 17))}
_START, _END = b"\xff\xd8", b"\xff\xd9"
_END_CODE = 0xD9
_RESTART_CODES = (0xD0, 0xD7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Codestream:
    """A compressed frame's own size, and the bytes to decode."""

    rows: int
    columns: int
    samples: int
    precision: int
    stream: bytes
    jpeg_ls: bool = False


def parse(frame: bytes, *, jpeg_ls: bool) -> Codestream | None:
    """Return the facts of one JPEG or JPEG-LS frame, its stream without what no decoder needs; None if unsound."""
    found = _walk(frame)
    return None if found is None or found.jpeg_ls is not jpeg_ls else found


def _walk(frame: bytes) -> Codestream | None:
    segments: list[tuple[int, bytes]] = []
    at = 2
    while frame[:2] == _START and at + 4 <= len(frame) and frame[at] == 0xFF:
        code, length = frame[at + 1], int.from_bytes(frame[at + 2 : at + 4], "big")
        segment = frame[at + 4 : at + 2 + length]
        if length < 2 or len(segment) != length - 2:
            return None
        at += 2 + length
        if code == _SCAN:
            return _finished(frame, segments, segment, frame[at:])
        segments.append((code, segment))
    return None


def _finished(frame: bytes, segments: list[tuple[int, bytes]], scan: bytes, entropy_coded: bytes) -> Codestream | None:
    frames = [(code, segment) for code, segment in segments if code in _PRECISIONS]
    if len(frames) != 1 or len(frames[0][1]) < 6:
        return None
    code, body = frames[0]
    precision, rows, columns, samples = struct.unpack_from(">BHHB", body)
    if precision not in _PRECISIONS[code] or len(body) != 6 + 3 * samples:
        return None
    stream = frame
    if code != _JPEG_LS and samples == 1:
        if not (_are_sound(segments, code) and _is_sound_scan(scan, body, segments) and _is_whole(entropy_coded)):
            return None
        kept = [*((each, part) for each, part in segments if each not in _LEFT_OUT), (_SCAN, scan)]
        stream = _START + b"".join(_segment(each, part) for each, part in kept) + entropy_coded
    return Codestream(
        rows=rows,
        columns=columns,
        samples=samples,
        precision=precision,
        stream=stream,
        jpeg_ls=code == _JPEG_LS,
    )


def _segment(code: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, code, len(body) + 2) + body


def _are_sound(segments: list[tuple[int, bytes]], frame_code: int) -> bool:
    """Hold every segment before the scan against its form."""
    checks = {_HUFFMAN: lambda body: bool(_huffman_tables(body)), _QUANTA: _are_quanta, _RESTART: _is_restart}
    for code, body in segments:
        if code not in _LEFT_OUT and code != frame_code and (code not in checks or not checks[code](body)):
            return False
    return True


def _is_restart(body: bytes) -> bool:
    return len(body) == 2


def _are_quanta(body: bytes) -> bool:
    at = 0
    while at < len(body):
        wide, table = body[at] >> 4, body[at] & 15
        if wide > 1 or table > 3:
            return False
        at += 1 + 64 * (1 + wide)
    return at == len(body) > 0


def _huffman_tables(body: bytes) -> set[int]:
    """Return class and number of each table, empty if one is unsound: its codes must fit their lengths."""
    tables, at = set(), 0
    while at + 17 <= len(body):
        counts = body[at + 1 : at + 17]
        room = sum(count << (16 - length) for length, count in enumerate(counts, start=1))
        if body[at] & 0xEC or not 0 < sum(counts) <= 256 or room >= 1 << 16:
            return set()
        tables.add(body[at])
        at += 17 + sum(counts)
    return tables if at == len(body) else set()


def _is_sound_scan(scan: bytes, frame: bytes, segments: list[tuple[int, bytes]]) -> bool:
    """Say whether the scan holds the frame's one component, with tables that are there."""
    if len(scan) != 6 or scan[0] != 1 or scan[1] != frame[6]:
        return False
    tables: set[int] = set().union(*(_huffman_tables(body) for code, body in segments if code == _HUFFMAN))
    steady, moving = scan[2] >> 4, scan[2] & 15
    first, last, approximation = scan[3:]
    if any(code == _LOSSLESS for code, _ in segments):
        return steady in tables and 1 <= first <= 7 and last == 0 and approximation < frame[0]
    quanta = any(code == _QUANTA for code, _ in segments)
    return {steady, moving | 16} <= tables and quanta and (first, last, approximation) == (0, 63, 0)


def _is_whole(entropy_coded: bytes) -> bool:
    """Say whether the data runs to the end mark with no other marker in it but restarts."""
    data = np.frombuffer(entropy_coded, np.uint8)
    after = data[np.flatnonzero(data[:-1] == 0xFF) + 1]
    low, high = _RESTART_CODES
    markers = after[(after != 0) & (after != 0xFF) & ((after < low) | (after > high))]
    return len(markers) >= 1 and bool((markers == _END_CODE).all())
