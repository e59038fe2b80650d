"""Batches: canvases -> tensors, prepared some steps ahead of the network."""

from __future__ import annotations

import math
import signal
from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from trainer.augment import apply, draw, random_for
from trainer.canvases import CanvasCache
from trainer.config import TrainingConfig
from trainer.device import choose_device, worker_count
from trainer.distributed import ALONE, Group
from trainer.errors import ConfigError
from trainer.networks import SEX_CODES
from trainer.preprocess import Canvas, to_input

LEAST_SPREAD_PX: Final = 32  # every backbone divides a side by 32
WITHOUT_BATCH_NORM: Final = ("convnext_tiny",)
AHEAD: Final = 3  # batches being made while the network works

_Step = tuple[int, npt.NDArray[np.intp], int]  # epoch, this process's cases, how many all processes have


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """One step's cases as tensors."""

    inputs: Tensor  # float32[n, 1, side, side]
    sexes: Tensor  # float32[n], as networks.SEX_CODES; 0 where hidden
    ages_months: Tensor  # float32[n]
    weights: Tensor  # float32[n], of the loss; 1 unless rare ages weigh more
    of_step: int  # cases of the whole step, of which other processes may have the rest

    def __len__(self) -> int:
        """Count the cases."""
        return len(self.ages_months)

    def parts(self, at_once: int) -> list[Batch]:
        """Split into parts as equal as can be, of ``at_once`` cases at most; 0 leaves it whole."""
        if not 0 < at_once < len(self):
            return [self]
        pieces = [
            torch.tensor_split(tensor, math.ceil(len(self) / at_once))
            for tensor in (self.inputs, self.sexes, self.ages_months, self.weights)
        ]
        return [
            replace(self, inputs=inputs, sexes=sexes, ages_months=ages, weights=weights)
            for inputs, sexes, ages, weights in zip(*pieces, strict=True)
        ]

    def pin_memory(self) -> Batch:
        """Lay it where a GPU can fetch it by itself; the loader of batches asks for this."""
        return replace(
            self,
            inputs=self.inputs.pin_memory(),
            sexes=self.sexes.pin_memory(),
            ages_months=self.ages_months.pin_memory(),
            weights=self.weights.pin_memory(),
        )

    def to(self, device: torch.device) -> Batch:
        """Send it to a device, channels last; pinned memory is fetched while the program goes on."""
        return replace(
            self,
            inputs=self.inputs.to(device, non_blocking=True, memory_format=torch.channels_last),
            sexes=self.sexes.to(device, non_blocking=True),
            ages_months=self.ages_months.to(device, non_blocking=True),
            weights=self.weights.to(device, non_blocking=True),
        )


class _Maker(Dataset[Batch]):
    """Makes any batch of any epoch, the same wherever it is asked: in a thread, or in a process that got a copy."""

    def __init__(self, cache: CanvasCache, config: TrainingConfig) -> None:
        self._cache, self._config = cache, config
        self._weights = age_weights([case.age_months for case in cache.cases], balance=config.age_balance)

    def __getitem__(self, step: _Step) -> Batch:
        """Return the batch of a step."""
        epoch, indices, of_step = step
        side_px = self._config.network_px_in(epoch)
        preprocessing = replace(self._config.preprocessing, network_px=side_px)
        cases = [self._cache.cases[index] for index in indices]
        inputs = np.empty((len(indices), 1, side_px, side_px), dtype=np.float32)
        sexes = np.zeros(len(indices), dtype=np.float32)
        for place, index in enumerate(indices):
            canvas, hidden = self.drawn(int(index), epoch)
            inputs[place] = to_input(canvas, preprocessing)
            sexes[place] = 0.0 if hidden else SEX_CODES[cases[place].sex]
        return Batch(
            inputs=torch.from_numpy(inputs),
            sexes=torch.from_numpy(sexes),
            ages_months=torch.tensor([case.age_months for case in cases], dtype=torch.float32),
            weights=torch.from_numpy(self._weights[indices]),
            of_step=of_step,
        )

    def drawn(self, index: int, epoch: int) -> tuple[Canvas, bool]:
        """Return a case's canvas as augmented in an epoch, and whether its sex is hidden then."""
        rng = random_for(seed=self._config.seed, case_id=self._cache.cases[index].case_id, epoch=epoch)
        drawn = draw(self._config.recipe, rng)
        hidden = bool(rng.random() < self._config.sex_hidden_share)
        return apply(np.asarray(self._cache.canvases[index]), drawn), hidden


class TrainingBatches:
    """The training cases of a run in the order of each epoch, augmented; the same whenever it is asked.

    A thread makes them while the network works; where the network is too fast for one (a GPU), processes do, and lay
    them where the GPU fetches them by itself.
    """

    def __init__(self, cache: CanvasCache, config: TrainingConfig, group: Group = ALONE) -> None:
        """Hold the canvases; nothing is computed yet. Every process of a group gets its share of each step."""
        self._count, self._config, self._group = len(cache.cases), config, group
        self._step_size = config.batch_size * group.size
        self._maker = _Maker(cache, config)
        device = choose_device(config.device)
        self._workers, self._pins = worker_count(config.workers, device), device.type == "cuda"
        self._steps: list[_Step] = []  # what the processes are to make, in order
        self._loader: DataLoader[Batch] | None = None

    @property
    def steps_per_epoch(self) -> int:
        """How many batches one epoch has; the last one may be smaller, or larger by one case."""
        whole, rest = divmod(self._count, self._step_size)
        # A single case has no spread for batch normalisation to work with: it joins the batch before. So do cases
        # that would not go round the processes.
        return max(1, whole + (rest >= max(2, self._group.size)))

    def epoch(self, epoch: int, *, first_step: int = 0) -> Generator[Batch]:
        """Yield the batches of an epoch (from 1), from ``first_step`` (from 0) on."""
        order = np.random.default_rng([self._config.seed, epoch]).permutation(self._count)
        size = self._step_size
        ends = [*range(size, self.steps_per_epoch * size, size), len(order)]
        wholes = [order[step * size : ends[step]] for step in range(first_step, len(ends))]
        steps: list[_Step] = [(epoch, self._group.share(whole), len(whole)) for whole in wholes]
        with closing(self._by_processes(steps) if self._workers else self._by_thread(steps)) as batches:
            yield from batches

    def canvas(self, index: int, epoch: int) -> Canvas:
        """Return a case's canvas as it is augmented in an epoch."""
        return self._maker.drawn(index, epoch)[0]

    def close(self) -> None:
        """End the processes; they begin anew when a batch is asked for."""
        self._loader = None

    def _by_thread(self, steps: list[_Step]) -> Generator[Batch]:
        with ThreadPoolExecutor(max_workers=1, thread_name_prefix="batches") as pool:
            waiting = [pool.submit(self._maker.__getitem__, step) for step in steps[:AHEAD]]
            try:
                for position in range(len(steps)):
                    if position + AHEAD < len(steps):
                        waiting.append(pool.submit(self._maker.__getitem__, steps[position + AHEAD]))
                    yield waiting.pop(0).result()
            finally:
                pool.shutdown(wait=True, cancel_futures=True)

    def _by_processes(self, steps: list[_Step]) -> Generator[Batch]:
        self._steps[:] = steps
        if self._loader is None:
            self._loader = DataLoader(
                self._maker,
                batch_size=None,  # the maker makes whole batches
                sampler=self._steps,
                num_workers=self._workers,
                persistent_workers=True,  # each imports torch: seconds that an epoch may not cost
                prefetch_factor=AHEAD,
                pin_memory=self._pins,
                multiprocessing_context="spawn",  # a fork would copy threads in the midst of what they hold
                worker_init_fn=_begin_worker,
                generator=torch.Generator(),  # or it would draw from the one that dropout draws from
            )
        yield from self._loader


def _begin_worker(_: int) -> None:
    """Keep each process to one core, since there are as many as are wanted, and leave Ctrl-C to the one that trains."""
    import cv2

    cv2.setNumThreads(0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to all: the step in hand needs its batch


def refuse_lone_values(config: TrainingConfig, group: Group = ALONE) -> None:
    """Refuse a step of one case at a side that the backbone brings down to one place: ConfigError.

    Batch normalisation has a single value of each feature then, which has no spread; a backbone without it may go on.
    """
    lone = config.batch_size * group.size == 1 and config.network_px_in(1) <= LEAST_SPREAD_PX
    if lone and config.backbone not in WITHOUT_BATCH_NORM:
        raise ConfigError(
            f"batch_size must be 2 or more where the network sees {LEAST_SPREAD_PX} pixels: batch normalisation needs "
            "the spread of several values. Or choose a larger network_px."
        )


def age_weights(ages_months: Sequence[float], *, balance: float) -> npt.NDArray[np.float32]:
    """Weigh cases by how rare their year of age is, float32[n] of mean 1.

    ``balance`` 0 weighs all alike, 1 gives every year of age the same sum; between, a power of it.
    """
    years = (np.asarray(ages_months) // 12).astype(np.intp)
    weights = np.bincount(years)[years].astype(np.float64) ** -balance
    return np.asarray(weights / weights.mean(), dtype=np.float32)
