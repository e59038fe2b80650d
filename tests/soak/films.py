"""Films: phantoms of several sizes, each in another format, to be opened one after the other."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from tests.factories import (
    JPEG_2000_LOSSLESS,
    JPEG_LOSSLESS,
    JPEG_LS,
    RLE,
    write_dicom,
    write_jpeg,
    write_png,
    write_tiff,
)
from trainer.phantom import draw

HEIGHTS_PX: Final = (700, 900, 1100, 1300, 1000)


def write_films(folder: Path) -> list[Path]:
    """Write ten files; no two neighbours are of one size, and none of one format."""
    hands = [_hand(number, height_px) for number, height_px in enumerate(HEIGHTS_PX)]
    boy: dict[str, Any] = {"PatientSex": "M", "PatientBirthDate": "20100310", "StudyDate": "20200310"}
    girl: dict[str, Any] = {"PatientSex": "F", "PatientBirthDate": "20110704", "StudyDate": "20200310"}
    return [
        write_png(folder / "grey.png", hands[0]),
        write_dicom(folder / "plain.dcm", hands[1], **boy),
        write_jpeg(folder / "grey.jpg", hands[2]),
        write_dicom(folder / "inverse.dcm", hands[3], photometric="MONOCHROME1", **girl),
        write_png(folder / "deep.png", hands[4].astype(np.uint16) * 257),
        write_dicom(folder / "rle.dcm", hands[0], syntax=RLE, PatientID="one", **boy),
        write_tiff(folder / "deep.tif", hands[1].astype(np.uint16) * 257),
        write_dicom(folder / "lossless.dcm", hands[2], syntax=JPEG_LOSSLESS, PatientID="two", **girl),
        write_dicom(folder / "wavelet.dcm", hands[3], syntax=JPEG_2000_LOSSLESS, PatientID="one", **boy),
        write_dicom(folder / "near.dcm", hands[4], syntax=JPEG_LS, PatientID="two", **girl),
    ]


def _hand(number: int, height_px: int) -> npt.NDArray[np.uint8]:
    phantom = draw(age_months=60.0 + 25 * number, male=bool(number % 2), seed=number, height_px=height_px, plain=True)
    return phantom.pixels
