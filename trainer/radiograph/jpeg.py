"""Whether a JPEG is whole: decoders pass over damage in silence and show grey or another picture in its place."""

from __future__ import annotations

import re
from typing import Final

MARK: Final = b"\xff\xd8\xff"
_START_OF_SCAN: Final = 0xDA
# Pillow takes the segments before the picture one by one, in minutes where they are millions; each scan is one more
# pass over all of the picture. A progressive JPEG has about ten.
_MOST_SEGMENTS: Final = 1_000
_MOST_SCANS: Final = 100
# Some cameras and converters leave a few bytes behind the picture; where data is damaged it is hundreds, or too few.
_HARMLESS: Final = re.compile(r"Corrupt JPEG data: \d extraneous bytes before marker")


def is_modest(stream: bytes) -> bool:
    """Say whether a JPEG has no more segments and scans than a picture needs."""
    return _has_few_segments(stream) and stream.count(b"\xff\xda") <= _MOST_SCANS


def is_whole(stream: bytes) -> bool:
    """Say whether libjpeg decodes a JPEG of 8 bits, lossless too, without a complaint: its data there and in order."""
    import simplejpeg

    try:
        simplejpeg.decode_jpeg(stream, colorspace="GRAY", strict=True)
    except ValueError as complaint:
        return _HARMLESS.match(str(complaint)) is not None
    return True


def _has_few_segments(stream: bytes) -> bool:
    at = 2
    for _ in range(_MOST_SEGMENTS):
        code = stream[at + 1 : at + 2]
        if stream[at : at + 1] != b"\xff" or not code or code[0] == _START_OF_SCAN:
            return True  # the picture begins, or the decoder says what is wrong
        filling = code == b"\xff"
        at += 1 if filling else 2 + int.from_bytes(stream[at + 2 : at + 4], "big")
    return False
