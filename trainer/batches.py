"""Batches: canvases -> tensors, prepared one step ahead of the network."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from trainer.augment import apply, draw, random_for
from trainer.canvases import CanvasCache
from trainer.config import TrainingConfig
from trainer.networks import SEX_CODES
from trainer.preprocess import Canvas, to_input

AHEAD: Final = 3  # batches being made while the network works


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """One step's cases as tensors."""

    inputs: Tensor  # float32[n, 1, side, side]
    sexes: Tensor  # float32[n], as networks.SEX_CODES; 0 where hidden
    ages_months: Tensor  # float32[n]
    weights: Tensor  # float32[n], of the loss; 1 unless rare ages weigh more


class TrainingBatches:
    """The training cases of a run in the order of each epoch, augmented; the same whenever it is asked."""

    def __init__(self, cache: CanvasCache, config: TrainingConfig) -> None:
        """Hold the canvases; nothing is computed yet."""
        self._cache = cache
        self._config = config
        self._weights = age_weights([case.age_months for case in cache.cases], balance=config.age_balance)

    @property
    def steps_per_epoch(self) -> int:
        """How many batches one epoch has; the last one may be smaller, or larger by one case."""
        whole, rest = divmod(len(self._cache.cases), self._config.batch_size)
        # A single case has no spread for batch normalisation to work with: it joins the batch before.
        return max(1, whole + (rest > 1))

    def epoch(self, epoch: int, *, first_step: int = 0) -> Generator[Batch]:
        """Yield the batches of an epoch (from 1), from ``first_step`` (from 0) on."""
        order = np.random.default_rng([self._config.seed, epoch]).permutation(len(self._cache.cases))
        size = self._config.batch_size
        ends = [*range(size, self.steps_per_epoch * size, size), len(order)]
        chunks = [order[step * size : ends[step]] for step in range(first_step, len(ends))]
        with ThreadPoolExecutor(max_workers=1, thread_name_prefix="batches") as pool:
            waiting = [pool.submit(self._batch, chunk, epoch) for chunk in chunks[:AHEAD]]
            try:
                for position in range(len(chunks)):
                    if position + AHEAD < len(chunks):
                        waiting.append(pool.submit(self._batch, chunks[position + AHEAD], epoch))
                    yield waiting.pop(0).result()
            finally:
                pool.shutdown(wait=True, cancel_futures=True)

    def canvas(self, index: int, epoch: int) -> Canvas:
        """Return a case's canvas as it is augmented in an epoch."""
        return self._drawn(index, epoch)[0]

    def _batch(self, indices: npt.NDArray[np.intp], epoch: int) -> Batch:
        side_px = self._config.network_px_in(epoch)
        preprocessing = replace(self._config.preprocessing, network_px=side_px)
        drawn = [self._drawn(int(index), epoch) for index in indices]
        cases = [self._cache.cases[index] for index in indices]
        sexes = [0.0 if hidden else SEX_CODES[case.sex] for case, (_, hidden) in zip(cases, drawn, strict=True)]
        return Batch(
            inputs=torch.from_numpy(np.stack([to_input(canvas, preprocessing) for canvas, _ in drawn])),
            sexes=torch.tensor(sexes, dtype=torch.float32),
            ages_months=torch.tensor([case.age_months for case in cases], dtype=torch.float32),
            weights=torch.from_numpy(self._weights[indices]),
        )

    def _drawn(self, index: int, epoch: int) -> tuple[Canvas, bool]:
        """Return the augmented canvas, and whether this case's sex is hidden in this epoch."""
        rng = random_for(seed=self._config.seed, case_id=self._cache.cases[index].case_id, epoch=epoch)
        drawn = draw(self._config.recipe, rng)
        hidden = bool(rng.random() < self._config.sex_hidden_share)
        return apply(np.asarray(self._cache.canvases[index]), drawn), hidden


def age_weights(ages_months: Sequence[float], *, balance: float) -> npt.NDArray[np.float32]:
    """Weigh cases by how rare their year of age is, float32[n] of mean 1.

    ``balance`` 0 weighs all alike, 1 gives every year of age the same sum; between, a power of it.
    """
    years = (np.asarray(ages_months) // 12).astype(np.intp)
    weights = np.bincount(years)[years].astype(np.float64) ** -balance
    return np.asarray(weights / weights.mean(), dtype=np.float32)
