"""Predictor: a radiograph in, an age with its interval out. The one inference path of the whole program."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from trainer.card import ModelCard
from trainer.checkpoint import load_checkpoint
from trainer.errors import CheckpointError, RadiographError, RefusedError
from trainer.gate import Gate, Likeness
from trainer.gate.traits import traits_of
from trainer.gate.verdict import READ_ANYWAY
from trainer.intervals import chosen
from trainer.margins import without_margins
from trainer.networks import AgeNetwork, sex_codes
from trainer.orientation import Upright
from trainer.orientation.upright import READER_TURNED, turned_back, whole_turn
from trainer.prediction import Prediction, years_and_months
from trainer.preprocess import Canvas, to_canvas, to_input
from trainer.radiograph import Radiograph, Sex
from trainer.views import View, views_of, views_of_canvas

SELF_TEST_TOLERANCE_MONTHS: Final = 0.25
LEAST_SIDE_PX: Final = 32
EDGE_MONTHS: Final = 12.0  # at either end of the trained ages, where a model has seen few and cannot read beyond


class Predictor:
    """Networks and their card, ready to answer."""

    def __init__(
        self,
        networks: Sequence[AgeNetwork],
        card: ModelCard,
        *,
        upright: Upright | None = None,
        gate: Gate | None = None,
        likeness: Likeness | None = None,
    ) -> None:
        """Hold networks that are in evaluation mode; with ``upright``, hands that lie turned are turned for reading.

        With a ``gate``, ``predict`` asks it first; who measures a model gives none: every labelled radiograph counts.
        ``likeness`` must be this model's; it warns of what is unlike its training.
        """
        self.card = card
        self._upright = upright
        self._gate = gate
        self._likeness = likeness
        self._networks = [network.to(memory_format=torch.channels_last) for network in networks]

    @property
    def networks(self) -> tuple[AgeNetwork, ...]:
        """The networks, for what looks into them; in evaluation mode."""
        return tuple(self._networks)

    @classmethod
    def load(
        cls,
        path: Path,
        *,
        upright: Upright | None = None,
        gate: Gate | None = None,
        likeness_folder: Path | None = None,
    ) -> Predictor:
        """Load a model file: hash, strict load, self-test. Raises CheckpointError.

        What ``likeness_folder`` has of its training, or what lies beside it, warns of pictures that are unlike it.
        """
        networks, card = load_checkpoint(path)
        likeness = None if likeness_folder is None else Likeness.find(path, card, likeness_folder)
        predictor = cls(networks, card, upright=upright, gate=gate, likeness=likeness)
        if card.self_test_months is not None:
            answer = predictor.self_test()
            if not math.isfinite(answer) or abs(answer - card.self_test_months) > SELF_TEST_TOLERANCE_MONTHS:
                raise CheckpointError(
                    f"{path.name} fails its self-test on this computer: it answers {answer:.2f} months where "
                    f"{card.self_test_months:.2f} is right. It is not used."
                )
        return predictor

    @classmethod
    def load_beside(
        cls,
        path: Path,
        *,
        upright_file: Path | None = None,
        gate_file: Path | None = None,
        likeness_folder: Path | None = None,
    ) -> Predictor:
        """Load a model for reading, with what stands beside it in files, as ``load`` does. Raises CheckpointError."""
        return cls.load(
            path,
            upright=None if upright_file is None else Upright.load(upright_file),
            gate=None if gate_file is None else Gate.load(gate_file),
            likeness_folder=likeness_folder,
        )

    def predict(
        self,
        radiograph: Radiograph,
        *,
        sex: Sex | None,
        anyway: bool = False,
        chronological_months: float | None = None,
    ) -> Prediction:
        """Read the bone age of one radiograph; ``sex`` None means it is not known.

        ``anyway`` reads what the gate refuses, and marks it. The gate is told the chronological age, by default the
        header's: an adult's hand has no bone age. Raises RefusedError where the gate refuses;
        RadiographError for a strip that is no hand, and where the network's sums overflow.
        """
        begun = time.perf_counter()
        radiograph = self.righted(radiograph)
        views = self.views(radiograph)
        if chronological_months is None:
            chronological_months = radiograph.study.age_months
        refused = self._refused(radiograph, chronological_months)
        if refused and not anyway:
            raise RefusedError(refused)
        cautions = [*radiograph.cautions, *([f"{READ_ANYWAY}{' '.join(refused)}"] if refused else [])]
        ages = self.ages_of_views(views, [sex] * len(views))
        cautions += self._cautions_of_likeness(radiograph)
        return self.prediction(ages, sex, cautions=cautions, elapsed_s=time.perf_counter() - begun)

    def righted(self, radiograph: Radiograph) -> Radiograph:
        """Return a radiograph as it is read: without even margins, and fingers up where a finder is certain."""
        radiograph = without_margins(radiograph)
        if self._upright is not None:
            return self._upright.righted(radiograph)
        degrees = whole_turn(radiograph.quarters, 0.0)
        return turned_back(radiograph, degrees, caution=READER_TURNED) if degrees else radiograph

    def undone_degrees(self, radiograph: Radiograph) -> float:
        """Return by how many degrees anticlockwise ``righted`` turns a radiograph, once its margins are gone."""
        radiograph = without_margins(radiograph)
        if self._upright is None:
            return whole_turn(radiograph.quarters, 0.0)
        return self._upright.undone_degrees(radiograph)

    def views(self, radiograph: Radiograph) -> list[View]:
        """Return what the network looks at; the answer is the mean of its answers to them.

        Raises RadiographError for a strip that is no hand and for a picture that shows nothing.
        """
        _refuse_what_shows_nothing(radiograph)
        card = self.card
        return views_of(
            radiograph, card.preprocessing, shifts_per_side=card.shifts_per_side, mirrors=card.averages_flip
        )

    def prediction(
        self, ages: npt.NDArray[np.float64], sex: Sex | None, *, cautions: Sequence[str], elapsed_s: float
    ) -> Prediction:
        """Return the answer of a radiograph, from the ages of its views, float64[n] months.

        Raises RadiographError where the network's sums overflowed.
        """
        age = float(ages.mean())
        if not math.isfinite(age):  # max(0, nan) would be 0: a newborn's age for no answer at all
            raise RadiographError("The model finds no age for this picture: its answer is not a number.")
        low, high = self._interval(age, sex)
        return Prediction(
            age_months=max(0.0, age),
            low_months=low,
            high_months=high,
            coverage=self.card.coverage,
            sex=sex,
            model_name=self.card.name,
            model_sha256=self.card.weights_sha256,
            elapsed_s=elapsed_s,
            cautions=(*cautions, *self._cautions(age, sex)),
        )

    def ages_of_views(self, views: Sequence[View], sexes: Sequence[Sex | None]) -> npt.NDArray[np.float64]:
        """Estimate months, float64[n], one for each view."""
        return estimate_months(self._networks, inputs_of(views, self.card), sex_codes(list(sexes)), self.card)

    def ages_of_canvases(self, canvases: Sequence[Canvas], sexes: Sequence[Sex | None]) -> npt.NDArray[np.float64]:
        """Estimate months, float64[n], one for each canvas; its mirror image is averaged in where the card says so."""
        return months_of_canvases(self._networks, canvases, sexes, self.card)

    def self_test(self) -> float:
        """Answer for a fixed pattern, in months; the card holds what it should be."""
        side = self.card.preprocessing.side_px
        rows, columns = np.mgrid[:side, :side]
        pattern = ((rows * 3 + columns * 5 + (rows * columns) // side) % 256).astype(np.uint8)
        return float(self.ages_of_canvases([pattern], [Sex.FEMALE])[0])

    def _interval(self, age: float, sex: Sex | None) -> tuple[float, float]:
        quantiles = self.card.residual_quantiles
        if not quantiles:
            return math.nan, math.nan
        row = quantiles[chosen(quantiles, age, sex, hidden=self.card.uses_sex and sex is None)]
        return max(0.0, age + row["q05"]), max(0.0, age + row["q95"])

    def _refused(self, radiograph: Radiograph, chronological_months: float | None) -> tuple[str, ...]:
        """Return the sentences that the gate refuses with; none without a gate."""
        if self._gate is None:
            return ()
        too_old = self.card.refusal_of_age(chronological_months)
        return (*self._gate.judge(radiograph).reasons, *([] if too_old is None else [too_old]))

    def _cautions_of_likeness(self, radiograph: Radiograph) -> list[str]:
        if self._likeness is None:
            return []
        look = self.card.preprocessing
        return self._likeness.cautions(traits_of(self._networks[0], [to_canvas(radiograph, look)], look))

    def _cautions(self, age: float, sex: Sex | None) -> list[str]:
        cautions = []
        if self.card.uses_sex and sex is None:
            cautions.append("Sex was not given: the model reads without it, and less exactly.")
        low, high = self.card.age_low_months, self.card.age_high_months
        trained = f"the model was trained on ({years_and_months(low)} to {years_and_months(high)})"
        if not low <= age <= high:
            cautions.append(f"The age lies outside the range {trained}.")
        elif not low + EDGE_MONTHS <= age <= high - EDGE_MONTHS:
            cautions.append(f"The age lies at the edge of the range {trained}: the true one may lie beyond it.")
        return cautions


def _refuse_what_shows_nothing(radiograph: Radiograph) -> None:
    height, width = radiograph.pixels.shape
    if min(height, width) < LEAST_SIDE_PX:
        raise RadiographError(
            f"A picture of {width} × {height} pixels is too small to read a bone age from; "
            f"both sides need {LEAST_SIDE_PX} or more."
        )
    if radiograph.pixels.min() == radiograph.pixels.max():
        raise RadiographError("The picture is one even grey: there is nothing on it to read a bone age from.")


def inputs_of(views: Sequence[View], card: ModelCard) -> Tensor:
    """Return what a network takes for these views: float[n, 1, side, side]."""
    return torch.from_numpy(np.stack([to_input(view.seen, card.preprocessing) for view in views]))


def months_of_canvases(
    networks: Sequence[AgeNetwork],
    canvases: Sequence[Canvas],
    sexes: Sequence[Sex | None],
    card: ModelCard,
    *,
    batch_size: int = 64,
) -> npt.NDArray[np.float64]:
    """Return months, float64[n], one for each canvas: the mean over its views, ``batch_size`` of them at a time."""
    views = [view for canvas in canvases for view in views_of_canvas(canvas, mirrors=card.averages_flip)]
    each = len(views) // max(1, len(canvases))
    codes = sex_codes([sex for sex in sexes for _ in range(each)])
    ages = estimate_months(networks, inputs_of(views, card), codes, card, batch_size=batch_size)
    return np.asarray(ages.reshape(len(canvases), each).mean(axis=1), dtype=np.float64)


def estimate_months(
    networks: Sequence[AgeNetwork], inputs: Tensor, sexes: Tensor, card: ModelCard, *, batch_size: int = 64
) -> npt.NDArray[np.float64]:
    """Run networks over ``inputs`` float[n, 1, side, side] and return months, float64[n].

    Averages over networks, which must be in evaluation mode. Validation, evaluation, the command line and the window
    all end here.
    """
    device = next(networks[0].parameters()).device
    answers = []
    for start in range(0, len(inputs), batch_size):
        part = inputs[start : start + batch_size].to(device).contiguous(memory_format=torch.channels_last)
        sex = sexes[start : start + batch_size].to(device)
        with torch.inference_mode():
            total = sum(network(part, sex).double() for network in networks)
        answers.append((total / len(networks)).cpu().numpy())
    scaled = np.concatenate(answers)
    return np.asarray(scaled * card.label_std_months + card.label_mean_months, dtype=np.float64)
