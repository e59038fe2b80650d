"""The only road from a radiograph's pixels to what a network sees.

Radiograph -> ``to_canvas`` -> Canvas (uint8[side, side]) -> ``to_input`` -> float32[1, network, network].
The canvas is also what previews show and what the training cache stores.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

from trainer.errors import ConfigError, RadiographError
from trainer.radiograph import Radiograph

Canvas = npt.NDArray[np.uint8]
Shift = tuple[float, float]

VERSION: Final = 1
MOST_ELONGATED: Final = 8  # longer side by shorter: beyond it, the padded square could outgrow the memory
NO_SHIFT: Final[Shift] = (0.0, 0.0)
# Local normalisation: width of the surroundings as a share of the side (about a metacarpal's width), the spread added
# so that empty background is not blown up to noise, and the limit of the result.
LOCAL_SHARE: Final = 0.06
LOCAL_FLOOR: Final = 0.02
LOCAL_LIMIT: Final = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Preprocessing:
    """How one model looks at radiographs; stored in its card.

    "fixed" normalisation takes ``mean`` off and divides by ``std``; "local" does so with the mean and spread of each
    pixel's own surroundings, so that exposure and collimation weigh little and the edges of bones much.

    ``mean`` and ``std`` are of grey levels scaled to 0..1; the defaults are ImageNet's, averaged over its
    channels.
    """

    version: int = VERSION
    aspect: Literal["pad", "squash"] = "pad"
    sampling: Literal["area", "nearest"] = "area"
    side_px: int = 224
    network_px: int = 224
    mean: float = 0.449
    std: float = 0.226
    normalisation: Literal["fixed", "local"] = "fixed"

    def __post_init__(self) -> None:
        """Refuse a value this program does not know, naming the field."""
        if self.version != VERSION:
            raise ConfigError(
                f"This model's preprocessing is version {self.version}; this program knows version {VERSION}."
            )
        if self.aspect not in ("pad", "squash"):
            raise ConfigError(f"aspect must be pad or squash, not {self.aspect!r}.")
        if self.normalisation not in ("fixed", "local"):
            raise ConfigError(f"normalisation must be fixed or local, not {self.normalisation!r}.")
        if self.sampling not in ("area", "nearest"):
            raise ConfigError(f"sampling must be area or nearest, not {self.sampling!r}.")
        for name in ("side_px", "network_px"):
            side = getattr(self, name)
            if not isinstance(side, int) or not 32 <= side <= 1024:
                raise ConfigError(f"{name} must be between 32 and 1024 pixels, not {getattr(self, name)}.")
        if not (0.0 <= self.mean <= 1.0 and 0.0 < self.std <= 1.0):
            raise ConfigError("mean must lie in 0 to 1 and std above 0 and up to 1.")

    def to_json(self) -> dict[str, Any]:
        """Return plain values for a card."""
        return asdict(self)


def to_canvas(radiograph: Radiograph, preprocessing: Preprocessing, *, shift: Shift = NO_SHIFT) -> Canvas:
    """Bring a radiograph to the model's canvas, uint8[side_px, side_px].

    ``shift`` (rows, columns) moves the sampling grid by that share of one step, -0.5 to 0.5; only "nearest"
    has a grid to move. With no shift, "squash" and "nearest", the result equals Pillow's ``resize(...,
    NEAREST)``, which is how the public 100-pixel copies of the RSNA set were made. Raises RadiographError for a
    strip, which no square could hold.
    """
    import cv2

    pixels = radiograph.pixels
    if max(pixels.shape) > MOST_ELONGATED * min(pixels.shape):
        raise RadiographError("The picture is a narrow strip, not a radiograph of a hand.")
    side = preprocessing.side_px
    if preprocessing.sampling == "nearest":
        return _sample_nearest(pixels, side=side, squash=preprocessing.aspect == "squash", shift=shift)
    grey = _to_grey_levels(pixels)
    if preprocessing.aspect == "pad":
        grey = _pad_to_square(grey)
    if grey.shape == (side, side):
        return grey
    height, width = grey.shape
    if min(height, width) < side < max(height, width):  # the longer side first, or it would be sampled, not averaged
        grey = np.asarray(cv2.resize(grey, (min(width, side), min(height, side)), interpolation=cv2.INTER_AREA))
    shrinks = min(grey.shape) >= side
    resized = cv2.resize(grey, (side, side), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
    return np.asarray(resized, dtype=np.uint8)


def to_input(canvas: Canvas, preprocessing: Preprocessing) -> npt.NDArray[np.float32]:
    """Normalise a canvas and scale it to the network's side: float32[1, network_px, network_px]."""
    import cv2

    side = preprocessing.network_px
    if preprocessing.normalisation == "local":
        normal = _local_contrast(canvas)
    else:
        normal = (canvas.astype(np.float32) / 255.0 - preprocessing.mean) / preprocessing.std
    if normal.shape != (side, side):
        shrinks = canvas.shape[0] > side
        resized = cv2.resize(normal, (side, side), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
        normal = np.asarray(resized, dtype=np.float32)
    return normal[None]


def sampling_shifts(radiograph: Radiograph, preprocessing: Preprocessing, *, per_side: int) -> list[Shift]:
    """List the grid shifts worth averaging over: ``per_side`` squared, spread evenly over one step.

    A radiograph no larger than the canvas, or an area-averaged one, has a single sampling: ``[NO_SHIFT]``.
    """
    larger = max(radiograph.pixels.shape) > preprocessing.side_px
    if preprocessing.sampling != "nearest" or not larger or per_side < 2:
        return [NO_SHIFT]
    offsets = [(step + 0.5) / per_side - 0.5 for step in range(per_side)]
    return [(row, column) for row in offsets for column in offsets]


def _sample_nearest(pixels: npt.NDArray[np.float32], *, side: int, squash: bool, shift: Shift) -> Canvas:
    height, width = pixels.shape
    extent_rows, extent_columns = (height, width) if squash else (max(height, width),) * 2
    rows = _grid(extent_rows, side, shift[0]) - (extent_rows - height) // 2
    columns = _grid(extent_columns, side, shift[1]) - (extent_columns - width) // 2
    inside_rows, inside_columns = (rows >= 0) & (rows < height), (columns >= 0) & (columns < width)
    canvas = np.zeros((side, side), dtype=np.uint8)
    canvas[np.ix_(inside_rows, inside_columns)] = _to_grey_levels(
        pixels[np.ix_(rows[inside_rows], columns[inside_columns])]
    )
    return canvas


def _grid(extent_px: int, side: int, shift: float) -> npt.NDArray[np.intp]:
    # Pillow adds the step up instead of multiplying, and rounding decides some pixels: so do we.
    step = extent_px / side
    first = step * 0.5 + shift * step
    positions = np.add.accumulate(np.concatenate(([first], np.full(side - 1, step))))
    return np.clip(np.floor(positions).astype(np.intp), 0, extent_px - 1)


def _local_contrast(canvas: Canvas) -> npt.NDArray[np.float32]:
    """Take off each pixel's local mean and divide by the local spread; limited, since a marker's edge is very sharp."""
    import cv2

    sigma_px = LOCAL_SHARE * canvas.shape[0]
    scaled = canvas.astype(np.float32) / 255.0
    detail = scaled - cv2.GaussianBlur(scaled, (0, 0), sigma_px)
    spread = np.sqrt(cv2.GaussianBlur(detail * detail, (0, 0), sigma_px)) + LOCAL_FLOOR
    return np.asarray(np.clip(detail / spread, -LOCAL_LIMIT, LOCAL_LIMIT), dtype=np.float32)


def _to_grey_levels(pixels: npt.NDArray[np.float32]) -> Canvas:
    import cv2

    return np.asarray(cv2.convertScaleAbs(pixels, alpha=255.0), dtype=np.uint8)


def _pad_to_square(grey: Canvas) -> Canvas:
    height, width = grey.shape
    side = max(height, width)
    top, left = (side - height) // 2, (side - width) // 2
    return np.pad(grey, ((top, side - height - top), (left, side - width - left)))
