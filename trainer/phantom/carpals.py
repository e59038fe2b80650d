"""The round bones: eight carpals and the thumb's sesamoid, from dots to their own shapes."""

from __future__ import annotations

import math
from types import MappingProxyType

import numpy as np

from trainer.phantom.bones import CORTEX, SPONGE
from trainer.phantom.film import Film, Floats, Place, rounded
from trainer.phantom.grain import Grain, wander
from trainer.phantom.ossification import Maturity
from trainer.phantom.skeleton import Skeleton

# Outlines of a grown wrist as shares of hand length, x right (towards the thumb), y down, origin at the capitate.
OUTLINES = MappingProxyType(
    {
        "capitate": ((-26, -50), (8, -52), (34, -46), (36, -20), (28, 6), (34, 34), (24, 56),
                     (0, 62), (-22, 52), (-30, 22), (-24, -14)),
        "hamate": ((-104, -44), (-72, -56), (-38, -52), (-34, -18), (-38, 18), (-48, 40), (-62, 28),
                   (-80, 0), (-98, -20)),
        "triquetrum": ((-112, 8), (-88, 6), (-66, 30), (-56, 52), (-72, 68), (-96, 62), (-116, 38)),
        "lunate": ((-62, 74), (-36, 60), (-12, 66), (6, 66), (10, 88), (-6, 106), (-40, 106), (-66, 96)),
        "scaphoid": ((42, 20), (66, 14), (84, 30), (82, 58), (62, 84), (34, 102), (16, 98), (14, 74), (34, 56)),
        "trapezium": ((82, -46), (106, -50), (126, -28), (124, 0), (104, 14), (80, 8), (72, -18)),
        "trapezoid": ((44, -50), (72, -54), (82, -34), (78, -6), (58, 8), (42, -6), (38, -28)),
        "pisiform": ((-108, 22), (-90, 16), (-74, 28), (-74, 48), (-90, 58), (-108, 48)),
    }
)  # fmt: skip
DEPTHS = MappingProxyType(
    {"capitate": 0.085, "hamate": 0.085, "lunate": 0.085, "scaphoid": 0.075, "pisiform": 0.045, "sesamoid": 0.024}
)
_STEPS = 96


def add_round_bones(
    field: Floats,
    film: Film,
    skeleton: Skeleton,
    maturity: Maturity,
    *,
    mineral: float,
    grain: Grain,
    rng: np.random.Generator,
) -> None:
    """Add carpals and sesamoid to the field (in place)."""
    wrist = np.zeros_like(field)
    for name, own in zip((*OUTLINES, "sesamoid"), rng.spawn(len(OUTLINES) + 1), strict=True):
        growth = maturity.centres[name]
        if not growth.visible:
            continue
        place, radii = _outline(name, skeleton, own)
        dot = float(np.mean(radii))
        radii = growth.grown * (dot + (radii - dot) * growth.shaped)
        depth = DEPTHS.get(name, 0.07) * skeleton.hand_mm * growth.grown
        _add(wrist, film, place, radii.astype(np.float32), depth_mm=depth, mineral=mineral, grain=grain, rng=own)
    field += wrist


def _outline(name: str, skeleton: Skeleton, rng: np.random.Generator) -> tuple[Place, Floats]:
    """Centre of a bone and its radius in mm at _STEPS angles, clockwise from up."""
    turns = np.arange(_STEPS, dtype=np.float32) / _STEPS
    if name == "sesamoid":
        thumb = skeleton.rays[1][0]
        x, y = thumb.place.along(0.955 * thumb.length_mm, -0.62 * thumb.breadths_mm[2])
        rough = 1.0 + 0.06 * wander(turns, rng, waves=3)
        place = Place(x_mm=x, y_mm=y, bearing=thumb.place.bearing)
        return place, (0.0145 * skeleton.hand_mm * rough).astype(np.float32)
    across = 0.86 + 0.18 * min(skeleton.stoutness, 1.3)
    points = np.array(OUTLINES[name], dtype=np.float64) * (skeleton.hand_mm / 1000.0) * (across, 1.0)
    centre = (points.min(axis=0) + points.max(axis=0)) / 2
    centre = 0.5 * centre + 0.5 * points.mean(axis=0)
    arms = points - centre
    angle = np.mod(np.arctan2(arms[:, 0], -arms[:, 1]), 2 * np.pi)
    order = np.argsort(angle)
    radii = np.interp(turns * 2 * np.pi, angle[order], np.hypot(*arms[order].T), period=2 * np.pi)
    kernel = np.hanning(8)
    radii = np.convolve(np.tile(radii, 3), kernel / kernel.sum(), mode="same")[_STEPS : 2 * _STEPS]
    rough = 1.09 + 0.022 * wander(turns, rng, waves=6)
    shift = 0.003 * skeleton.hand_mm * rng.standard_normal(2)
    place = Place(x_mm=float(centre[0] + shift[0]), y_mm=float(centre[1] + shift[1]), bearing=0.0)
    return place, (radii * rough).astype(np.float32)


def _add(
    field: Floats,
    film: Film,
    place: Place,
    radii: Floats,
    *,
    depth_mm: float,
    mineral: float,
    grain: Grain,
    rng: np.random.Generator,
) -> None:
    reach = float(radii.max()) + 0.5
    window = film.window(place, s_mm=(-reach, reach), u_mm=reach)
    shift, stretch = float(rng.uniform(0, 20)), float(rng.uniform(0.8, 1.4))
    if window is None:
        return
    s, u = window.s_mm, window.u_mm
    distance = np.hypot(s, u)
    turn = np.mod(np.arctan2(u, s) / (2 * math.pi), 1.0) * _STEPS
    outline = np.interp(turn.ravel(), np.arange(_STEPS + 1), np.append(radii, radii[0])).reshape(s.shape)
    depth = (outline - distance) * 0.92
    rim = max(0.5 * float(radii.min()), 0.3)
    outer = depth_mm * rounded(depth, rim)
    inner = np.minimum(depth_mm * rounded(depth - min(0.33, 0.3 * rim), rim), outer)
    solid = CORTEX * (outer - inner) + SPONGE * inner
    texture = 1.0 + 0.16 * grain.sample(s, u, shift=shift, stretch=stretch)
    solid = mineral * solid * texture
    # Neighbours lie side by side and meet in a joint: where their outlines cross, they share the depth.
    there = field[window.rows, window.columns]
    field[window.rows, window.columns] = np.maximum(there, solid) + 0.3 * np.minimum(there, solid)
