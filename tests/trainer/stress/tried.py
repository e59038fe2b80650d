"""What the tests of the stress test share: a model that answers by a rule, and answers made by hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tests import factories
from trainer.cases import Case
from trainer.errors import RadiographError
from trainer.prediction import Prediction
from trainer.preprocess import Canvas, Preprocessing, to_canvas
from trainer.radiograph import Radiograph, Sex
from trainer.stress import TRANSFORMATIONS, Stressed, Transformation
from trainer.views import View

LOOK = Preprocessing(side_px=64, network_px=64)


def change(name: str) -> Transformation:
    """Return a transformation by its name."""
    return next(one for one in TRANSFORMATIONS if one.name == name)


class Ruler:
    """Answers by a rule over canvases, one view each; refuses radiographs for which ``refuses`` says so."""

    def __init__(
        self, rule: Callable[[Canvas], float], refuses: Callable[[Radiograph], bool] = lambda _: False
    ) -> None:
        self._rule, self._refuses = rule, refuses
        self.asked: list[int] = []  # views in each batch

    def righted(self, radiograph: Radiograph) -> Radiograph:
        """Leave it as it is."""
        return radiograph

    def views(self, radiograph: Radiograph) -> list[View]:
        """Return one."""
        if self._refuses(radiograph):
            raise RadiographError("Refused.")
        return [View(to_canvas(radiograph, LOOK))]

    def ages_of_views(self, views: Sequence[View], sexes: Sequence[Sex | None]) -> npt.NDArray[np.float64]:
        """Apply the rule."""
        assert len(views) == len(sexes)
        self.asked.append(len(views))
        return np.array([self._rule(view.seen) for view in views])

    def prediction(
        self, ages: npt.NDArray[np.float64], sex: Sex | None, *, cautions: Sequence[str], elapsed_s: float
    ) -> Prediction:
        """Return the mean; a negative one is not answered."""
        age = float(ages.mean())
        if age < 0:
            raise RadiographError("Below 0.")
        return Prediction(
            age_months=age,
            low_months=age,
            high_months=age,
            coverage=0.9,
            sex=sex,
            model_name="ruler",
            model_sha256="0" * 64,
            elapsed_s=elapsed_s,
        )


def cases(folder: Path, count: int = 3) -> list[Case]:
    """Write hands of growing brightness; return them as cases."""
    return [
        Case(
            case_id=str(index),
            image_path=factories.write_png(
                folder / f"{index}.png", (factories.hand() * (0.6 + 0.4 * index / count)).astype(np.uint8)
            ),
            age_months=100.0 + index,
        )
        for index in range(count)
    ]


def stressed(before: npt.ArrayLike, after: npt.ArrayLike, *, actual: float = 100.0, name: str = "mirror") -> Stressed:
    """Return answers made by hand."""
    return Stressed(
        change=change(name),
        actual=np.full(np.shape(before), actual),
        before=np.array(before, dtype=np.float64),
        after=np.array(after, dtype=np.float64),
    )
