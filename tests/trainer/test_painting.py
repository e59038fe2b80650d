"""Painting looks greys up in tables; the long way, pixel by pixel, comes to the same."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest

from trainer.augment import Drawn, apply


def _tinted_pixel_by_pixel(canvas: Any, hue: float, saturation: float) -> Any:
    from albumentations.augmentations.pixel import functional

    coloured = functional.shift_hsv(cv2.cvtColor(canvas, cv2.COLOR_GRAY2RGB), hue, saturation, 0.0)
    return cv2.cvtColor(coloured, cv2.COLOR_RGB2GRAY)


@pytest.mark.parametrize("width", [31, 32, 100, 224])
@pytest.mark.parametrize(("hue", "saturation"), [(5.0, 5.0), (-5.0, 3.2), (0.4, -5.0), (80.0, 120.0), (0.0, 9.9)])
def test_a_tint_is_the_same_by_table_and_pixel_by_pixel(hue: float, saturation: float, width: int) -> None:
    canvas = np.random.default_rng(4).integers(0, 256, (64, width), dtype=np.uint8)
    painted = apply(canvas, Drawn(values={"hue": hue, "saturation": saturation}, noise_seed=0))
    np.testing.assert_array_equal(painted, _tinted_pixel_by_pixel(canvas, hue, saturation))
