"""What the augmentation lab asks for: draws, pictures, ages and their arithmetic; no Qt, torch by the predictor alone.

Picture 0 is the original. Picture n is drawn as epoch n of a training is: the same seed, case and recipe give the
same numbers and the same pixels here and there.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from boneage_gui.work.importing import import_albumentations
from trainer.augment import TRANSFORMS, Canvas, Drawn, Recipe, Step, apply, draw, random_for
from trainer.prediction import Prediction
from trainer.radiograph import Radiograph, Sex

if TYPE_CHECKING:
    from trainer.preprocess import Preprocessing

ORIGINAL: Final = Drawn(values={}, noise_seed=0)
FEWEST, MOST = 4, 64  # pictures of a grid, the original among them
FIRST_CHUNK, CHUNK = 4, 16  # pictures asked together: few first, so that a number is there soon
STRIP: Final = 7  # pictures from one end of a range to the other
BINS: Final = 64
_CROPPED: Final = {"crop_x": ("scale_x", "scale"), "crop_y": ("scale_y", "scale")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ages:
    """Ages that came, months by the picture's place in what was asked."""

    months: Mapping[int, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Steadiness:
    """How a model's answer moves over drawn pictures of one radiograph, in months; the original is not counted."""

    count: int
    mean_months: float
    spread_months: float  # standard deviation; nan for a single picture
    worst: int  # number of the picture whose answer is farthest from the original's
    worst_shift_months: float


def default_preprocessing() -> Preprocessing:
    """How a training sees radiographs where no model says otherwise."""
    from trainer.config import TrainingConfig

    return TrainingConfig().preprocessing


def canvas_of(radiograph: Radiograph, preprocessing: Preprocessing) -> Canvas:
    """Return the canvas that training sees, uint8[side, side]. Raises RadiographError for a strip."""
    from trainer.preprocess import to_canvas

    return to_canvas(radiograph, preprocessing)


def draws_of(recipe: Recipe, *, seed: int, case_id: str, count: int) -> list[Drawn]:
    """Return the numbers of ``count`` pictures: the original, then epochs 1 to count - 1."""
    epochs = range(1, count)
    return [ORIGINAL, *(draw(recipe, random_for(seed=seed, case_id=case_id, epoch=epoch)) for epoch in epochs)]


def strip_draws(recipe: Recipe, step: Step) -> list[Drawn]:
    """Return the numbers of a strip: one transform alone, from the low end of its range to the high one.

    A crop chooses a part of a scaled picture, so it is shown with the recipe's largest scale, where there is one.
    """
    places = np.linspace(step.low, step.high, STRIP) if step.high > step.low else [step.low]
    beside = crop_scale(recipe, step.transform)
    return [Drawn(values={**beside, step.transform: float(place)}, noise_seed=0) for place in places]


def crop_scale(recipe: Recipe, transform: str) -> dict[str, float]:
    """Return the scale a crop is shown with, empty for other transforms and for recipes without a scale."""
    for step in recipe.steps:
        if step.transform in _CROPPED.get(transform, ()) and step.probability > 0:
            return {step.transform: step.high}
    return {}


def paint(canvas: Canvas, draws: Sequence[Drawn]) -> Iterator[tuple[int, Canvas]]:
    """Yield each picture with its place; what is unchanged needs no library and comes at once."""
    waiting = []
    for place, drawn in enumerate(draws):
        if drawn.values:
            waiting.append((place, drawn))
        else:
            yield place, canvas
    if waiting:
        import_albumentations()
    for place, drawn in waiting:
        yield place, apply(canvas, drawn)


def ages_of(
    predictor: Any, radiograph: Radiograph, sex: Sex | None, draws: Sequence[Drawn]
) -> Iterator[Prediction | Ages]:
    """Yield the radiograph's own Prediction, then the ages of its drawn pictures, several together.

    Each model sees its own canvas. A picture is one sampling of the radiograph, where the Prediction may average
    several. Raises RadiographError where the model refuses the radiograph.
    """
    yield predictor.predict(radiograph, sex=sex)
    canvas = canvas_of(radiograph, predictor.card.preprocessing)
    import_albumentations()
    start, size = 0, FIRST_CHUNK
    while start < len(draws):
        part = draws[start : start + size]
        ages = predictor.ages_of_canvases([apply(canvas, drawn) for drawn in part], [sex] * len(part))
        yield Ages(months={start + place: float(age) for place, age in enumerate(ages)})
        start, size = start + size, CHUNK


def steadiness(months: Mapping[int, float]) -> Steadiness | None:
    """Sum up the ages of a grid, by number; None while the original or every other is missing."""
    original = months.get(0, math.nan)
    drawn = {number: age for number, age in months.items() if number and math.isfinite(age)}
    if not drawn or not math.isfinite(original):
        return None
    ages = np.fromiter(drawn.values(), dtype=np.float64)
    worst = max(sorted(drawn), key=lambda number: abs(drawn[number] - original))
    return Steadiness(
        count=len(drawn),
        mean_months=float(ages.mean()),
        spread_months=float(ages.std(ddof=1)) if len(ages) > 1 else math.nan,
        worst=worst,
        worst_shift_months=drawn[worst] - original,
    )


def difference(before: Canvas, after: Canvas) -> npt.NDArray[np.int16]:
    """Return after minus before, int16[side, side], -255 to 255."""
    return np.asarray(after.astype(np.int16) - before.astype(np.int16))


def histogram(canvas: Canvas) -> npt.NDArray[np.float64]:
    """Return the share of pixels in each of 64 ranges of grey levels, float64[64], black first."""
    counts = np.bincount(canvas.ravel() // (256 // BINS), minlength=BINS)
    return np.asarray(counts / canvas.size, dtype=np.float64)


def first_step(transform: str) -> Step:
    """Return a gentle range for a transform that a recipe does not have yet: a fifth of the way to its bounds."""
    known = TRANSFORMS[transform]
    if transform == "flip":
        return Step(transform=transform, low=1.0, high=1.0, probability=0.5)
    low = known.neutral + (known.lowest - known.neutral) / 5
    high = known.neutral + (known.highest - known.neutral) / 5
    return Step(transform=transform, low=round(low, known.decimals), high=round(high, known.decimals))
