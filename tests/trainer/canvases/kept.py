"""What is to be found in the cache of canvases."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np

from trainer.canvases import CanvasCache
from trainer.cases import Case
from trainer.preprocess import Preprocessing, to_canvas
from trainer.radiograph import read

LOOK: Final = Preprocessing(side_px=32, network_px=32)


def expect(cache: CanvasCache, cases: tuple[Case, ...], look: Preprocessing = LOOK) -> None:
    """Check every canvas against its picture."""
    assert cache.cases == cases
    assert cache.dropped == ()
    assert cache.canvases.shape == (len(cases), look.side_px, look.side_px)
    for case, canvas in zip(cases, cache.canvases, strict=True):
        np.testing.assert_array_equal(canvas, to_canvas(read(case.image_path), look))


def shelves(folder: Path) -> list[Path]:
    """Return the files of canvases."""
    return sorted(folder.glob("*.canvases"))
