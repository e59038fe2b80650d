"""The lead marker beside the hand: an L, often with the radiographer's initials."""

from __future__ import annotations

import math

import cv2
import numpy as np

from trainer.phantom.film import Film, Floats

LEAD = 3.2  # attenuation of the letters
_LETTERS = "ABCDEFGHJKLMNPRSTW"


def add_marker(field: Floats, film: Film, thickness_mm: Floats, *, rng: np.random.Generator, plain: bool) -> None:
    """Lay one marker where no hand is (in place); none where there is no room."""
    size_mm = float(rng.uniform(13, 21))
    stamp, holder = _stamp(rng, plain=plain)
    height = max(int(size_mm / film.pixel_mm * stamp.shape[0] / 100), 8)
    height = min(height, int(0.2 * film.height_px))
    factor = height / stamp.shape[0]
    angle = (
        0.0 if plain else float(rng.normal(0, 22)) + (90.0 * float(rng.integers(-1, 2)) if rng.random() < 0.15 else 0.0)
    )
    reach = 0.5 * factor * math.hypot(*stamp.shape)
    spot = _free_spot(thickness_mm, reach, rng)
    if spot is None:
        return
    matrix = cv2.getRotationMatrix2D((stamp.shape[1] / 2, stamp.shape[0] / 2), angle, factor)
    matrix[:, 2] += (reach - stamp.shape[1] / 2, reach - stamp.shape[0] / 2)
    side = int(2 * reach)
    left, top = int(spot[0] - reach), int(spot[1] - reach)
    rows = slice(max(top, 0), min(top + side, film.height_px))
    columns = slice(max(left, 0), min(left + side, film.width_px))
    cut = np.s_[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left]
    for picture, strength in ((stamp, LEAD), (holder, float(rng.uniform(0.0, 0.22)))):
        turned = cv2.warpAffine(picture, matrix, (side, side), flags=cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR)
        field[rows, columns] += strength * turned[cut]


def _stamp(rng: np.random.Generator, *, plain: bool) -> tuple[Floats, Floats]:
    """Letters and holder as 0..1 pictures of the same size; the L is about 80 pixels tall."""
    initials = "" if plain or rng.random() < 0.2 else "".join(rng.choice(list(_LETTERS), int(rng.integers(2, 4))))
    upright = len(initials) > 1 and rng.random() < 0.3
    lines = ["L", *initials] if upright else ["L", initials] if initials else ["L"]
    scales = [3.4] + [1.7 if rng.random() < 0.7 else 2.4] * (len(lines) - 1)
    font = cv2.FONT_HERSHEY_SIMPLEX
    bold = int(rng.integers(8, 13))
    sizes = [cv2.getTextSize(line, font, scale, bold)[0] for line, scale in zip(lines, scales, strict=True)]
    width = max(w for w, _ in sizes) + 44
    height = sum(h + 26 for _, h in sizes) + 30
    letters = np.zeros((height, width), np.uint8)
    y = 15
    for line, scale, (w, h) in zip(lines, scales, sizes, strict=True):
        y += h + 13
        thick = max(int(bold * scale / 3.4), 4)
        cv2.putText(letters, line, ((width - w) // 2, y), font, scale, 255, thick, cv2.LINE_AA)
        y += 13
    holder = np.zeros_like(letters)
    if rng.random() < 0.8:
        cv2.rectangle(holder, (3, 3), (width - 4, height - 4), 255, -1)
        cv2.circle(holder, (width // 2, 12), 6, 0, -1, cv2.LINE_AA)
    return letters.astype(np.float32) / 255.0, holder.astype(np.float32) / 255.0


def _free_spot(thickness_mm: Floats, reach: float, rng: np.random.Generator) -> tuple[float, float] | None:
    step = 8
    busy = (thickness_mm[::step, ::step] > 0).astype(np.uint8)
    busy = np.pad(busy, 1, constant_values=1)
    room = cv2.distanceTransform(1 - busy, cv2.DIST_L2, 3)[1:-1, 1:-1] * step
    rows, columns = np.nonzero(room > 0.85 * reach)
    if rows.size == 0:
        return None
    pick = int(rng.integers(rows.size))
    return float(columns[pick] * step), float(rows[pick] * step)
