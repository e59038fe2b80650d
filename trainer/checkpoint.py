"""Checkpoint: weights and card in one safetensors file, written beside and then renamed. Nothing is pickled."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from trainer.card import METADATA_KEY, ModelCard, read_card
from trainer.errors import CheckpointError, ConfigError
from trainer.networks import AgeNetwork, build


def save_checkpoint(path: Path, networks: Sequence[AgeNetwork], card: ModelCard, *, half: bool = False) -> ModelCard:
    """Write networks and card; return the card as written, with its hash. ``half`` stores float16."""
    tensors = {
        f"member{index}.{name}": _stored(value, half=half)
        for index, network in enumerate(networks)
        for name, value in network.state_dict().items()
    }
    whole = replace(card, members=len(networks), weights_sha256=tensors_sha256(tensors))
    write_tensors(path, tensors, {METADATA_KEY: json.dumps(whole.to_json())})
    return whole


def load_checkpoint(path: Path) -> tuple[list[AgeNetwork], ModelCard]:
    """Read networks (evaluation mode, float32) and card, checking hash, names and shapes.

    Raises CheckpointError, one sentence, for a file that is truncated, tampered with or foreign.
    """
    card = read_card(path)
    tensors, _ = read_tensors(path)
    if tensors_sha256(tensors) != card.weights_sha256:
        raise CheckpointError(f"The weights in {path.name} are not the ones its card describes; the file was changed.")
    networks = []
    for index in range(card.members):
        prefix = f"member{index}."
        state = {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}
        networks.append(_network(card, state, path))
    return networks, card


def write_tensors(path: Path, tensors: Mapping[str, Tensor], metadata: Mapping[str, str]) -> None:
    """Write tensors so that ``path`` is always either the old file or the whole new one. OSError passes through."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with beside.open("wb") as file:
            file.write(save(dict(tensors), dict(metadata)))
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def read_tensors(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Read every tensor and the metadata of a safetensors file. Raises CheckpointError."""
    try:
        with safe_open(path, framework="pt") as file:
            return {name: file.get_tensor(name) for name in file.keys()}, file.metadata() or {}  # noqa: SIM118
    except (OSError, SafetensorError) as error:
        raise CheckpointError(f"{path.name} is damaged or not whole; its weights cannot be read.") from error


def tensors_sha256(tensors: Mapping[str, Tensor]) -> str:
    """Hash names, types, shapes and bytes of tensors, in the order of their names."""
    digest = hashlib.sha256()
    for name in sorted(tensors):
        value = tensors[name].detach().cpu().contiguous()
        digest.update(f"{name} {value.dtype} {tuple(value.shape)}\n".encode())
        digest.update(value.reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()


def _stored(value: Tensor, *, half: bool) -> Tensor:
    value = value.detach().cpu().clone().contiguous()
    return value.half() if half and value.is_floating_point() else value


def _network(card: ModelCard, state: dict[str, Any], path: Path) -> AgeNetwork:
    try:
        network = build(card.architecture)
        network.load_state_dict(state, strict=True)
    except (RuntimeError, ConfigError) as error:
        raise CheckpointError(f"The weights in {path.name} do not fit the network its card names.") from error
    return network.eval()
