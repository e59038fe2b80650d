"""Painting: apply what was drawn to a canvas. Pixels are moved and changed by albumentations."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from trainer.augment.drawing import Drawn

Canvas = npt.NDArray[np.uint8]


def apply(canvas: Canvas, drawn: Drawn) -> Canvas:
    """Paint what was drawn on a canvas; the shape stays, the argument is left alone."""
    values = drawn.values
    if values.get("flip", 0.0) >= 0.5:
        canvas = np.ascontiguousarray(canvas[:, ::-1])
    canvas = _move(canvas, values)
    canvas = _change_grey(canvas, values)
    canvas = _blur(canvas, values)
    canvas = _coarsen(canvas, values)
    canvas = _salt_and_pepper(canvas, values, drawn.noise_seed)
    canvas = _grain(canvas, values, drawn.noise_seed)
    canvas = _compress(canvas, values)
    return _tint(canvas, values)


_MOVES = (
    "rotation",
    "shear_x",
    "shear_y",
    "scale",
    "scale_x",
    "scale_y",
    "crop_x",
    "crop_y",
    "shift_x",
    "shift_y",
)


def _move(canvas: Canvas, values: Mapping[str, float]) -> Canvas:
    """Rotate, shear, scale and crop in one resampling, so that no step blurs what the next one moves."""
    if not any(name in values for name in _MOVES):
        return canvas
    import cv2

    geometric, _, _ = _albumentations()
    height, width = canvas.shape
    both = values.get("scale", 100.0) / 100.0
    scale_x, scale_y = (
        both * values.get("scale_x", 100.0) / 100.0,
        both * values.get("scale_y", 100.0) / 100.0,
    )
    # The crop is a window of the canvas's own size, somewhere in the scaled picture (or around a smaller one).
    translate = {
        "x": width * (values.get("crop_x", 0.0) * abs(scale_x - 1.0) / 2 + values.get("shift_x", 0.0) / 100.0),
        "y": height * (values.get("crop_y", 0.0) * abs(scale_y - 1.0) / 2 + values.get("shift_y", 0.0) / 100.0),
    }
    shear = {
        "x": math.degrees(math.atan(values.get("shear_x", 0.0) / 100.0)),
        "y": math.degrees(math.atan(values.get("shear_y", 0.0) / 100.0)),
    }
    matrix = geometric.create_affine_transformation_matrix(
        translate,
        shear,
        {"x": scale_x, "y": scale_y},
        values.get("rotation", 0.0),
        ((width - 1) / 2, (height - 1) / 2),
    )
    moved = geometric.warp_affine(canvas, matrix, cv2.INTER_LINEAR, 0, cv2.BORDER_CONSTANT, canvas.shape)
    return np.asarray(moved, dtype=np.uint8)


def _change_grey(canvas: Canvas, values: Mapping[str, float]) -> Canvas:
    if not any(name in values for name in ("contrast", "brightness", "gamma")):
        return canvas
    import cv2

    # One lookup table for all three: contrast about the canvas's own mean, then brightness, then gamma.
    levels = np.arange(256, dtype=np.float32)
    mean = float(canvas.mean())
    levels = (levels - mean) * (values.get("contrast", 100.0) / 100.0) + mean
    levels = np.clip(levels * (values.get("brightness", 100.0) / 100.0), 0, 255)
    levels = 255.0 * (levels / 255.0) ** (values.get("gamma", 100.0) / 100.0)
    table: Canvas = np.rint(levels).astype(np.uint8)
    return np.asarray(cv2.LUT(canvas, table), dtype=np.uint8)


def _blur(canvas: Canvas, values: Mapping[str, float]) -> Canvas:
    kernel_px = round(values.get("blur", 1.0)) | 1
    if kernel_px < 3:
        return canvas
    _, _, blur = _albumentations()
    return np.asarray(blur.box_blur(canvas, kernel_px), dtype=np.uint8)


def _salt_and_pepper(canvas: Canvas, values: Mapping[str, float], noise_seed: int) -> Canvas:
    share = values.get("salt_pepper", 0.0) / 100.0
    if share <= 0:
        return canvas
    _, pixel, _ = _albumentations()
    noise = np.random.default_rng(noise_seed).random(canvas.shape, dtype=np.float32)
    return np.asarray(pixel.apply_salt_and_pepper(canvas, noise < share / 2, noise > 1 - share / 2), dtype=np.uint8)


def _coarsen(canvas: Canvas, values: Mapping[str, float]) -> Canvas:
    share = values.get("resolution", 100.0) / 100.0
    if share >= 1:
        return canvas
    import cv2

    _, pixel, _ = _albumentations()
    return np.asarray(pixel.downscale(canvas, share, cv2.INTER_AREA, cv2.INTER_LINEAR), dtype=np.uint8)


def _grain(canvas: Canvas, values: Mapping[str, float], noise_seed: int) -> Canvas:
    spread = values.get("grain", 0.0) / 100.0
    if spread <= 0:
        return canvas
    _, pixel, _ = _albumentations()
    # The second stream of the seed: the first says where salt and pepper lie.
    noise = np.random.default_rng([noise_seed, 1]).standard_normal(canvas.shape, dtype=np.float32)
    grainy = pixel.add_noise(canvas.astype(np.float32) / 255, noise * np.float32(spread))  # clipped to 0..1
    return np.asarray(np.rint(grainy * 255), dtype=np.uint8)


def _compress(canvas: Canvas, values: Mapping[str, float]) -> Canvas:
    quality = round(values.get("compression", 100.0))
    if quality >= 100:
        return canvas
    _, pixel, _ = _albumentations()
    return np.asarray(pixel.image_compression(canvas[..., None], quality, ".jpg")[..., 0], dtype=np.uint8)


def _tint(canvas: Canvas, values: Mapping[str, float]) -> Canvas:
    """Shift hue and saturation of the grey picture as if it were RGB, and return its luminance."""
    hue, saturation = values.get("hue", 0.0), values.get("saturation", 0.0)
    if hue == 0 and saturation == 0:
        return canvas
    import cv2

    # Every pixel of one grey comes out alike: 256 of them are tinted, and the canvas looked up among them.
    _, pixel, _ = _albumentations()
    greys: Canvas = np.arange(256, dtype=np.uint8)[None]
    coloured = pixel.shift_hsv(cv2.cvtColor(greys, cv2.COLOR_GRAY2RGB), hue, saturation, 0.0)
    table = cv2.cvtColor(coloured, cv2.COLOR_RGB2GRAY)[0]
    return np.asarray(cv2.LUT(canvas, table), dtype=np.uint8)


def import_albumentations() -> None:
    """Import what paints, seconds the first time, for a caller that would rather wait now."""
    _albumentations()


def _albumentations() -> tuple[Any, Any, Any]:
    # Imported late: it takes seconds, and without the variable it asks the network for its newest version.
    os.environ.setdefault("NO_ALBUMENTATIONS_UPDATE", "1")
    from albumentations.augmentations.blur import functional as blur
    from albumentations.augmentations.geometric import functional as geometric
    from albumentations.augmentations.pixel import functional as pixel

    return geometric, pixel, blur
