"""Pictures: the collections the gate learns from, split into three parts before anything is done to a picture."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from trainer.cases import read_cases
from trainer.errors import DataError, RadiographError
from trainer.gate.making.wear import Levels
from trainer.phantom import draw
from trainer.radiograph import read
from trainer.split import PARTS, Part

HANDS_FILE: Final = "Hand.zip"
STRANGERS: Final = ("CXR", "ChestCT", "AbdomenCT", "HeadCT", "BreastMRI")
LARGEST_PX: Final = 128
PHANTOMS: Final = {"training": 500, "validation": 100, "test": 200}
PHANTOM_HEIGHT_PX: Final = 160
_ALIKE_PX: Final = 24
_BLOCK: Final = 50  # files in a row of one scan: neighbouring slices stay in one part


@dataclass(frozen=True, slots=True, kw_only=True)
class Pictures:
    """What one part may use: small pictures, uint8[height, width], by where they come from."""

    radiographs: Sequence[Levels]  # labelled hands, the bone age data set's own
    mednist_hands: Sequence[Levels]
    phantoms: Sequence[Levels]
    strangers: Mapping[str, Sequence[Levels]]

    @property
    def hands(self) -> list[Levels]:
        """All real hands."""
        return [*self.radiographs, *self.mednist_hands]

    def counts(self) -> dict[str, int]:
        """How many there are of each."""
        named = {"radiographs": self.radiographs, "MedNIST hands": self.mednist_hands, "phantoms": self.phantoms}
        return {name: len(found) for name, found in {**named, **self.strangers}.items()}


def read_pictures(data: Path, mednist: Path, *, held_out: Sequence[Path], seed: int) -> dict[Part, Pictures]:
    """Read both collections and split them 80 / 10 / 10 by ``seed``. Raises DataError.

    MedNIST's hands are copies of the same radiographs without their ids (most agree with one of the 100-pixel copies
    to a correlation of 0.98 and more at 24 pixels). So each goes to the part of the radiograph that it is most like,
    and those most like one of the ``held_out`` originals are tested on: none is trained on under another name.
    """
    rng = np.random.default_rng([seed, 1895])
    radiographs = [_small(path) for path in _paths_of(data)]
    parts = _drawn_parts(len(radiographs), rng)
    originals = [_small(path) for path in held_out]
    hands = _from_zip(mednist / HANDS_FILE)
    known = [*radiographs, *originals]
    known_parts = [*parts, *(["test"] * len(originals))]
    hand_parts = [known_parts[index] for index in _most_alike(hands, known)]
    others = {name: _from_zip(mednist / f"{name}.zip") for name in STRANGERS}
    other_parts = {name: _parts_of_blocks(len(found), rng) for name, found in others.items()}
    return {
        part: Pictures(
            radiographs=_of(part, radiographs, parts),
            mednist_hands=_of(part, hands, hand_parts),
            phantoms=_phantoms(PHANTOMS[part], seed=seed * len(PARTS) + PARTS.index(part)),
            strangers={name: _of(part, found, other_parts[name]) for name, found in others.items()},
        )
        for part in PARTS
    }


def _paths_of(data: Path) -> list[Path]:
    return [case.image_path for case in read_cases(data).cases]


def _small(path: Path) -> Levels:
    try:
        pixels = read(path).pixels
    except RadiographError as error:
        raise DataError(f"The gate cannot be trained: {error}") from error
    share = LARGEST_PX / max(pixels.shape)
    if share < 1:
        size = (max(1, round(pixels.shape[1] * share)), max(1, round(pixels.shape[0] * share)))
        pixels = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), dtype=np.float32)
    return np.asarray(np.rint(np.clip(pixels, 0.0, 1.0) * 255.0), dtype=np.uint8)


def _from_zip(path: Path) -> list[Levels]:
    """Return the pictures of one of MedNIST's archives, in the order of their names."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = sorted(name for name in archive.namelist() if name.lower().endswith((".jpeg", ".jpg", ".png")))
            found = [cv2.imdecode(np.frombuffer(archive.read(name), np.uint8), cv2.IMREAD_GRAYSCALE) for name in names]
    except (OSError, zipfile.BadZipFile) as error:
        raise DataError(f"{path} cannot be read; the gate needs MedNIST's {path.name}.") from error
    pictures = [np.asarray(picture, dtype=np.uint8) for picture in found if picture is not None]
    if not pictures:
        raise DataError(f"{path} holds no pictures.")
    return pictures


def _phantoms(count: int, *, seed: int) -> list[Levels]:
    rng = np.random.default_rng([seed, 1967])
    seeds, ages = rng.integers(0, 2**31, count), rng.uniform(6, 222, count)
    found = []
    for index in range(count):
        phantom = draw(
            age_months=float(ages[index]),
            male=bool(index % 2),
            seed=int(seeds[index]),
            height_px=PHANTOM_HEIGHT_PX,
        )
        found.append(np.rint(phantom.levels * 255.0).astype(np.uint8))
    return found


def _drawn_parts(count: int, rng: np.random.Generator) -> list[Part]:
    order = rng.permutation(count) % 10
    return [_part(int(place)) for place in order]


def _parts_of_blocks(count: int, rng: np.random.Generator) -> list[Part]:
    blocks = rng.permutation(-(-count // _BLOCK)) % 10
    return [_part(int(blocks[index // _BLOCK])) for index in range(count)]


def _part(tenth: int) -> Part:
    return "validation" if tenth == 4 else "test" if tenth == 9 else "training"


def _of(part: Part, pictures: Sequence[Levels], parts: Sequence[Part | str]) -> list[Levels]:
    return [picture for picture, own in zip(pictures, parts, strict=True) if own == part]


def _most_alike(pictures: Sequence[Levels], known: Sequence[Levels]) -> list[int]:
    """Return for each picture the index of the known one with which it correlates most, squashed to 24 pixels."""
    reference = np.stack([_look(picture) for picture in known]).T
    answers: list[int] = []
    for start in range(0, len(pictures), 500):
        looks = np.stack([_look(picture) for picture in pictures[start : start + 500]])
        answers += [int(index) for index in np.argmax(looks @ reference, axis=1)]
    return answers


def _look(picture: Levels) -> npt.NDArray[np.float32]:
    small = np.asarray(cv2.resize(picture.astype(np.float32), (_ALIKE_PX, _ALIKE_PX), interpolation=cv2.INTER_AREA))
    look = (small - small.mean()).ravel()
    return np.asarray(look / (np.linalg.norm(look) + 1e-6), dtype=np.float32)
