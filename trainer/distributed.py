"""Distributed: one training in several processes, as torchrun starts them; what they share, and who writes.

The process group is made and ended by the command line (``group_of_torchrun``), never inside a generator: one that is
closed by the garbage collector would end the group in the midst of another process's step.
"""

from __future__ import annotations

import gc
import inspect
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import torch
import torch.distributed as dist
from torch import Tensor, nn

from trainer.errors import RunError

LONGEST_WAIT: Final = timedelta(minutes=30)  # one process decodes the radiographs while the others wait for it


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The processes of one training. ``rank`` counts from 0; a single process is a group of one."""

    rank: int = 0
    size: int = 1

    @property
    def writes(self) -> bool:
        """Whether this process writes the run folder and speaks to the user."""
        return self.rank == 0

    def share(self, indices: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
        """Return this process's part of a step's cases, in order; the parts differ by one case at most."""
        return np.array_split(indices, self.size)[self.rank]

    def sums(self, values: Sequence[float]) -> list[float]:
        """Add numbers up over all processes, in double precision; every process gets the same sums."""
        if self.size == 1:
            return list(values)
        total = torch.tensor(list(values), dtype=torch.float64, device=_talking_device())
        dist.all_reduce(total)
        return [float(value) for value in total.cpu()]

    def any_of(self, *flags: bool) -> tuple[bool, ...]:
        """Return which of some flags are up in any process; every process must ask at the same place."""
        return tuple(count > 0 for count in self.sums([float(flag) for flag in flags]))

    def joined(self, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Put the parts of a result, float64[n of this process], together in the order of the processes."""
        if self.size == 1:
            return values
        parts: list[Any] = [None] * self.size
        dist.all_gather_object(parts, values.tolist())
        return np.array([value for part in parts for value in part], dtype=np.float64)

    def wait(self) -> None:
        """Go on when every process has come here."""
        if self.size > 1:
            dist.barrier()


ALONE: Final = Group()


def current() -> Group:
    """Return the group this process is in; ``ALONE`` without torchrun."""
    if dist.is_available() and dist.is_initialized():
        return Group(rank=dist.get_rank(), size=dist.get_world_size())
    return ALONE


@contextmanager
def group_of_torchrun(device: str = "auto") -> Iterator[Group]:
    """Join the group that torchrun speaks of in the environment, and leave it at the end; else yield ``ALONE``.

    ``device`` is what the training was asked to compute on. Raises RunError where the others cannot be reached.
    """
    if "WORLD_SIZE" not in os.environ or "RANK" not in os.environ:
        yield ALONE
        return
    on_gpus = _has_gpu_each(device)
    if on_gpus:
        torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", "0")))
    try:
        store = _store_of_this_start()
        dist.init_process_group(
            "nccl" if on_gpus else "gloo",
            store=store,
            rank=int(os.environ["RANK"]),
            world_size=int(os.environ["WORLD_SIZE"]),
            timeout=LONGEST_WAIT,
        )
    except (RuntimeError, ValueError, KeyError) as error:
        raise RunError(
            "The other processes of this training could not be reached; is it started by torchrun?"
        ) from error
    try:
        yield current()
    finally:
        gc.collect()  # a network that still held the group would leave its thread running while Python ends: an abort
        dist.destroy_process_group()


def _has_gpu_each(device: str) -> bool:
    """Say whether every process of this machine computes on a GPU of its own, as NCCL needs it; all answer alike."""
    processes = int(os.environ.get("LOCAL_WORLD_SIZE", os.environ["WORLD_SIZE"]))
    return device in ("auto", "cuda") and torch.cuda.is_available() and torch.cuda.device_count() >= processes


def _store_of_this_start() -> Any:
    """Return where the processes find each other: a room of its own for each start.

    torchrun keeps its store over a restart, and in it the addresses of the processes that died.
    """
    hosted_by_torchrun = os.environ.get("TORCHELASTIC_USE_AGENT_STORE") == "True"
    store = dist.TCPStore(  # type: ignore[attr-defined]
        os.environ["MASTER_ADDR"],
        int(os.environ["MASTER_PORT"]),
        int(os.environ["WORLD_SIZE"]),
        is_master=os.environ["RANK"] == "0" and not hosted_by_torchrun,
        timeout=LONGEST_WAIT,
    )
    start = os.environ.get("TORCHELASTIC_RESTART_COUNT", "0")
    return dist.PrefixStore(f"boneage/start-{start}", store)  # type: ignore[attr-defined]


def spread(network: nn.Module, group: Group) -> nn.Module:
    """Return a network whose step is that of all processes together: gradients and batch statistics are shared.

    Call it in the step only: weights, averages and checkpoints stay with ``network``, which is changed in place. The
    gradient is the mean over processes, so each must weigh its loss by ``weight_of_share``.
    """
    if group.size == 1:
        return network
    device = next(network.parameters()).device
    if device.type == "cuda":
        network = nn.SyncBatchNorm.convert_sync_batchnorm(network)  # type: ignore[no-untyped-call]
        return nn.parallel.DistributedDataParallel(network, device_ids=[device.index], **_own_buffers())
    _share_statistics(network)
    return nn.parallel.DistributedDataParallel(network, **_own_buffers())


def _own_buffers() -> dict[str, Any]:
    """Return the option that leaves buffers alone, which are alike anyway; newer torch has another name for it."""
    known = inspect.signature(nn.parallel.DistributedDataParallel.__init__).parameters
    return {"forward_sync_buffers" if "forward_sync_buffers" in known else "broadcast_buffers": False}


def weight_of_share(count: int, total: int, group: Group) -> float:
    """Return what a process's mean loss over ``count`` of a step's ``total`` cases counts in the step's gradient."""
    return count * group.size / total


def seed_step(seed: int, *, epoch: int, step: int, group: Group) -> None:
    """Make what a step draws (dropout) a matter of its number alone, another in each process.

    Every process could keep its random state across a pause instead, but only one of them writes.
    """
    if group.size > 1:
        torch.manual_seed(int(np.random.default_rng([seed, epoch, step, group.rank]).integers(2**62)))


class _Sum(torch.autograd.Function):
    """The sum of a tensor over processes; so is its gradient.

    It takes turns with the sums of the gradients in one group: every process walks the same graph, so the turns agree.
    """

    @staticmethod
    def forward(_context: Any, value: Tensor) -> Tensor:
        total = value.clone()
        dist.all_reduce(total)
        return total

    @staticmethod
    def backward(_context: Any, gradient: Tensor) -> Tensor:
        total = gradient.contiguous().clone()
        dist.all_reduce(total)
        return total


class _SharedBatchNorm(nn.BatchNorm2d):
    """Batch normalisation over the cases of all processes; torch has it for GPUs only (``SyncBatchNorm``)."""

    def forward(self, inputs: Tensor) -> Tensor:
        """Normalise float[n, channels, height, width]; in evaluation as ever."""
        if not self.training:
            return super().forward(inputs)
        values = inputs.to(torch.promote_types(inputs.dtype, torch.float32))
        own = values.numel() / values.shape[1]
        sums = _sum(torch.cat([values.sum((0, 2, 3)), values.new_full((1,), own)]))
        count = sums[-1].detach()
        mean = sums[:-1] / count
        centred = values - mean[:, None, None]
        variance = _sum((centred * centred).sum((0, 2, 3))) / count
        self._remember(mean.detach(), variance.detach() * (count / (count - 1)))
        scale = self.weight * torch.rsqrt(variance + self.eps)
        return (centred * scale[:, None, None] + self.bias[:, None, None]).to(inputs.dtype)

    def _remember(self, mean: Tensor, variance: Tensor) -> None:
        if self.running_mean is None or self.running_var is None or self.num_batches_tracked is None:
            return
        share = self.momentum if self.momentum is not None else 0.1
        with torch.no_grad():
            self.running_mean.lerp_(mean, share)
            self.running_var.lerp_(variance, share)
            self.num_batches_tracked.add_(1)


def _share_statistics(network: nn.Module) -> None:
    """Let every batch normalisation of a network look at the cases of all processes; weights and names stay."""
    for module in network.modules():
        if type(module) is nn.BatchNorm2d:
            module.__class__ = _SharedBatchNorm


def _sum(value: Tensor) -> Tensor:
    total: Tensor = _Sum.apply(value)
    return total


def _talking_device() -> torch.device:
    """Return where numbers must lie to be sent: NCCL speaks between GPUs only."""
    if dist.get_backend() == "nccl":
        return torch.device("cuda", torch.cuda.current_device())
    return torch.device("cpu")
