"""Hand radiographs made by the program, bone age and sex known; no patient is in them."""

from __future__ import annotations

from trainer.phantom.dataset import write_dataset
from trainer.phantom.dicom_file import write_dicom
from trainer.phantom.drawing import Phantom, draw

__all__ = ["Phantom", "draw", "write_dataset", "write_dicom"]
