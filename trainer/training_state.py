"""What a training needs to go on exactly where it was: weights, their average, optimizer, random state."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from trainer.config import TrainingConfig


def make_average(network: nn.Module, decay: float) -> AveragedModel | None:
    """Return the moving average of a network's weights, or None for a decay of 0."""
    if not decay:
        return None
    rule = get_ema_multi_avg_fn(decay)  # type: ignore[no-untyped-call]
    return AveragedModel(network, multi_avg_fn=rule, use_buffers=True)


def make_optimizer(config: TrainingConfig, network: nn.Module) -> torch.optim.Optimizer:
    """Return Adam or AdamW over a network's weights, as the config says."""
    kind = torch.optim.Adam if config.optimizer == "adam" else torch.optim.AdamW
    return kind(network.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay, fused=True)


def pack_state(
    network: nn.Module, average: nn.Module | None, optimizer: torch.optim.Optimizer, device: torch.device
) -> dict[str, Tensor]:
    """Gather everything as named tensors on the CPU, copied, so that training may go on at once."""
    tensors = {f"network.{name}": value for name, value in network.state_dict().items()}
    if average is not None:
        tensors |= {f"average.{name}": value for name, value in average.state_dict().items()}
    for index, values in optimizer.state_dict()["state"].items():
        tensors |= {f"optimizer.{index}.{name}": value for name, value in values.items()}
    tensors["random.cpu"] = torch.get_rng_state()
    if device.type == "cuda":
        tensors["random.cuda"] = torch.cuda.get_rng_state(device)
    return {name: value.detach().cpu().contiguous().clone() for name, value in tensors.items()}


def unpack_state(
    tensors: Mapping[str, Tensor],
    network: nn.Module,
    average: nn.Module | None,
    optimizer: torch.optim.Optimizer,
    device: torch.device,
) -> None:
    """Put back what ``pack_state`` gathered, into objects of the same kind."""
    network.load_state_dict(_under("network.", tensors))
    if average is not None:
        average.load_state_dict(_under("average.", tensors))
    moments: dict[int, dict[str, Tensor]] = {}
    for name, value in _under("optimizer.", tensors).items():
        index, key = name.split(".", 1)
        moments.setdefault(int(index), {})[key] = value
    groups = optimizer.state_dict()["param_groups"]
    optimizer.load_state_dict({"state": moments, "param_groups": groups})
    _lay_out_as_weights(optimizer)
    torch.set_rng_state(tensors["random.cpu"])
    if device.type == "cuda" and "random.cuda" in tensors:
        torch.cuda.set_rng_state(tensors["random.cuda"], device)


def kept_weights(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return the weights that a paused or finished training would keep now: their average where there is one."""
    return _under("average.module.", tensors) or _under("network.", tensors)


def _lay_out_as_weights(optimizer: torch.optim.Optimizer) -> None:
    # The fused step walks weights and moments in the order of memory and never looks at strides: moments of another
    # layout (a file holds rows, a weight may hold channels last) would go to the wrong weights, without a word.
    for weight, values in optimizer.state.items():
        for name, value in values.items():
            if value.shape == weight.shape:
                values[name] = torch.empty_like(weight, dtype=value.dtype, requires_grad=False).copy_(value)


def _under(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}
