"""First weights: where a backbone starts that has not been trained here."""

from __future__ import annotations

from pathlib import Path

from torch import Tensor

from trainer.errors import ConfigError
from trainer.networks.age_network import AgeNetwork
from trainer.networks.vision import torchvision


def load_initial_weights(network: AgeNetwork, source: str) -> str:
    """Give the backbone its first weights and return a sentence for the card.

    ``source`` is "none", "imagenet" (torchvision's own loader, which downloads) or a file of the backbone's weights
    in torchvision's names (.safetensors only). Raises ConfigError when it cannot be had.
    """
    if source == "none":
        return note_on(source)
    name = network.backbone_name
    state = _imagenet_state(name) if source == "imagenet" else _file_state(Path(source))
    last = "fc." if hasattr(network.backbone, "fc") else f"classifier.{len(network.backbone.classifier) - 1}."
    state = {key: value for key, value in state.items() if not key.startswith(last)}
    try:
        network.backbone.load_state_dict(state, strict=True)
    except RuntimeError as error:
        raise ConfigError(f"{source} does not hold the weights of torchvision's {name}.") from error
    return note_on(source)


def note_on(source: str) -> str:
    """Return the card's sentence on where the backbone's first weights came from."""
    if source == "none":
        return "Backbone trained from random weights (no ImageNet weights)."
    origin = "torchvision's ImageNet weights" if source == "imagenet" else f"the weights in {Path(source).name}"
    return f"Started from {origin}."


def _imagenet_state(backbone: str) -> dict[str, Tensor]:
    weights = torchvision.models.get_model_weights(backbone).IMAGENET1K_V1
    try:
        state: dict[str, Tensor] = weights.get_state_dict(progress=False, check_hash=True)
    except (OSError, RuntimeError) as error:
        raise ConfigError(
            "The ImageNet weights could not be downloaded. Give initial_weights a file of the backbone's "
            "weights, or choose none to start from random weights."
        ) from error
    return state


def _file_state(path: Path) -> dict[str, Tensor]:
    if path.suffix != ".safetensors":
        raise ConfigError(
            f"{path.name} is not a .safetensors file; other weight files can run code when they are opened, so they "
            "are not read. Convert it with the safetensors package first."
        )
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return load_file(path)
    except (OSError, SafetensorError) as error:
        raise ConfigError(f"The weights in {path.name} cannot be read.") from error
