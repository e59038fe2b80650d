"""Write phantoms as a data set in the layout of the RSNA Pediatric Bone Age set, as PNG or DICOM."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from PIL import Image

from trainer import rsna
from trainer.errors import DataError
from trainer.phantom.dicom_file import write_dicom
from trainer.phantom.drawing import draw

FIRST_ID = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """One row of the table before it is drawn."""

    case_id: int
    age_months: int
    male: bool
    seed: int


def write_dataset(
    folder: Path,
    *,
    count: int,
    seed: int = 0,
    low_months: float = 12,
    high_months: float = 216,
    file_format: Literal["png", "dicom"] = "png",
    height_px: int = 1000,
) -> Path:
    """Write ``count`` phantoms, ages spread evenly between the two ends; returns the folder.

    The folder then holds ``boneage-training-dataset.csv`` (id, boneage in whole months, male) and
    ``boneage-training-dataset/<id>.png`` or ``.dcm``. Same arguments, same files. Raises DataError where the
    numbers make no sense or the folder holds a data set already.
    """
    if count < 1:
        raise DataError(f"A data set needs at least one phantom, not {count}.")
    if not 0 <= low_months <= high_months <= 240:
        raise DataError("Choose ages between 0 and 240 months, the lower one first.")
    table = folder / rsna.TABLE
    if table.exists():
        raise DataError(f"{folder} holds a data set already. Choose an empty folder.")
    pictures = folder / rsna.FOLDER
    pictures.mkdir(parents=True, exist_ok=True)
    rows = []
    for entry in _entries(count, seed, low_months, high_months):
        phantom = draw(age_months=entry.age_months, male=entry.male, seed=entry.seed, height_px=height_px)
        if file_format == "dicom":
            write_dicom(pictures / f"{entry.case_id}.dcm", phantom, case_id=entry.case_id)
        else:
            Image.fromarray(phantom.pixels).save(pictures / f"{entry.case_id}.png")
        rows.append((entry.case_id, entry.age_months, entry.male))
    with table.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(rsna.COLUMNS)
        writer.writerows(rows)
    return folder


def _entries(count: int, seed: int, low_months: float, high_months: float) -> Iterator[_Entry]:
    """Ages on an even grid with jitter, in random order; sexes alternate before the shuffle."""
    rng = np.random.default_rng([seed, 2017])
    places = (np.arange(count) + rng.uniform(0, 1, count)) / count
    ages = np.round(low_months + places * (high_months - low_months)).astype(int)
    order = rng.permutation(count)
    seeds = rng.integers(0, 2**31, count)
    for step, index in enumerate(order):
        yield _Entry(case_id=FIRST_ID + step, age_months=int(ages[index]), male=bool(index % 2), seed=int(seeds[step]))
