"""Long bones as solids: shaft, growth plate and epiphysis, projected as attenuation.

Each bone is drawn in its own frame (s along it, u across, millimetres) from distances to its outline; the cortex is
the difference of an outer and an inner solid, so that edges come out bright as they do on film.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import PchipInterpolator

from trainer.phantom.film import Film, Floats, rounded
from trainer.phantom.grain import Grain, wander
from trainer.phantom.ossification import Growth
from trainer.phantom.skeleton import Bone

CORTEX = 0.100  # attenuation per mm
SPONGE = 0.030
MARROW = 0.012
_TABLE = 768


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What makes one kind of bone look like itself."""

    waist: tuple[tuple[float, float], ...]  # (share of length, 0 waist .. 1 the nearer end's breadth)
    cortex: float  # thickness at mid-shaft as a share of the waist
    epiphysis: float  # its height as a share of the base's (or head's) breadth
    at_head: bool  # the growth plate lies distally
    hollow: float  # concavity of the base, share of its breadth
    round_head: float  # 1: ball, 0: flat
    notch: float  # between two condyles, share of the head's breadth
    depth: float = 0.9  # front to back, as a share of the breadth
    tilt: float = 0.0  # how much higher the epiphysis is on the thumb's side


SHAPES = {
    "metacarpal": Shape(
        waist=((0.0, 0.86), (0.05, 1.0), (0.15, 0.56), (0.3, 0.1), (0.5, 0.0),
               (0.7, 0.2), (0.83, 0.75), (0.9, 1.0), (1, 0.92)),
        cortex=0.27, epiphysis=0.80, at_head=True, hollow=0.04, round_head=0.85, notch=0.0,
    ),
    "first metacarpal": Shape(
        waist=((0.0, 0.95), (0.06, 1.0), (0.2, 0.6), (0.45, 0.05), (0.6, 0.0), (0.8, 0.5), (0.92, 1.0), (1, 0.95)),
        cortex=0.25, epiphysis=0.36, at_head=False, hollow=0.05, round_head=0.55, notch=0.02,
    ),
    "proximal phalanx": Shape(
        waist=((0.0, 0.97), (0.05, 1.0), (0.15, 0.66), (0.36, 0.13), (0.62, 0.0), (0.8, 0.35), (0.9, 1.0), (1, 0.97)),
        cortex=0.25, epiphysis=0.27, at_head=False, hollow=0.07, round_head=0.3, notch=0.09,
    ),
    "middle phalanx": Shape(
        waist=((0.0, 0.97), (0.07, 1.0), (0.19, 0.62), (0.4, 0.14), (0.62, 0.0), (0.8, 0.35), (0.9, 1.0), (1, 0.97)),
        cortex=0.25, epiphysis=0.26, at_head=False, hollow=0.03, round_head=0.3, notch=0.08,
    ),
    "distal phalanx": Shape(
        waist=((0.0, 0.9), (0.1, 1.0), (0.28, 0.5), (0.5, 0.08), (0.66, 0.0), (0.78, 0.55), (0.88, 1.0), (1, 0.75)),
        cortex=0.22, epiphysis=0.25, at_head=False, hollow=0.03, round_head=0.8, notch=0.0,
    ),
    "radius": Shape(
        waist=((0.0, 0.97), (0.025, 1.0), (0.055, 0.74), (0.1, 0.3), (0.17, 0.03), (0.3, 0.0), (1, 0.3)),
        cortex=0.23, epiphysis=0.30, at_head=False, hollow=0.07, round_head=0.2, notch=0.0, depth=0.62, tilt=0.30,
    ),
    "ulna": Shape(
        waist=((0.0, 0.93), (0.025, 1.0), (0.06, 0.7), (0.12, 0.2), (0.2, 0.0), (0.5, 0.0), (1, 0.5)),
        cortex=0.24, epiphysis=0.36, at_head=False, hollow=-0.07, round_head=0.2, notch=0.0, depth=0.75, tilt=-0.12,
    ),
}  # fmt: skip


def shape_of(name: str) -> Shape:
    """The shape of a bone by its name."""
    if name == "metacarpal 1":
        return SHAPES["first metacarpal"]
    return SHAPES[name.rstrip(" 12345")]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Frame:
    """One bone's pixels with the profile of its shaft."""

    s: Floats  # from the end that carries the growth plate
    u: Floats
    half: Floats  # half breadth of the grown bone at s
    cortex: Floats
    length: float
    base: float  # half breadth at the plate's end
    head: float
    depth: float  # front to back, as a share of the breadth
    youth: float


def add_long_bone(
    field: Floats, film: Film, bone: Bone, growth: Growth, *, mineral: float, grain: Grain, rng: np.random.Generator
) -> None:
    """Add one long bone's attenuation to the field (in place)."""
    shape = shape_of(bone.name)
    widest = max(bone.breadths_mm) * 0.75 + 1.0
    forearm = bone.name in {"radius", "ulna"}
    window = film.window(bone.place, s_mm=(-0.45 * widest, bone.length_mm + 2.0), u_mm=widest)
    shift = float(rng.uniform(0, 20))
    wave = rng.spawn(1)[0]
    if window is None:
        return
    frame = _frame(window.s_mm, window.u_mm, bone, shape, wave, long=forearm)
    young = _unfused(frame, shape, growth, bone.name, wave)
    total = young
    overlap = 0.3 * growth.shaped**2  # plates are wavy, so their edges overlap on the film more and more
    if overlap > 0.0:
        grown = _solid(frame, start=_base_end(frame, shape), end=_head_end(frame, shape), cap=0.6, rim=1.4)
        grown += _styloid(frame, bone.name, 1.0)
        across = np.abs(frame.u) / max(frame.base, 0.1)
        share = np.clip(growth.fused * 2.0 - across * 0.9, 0.0, 1.0) if growth.fused < 1.0 else 1.0
        total = young + (grown - young) * np.maximum(share, overlap)
        total += _scar(frame, shape, growth)
    spongy = 1.0 - 0.75 * np.clip(frame.cortex / frame.half, 0.0, 1.0)
    texture = 1.0 + 0.18 * spongy * grain.sample(frame.s, frame.u, shift=shift)
    field[window.rows, window.columns] += mineral * total * texture


def _frame(s: Floats, u: Floats, bone: Bone, shape: Shape, rng: np.random.Generator, *, long: bool) -> _Frame:
    base, waist, head = (0.5 * breadth for breadth in bone.breadths_mm)
    knots = np.array([share for share, _ in shape.waist])
    ends = np.where(knots < 0.55, base, head)
    breadth = waist + (ends - waist) * np.array([value for _, value in shape.waist])
    steps = np.linspace(0.0, 1.0, _TABLE)  # whatever depends on s alone is worked out once and looked up
    profile = PchipInterpolator(knots, breadth)(steps)
    lean = 0.04 * float(rng.standard_normal())
    bow = 0.5 * waist * (0.15 + 0.05 * float(rng.standard_normal())) * np.sin(np.pi * steps) + lean * profile
    profile *= 1.0 + 0.016 * wander(steps * (0.5 if long else 1.0), rng)
    middle = np.exp(-(((steps - 0.5) / 0.24) ** 4)) if not long else 1.0 - np.exp(-((steps / 0.2) ** 2))
    walls = 0.28 + (shape.cortex * 2 * waist - 0.28) * middle
    index = (np.clip(s / bone.length_mm, 0.0, 1.0) * (_TABLE - 1)).astype(np.int32)
    half, bows, cortex = (table.astype(np.float32)[index] for table in (profile, bow, walls))
    u = u + bows
    if shape.at_head:
        return _Frame(
            s=(bone.length_mm - s).astype(np.float32), u=u, half=half,
            cortex=cortex, length=bone.length_mm, base=head, head=base, depth=shape.depth, youth=bone.youth,
        )  # fmt: skip
    return _Frame(
        s=s, u=u, half=half,
        cortex=cortex, length=bone.length_mm, base=base, head=head, depth=shape.depth, youth=bone.youth,
    )  # fmt: skip


def _base_end(frame: _Frame, shape: Shape) -> Floats:
    """Where the grown bone begins, as a function of u: a shallow cup, or a ball for metacarpal heads."""
    r = np.clip(np.abs(frame.u) / frame.base, 0.0, 1.0)
    if shape.at_head:
        return _ball(r, frame.base, shape.round_head)
    slope = 0.5 * shape.tilt * frame.u
    return (2.0 * shape.hollow * frame.base * (1.0 - r * r) + slope).astype(np.float32)


def _head_end(frame: _Frame, shape: Shape) -> Floats:
    r = np.clip(np.abs(frame.u) / frame.head, 0.0, 1.0)
    if shape.at_head:
        hollow = 2.0 * shape.hollow * frame.head * (1.0 - r * r)
        return (frame.length - hollow - (0.35 + 0.45 * frame.youth) * frame.head * r**4).astype(np.float32)
    dip = 2.0 * (1.0 - frame.youth) * shape.notch * frame.head * np.exp(-((r / 0.38) ** 2))
    roundness = shape.round_head + 0.6 * frame.youth
    return (frame.length - dip - _ball(r, frame.head, roundness)).astype(np.float32)


def _ball(r: Floats, half: float, roundness: float) -> Floats:
    return (roundness * half * (1.0 - np.sqrt(np.clip(1.0 - 0.96 * r * r, 0.0, 1.0)))).astype(np.float32)


def _solid(frame: _Frame, *, start: Floats, end: Floats, cap: float, rim: float) -> Floats:
    """Attenuation of a shaft between two ends; ``cap`` is the end plates' thickness, ``rim`` the end's roundness."""
    ends = np.minimum(frame.s - start, end - frame.s)
    return _shell(frame.half, np.abs(frame.u), ends, frame.cortex, frame_depth=frame.depth, cap=cap, rim=rim)


def _shell(
    half: Floats, across: Floats, ends: Floats, cortex: Floats, *, frame_depth: float, cap: float, rim: float
) -> Floats:
    outer = _chord(half, across) * rounded(ends, rim)
    inner_half = np.maximum(half - cortex, 0.05)
    inner = np.minimum(_chord(inner_half, across) * rounded(ends - cap, rim), outer)
    spongy = SPONGE + (MARROW - SPONGE) * np.clip((cortex / half - 0.1) / 0.35, 0.0, 1.0)
    return frame_depth * (CORTEX * (outer - inner) + spongy * inner)


def _chord(half: Floats, across: Floats) -> Floats:
    return np.asarray(2.0 * np.sqrt(np.clip(half * half - across * across, 0.0, None)))


def _unfused(frame: _Frame, shape: Shape, growth: Growth, name: str, rng: np.random.Generator) -> Floats:
    height = 2.0 * frame.base * shape.epiphysis * (1.0 - 0.2 * frame.youth)
    gap = frame.length * (0.028 - 0.02 * growth.shaped) if name not in {"radius", "ulna"} else 1.6 - 1.0 * growth.shaped
    plate = height + gap + (0.0 if shape.at_head else 0.05 * frame.base * (1.0 - 0.7 * growth.shaped))
    r = frame.u / frame.base
    sway = 0.05 * frame.base * wander((0.3 * r).astype(np.float32), rng, waves=3)
    bulge = (
        -0.05 * frame.base * (1.0 - 0.7 * growth.shaped) * (1.0 - r * r)
        if not shape.at_head
        else 0.05 * frame.base * (1.0 - r * r)
    )
    corner = 0.22 * frame.base * np.clip(np.abs(r), 0.0, 1.1) ** 6
    start = (plate + bulge + sway + corner).astype(np.float32)
    total = _solid(frame, start=start, end=_head_end(frame, shape), cap=0.55, rim=1.5)
    if growth.visible:
        total += _epiphysis(frame, shape, growth, name, top=height, height=height)
    return total


def _epiphysis(frame: _Frame, shape: Shape, growth: Growth, name: str, *, top: float, height: float) -> Floats:
    """A dot that widens to a disc and then caps the shaft. ``top`` is the plate's near side."""
    wide = frame.base * (1.02 if shape.at_head else 1.07) * growth.grown
    tall = min(0.5 * height * (0.35 + 0.65 * growth.grown), wide) + 0.02
    near, far = (1.0 + 0.9 * growth.shaped, 1.0 - 0.12 * growth.shaped) if shape.at_head else (1.0, 1.0)
    tall *= 2.0 / (1.0 / near + 1.0 / far)  # a dome is flat towards the plate; its whole height stays the same
    slack = height - tall / near - tall / far
    centre = top - tall / near - 0.3 * max(slack, 0.0)
    r = frame.u / frame.base
    bend = 0.22 * growth.shaped * tall
    v = frame.s - centre - (bend * (r * r - 0.3) if not shape.at_head else 0.0)
    v = np.where(v > 0, v * near, v * far)
    taper = np.clip(1.0 - shape.tilt * r, 0.5, 1.5)
    power = 2.0 + (1.3 if not shape.at_head else 0.5) * growth.shaped
    q = (np.abs(frame.u) / wide) ** power + (np.abs(v) / (tall * taper)) ** power
    depth = (1.0 - q ** (1.0 / power)) * min(tall, wide)
    thick = 2.0 * wide * 0.85 * np.sqrt(np.clip(1.0 - (np.abs(frame.u) / wide) ** 2, 0.0, 1.0))
    rim = max(min(tall, 2.2), 0.6)
    outer = thick * rounded(depth, rim)
    inner = np.minimum(thick * rounded(depth - 0.36, rim), outer)
    density = 0.92 * (CORTEX * (outer - inner) + SPONGE * inner)
    return np.asarray(np.maximum(density, _styloid(frame, name, growth.shaped)))


def _styloid(frame: _Frame, name: str, shaped: float) -> Floats:
    """The ulna's styloid process: a small peg on its outer side."""
    if name != "ulna" or shaped < 0.15:
        return np.zeros_like(frame.s)
    reach = frame.base * 0.7 * shaped
    size = frame.base * 0.30
    s = np.clip(frame.s, -reach, frame.base * 0.3) - frame.s
    depth = size - np.hypot(s, frame.u - 0.66 * frame.base)
    thick = 1.6 * size * rounded(depth, size)
    return np.asarray(np.where(depth > 0, 0.06 * thick, 0.0))


def _scar(frame: _Frame, shape: Shape, growth: Growth) -> Floats:
    """The faint line that a plate leaves behind."""
    at = 2.0 * frame.base * shape.epiphysis + 0.6
    line = np.exp(-(((frame.s - at) / 0.45) ** 2)) * (np.abs(frame.u) < frame.half)
    return np.asarray(0.09 * growth.scar * growth.fused * line, dtype=np.float32)
