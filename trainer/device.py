"""Which processor computes, and in which precision."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import torch

from trainer.errors import ConfigError

MOST_WORKERS: Final = 8
TINY: Final = 1e-39  # below 1.2e-38 float32 has fewer digits left, the less the smaller a number is
GPU_LOST: Final = (
    "The GPU stopped answering in the middle of the training; the last checkpoint is kept. Resume the run: on the same "
    "GPU once it is back, which may need a restart of the computer, or with device cpu."
)
# As cuBLAS and cuDNN say it when they get no memory; the last where cuDNN has tried every way and none had enough.
_MEMORY_FULL: Final = ("CUDA out of memory", "CUDA error: out of memory", "ALLOC_FAILED", "unable to find an engine")
# How CUDA's libraries begin what they say, in the RuntimeErrors that torch makes of it.
_OF_THE_GPU: Final = ("CUDA error", "CUDA driver error", "cuDNN error", "cuBLAS error", "NCCL error", "HIP error")


def choose_device(name: str) -> torch.device:
    """Return the device for "auto", "cpu", "cuda" or "cuda:1". Raises ConfigError for one that is not here."""
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise ConfigError(f"There is no device named {name!r}; try auto, cpu or cuda.") from error
    if device.type not in ("cpu", "cuda"):
        raise ConfigError(f"Training on {name!r} is not supported; try auto, cpu or cuda.")
    if device.type == "cuda" and not torch.cuda.is_available():
        raise ConfigError("There is no CUDA GPU that torch can use here; choose auto or cpu.")
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise ConfigError(f"There is no {name}: torch finds {torch.cuda.device_count()} CUDA GPU(s) here.")
    return device


def is_memory_full(error: BaseException) -> bool:
    """Say whether a GPU's memory did not suffice, in whichever of its libraries' words."""
    if isinstance(error, torch.OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError) and any(words in str(error) for words in _MEMORY_FULL)


def is_gpu_lost(error: BaseException) -> bool:
    """Say whether a GPU fell away, or broke, in the midst of the work; nothing more can be computed on it then."""
    kind = getattr(torch, "AcceleratorError", None)  # torch 2.8 and later
    if kind is not None and isinstance(error, kind):
        return True
    return isinstance(error, RuntimeError) and str(error).startswith(_OF_THE_GPU)


def uses_bfloat16(precision: str, device: torch.device) -> bool:
    """Say whether to compute in bfloat16: as told, or for "auto" where the processor is faster so."""
    if precision != "auto":
        return precision == "bfloat16"
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    # Measured with ResNet18 on Xeons, 8 images of 224 px: with tiles (AMX) bfloat16 trains 2.4 times as fast as
    # float32, with avx512_bf16 alone 0.64 times. What a CPU has, torch says in private functions only, which another
    # version may lack; float32 is right everywhere.
    return bool(getattr(torch.cpu, "_is_amx_tile_supported", lambda: False)())


@contextmanager
def tiny_as_zero() -> Iterator[None]:
    """Let a CPU take numbers that float32 holds with fewer digits for 0, in this thread and in those that it begins.

    A CPU multiplies them a hundred times slower, and weights end there that nothing moves but their decay: without
    this the paper's improved model, from random weights, trained at a third of its speed after five epochs.
    """
    before = flushes_tiny()
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(before)


def flushes_tiny() -> bool:
    """Say whether this thread takes tiny numbers for 0 already."""
    return not bool(torch.tensor(TINY) * 1.0)


def gpu_memory_mb(device: torch.device) -> float | None:
    """Return the most memory that this process has held on a GPU, MB; None on a CPU."""
    return torch.cuda.max_memory_allocated(device) / 1e6 if device.type == "cuda" else None


def worker_count(wanted: int, device: torch.device) -> int:
    """Return how many processes make batches: as told, or for -1 none on a CPU, where a thread keeps up."""
    if wanted >= 0:
        return wanted
    return 0 if device.type == "cpu" else max(1, min(MOST_WORKERS, (os.cpu_count() or 2) - 1))
