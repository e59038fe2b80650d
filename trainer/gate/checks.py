"""Plain checks of a radiograph's size, shape and exposure; no network is needed for them.

The limits of exposure stand apart from every one of the 11,313 radiographs of the 100-pixel RSNA copy, the darkest of
which span 7 % of the scale and are read all the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from trainer.gate.verdict import Check
from trainer.radiograph import OTHER_EXAMINATION, Radiograph
from trainer.radiograph.dicom_part import SAYS

LEAST_SIDE_PX: Final = 32
MOST_ELONGATED: Final = 8.0
LEAST_SPAN: Final = 0.04  # between the darkest and the brightest hundredth; least of the 11,313: 0.071
DARKEST: Final = 0.06  # of the brightest hundredth; darkest of the 11,313: 0.118
BRIGHTEST: Final = 0.94  # of the darkest hundredth; brightest of the 11,313: 0.498
MOST_WHITE: Final = 0.25  # of the middle; most of the 11,313: 0.067, of MedNIST's stretched copies: 0.106
_WHITE: Final = 0.996
_SAMPLED_PX: Final = 512


def shape_checks(radiograph: Radiograph) -> tuple[Check, ...]:
    """Check what must be right before a picture can be looked at: its kind, its size, that there is anything on it."""
    height, width = radiograph.pixels.shape
    least, elongation = min(height, width), max(height, width) / min(height, width)
    sample = _sample(radiograph)
    span = float(sample.max() - sample.min())
    other = _other_by_header(radiograph)
    return (
        Check(name="no radiograph of a hand by its header", value=other is not None, refusal=other),
        Check(
            name="shorter side, pixels",
            value=least,
            refusal=f"A picture of {width} × {height} pixels is too small to read a bone age from; both sides need "
            f"{LEAST_SIDE_PX} or more."
            if least < LEAST_SIDE_PX
            else None,
        ),
        Check(
            name="longer side by shorter",
            value=elongation,
            refusal="The picture is a narrow strip, not a radiograph of a hand."
            if elongation > MOST_ELONGATED
            else None,
        ),
        Check(
            name="span of all grey levels",
            value=span,
            refusal="The picture is one even grey: there is nothing on it to read a bone age from."
            if span == 0
            else None,
        ),
    )


def exposure_checks(radiograph: Radiograph) -> tuple[Check, ...]:
    """Check contrast, darkness, brightness and burnt-out bone."""
    sample = _sample(radiograph)
    low, high = (float(level) for level in np.percentile(sample, (1, 99)))
    white = float(np.mean(_middle(sample) >= _WHITE))
    return (
        Check(
            name="brightest hundredth",
            value=high,
            refusal=f"The picture is too dark to read (99 % of it lie in the darkest {high:.0%} of the scale). Export "
            "it again with a window that shows the bones."
            if high < DARKEST
            else None,
        ),
        Check(
            name="darkest hundredth",
            value=low,
            refusal=f"The picture is too bright to read (99 % of it lie in the brightest {1 - low:.0%} of the scale). "
            "Export it again with a window that shows the bones."
            if low > BRIGHTEST
            else None,
        ),
        Check(
            name="span of grey levels",
            value=high - low,
            refusal=f"The picture has almost no contrast (its grey levels span {high - low:.1%} of the scale). Export "
            "it again with a window that shows the bones."
            if high - low < LEAST_SPAN and high >= DARKEST and low <= BRIGHTEST
            else None,
        ),
        Check(
            name="white share of the middle",
            value=white,
            refusal=f"The hand is burnt out: {white:.0%} of the middle of the picture are pure white, where no bone "
            "can be told from another. Export it again with a wider window, or take it with less exposure."
            if white > MOST_WHITE
            else None,
        ),
    )


def refusals(checks: Sequence[Check]) -> tuple[str, ...]:
    """Return the sentences of the checks that failed."""
    return tuple(check.refusal for check in checks if check.refusal is not None)


def _other_by_header(radiograph: Radiograph) -> str | None:
    """Return the caution that says, by the file's header, that this is no radiograph of a hand."""
    return next(
        (caution for caution in radiograph.cautions if caution == OTHER_EXAMINATION or caution.startswith(SAYS)), None
    )


def _sample(radiograph: Radiograph) -> npt.NDArray[np.float32]:
    step = max(1, max(radiograph.pixels.shape) // _SAMPLED_PX)
    return radiograph.pixels[::step, ::step]


def _middle(sample: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    rows, columns = (side // 5 for side in sample.shape)
    return sample[rows : sample.shape[0] - rows, columns : sample.shape[1] - columns]
