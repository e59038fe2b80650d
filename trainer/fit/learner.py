"""Learner: a network with its optimizer and average, and the one step in which they change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, cast

import numpy as np
import torch
from torch import Tensor

from trainer.batches import Batch
from trainer.checkpoint import load_first_weights
from trainer.config import TrainingConfig
from trainer.device import choose_device, tiny_as_zero, uses_bfloat16
from trainer.distributed import ALONE, Group, spread, weight_of_share
from trainer.networks import AgeNetwork, build, loss_of
from trainer.training_state import make_average, make_optimizer, pack_state, unpack_state

NO_MEMORY: Final = (
    "The GPU's memory does not even hold one case at a time; choose a smaller network_px or backbone. The last "
    "checkpoint is kept."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """The training ages, months: their scale (a network answers (age - mean) / std) and their range."""

    mean: float
    std: float
    low: float
    high: float

    @staticmethod
    def of(ages_months: Sequence[float]) -> Labels:
        """Measure them; a std below a month, of cases all of one age, counts as one."""
        ages = np.array(ages_months)
        return Labels(
            mean=float(ages.mean()), std=float(max(ages.std(), 1.0)), low=float(ages.min()), high=float(ages.max())
        )

    @staticmethod
    def kept(values: Sequence[float]) -> Labels:
        """Rebuild them from mean, std, least and greatest, as a run keeps them."""
        mean, std, low, high = values
        return Labels(mean=mean, std=std, low=low, high=high)


class Learner:
    """One network while it learns."""

    def __init__(self, config: TrainingConfig, labels: Labels, *, begins: bool, group: Group = ALONE) -> None:
        """Make the network from the config's seed; ``begins`` gives it its first weights.

        In a group, every process makes the same one and their steps are one.

        Raises ConfigError or CheckpointError where the device or the first weights cannot be had.
        """
        torch.manual_seed(config.seed)
        self.config, self.labels = config, labels
        self.device = choose_device(config.device)
        self.bfloat16 = uses_bfloat16(config.precision, self.device)
        if self.device.type == "cuda":
            torch.backends.cudnn.benchmark = True  # the sides are the same step after step
        with tiny_as_zero():  # torch's threads begin here, and stay as they began
            network = build(config.model, config.backbone)
            if begins:
                load_first_weights(network, config, mean_months=labels.mean, std_months=labels.std)
            self.network: AgeNetwork = network.to(self.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.average = make_average(self.network, config.ema_decay)
        self._group, self._together = group, spread(self.network, group)
        self.optimizer = make_optimizer(config, self.network)
        self._sums = torch.zeros(2, dtype=torch.float64, device=self.device)

    @property
    def device_line(self) -> str:
        """Where and in which precision it learns."""
        return f"{self.device} {'bfloat16' if self.bfloat16 else 'float32'}"

    @property
    def chosen(self) -> AgeNetwork:
        """The network that is judged and kept: the average of the weights where there is one."""
        return self.network if self.average is None else cast("AgeNetwork", self.average.module)

    def step(self, batch: Batch, *, learning_rate: float, at_once: int) -> None:
        """Learn from a batch, ``at_once`` cases at a time (0: all), whose gradients are added up.

        Raises torch.OutOfMemoryError; the weights are then as before.
        """
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate
        self.optimizer.zero_grad(set_to_none=True)
        sums = torch.zeros_like(self._sums)
        of_group = weight_of_share(len(batch), batch.of_step, self._group)
        with tiny_as_zero():
            for part in batch.parts(at_once):
                sums += self._add_gradient(part, share=len(part) / len(batch) * of_group)
            self.optimizer.step()
            if self.average is not None:
                self.average.update_parameters(self.network)
        self._sums += sums

    def _add_gradient(self, part: Batch, *, share: float) -> Tensor:
        """Add a part's share of the gradient; return its sums of loss and of absolute error in months, float64[2]."""
        there = part.to(self.device)
        target = (there.ages_months - self.labels.mean) / self.labels.std
        with torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=self.bfloat16):
            answer = self._together(there.inputs, there.sexes)
        loss = loss_of(self.config.loss, answer.float(), target, there.weights)
        (loss * share).backward()  # type: ignore[no-untyped-call]
        absolute = (answer.detach().float() - target).abs().sum()
        return torch.stack([loss.detach().double() * len(part), absolute.double() * self.labels.std])

    def forget_step(self) -> None:
        """Let go of what a step that failed has left in the memory."""
        self.optimizer.zero_grad(set_to_none=True)
        state = self.optimizer.state
        for weights in [weights for weights, kept in state.items() if "step" in kept and "exp_avg" not in kept]:
            del state[weights]  # the memory was full while Adam began: it begins again
        if self.device.type == "cuda":
            torch.cuda.empty_cache()

    def take_sums(self) -> tuple[float, float]:
        """Return the sums of loss and of absolute error (months) since the last time; on a GPU, wait for them."""
        loss, absolute = self._sums.tolist()
        self._sums.zero_()
        return loss, absolute

    def pack(self) -> dict[str, Tensor]:
        """Return everything that training goes on from, as tensors on the CPU."""
        return pack_state(self.network, self.average, self.optimizer, self.device)

    def unpack(self, tensors: Mapping[str, Tensor]) -> None:
        """Go on from what ``pack`` returned. Raises KeyError, ValueError, TypeError or RuntimeError for others."""
        unpack_state(tensors, self.network, self.average, self.optimizer, self.device)
