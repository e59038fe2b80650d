"""Draw one phantom: a hand of a given bone age and sex, laid down, exposed and printed."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from trainer.phantom.bones import add_long_bone
from trainer.phantom.carpals import add_round_bones
from trainer.phantom.exposure import STANDARD, Border, draw_exposure, expose
from trainer.phantom.film import Film, Floats
from trainer.phantom.grain import make_grain
from trainer.phantom.marker import add_marker
from trainer.phantom.ossification import EPIPHYSES, Growth, Maturity, mature
from trainer.phantom.skeleton import RAYS, Skeleton, build, draw_posture
from trainer.phantom.tissue import soft_tissue

LOW_MONTHS, HIGH_MONTHS = 0.0, 240.0
MAX_WORKING_PX = 1200  # taller pictures are drawn at this height and enlarged, as a scanner's prints often are
INVERTED_SHARE = 0.03
_BLANK = Growth(grown=0.0, shaped=0.0, fused=0.0, scar=0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Phantom:
    """A hand radiograph made by the program, and what was drawn."""

    pixels: NDArray[np.uint8]  # [height, width], bone bright unless was_inverted
    levels: Floats = field(repr=False)  # the same before rounding, 0 to 1, bone bright always
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
    if not 64 <= height_px <= 4096:  # noqa: PLR2004 the limits are in the sentence
        raise ValueError(f"The height must lie between 64 and 4096 pixels, not {height_px}.")
    streams = np.random.default_rng([seed, 1967]).spawn(5)
    maturing, body, laying, exposing, marking = streams
    maturity = mature(age_months=age_months, male=male, rng=maturing)
    posture = draw_posture(laying, plain=plain)
    skeleton = build(age_months=age_months, male=male, posture=posture, rng=body)
    working_px = min(height_px, MAX_WORKING_PX)
    film, border = _frame(skeleton, height_px=working_px, rng=laying, plain=plain)
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
        growth = maturity.centres.get(bone.name, _BLANK) if bone.name in EPIPHYSES else _BLANK
        add_long_bone(bones, film, bone, growth, mineral=mineral, grain=grain, rng=own)
    add_round_bones(bones, film, skeleton, maturity, mineral=mineral, grain=grain, rng=body)
    total = flesh + bones
    if plain or marking.random() < 0.95:  # noqa: PLR2004 a few films carry no marker
        add_marker(total, film, thickness, rng=marking, plain=plain)
    return total


def _frame(
    skeleton: Skeleton, *, height_px: int, rng: np.random.Generator, plain: bool
) -> tuple[Film, Border | None]:
    """Choose what the picture shows of the hand, and the collimated field within it."""
    turn = 0.0 if plain else math.radians(float(rng.normal(0, 7) if rng.random() < 0.9 else rng.normal(0, 24)))
    left, top, right, bottom = _extent(skeleton, turn, forearm=0.3 if plain else float(rng.uniform(0.14, 0.5)))
    margins = (0.06, 0.06, 0.06) if plain else tuple(rng.uniform(0.02, 0.14, 3))
    tall, wide = bottom - top, right - left
    left, right, top = left - margins[0] * wide, right + margins[1] * wide, top - margins[2] * tall
    tall, wide = bottom - top, right - left
    least = (0.7 if plain else float(rng.uniform(0.66, 0.88))) * tall
    if wide < least:
        shift = 0.5 if plain else float(rng.uniform(0.3, 0.7))
        left, right = left - (least - wide) * shift, right + (least - wide) * (1 - shift)
    border = None
    field_box = (left, top, right, bottom)
    style = 1.0 if plain else float(rng.random())
    if style < 0.14:  # noqa: PLR2004 the whole cassette, a small field on it
        tall, wide = bottom - top, right - left
        outer = rng.uniform(0.08, 0.5, 4)
        left, right = left - outer[0] * wide, right + outer[1] * wide
        top, bottom = top - outer[2] * tall, bottom + outer[3] * tall
    pixel_mm = (bottom - top) / height_px
    width_px = max(int(round((right - left) / pixel_mm)), 32)
    film = Film(
        height_px=height_px, width_px=width_px, pixel_mm=pixel_mm, turn=turn, x_px=-left / pixel_mm, y_px=-top / pixel_mm
    )
    if style < 0.4:  # noqa: PLR2004 the others are cropped inside the field
        border = _border(field_box, film, (left, top), rng, whole=style < 0.14)  # noqa: PLR2004
    return film, border


def _border(
    box: tuple[float, float, float, float], film: Film, corner: tuple[float, float], rng: np.random.Generator, *, whole: bool
) -> Border:
    left, top, right, bottom = box
    turn = math.radians(float(rng.normal(0, 7 if whole else 2.5)))
    centre = (((left + right) / 2 - corner[0]) / film.pixel_mm, ((top + bottom) / 2 - corner[1]) / film.pixel_mm)
    half = (0.5 * (right - left) / film.pixel_mm, 0.5 * (bottom - top) / film.pixel_mm)
    inset = 1.0 if whole else float(rng.uniform(0.93, 1.03))
    if not whole:
        centre = (centre[0] + 0.04 * half[0] * float(rng.normal()), centre[1] + 0.04 * half[1] * float(rng.normal()))
    outside = float(rng.choice([0.0, 0.03, rng.uniform(0.05, 0.5), rng.uniform(0.85, 1.0)], p=[0.35, 0.25, 0.25, 0.15]))
    return Border(
        centre_px=centre,
        half_px=(inset * half[0], inset * half[1]),
        turn=turn,
        outside=outside,
        rim=float(rng.choice([0.0, rng.uniform(0.1, 0.6)], p=[0.4, 0.6])),
        penumbra_px=float(rng.uniform(0.5, 2.5)) / film.pixel_mm,
    )


def _extent(skeleton: Skeleton, turn: float, *, forearm: float) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of the hand in mm on the turned film, with this much forearm (shares of the hand)."""
    margin = 0.045 * skeleton.hand_mm * skeleton.stoutness
    tips = [skeleton.rays[ray][-1] for ray in RAYS]
    points = [bone.place.along(bone.length_mm) for bone in tips]
    little = skeleton.rays[5][0]
    points += [little.place.along(0.5 * little.length_mm, -0.02 * skeleton.hand_mm)]
    points += [(x * skeleton.hand_mm, 0.1 * skeleton.hand_mm) for x in (-0.12, 0.12)]
    sine, cosine = math.sin(turn), math.cos(turn)
    turned = [(x * cosine - y * sine, x * sine + y * cosine) for x, y in points]
    bottom = max(y for _, y in turned) + forearm * skeleton.hand_mm
    left, right = min(x for x, _ in turned) - margin, max(x for x, _ in turned) + margin
    return left, min(y for _, y in turned) - margin, right, bottom


def _enlarged(levels: Floats, height_px: int, noise: float, rng: np.random.Generator) -> Floats:
    if levels.shape[0] == height_px:
        return levels
    width_px = max(int(round(levels.shape[1] * height_px / levels.shape[0])), 32)
    large = cv2.resize(levels, (width_px, height_px), interpolation=cv2.INTER_CUBIC)
    large += 0.5 * noise * rng.standard_normal(large.shape, dtype=np.float32)
    return np.clip(large, 0.0, 1.0).astype(np.float32)
