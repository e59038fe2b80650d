"""Soft tissue: fingers, palm and forearm as blended round solids; skin, fat and muscle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from trainer.phantom.film import Film, Floats, resized
from trainer.phantom.skeleton import RAYS, Bone, Skeleton

MUSCLE = 0.032  # attenuation per mm
FAT = 0.024
_COARSE = 3  # the solids are worked out on every third pixel; their squares are smooth, so nothing is lost


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rod:
    """A rod with round ends between two points of the hand; radii in mm."""

    start: tuple[float, float]
    end: tuple[float, float]
    start_radius: float
    end_radius: float


def soft_tissue(film: Film, skeleton: Skeleton, *, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Attenuation of the soft tissue, and its thickness in mm, over the whole film."""
    plump = 1.0 + 0.06 * float(np.clip(rng.standard_normal(), -2, 2))
    rows = -(-film.height_px // _COARSE)
    columns = -(-film.width_px // _COARSE)
    x, y = _hand_grid(film, rows, columns)
    scale = (skeleton.hand_mm / 175.0) ** 2
    fingers = [_blend([_height(rod, x, y) for rod in _finger(skeleton, ray, plump)], 6.0 * scale) for ray in RAYS]
    palm = _blend([_height(rod, x, y) for rod in _palm(skeleton, plump)], 55.0 * scale)
    squares = _blend([*fingers, palm], 9.0 * scale)
    squares += 1.2 * scale * _slow_noise(squares.shape, rng)
    size = (columns * _COARSE, rows * _COARSE)
    full = resized(squares, *size)[: film.height_px, : film.width_px]
    thickness = 2.0 * np.sqrt(np.clip(full, 0.0, None))
    muscle = 2.0 * np.sqrt(np.clip(full - 22.0 * scale, 0.0, None))
    streaks = 1.0 + 0.02 * resized(_slow_noise(squares.shape, rng), *size)[: film.height_px, : film.width_px]
    attenuation = (FAT * thickness + (MUSCLE - FAT) * muscle) * streaks
    return attenuation.astype(np.float32), thickness.astype(np.float32)


def _hand_grid(film: Film, rows: int, columns: int) -> tuple[Floats, Floats]:
    """Hand coordinates (mm) of the coarse grid."""
    centre = (_COARSE - 1) / 2
    px = (np.arange(columns, dtype=np.float32) * _COARSE + centre - film.x_px)[None, :] * film.pixel_mm
    py = (np.arange(rows, dtype=np.float32) * _COARSE + centre - film.y_px)[:, None] * film.pixel_mm
    sine, cosine = np.float32(np.sin(film.turn)), np.float32(np.cos(film.turn))
    return (px * cosine + py * sine).astype(np.float32), (py * cosine - px * sine).astype(np.float32)


def _height(rod: _Rod, x: Floats, y: Floats) -> Floats:
    """Square of the half thickness of a rod at each point; negative outside (mm^2)."""
    dx, dy = rod.end[0] - rod.start[0], rod.end[1] - rod.start[1]
    long = max(dx * dx + dy * dy, 1e-6)
    t = np.clip(((x - rod.start[0]) * dx + (y - rod.start[1]) * dy) / long, 0.0, 1.0)
    radius = rod.start_radius + (rod.end_radius - rod.start_radius) * t
    return radius * radius - (x - rod.start[0] - t * dx) ** 2 - (y - rod.start[1] - t * dy) ** 2


def _blend(squares: Sequence[Floats], softness: float) -> Floats:
    """Smooth maximum (log of summed exponentials)."""
    top = squares[0]
    for square in squares[1:]:
        top = np.maximum(top, square)
    total = np.zeros_like(top)
    for square in squares:
        total += np.exp(np.maximum((square - top) / softness, -30.0))
    return top + np.float32(softness) * np.log(total)


def _finger(skeleton: Skeleton, ray: int, plump: float) -> list[_Rod]:
    """Rods along one finger, from the knuckle to the tip."""
    stout = 1.0 + 0.32 * skeleton.youth
    unit = skeleton.hand_mm * stout * plump * {1: 1.12, 2: 1.0, 3: 1.02, 4: 0.94, 5: 0.84}[ray]
    bones = skeleton.rays[ray][1:]
    widths = (0.0485, 0.0435, 0.041, 0.037) if len(bones) == 3 else (0.053, 0.047, 0.040)  # phalanges
    rods = []
    for step, bone in enumerate(bones):
        last = step == len(bones) - 1
        reach = bone.length_mm + ((-0.014 + 0.012 * skeleton.youth) * skeleton.hand_mm if last else 0.0)
        rods.append(_along(bone, 0.0, reach, widths[step] * unit, widths[step + 1] * unit))
    return rods


def _palm(skeleton: Skeleton, plump: float) -> list[_Rod]:
    stout = 1.0 + 0.22 * skeleton.youth
    unit = skeleton.hand_mm * stout * plump
    rods = []
    for ray in (2, 3, 4, 5):
        bone = skeleton.rays[ray][0]
        edge = 0.9 if ray in (2, 5) else 1.0
        rods.append(_along(bone, 0.0, 1.04 * bone.length_mm, 0.066 * unit, 0.056 * unit * edge))
    thumb, index = skeleton.rays[1][0], skeleton.rays[2][0]
    rods.append(_along(thumb, 0.0, thumb.length_mm, 0.064 * unit, 0.056 * unit))
    rods.append(
        _Rod(
            start=index.place.along(0.15 * index.length_mm, 0.03 * unit),
            end=thumb.place.along(0.8 * thumb.length_mm, -0.03 * unit),
            start_radius=0.07 * unit, end_radius=0.05 * unit,
        )
    )  # fmt: skip
    rods.append(
        _Rod(
            start=index.place.along(0.6 * index.length_mm, 0.01 * unit), end=thumb.place.along(0.92 * thumb.length_mm),
            start_radius=0.05 * unit, end_radius=0.042 * unit,
        )
    )  # fmt: skip
    little = skeleton.rays[5][0]
    rods.append(_along(little, -0.2 * little.length_mm, 0.75 * little.length_mm, 0.06 * unit, 0.062 * unit))
    size = skeleton.hand_mm
    for x, narrow in ((-0.06, -0.07), (0.06, 0.03)):
        rods.append(
            _Rod(
                start=(x * size, -0.09 * size), end=(narrow * size, 0.14 * size),
                start_radius=0.085 * unit, end_radius=0.083 * unit,
            )
        )  # fmt: skip
    rods.append(_along(skeleton.radius, 0.0, skeleton.radius.length_mm, 0.094 * unit, 0.19 * unit))
    rods.append(_along(skeleton.ulna, -0.06 * skeleton.hand_mm, skeleton.ulna.length_mm, 0.066 * unit, 0.185 * unit))
    return rods


def _along(bone: Bone, start: float, end: float, start_radius: float, end_radius: float) -> _Rod:
    return _Rod(
        start=bone.place.along(start), end=bone.place.along(end), start_radius=start_radius, end_radius=end_radius
    )


def _slow_noise(shape: tuple[int, ...], rng: np.random.Generator) -> Floats:
    noise = rng.standard_normal((24, 20), dtype=np.float32)
    return resized(noise, shape[1], shape[0])
