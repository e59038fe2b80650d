"""Checkpoint: weights and card in one safetensors file, written beside and then renamed. Nothing is pickled."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, Final, Protocol, TypeVar

import torch
from safetensors.torch import load, save
from torch import Tensor, nn

from trainer.card import HASH_KEY, METADATA_KEY, ModelCard, card_values, read_card, read_header, text_sha256
from trainer.config import TrainingConfig
from trainer.errors import CheckpointError, ConfigError
from trainer.networks import AgeNetwork, build, load_initial_weights
from trainer.whole_file import beside, remove_parts, take_place


class Carded(Protocol):
    """A card, a frozen dataclass that knows the hash of the weights it stands before."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def weights_sha256(self) -> str:
        """The hash."""

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""


C = TypeVar("C", bound=Carded)
N = TypeVar("N", bound=nn.Module)
_DTYPES: Final = (torch.float16, torch.float32, torch.int64)


def save_checkpoint(path: Path, networks: Sequence[AgeNetwork], card: ModelCard, *, half: bool = False) -> ModelCard:
    """Write networks and card; return the card as written, with its hash. ``half`` stores float16."""
    tensors = {
        f"member{index}.{name}": _stored(value, half=half)
        for index, network in enumerate(networks)
        for name, value in network.state_dict().items()
    }
    return _written(path, tensors, replace(card, members=len(networks)))


def load_checkpoint(path: Path) -> tuple[list[AgeNetwork], ModelCard]:
    """Read networks (evaluation mode, float32) and card, checking hash, names and shapes.

    Raises CheckpointError, one sentence, for a file that is truncated, tampered with or foreign.
    """
    card = read_card(path)
    tensors = _sound_tensors(path, card.weights_sha256)
    members: dict[str, dict[str, Tensor]] = {f"member{index}": {} for index in range(card.members)}
    for name, value in tensors.items():
        member, _, rest = name.partition(".")
        if member not in members:
            raise CheckpointError(_misfit(path))
        members[member][rest] = value
    return [_network(card, state, path) for state in members.values()], card


def save_network(path: Path, network: nn.Module, card: C) -> C:
    """Write a network that stands beside models, as float16, and its card; return the card with its hash."""
    return _written(path, {name: _stored(value, half=True) for name, value in network.state_dict().items()}, card)


def load_network(path: Path, network: N, weights_sha256: str, *, named: str) -> N:
    """Give a network that stands beside models its weights, and put it into evaluation mode.

    Raises CheckpointError, as ``load_checkpoint`` does; ``named`` is what the network is called then.
    """
    tensors = _sound_tensors(path, weights_sha256)
    try:
        network.load_state_dict(tensors, strict=True)
    except RuntimeError as error:
        raise CheckpointError(f"The weights in {path.name} do not fit {named}.") from error
    return network.eval()


def load_first_weights(network: AgeNetwork, config: TrainingConfig, *, mean_months: float, std_months: float) -> None:
    """Give a network that will be trained its first weights: none, ImageNet's, a file's, or those of a model.

    Of a model of the same kind the whole network is taken over, and its last layer rescaled from its own label scale
    to the new one; of another kind its backbone alone. Raises ConfigError or CheckpointError where the weights cannot
    be had or are of another backbone.
    """
    source = config.initial_weights
    if source in ("none", "imagenet") or not _has_card(Path(source)):
        load_initial_weights(network, source)
        return
    networks, card = load_checkpoint(Path(source))
    if card.backbone != config.backbone:
        raise ConfigError(f"initial_weights: {Path(source).name} is on {card.backbone}, not on {config.backbone}.")
    if card.architecture != config.model:
        network.backbone.load_state_dict(networks[0].backbone.state_dict())
        return
    network.load_state_dict(networks[0].state_dict())
    last = [layer for layer in network.head.modules() if isinstance(layer, nn.Linear)][-1]
    with torch.no_grad():
        last.weight.mul_(card.label_std_months / std_months)
        last.bias.mul_(card.label_std_months).add_(card.label_mean_months - mean_months).div_(std_months)


def write_tensors(path: Path, tensors: Mapping[str, Tensor], metadata: Mapping[str, str]) -> None:
    """Write tensors so that ``path`` is always either the old file or the whole new one. OSError passes through."""
    remove_parts(path)  # a checkpoint is large, and trainings are killed
    with beside(path) as part:
        with part.open("wb") as file:
            file.write(save(dict(tensors), dict(metadata)))
            file.flush()
            os.fsync(file.fileno())
        take_place(part, path)
        _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    # So that the new name, too, outlives a power cut. Not every system or share can do it; the file itself is safe.
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def read_tensors(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Read every tensor and the metadata of a safetensors file. Raises CheckpointError."""
    try:
        # Read, not mapped: a map of a file that is cut off, or whose disk is pulled, ends the process with SIGBUS.
        content = path.read_bytes()
        tensors = load(content)
        header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
        return tensors, header.get("__metadata__") or {}
    except Exception as error:  # its decoder meets hostile bytes here: SafetensorError, OSError, TypeError, ...
        raise CheckpointError(f"{path.name} is damaged or not whole; its weights cannot be read.") from error


def tensors_sha256(tensors: Mapping[str, Tensor]) -> str:
    """Hash names, types, shapes and bytes of tensors, in the order of their names."""
    digest = hashlib.sha256()
    for name in sorted(tensors):
        value = tensors[name].detach().cpu().contiguous()
        digest.update(f"{name} {value.dtype} {tuple(value.shape)}\n".encode())
        digest.update(value.reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()


def _written(path: Path, tensors: Mapping[str, Tensor], card: C) -> C:
    whole = replace(card, weights_sha256=tensors_sha256(tensors))
    text = json.dumps(whole.to_json())
    write_tensors(path, tensors, {METADATA_KEY: text, HASH_KEY: text_sha256(text)})
    return whole


def _sound_tensors(path: Path, weights_sha256: str) -> dict[str, Tensor]:
    """Read weights that are numbers, in a form that is read, and those that a card describes."""
    tensors, _ = read_tensors(path)
    for name, value in tensors.items():
        if value.dtype not in _DTYPES:
            raise CheckpointError(f"The weights in {path.name} are stored in a form that is not read ({name}).")
    if tensors_sha256(tensors) != weights_sha256:
        raise CheckpointError(f"The weights in {path.name} are not the ones its card describes; the file was changed.")
    if not all(bool(torch.isfinite(value).all()) for value in tensors.values()):
        raise CheckpointError(f"Some weights in {path.name} are not numbers; they are not used.")
    return tensors


def _stored(value: Tensor, *, half: bool) -> Tensor:
    value = value.detach().cpu().clone().contiguous()
    return value.half() if half and value.is_floating_point() else value


def _network(card: ModelCard, state: dict[str, Tensor], path: Path) -> AgeNetwork:
    try:
        network = build(card.architecture, card.backbone)
        network.load_state_dict(state, strict=True)
    except (RuntimeError, ConfigError) as error:
        raise CheckpointError(_misfit(path)) from error
    if (network.sex_layer is not None) != card.uses_sex:
        raise CheckpointError(_misfit(path))
    return network.eval()


def _misfit(path: Path) -> str:
    return f"The weights in {path.name} do not fit the network its card names."


def _has_card(path: Path) -> bool:
    try:
        card_values(read_header(path), path)
    except CheckpointError:
        return False
    return True
