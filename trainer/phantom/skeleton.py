"""Where the bones of one hand lie and how large they are: proportions, growth and posture.

A left hand, palm down, fingers up, thumb to the right. Lengths are shares of the hand's length from the end of the
radius to the tip of the middle finger, measured on radiographs; they hardly change with age, breadths do.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from trainer.phantom.film import Place

RAYS = (1, 2, 3, 4, 5)
# shares of hand length: metacarpal, proximal, middle, distal
LENGTHS = MappingProxyType(
    {
        1: (0.213, 0.168, 0.0, 0.112),
        2: (0.326, 0.202, 0.124, 0.085),
        3: (0.328, 0.227, 0.147, 0.093),
        4: (0.292, 0.217, 0.138, 0.094),
        5: (0.262, 0.172, 0.104, 0.085),
    }
)
BASES = MappingProxyType(
    {1: (0.151, 0.000), 2: (0.078, -0.050), 3: (0.018, -0.057), 4: (-0.043, -0.062), 5: (-0.099, -0.051)}
)
# breadth (base, waist, head) as shares of hand length for a grown hand
BREADTHS = MappingProxyType(
    {
        "metacarpal": (0.072, 0.043, 0.074),
        "proximal phalanx": (0.077, 0.044, 0.060),
        "middle phalanx": (0.064, 0.037, 0.051),
        "distal phalanx": (0.051, 0.024, 0.035),
    }
)
RAY_BREADTH = MappingProxyType({1: 1.06, 2: 1.0, 3: 1.02, 4: 0.92, 5: 0.86})
JOINT = 0.005  # cartilage between two grown bones
_AGES = (0, 12, 24, 48, 72, 96, 120, 144, 162, 180, 198, 216)
_BOYS = (78, 110, 121, 137, 150, 160, 169, 177, 183, 187.5, 189.5, 190)
_GIRLS = (76, 108, 119, 135, 148, 157, 165, 171.5, 174, 175, 175, 175)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bone:
    """One long bone as it lies: from its proximal to its distal joint surface."""

    name: str
    place: Place
    length_mm: float
    breadths_mm: tuple[float, float, float]  # base, waist, head
    youth: float  # of the hand it belongs to


@dataclass(frozen=True, slots=True, kw_only=True)
class Posture:
    """How the hand was laid down."""

    spread: float  # 0: fingers together, 1: spread at ease
    thumb: float  # bearing of the first metacarpal, radians
    curl: float  # radians by which fingers bend sideways from joint to joint
    forearm: float  # bearing of the forearm's axis, radians; 0: in line with the hand


@dataclass(frozen=True, slots=True, kw_only=True)
class Skeleton:
    """The bones of one hand in place."""

    hand_mm: float
    stoutness: float  # breadth of the bones against those of a grown hand of the same length
    youth: float  # 1: a toddler's short plump hand, ends of bones still gristle; 0: a schoolchild's and later
    rays: MappingProxyType[int, tuple[Bone, ...]]
    radius: Bone  # these two run from the wrist towards the elbow
    ulna: Bone

    @property
    def bones(self) -> tuple[Bone, ...]:
        """All long bones, the nineteen of the rays first."""
        return (*(bone for ray in RAYS for bone in self.rays[ray]), self.radius, self.ulna)


def hand_length_mm(*, age_months: float, male: bool) -> float:
    """Mean length of the hand from wrist to middle finger tip."""
    return float(np.interp(age_months, _AGES, _BOYS if male else _GIRLS))


def draw_posture(rng: np.random.Generator, *, plain: bool) -> Posture:
    """Draw how a hand lies; plain: at ease and straight."""
    ease = 0.35 if plain else 1.0
    spread = float(np.clip(0.85 + ease * 0.4 * rng.standard_normal(), 0.0, 1.5))
    clear_of_index = 20.0 + 9.0 * spread
    return Posture(
        spread=spread,
        thumb=math.radians(float(np.clip(40 + ease * 11 * rng.standard_normal(), clear_of_index, 68))),
        curl=math.radians(ease * 2.0 * float(rng.standard_normal())),
        forearm=math.radians(float(np.clip(2 + ease * 9 * rng.standard_normal(), -18, 24))),
    )


def build(*, age_months: float, male: bool, posture: Posture, rng: np.random.Generator) -> Skeleton:
    """Lay out one hand; size and build scatter between children."""
    size, build_, *_ = rng.standard_normal(2)
    hand_mm = hand_length_mm(age_months=age_months, male=male) * (1.0 + 0.045 * float(np.clip(size, -2, 2)))
    young = float(np.interp(age_months, (0, 12, 48, 96, 150), (1.2, 1.1, 1.08, 1.04, 1.0)))
    youth = float(np.interp(age_months, (12, 24, 48, 72, 110), (1.0, 0.85, 0.5, 0.25, 0.0)))
    stoutness = young * (1.03 if male else 0.97) * (1.0 + 0.05 * float(np.clip(build_, -2, 2)))
    rays = {ray: _ray(ray, hand_mm=hand_mm, stoutness=stoutness, youth=youth, posture=posture, rng=rng) for ray in RAYS}
    radius, ulna = _forearm(hand_mm, stoutness, youth, posture)
    return Skeleton(
        hand_mm=hand_mm,
        stoutness=stoutness,
        youth=youth,
        rays=MappingProxyType(rays),
        radius=radius,
        ulna=ulna,
    )


def _bearings(ray: int, posture: Posture) -> tuple[float, float]:
    """Bearings of the metacarpal and of the finger it carries."""
    spread = posture.spread
    if ray == 1:
        return posture.thumb, posture.thumb - math.radians(6)
    metacarpal = {2: 11.0 + 4.5 * spread, 3: 2.5, 4: -3.0 - 2.5 * spread, 5: -8.0 - 5.5 * spread}[ray]
    finger = {2: 3.0 + 13 * spread, 3: 0.5 - 1.5 * spread, 4: -1.5 - 11 * spread, 5: -3.0 - 22 * spread}[ray]
    return math.radians(metacarpal), math.radians(finger)


def _ray(
    ray: int, *, hand_mm: float, stoutness: float, youth: float, posture: Posture, rng: np.random.Generator
) -> tuple[Bone, ...]:
    metacarpal, finger = _bearings(ray, posture)
    if ray > 1:  # a toddler's palm fans out more
        metacarpal += 0.6 * youth * (metacarpal - math.radians(2.5))
        finger += 0.25 * youth * finger
    metacarpal += math.radians(1.2) * float(rng.standard_normal())
    finger += math.radians(2.2) * float(rng.standard_normal())
    bend = posture.curl + math.radians(1.8) * float(rng.standard_normal())
    x, y = BASES[ray]
    spot = (x * hand_mm * (0.75 + 0.25 * stoutness), y * hand_mm)
    bones: list[Bone] = []
    for step, (kind, share) in enumerate(zip(BREADTHS, LENGTHS[ray], strict=True)):
        jitter = 1.0 + 0.018 * float(rng.standard_normal())
        if share == 0.0:
            continue
        bearing = metacarpal if step == 0 else finger + bend * (step - 1)
        end = share * hand_mm * jitter
        start = 0.038 * youth * hand_mm if step == 0 and ray > 1 else 0.0  # gristle at the wrist's side
        length = (end - start) * (1.0 - 0.2 * youth if kind == "distal phalanx" else 1.0)
        factor = hand_mm * stoutness * RAY_BREADTH[ray] * _thumb_breadth(ray, kind)
        base, waist, head = (breadth * factor for breadth in BREADTHS[kind])
        if kind != "metacarpal":
            head *= 1.0 - 0.18 * youth
        if kind == "distal phalanx":
            base, waist = base * (1.0 - 0.15 * youth), waist * (1.0 - 0.2 * youth)
        ray_line = Place(x_mm=spot[0], y_mm=spot[1], bearing=bearing)
        x_mm, y_mm = ray_line.along(start)
        place = Place(x_mm=x_mm, y_mm=y_mm, bearing=bearing)
        bones.append(
            Bone(
                name=f"{kind} {ray}",
                place=place,
                length_mm=length,
                breadths_mm=(base, waist, head),
                youth=youth,
            )
        )
        spot = ray_line.along(end + JOINT * hand_mm)
    return tuple(bones)


def _thumb_breadth(ray: int, kind: str) -> float:
    if ray != 1:
        return 1.0
    return {"metacarpal": 1.0, "proximal phalanx": 0.93}.get(kind, 1.22)


def _forearm(hand_mm: float, stoutness: float, youth: float, posture: Posture) -> tuple[Bone, Bone]:
    down = posture.forearm + math.pi
    across = Place(x_mm=0.0, y_mm=0.115 * hand_mm, bearing=posture.forearm)
    radius_x, radius_y = across.along(0.0, 0.012 * hand_mm)
    ulna_x, ulna_y = across.along(-0.026 * hand_mm, -0.112 * hand_mm * (0.6 + 0.4 * stoutness))
    wide = hand_mm * (0.6 + 0.4 * stoutness)
    radius = Bone(
        name="radius",
        place=Place(x_mm=radius_x, y_mm=radius_y, bearing=down - math.radians(1)),
        length_mm=1.3 * hand_mm,
        breadths_mm=(0.146 * wide, 0.082 * wide, 0.090 * wide),
        youth=youth,
    )
    ulna = Bone(
        name="ulna",
        place=Place(x_mm=ulna_x, y_mm=ulna_y, bearing=down + math.radians(0.5)),
        length_mm=1.3 * hand_mm,
        breadths_mm=(0.085 * wide, 0.055 * wide, 0.07 * wide),
        youth=youth,
    )
    return radius, ulna
