"""A model without torch, put in at the seam of boneage_gui.work."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from trainer.card import ModelCard
from trainer.errors import RadiographError, RefusedError
from trainer.gate.verdict import READ_ANYWAY
from trainer.prediction import Prediction
from trainer.preprocess import Canvas, Preprocessing
from trainer.radiograph import Radiograph, Sex

SHA = "0123456789abcdef" * 4
LONGEST_HOLD_S = 20.0
SEX_MONTHS = {None: 0.0, Sex.FEMALE: 6.0, Sex.MALE: -6.0}

NO_SEX = "Sex was not given: the model reads without it, and less exactly."


def card(name: str = "improved-sex", *, uses_sex: bool = True) -> ModelCard:
    """The card of a fake model."""
    return ModelCard(
        name=name,
        architecture=name,
        uses_sex=uses_sex,
        preprocessing=Preprocessing(),
        label_mean_months=120.0,
        label_std_months=40.0,
        metrics={"test": {"n": 1131, "mae_months": 9.8, "mae_low": 9.4, "mae_high": 10.2}},
        data={"description": "100-pixel copies of the RSNA bone age set"},
        weights_sha256=SHA,
    )


@dataclass
class FakePredictor:
    """Answers 100 months and the share of bright pixels; remembers what it was asked; may be held."""

    card: ModelCard
    asked: list[tuple[str, Sex | None]] = field(default_factory=list)
    batches: list[int] = field(default_factory=list)  # canvases of each question that was put in one
    refusal: str | None = None
    gate_refuses: str = ""  # a sentence, unless a number is wanted anyway
    gate: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        """The gate is open."""
        self.gate.set()

    def predict(
        self,
        radiograph: Radiograph,
        *,
        sex: Sex | None,
        anyway: bool = False,
        chronological_months: float | None = None,
    ) -> Prediction:
        """The answer; a mean pixel of 0.25 makes 125 months without a sex."""
        self.asked.append((radiograph.source.name, sex))
        assert self.gate.wait(LONGEST_HOLD_S), "nobody opened the gate"
        if self.refusal is not None:
            raise RadiographError(self.refusal)
        if self.gate_refuses and not anyway:
            raise RefusedError((self.gate_refuses,))
        of_age = self.card.refusal_of_age(chronological_months)
        if of_age is not None and not anyway:
            raise RefusedError((of_age,))
        age = expected_months(radiograph, sex)
        return Prediction(
            age_months=age,
            low_months=age - 20,
            high_months=age + 18,
            coverage=0.9,
            sex=sex,
            model_name=self.card.name,
            model_sha256=self.card.weights_sha256,
            elapsed_s=0.125,
            cautions=(() if sex else (NO_SEX,)) + ((f"{READ_ANYWAY}{self.gate_refuses}",) if self.gate_refuses else ()),
        )

    def ages_of_canvases(self, canvases: Sequence[Canvas], sexes: Sequence[Sex | None]) -> npt.NDArray[np.float64]:
        """As ``predict`` does of pixels: 100 months and the share of brightness."""
        self.batches.append(len(canvases))
        assert self.gate.wait(LONGEST_HOLD_S), "nobody opened the gate"
        pairs = zip(canvases, sexes, strict=True)
        return np.array([100.0 + 100.0 * float(canvas.mean()) / 255.0 + SEX_MONTHS[sex] for canvas, sex in pairs])


def expected_months(radiograph: Radiograph, sex: Sex | None) -> float:
    """What the fake answers."""
    return 100.0 + 100.0 * float(np.mean(radiograph.pixels)) + SEX_MONTHS[sex]


@dataclass
class FakeModels:
    """The shipped models of a test: their files are empty, their cards and predictors are fakes."""

    folder: Path
    predictors: dict[str, FakePredictor] = field(default_factory=dict)
    loading: threading.Event = field(default_factory=threading.Event)  # clear it to hold the loading
    broken: set[str] = field(default_factory=set)  # models whose loading fails

    def add(self, name: str, *, uses_sex: bool = True) -> FakePredictor:
        """Ship one more model."""
        (self.folder / f"{name}.safetensors").touch()
        self.predictors[name] = FakePredictor(card(name, uses_sex=uses_sex))
        return self.predictors[name]

    def card_of(self, path: Path) -> ModelCard:
        """In the place of work.read_card."""
        return self.predictors[path.stem].card

    def load(self, path: Path, **shipped: object) -> FakePredictor:
        """In the place of work.load_predictor."""
        from trainer.errors import CheckpointError

        assert self.loading.wait(LONGEST_HOLD_S), "nobody let the model load"
        if path.stem in self.broken:
            raise CheckpointError(f"The weights in {path.name} are not the ones its card describes.")
        return self.predictors[path.stem]
