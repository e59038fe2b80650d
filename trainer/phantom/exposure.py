"""From attenuation to a picture: collimation, scatter, the detector's response, tone, blur and noise."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from trainer.phantom.film import Film, Floats, blurred, blurred_widely


@dataclass(frozen=True, slots=True, kw_only=True)
class Border:
    """The collimated field: a rectangle in pixels, perhaps turned, and what lies outside it."""

    centre_px: tuple[float, float]
    half_px: tuple[float, float]
    turn: float  # radians
    outside: float  # grey outside, 0 to 1
    rim: float  # brightness of the rim's glow, 0: none
    penumbra_px: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """How one picture was taken and printed."""

    dose: float  # attenuation that prints white
    background: float  # grey of bare film
    white: float  # grey of the densest bone
    gamma: float
    scatter: float
    blur_mm: float
    edge: float  # strength of the scanner's edge enhancement
    noise: float
    heel: float  # slope of brightness across the field


STANDARD = Exposure(
    dose=1.9, background=0.03, white=0.95, gamma=0.85, scatter=0.08, blur_mm=0.16, edge=0.5, noise=0.006, heel=0.0
)


def draw_exposure(rng: np.random.Generator) -> Exposure:
    """Draw an exposure like those seen in hospitals' archives."""
    style = rng.choice(["dark", "grey", "bright", "flat", "faint"], p=[0.70, 0.11, 0.10, 0.04, 0.05])
    background, white = {
        "dark": (rng.uniform(0.0, 0.07), rng.uniform(0.75, 1.0)),
        "grey": (rng.uniform(0.08, 0.25), rng.uniform(0.6, 0.9)),
        "bright": (rng.uniform(0.1, 0.35), rng.uniform(0.95, 1.1)),
        "flat": (rng.uniform(0.2, 0.45), rng.uniform(0.55, 0.8)),
        "faint": (rng.uniform(0.0, 0.06), rng.uniform(0.3, 0.5)),
    }[str(style)]
    return Exposure(
        dose=float(rng.uniform(1.5, 2.2)),
        background=float(background),
        white=float(white),
        gamma=float(rng.uniform(0.65, 0.85) if style == "bright" else rng.uniform(0.75, 1.15)),
        scatter=float(rng.uniform(0.03, 0.18)),
        blur_mm=float(rng.uniform(0.1, 0.3)),
        edge=float(rng.uniform(0.05, 0.7)),
        noise=float(np.exp(rng.uniform(np.log(0.003), np.log(0.018)))),
        heel=float(rng.normal(0, 0.02)),
    )


def expose(
    attenuation: Floats, film: Film, exposure: Exposure, *, border: Border | None, rng: np.random.Generator
) -> Floats:
    """Turn attenuation into grey levels, 0 to 1, bone bright."""
    log_signal: Floats = np.minimum(_scattered(attenuation, film, exposure.scatter), 1.15 * exposure.dose)
    sigma = max(exposure.blur_mm / film.pixel_mm, 0.3)
    log_signal = blurred(log_signal, sigma)
    wide = blurred_widely(log_signal, 2.2 / film.pixel_mm)
    log_signal = log_signal + exposure.edge * (log_signal - wide)
    tone: Floats = np.power(np.clip(log_signal / exposure.dose, 0.0, 1.6), exposure.gamma)
    grey: Floats = exposure.background + (exposure.white - exposure.background) * tone
    grey += exposure.heel * np.linspace(-1, 1, film.height_px, dtype=np.float32)[:, None]
    if border is not None:
        grey = _collimated(grey.astype(np.float32), border)
    grey += exposure.noise * (0.5 + 0.8 * np.clip(tone, 0, 1)) * _noise(grey.shape, rng)
    return _shoulder(grey.astype(np.float32))


def _scattered(attenuation: Floats, film: Film, share: float) -> Floats:
    primary = np.exp(-attenuation)
    veil = blurred_widely(primary, 18.0 / film.pixel_mm)
    return np.asarray(-np.log((primary + share * veil) / (1.0 + share)), dtype=np.float32)


def _noise(shape: tuple[int, ...], rng: np.random.Generator) -> Floats:
    white = rng.standard_normal(shape, dtype=np.float32)
    soft = blurred(white, 0.8)
    return (0.5 * white + 1.4 * soft).astype(np.float32)


def _shoulder(grey: Floats) -> Floats:
    """Bend the highlights so that they do not clip hard."""
    knee = np.float32(0.85)
    over = np.maximum(grey - knee, 0.0)
    bent = np.minimum(grey, knee) + 0.15 * (1.0 - np.exp(-over / 0.15))
    return np.asarray(np.clip(bent, 0.0, 1.0), dtype=np.float32)


def _collimated(grey: Floats, border: Border) -> Floats:
    height, width = grey.shape
    sine, cosine = math.sin(border.turn), math.cos(border.turn)
    x = np.arange(width, dtype=np.float32)[None, :] - np.float32(border.centre_px[0])
    y = np.arange(height, dtype=np.float32)[:, None] - np.float32(border.centre_px[1])
    along = np.abs(x * np.float32(cosine) + y * np.float32(sine)) - np.float32(border.half_px[0])
    across = np.abs(y * np.float32(cosine) - x * np.float32(sine)) - np.float32(border.half_px[1])
    depth = -np.maximum(along, across) / np.float32(border.penumbra_px)  # above 0: inside
    lit = np.clip(0.5 + depth, 0.0, 1.0)
    glow = border.rim * np.exp(-np.square((depth - 0.2) / np.where(depth > 0.2, 1.8, 0.5)))
    return np.asarray(grey * lit + border.outside * (1.0 - lit) + glow, dtype=np.float32)
