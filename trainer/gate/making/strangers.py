"""Pictures that are no hands, made by the program: noise, textures, shapes, text, tubes, bodies, shuffled hands."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt

from trainer.gate.making.hands import HIGH_PX, LOW_PX
from trainer.gate.making.wear import Film, Levels, Random

_FONTS: Final = (cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_PLAIN, cv2.FONT_HERSHEY_COMPLEX, cv2.FONT_HERSHEY_TRIPLEX)
_WORDS: Final = ("report", "the", "hand", "of", "bone", "age", "was", "12", "2017", "clinic", "and", "left", "no", "a")


def noise(rng: Random) -> Film:
    """Return noise: even, normal, salt and pepper, or rows and columns of it."""
    height, width = _shape(rng)
    kind = int(rng.integers(4))
    if kind == 0:
        film = rng.random((height, width))
    elif kind == 1:
        film = np.clip(rng.normal(0.5, 0.2, (height, width)), 0, 1)
    elif kind == 2:
        film = (rng.random((height, width)) < rng.uniform(0.01, 0.5)).astype(np.float64)
    else:
        film = rng.random((height, 1)) + rng.random((1, width))
    return _scaled(film)


def texture(rng: Random) -> Film:
    """Return clouds, skin, landscapes: noise whose power falls with frequency, as in photographs."""
    height, width = _shape(rng)
    rows, columns = np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None, :]
    stretch = math.exp(rng.uniform(-0.8, 0.8))
    radius = np.hypot(rows * stretch, columns / stretch)
    radius[0, 0] = 1.0
    waves = rng.normal(size=radius.shape) + 1j * rng.normal(size=radius.shape)
    return _scaled(np.fft.irfft2(waves / radius ** rng.uniform(0.7, 2.2), s=(height, width)))


def gradient(rng: Random) -> Film:
    """Return a slope, a spot or stripes: what is on a film that shows nothing."""
    height, width = _shape(rng)
    y, x = np.mgrid[0:height, 0:width] / max(height, width)
    angle = rng.uniform(0, 2 * math.pi)
    along = x * math.cos(angle) + y * math.sin(angle)
    kind = int(rng.integers(3))
    if kind == 0:
        film = along
    elif kind == 1:
        film = np.hypot(x - rng.uniform(0, 1), y - rng.uniform(0, 1)) * rng.choice([-1, 1])
    else:
        film = np.sin(along * rng.uniform(6, 120)) * rng.choice([1.0, 0.3]) + np.sin(y * rng.uniform(0, 60))
    return _scaled(film + rng.normal(0, rng.choice([0.0, 0.05]), film.shape))


def scene(rng: Random) -> Film:
    """Return a picture of things: filled and shaded shapes before a background, as a photograph has."""
    film = texture(rng) * np.float32(rng.uniform(0.0, 1.0))
    height, width = film.shape
    for _ in range(int(rng.integers(2, 14))):
        drawn = np.zeros(film.shape, dtype=np.uint8)
        centre = (int(rng.integers(width)), int(rng.integers(height)))
        axes = (int(rng.integers(3, width // 2)), int(rng.integers(3, height // 2)))
        kind = int(rng.integers(3))
        if kind == 0:
            cv2.ellipse(drawn, centre, axes, rng.uniform(0, 180), 0, 360, 255, -1, cv2.LINE_AA)
        elif kind == 1:
            corners = np.array(centre) + rng.integers(-max(axes), max(axes) + 1, (int(rng.integers(3, 7)), 2))
            cv2.fillPoly(drawn, [corners.astype(np.int32)], 255, cv2.LINE_AA)
        else:
            cv2.rectangle(drawn, centre, (centre[0] + axes[0], centre[1] + axes[1]), 255, -1)
        layer = drawn.astype(np.float32) / np.float32(255.0)
        shade = rng.uniform(0, 1) + rng.uniform(-0.4, 0.4) * (np.arange(width, dtype=np.float32) / width)[None, :]
        film = film * (1 - layer) + layer * shade
    return _scaled(film)


def page(rng: Random) -> Film:
    """Return a page of text, black on white or the other way round, or a film with nothing but a few letters."""
    height, width = _shape(rng, least=96)
    levels = np.zeros((height, width), dtype=np.uint8)
    font, size = _FONTS[int(rng.integers(len(_FONTS)))], rng.uniform(0.25, 0.9)
    line_px = round(30 * size) + int(rng.integers(1, 5))
    rows = range(line_px, height, line_px) if rng.random() < 0.75 else rng.integers(8, height, int(rng.integers(1, 3)))
    for row in rows:
        words = " ".join(_WORDS[index] for index in rng.integers(len(_WORDS), size=int(rng.integers(1, 12))))
        cv2.putText(levels, words, (int(rng.integers(0, 12)), int(row)), font, size, 255, 1, cv2.LINE_AA)
    return _scaled(levels if rng.random() < 0.5 else 255 - levels)


def tubes(rng: Random) -> Film:
    """Return other bones: one to three shafts with a rim, wide at their ends, in soft tissue, as knee and arm have."""
    height, width = _shape(rng)
    levels = np.zeros((height, width), dtype=np.uint8)
    count, breadth = int(rng.integers(1, 4)), rng.uniform(0.1, 0.22) * width
    middle = width / 2 + rng.normal(0, 0.06) * width
    above, below = ((int(middle + rng.normal(0, 4)), row) for row in (-5, height + 5))
    cv2.line(levels, above, below, int(rng.integers(60, 120)), int(breadth * (count + 2)), cv2.LINE_AA)
    joint = rng.uniform(0.3, 0.7) * height
    for index in range(count):
        x = middle + (index - (count - 1) / 2) * breadth * rng.uniform(1.2, 1.6)
        for begin, end in ((-0.2 * height, joint - 0.04 * height), (joint + 0.04 * height, 1.2 * height)):
            _bone(levels, (x, begin), (x + rng.normal(0, 3), end), breadth, rng)
    soft = np.asarray(cv2.GaussianBlur(levels, (0, 0), rng.uniform(0.5, 1.5)), dtype=np.uint8)
    return _scaled(np.ascontiguousarray(np.rot90(soft, int(rng.integers(4)))))


def body(rng: Random) -> Film:
    """Return a trunk or a skull: an oval with a bright rim, a spine, ribs or holes."""
    height, width = _shape(rng)
    levels = np.zeros((height, width), dtype=np.uint8)
    centre = (width // 2, height // 2)
    axes = (int(width * rng.uniform(0.3, 0.55)), int(height * rng.uniform(0.3, 0.55)))
    rim_px = int(rng.integers(1, 6))
    cv2.ellipse(levels, centre, axes, 0, 0, 360, int(rng.integers(50, 180)), -1, cv2.LINE_AA)
    cv2.ellipse(levels, centre, axes, 0, 0, 360, int(rng.integers(100, 256)), rim_px, cv2.LINE_AA)
    inner = (max(2, axes[0] // 3), max(2, axes[1] // 2))
    for side in (-1, 1):
        hole = (centre[0] + side * axes[0] // 2, centre[1] + int(rng.normal(0, 5)))
        cv2.ellipse(levels, hole, inner, 0, 0, 360, int(rng.integers(0, 128)), -1, cv2.LINE_AA)
    if rng.random() < 0.6:
        spine_px = int(rng.integers(2, 12))
        cv2.line(levels, (centre[0], 0), (centre[0], height), int(rng.integers(128, 256)), spine_px, cv2.LINE_AA)
    for row in range(0, height, int(rng.integers(5, 14))) if rng.random() < 0.6 else ():
        cv2.ellipse(levels, (centre[0], row), (axes[0], 8), 0, 0, 180, int(rng.integers(100, 230)), 1, cv2.LINE_AA)
    return _scaled(_scaled(levels) + 0.15 * _texture_on(levels.shape, rng))


def shuffled(hand: Levels, rng: Random) -> Film:
    """Return a hand in pieces that lie in the wrong order: its grey levels and textures without its shape."""
    pieces = int(rng.integers(3, 6))
    side = pieces * (min(hand.shape) // pieces)
    blocks = hand[:side, :side].reshape(pieces, side // pieces, pieces, side // pieces).swapaxes(1, 2)
    mixed = blocks.reshape(pieces * pieces, side // pieces, side // pieces)[rng.permutation(pieces * pieces)]
    whole = mixed.reshape(pieces, pieces, side // pieces, side // pieces).swapaxes(1, 2).reshape(side, side)
    return np.asarray(whole, dtype=np.float32) / np.float32(255.0)


def found(picture: Levels, rng: Random) -> Film:
    """Return a picture of another part of the body as it lies in a file: turned, mirrored, closer or farther."""
    height, width = _shape(rng)
    source = np.rot90(picture, int(rng.integers(4)) if rng.random() < 0.3 else 0)
    source = np.ascontiguousarray(source[:, ::-1] if rng.random() < 0.5 else source)
    zoom = math.exp(rng.uniform(-0.35, 0.5))
    matrix = cv2.getRotationMatrix2D((source.shape[1] / 2, source.shape[0] / 2), rng.uniform(-30, 30), 1.0)
    matrix = np.diag([zoom * width / source.shape[1], zoom * height / source.shape[0]]) @ matrix
    shift = (0.5 * (1 - zoom) + rng.uniform(-0.08, 0.08, 2)) * (width, height)
    matrix = np.concatenate([matrix[:, :2], matrix[:, 2:] + shift[:, None]], axis=1)
    edge = cv2.BORDER_REPLICATE if rng.random() < 0.5 else cv2.BORDER_CONSTANT
    laid = cv2.warpAffine(source, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=edge)
    return np.asarray(laid, dtype=np.float32) / np.float32(255.0)


DRAWN: Final[dict[str, Callable[[Random], Film]]] = {
    "noise": noise,
    "texture": texture,
    "gradient": gradient,
    "scene": scene,
    "page": page,
    "tubes": tubes,
    "body": body,
}


def _texture_on(shape: tuple[int, ...], rng: Random) -> Film:
    return np.asarray(cv2.resize(texture(rng), (shape[1], shape[0])), dtype=np.float32)


def _bone(levels: Levels, begin: tuple[float, float], end: tuple[float, float], breadth: float, rng: Random) -> None:
    top, bottom = (round(begin[0]), round(begin[1])), (round(end[0]), round(end[1]))
    cv2.line(levels, top, bottom, 255, max(2, int(breadth)), cv2.LINE_AA)
    cv2.line(levels, top, bottom, int(rng.integers(128, 205)), max(1, int(breadth * 0.6)), cv2.LINE_AA)
    for point in (top, bottom):
        radius = max(2, int(breadth * rng.uniform(0.6, 0.9)))
        cv2.circle(levels, point, radius, int(rng.integers(180, 243)), -1, cv2.LINE_AA)


def _shape(rng: Random, *, least: int = LOW_PX) -> tuple[int, int]:
    longer = int(rng.integers(least, max(HIGH_PX, least + 1)))
    other = max(24, round(longer * rng.uniform(0.4, 1.0)))
    return (longer, other) if rng.random() < 0.6 else (other, longer)


def _scaled(film: npt.NDArray[Any]) -> Film:
    low, high = float(film.min()), float(film.max())
    return np.asarray((film - low) / max(high - low, 1e-6), dtype=np.float32)
