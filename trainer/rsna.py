"""The layout of the RSNA Pediatric Bone Age set on the disk, in which data sets are read and phantoms written."""

from __future__ import annotations

from typing import Final

TABLE: Final = "boneage-training-dataset.csv"
FOLDER: Final = "boneage-training-dataset"  # beside the table; holds <id>.png
COLUMNS: Final = ("id", "boneage", "male")  # boneage in months; male is True or False
