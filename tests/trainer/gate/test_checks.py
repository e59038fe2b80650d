"""Plain checks: what is too small, too narrow, even, dark, bright, flat or burnt out is refused; just inside is not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from tests import factories
from trainer.gate.checks import exposure_checks, refusals, shape_checks
from trainer.radiograph import OTHER_EXAMINATION, Radiograph
from trainer.radiograph.dicom_part import SAYS

HAND = (factories.hand(200, 160) / np.float32(255)).astype(np.float32)


def _radiograph(pixels: npt.NDArray[np.float32]) -> Radiograph:
    return Radiograph(pixels=np.asarray(pixels, dtype=np.float32), source=Path("a.png"))


def _burnt(share: float) -> npt.NDArray[np.float32]:
    pixels = HAND * np.float32(0.9)
    rows, columns = (side // 5 for side in pixels.shape)
    pixels[rows : rows + round(share * (200 - 2 * rows)), columns:-columns] = 1.0
    return pixels


@pytest.mark.parametrize(
    ("pixels", "words"),
    [
        (HAND[:31, :], "160 × 31 pixels is too small"),
        (np.tile(HAND[:40], (1, 3)), "narrow strip"),
        (np.full((200, 150), 0.4), "one even grey"),
    ],
)
def test_a_picture_on_which_nothing_can_be_seen_is_refused(pixels: npt.NDArray[np.float32], words: str) -> None:
    (sentence,) = refusals(shape_checks(_radiograph(pixels)))
    assert words in sentence
    assert sentence.endswith(".")


def test_another_part_of_the_body_is_refused_whatever_it_looks_like() -> None:
    foot = f"{SAYS}a foot, not a hand."
    assert refusals(shape_checks(replace(_radiograph(HAND), cautions=("Something else.", foot)))) == (foot,)


def test_another_examination_is_refused_whatever_it_looks_like() -> None:
    """A shoulder of a public MR was taken for the hand of a child of four."""
    radiograph = replace(_radiograph(HAND), cautions=("Something else.", OTHER_EXAMINATION))
    assert refusals(shape_checks(radiograph)) == (OTHER_EXAMINATION,)


@pytest.mark.parametrize(
    ("pixels", "words"),
    [
        (HAND * 0.05, "too dark to read"),
        (0.95 + HAND * 0.05, "too bright to read"),
        (0.5 + HAND * 0.03, "almost no contrast"),
        (_burnt(0.3), "burnt out: 30 % of the middle"),
    ],
)
def test_a_hand_exposed_so_that_bones_do_not_show_is_refused(pixels: npt.NDArray[np.float32], words: str) -> None:
    (sentence,) = refusals(exposure_checks(_radiograph(pixels)))
    assert words.replace(" %", "%") in sentence.replace(" %", "%")


@pytest.mark.parametrize(
    "pixels", [HAND, HAND * 0.1, 0.9 + HAND * 0.08, 0.5 + HAND * 0.09, _burnt(0.2), HAND[:32, :32]]
)
def test_what_lies_just_inside_the_limits_passes(pixels: npt.NDArray[np.float32]) -> None:
    assert refusals((*shape_checks(_radiograph(pixels)), *exposure_checks(_radiograph(pixels)))) == ()


def test_every_check_tells_what_it_measured() -> None:
    checks = {
        check.name: check.value for check in (*shape_checks(_radiograph(HAND)), *exposure_checks(_radiograph(HAND)))
    }
    assert checks["shorter side, pixels"] == 160
    assert checks["longer side by shorter"] == pytest.approx(200 / 160)
    assert checks["span of grey levels"] == pytest.approx(np.percentile(HAND, 99) - np.percentile(HAND, 1), abs=0.02)
    assert checks["white share of the middle"] == 0
