"""Where a developer's machine may have real radiographs. They are never in the repository; tests do without."""

from __future__ import annotations

import os
from pathlib import Path

FOLDER = Path(os.environ.get("BONEAGE_SHARED", Path(__file__).parents[2] / "shared")) / "data"
ORIGINALS = FOLDER / "rsna-sample"  # full-size PNG files and labels.csv
SMALL_COPIES = FOLDER / "rsna-100px.zip"
