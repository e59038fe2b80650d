"""Draw one phantom: a hand of a given bone age and sex, laid down, exposed and printed."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from trainer.phantom.bones import add_long_bone
from trainer.phantom.carpals import add_round_bones
from trainer.phantom.exposure import STANDARD, draw_exposure, expose
from trainer.phantom.film import Film, Floats, resized
from trainer.phantom.framing import frame_hand
from trainer.phantom.grain import make_grain
from trainer.phantom.marker import add_marker
from trainer.phantom.ossification import Maturity, mature
from trainer.phantom.skeleton import Skeleton, build, draw_posture
from trainer.phantom.tissue import soft_tissue

LOW_MONTHS, HIGH_MONTHS = 0.0, 240.0
MAX_WORKING_PX = 1200  # taller pictures are drawn at this height and enlarged, as a scanner's prints often are
INVERTED_SHARE = 0.03


@dataclass(frozen=True, slots=True, kw_only=True)
class Phantom:
    """A hand radiograph made by the program, and what was drawn."""

    pixels: NDArray[np.uint8]  # [height, width], bone bright unless was_inverted
    levels: NDArray[np.float32] = field(repr=False)  # the same before rounding, 0 to 1, bone bright always
    age_months: float  # bone age
    male: bool
    seed: int
    pixel_spacing_mm: float
    was_inverted: bool
    visible_centres: frozenset[str]  # ossification centres that have appeared
    fused_centres: frozenset[str]  # epiphyses whose plate has closed


def draw(*, age_months: float, male: bool, seed: int, height_px: int = 1600, plain: bool = False) -> Phantom:
    """Draw a left hand, palm down, of this bone age and sex; the same arguments give the same picture.

    ``plain``: upright, at ease, standard exposure, no border, never inverted. Raises ValueError for an age outside
    0 to 240 months or a height outside 64 to 4096 pixels.
    """
    if not LOW_MONTHS <= age_months <= HIGH_MONTHS:
        raise ValueError(f"Bone age must lie between {LOW_MONTHS:g} and {HIGH_MONTHS:g} months, not {age_months:g}.")
    if not 64 <= height_px <= 4096:
        raise ValueError(f"The height must lie between 64 and 4096 pixels, not {height_px}.")
    streams = np.random.default_rng([seed, 1967]).spawn(5)
    maturing, body, laying, exposing, marking = streams
    maturity = mature(age_months=age_months, male=male, rng=maturing)
    posture = draw_posture(laying, plain=plain)
    skeleton = build(age_months=age_months, male=male, posture=posture, rng=body)
    working_px = min(height_px, MAX_WORKING_PX)
    film, border = frame_hand(skeleton, height_px=working_px, rng=laying, plain=plain)
    attenuation = _project(film, skeleton, maturity, age_months=age_months, body=body, marking=marking, plain=plain)
    exposure = STANDARD if plain else draw_exposure(exposing)
    levels = expose(attenuation, film, exposure, border=border, rng=exposing)
    inverted = not plain and bool(exposing.random() < INVERTED_SHARE)
    levels = _enlarged(levels, height_px, exposure.noise, exposing)
    pixels = np.round(255.0 * (1.0 - levels if inverted else levels)).astype(np.uint8)
    return Phantom(
        pixels=pixels,
        levels=levels,
        age_months=age_months,
        male=male,
        seed=seed,
        pixel_spacing_mm=film.pixel_mm * film.height_px / levels.shape[0],
        was_inverted=inverted,
        visible_centres=maturity.visible,
        fused_centres=maturity.fused,
    )


def _project(
    film: Film,
    skeleton: Skeleton,
    maturity: Maturity,
    *,
    age_months: float,
    body: np.random.Generator,
    marking: np.random.Generator,
    plain: bool,
) -> Floats:
    """Attenuation of everything that lies on the film."""
    flesh, thickness = soft_tissue(film, skeleton, rng=body)
    mineral = float(np.interp(age_months, (0, 24, 96, 180), (0.95, 0.95, 0.92, 1.0)))
    mineral *= 1.0 + 0.06 * float(np.clip(body.standard_normal(), -2, 2))
    bones = np.zeros_like(flesh)
    grain = make_grain(body)
    for bone, own in zip(skeleton.bones, body.spawn(len(skeleton.bones)), strict=True):
        add_long_bone(bones, film, bone, maturity.centres[bone.name], mineral=mineral, grain=grain, rng=own)
    add_round_bones(bones, film, skeleton, maturity, mineral=mineral, grain=grain, rng=body)
    total = flesh + bones
    if plain or marking.random() < 0.95:  # a few films carry no marker
        add_marker(total, film, thickness, rng=marking, plain=plain)
    return total


def _enlarged(levels: Floats, height_px: int, noise: float, rng: np.random.Generator) -> NDArray[np.float32]:
    if levels.shape[0] == height_px:
        return np.asarray(levels, dtype=np.float32)
    width_px = max(round(levels.shape[1] * height_px / levels.shape[0]), 32)
    large = resized(levels, width_px, height_px)
    grains = rng.standard_normal(large.shape, dtype=np.float32)
    return np.asarray(np.clip(large + 0.5 * noise * grains, 0.0, 1.0), dtype=np.float32)
