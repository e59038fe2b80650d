"""Member: one network of a run, with everything its training stands on."""

from __future__ import annotations

import math
import platform
from collections.abc import Mapping
from dataclasses import astuple, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from trainer.batches import TrainingBatches
from trainer.canvases import CanvasCache
from trainer.card import ModelCard
from trainer.config import TrainingConfig
from trainer.distributed import ALONE, Group
from trainer.errors import RunError
from trainer.fit.learner import Labels, Learner
from trainer.networks import note_on
from trainer.orders import Ordered, Orders
from trainer.run import Progress, Run


class Member:
    """One network, what it learns from, and where it stands."""

    def __init__(
        self,
        *,
        config: TrainingConfig,
        number: int,
        training: CanvasCache,
        validation: CanvasCache,
        run: Run,
        data: Mapping[str, Any],
        orders: Orders,
        state: tuple[Mapping[str, Tensor] | None, Progress],
        group: Group = ALONE,
    ) -> None:
        """Begin, or go on where a state says. ``config`` holds this member's own seed; ``number`` counts from 1.

        Raises RunError for a state of another run, ConfigError or CheckpointError for first weights not to be had.
        """
        self.config, self.number, self.group = config, number, group
        self.validation, self.run, self.data, self._orders = validation, run, data, orders
        self.batches = TrainingBatches(training, config, group)
        tensors, self.progress = state
        # Measured once, when the run begins: pictures may be gone when it goes on, and the weights are of this scale.
        kept = self.progress.labels
        labels = Labels.kept(kept) if kept else Labels.of([case.age_months for case in training.cases])
        self.progress.labels = astuple(labels)
        self.learner = Learner(config, labels, begins=tensors is None, group=group)
        if tensors is not None:
            try:
                self.learner.unpack(tensors)
            except (KeyError, ValueError, TypeError, RuntimeError) as error:
                raise RunError(f"{run.last_path.name} does not hold the state of this run.") from error

    @property
    def is_done(self) -> bool:
        """Whether every epoch was trained, or patience is at its end."""
        done, patience = self.progress.epoch - 1, self.config.patience
        return done >= self.config.epochs or bool(patience and done - self.progress.best_epoch >= patience)

    @property
    def learning_rate(self) -> float:
        """The learning rate of the next step."""
        return self._rate_after(self._steps_done)

    @property
    def last_learning_rate(self) -> float:
        """The learning rate of the step that was taken last."""
        return self._rate_after(max(0, self._steps_done - 1))

    @property
    def _steps_done(self) -> int:
        return (self.progress.epoch - 1) * self.batches.steps_per_epoch + self.progress.step

    def _rate_after(self, done: int) -> float:
        config, steps = self.config, self.batches.steps_per_epoch
        warmup = config.warmup_epochs * steps
        rise = min(1.0, (done + 1) / warmup) if warmup else 1.0
        if config.schedule == "constant":
            return config.learning_rate * rise
        share = max(0.0, done - warmup) / max(1.0, config.epochs * steps - warmup)
        return config.learning_rate * rise * 0.5 * (1 + math.cos(math.pi * share))

    def card(self) -> ModelCard:
        """Return what a model of this epoch says of itself, before it is measured."""
        config, labels = self.config, self.learner.labels
        return ModelCard(
            name=config.model,
            architecture=config.model,
            backbone=config.backbone,
            uses_sex=config.uses_sex,
            # A network is judged, and later used, at the side it was last trained at.
            preprocessing=replace(config.preprocessing, network_px=config.network_px_in(self.progress.epoch)),
            label_mean_months=labels.mean,
            label_std_months=labels.std,
            averages_flip=config.averages_flip,
            age_low_months=labels.low,
            age_high_months=labels.high,
            data=self.data,
            # Where the first weights lay is this machine's business; a card travels.
            config={**config.to_json(), "initial_weights": Path(config.initial_weights).name},
            notes=(note_on(config.initial_weights),),
            versions={"python": platform.python_version(), "torch": torch.__version__, "numpy": np.__version__},
        )

    def leave_if_ordered(self) -> None:
        """Raise Ordered when the training is to be paused or stopped, in every process of a group alike."""
        wanted = self._orders.wanted
        stop, pause = self.group.any_of(wanted == "stop", wanted == "pause")
        if stop or pause:
            raise Ordered("stop" if stop else "pause")

    def settle(self) -> None:
        """Take what the steps since the last time have summed up. Raises RunError when it is no number."""
        loss_sum, absolute_sum = self.group.sums(self.learner.take_sums())
        progress = self.progress
        if not math.isfinite(loss_sum):
            raise self._no_number("The loss is")
        progress.loss_sum += loss_sum
        progress.absolute_sum += absolute_sum

    def save_last(self) -> None:
        """Write the state to go on from. Raises RunError when it cannot be written or holds no numbers."""
        self.settle()
        if not self.group.writes:
            return
        tensors = self.learner.pack()
        # A loss may still be a number where the weights that its step left are none.
        if not all(bool(value.isfinite().all()) for value in tensors.values() if value.is_floating_point()):
            raise self._no_number("The weights are")
        self.run.save_last(tensors, self.progress)

    def _no_number(self, what: str) -> RunError:
        progress = self.progress
        return RunError(
            f"{what} no longer {'numbers' if what.endswith('are') else 'a number'} (epoch {progress.epoch}, step "
            f"{progress.step}). {'The best model so far is kept; try' if progress.best_epoch else 'Try'} a lower "
            "learning rate."
        )

    def close(self) -> None:
        """End the processes that make batches."""
        self.batches.close()
