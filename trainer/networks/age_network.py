"""Networks that turn radiographs into scaled ages: the paper's two, and one that is told the sex, on any backbone."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn

from trainer.errors import ConfigError
from trainer.networks.vision import torchvision
from trainer.radiograph import Sex

# What each of torchvision's networks hands to its last layer, which is replaced.
FEATURES: Final = {
    "resnet18": 512,  # the paper's
    "resnet34": 512,
    "resnet50": 2048,
    "convnext_tiny": 768,
    "efficientnet_v2_s": 1280,
    "mobilenet_v3_large": 1280,
}
SEX_FEATURES: Final = 32
SEX_CODES: Final = {Sex.FEMALE: -1.0, Sex.MALE: 1.0, None: 0.0}


class AgeNetwork(nn.Module):
    """A backbone without its last layer, then a head. Answers scaled ages; the card knows the scale."""

    def __init__(self, *, head: nn.Module, uses_sex: bool, backbone: str) -> None:
        """Make the network with random weights; the head takes the backbone's features, and 32 more with the sex."""
        super().__init__()
        self.backbone = getattr(torchvision.models, backbone)(weights=None)
        self.backbone_name = backbone
        if hasattr(self.backbone, "fc"):
            self.backbone.fc = nn.Identity()
        else:
            self.backbone.classifier[-1] = nn.Identity()
        self.sex_layer = nn.Linear(1, SEX_FEATURES) if uses_sex else None
        self.head = head

    def forward(self, inputs: Tensor, sexes: Tensor) -> Tensor:
        """Answer scaled ages, float[n], for ``inputs`` float[n, 1, side, side] and ``sexes`` float[n].

        A sex is -1 for female, +1 for male, 0 for not told; networks without sex ignore it.
        """
        # The backbone of the paper has three input channels: a grey picture fills all of them.
        features = self.backbone(inputs.expand(-1, 3, -1, -1))
        if self.sex_layer is not None:
            features = torch.cat([features, self.sex_layer(sexes[:, None].to(features.dtype))], dim=1)
        answer: Tensor = self.head(features)[:, 0]
        return answer


def build(model: str, backbone: str = "resnet18") -> AgeNetwork:
    """Build "baseline" or "improved" as in the paper, or "improved-sex". Raises ConfigError for another name."""
    if backbone not in FEATURES:
        raise ConfigError(f"There is no backbone named {backbone!r}; known are {', '.join(FEATURES)}.")
    features = FEATURES[backbone]
    if model == "baseline":
        return AgeNetwork(head=nn.Linear(features, 1), uses_sex=False, backbone=backbone)
    if model == "improved":
        return AgeNetwork(head=_head(features), uses_sex=False, backbone=backbone)
    if model == "improved-sex":
        return AgeNetwork(head=_head(features + SEX_FEATURES), uses_sex=True, backbone=backbone)
    raise ConfigError(f"There is no network named {model!r}; known are baseline, improved, improved-sex.")


def sex_codes(sexes: list[Sex | None]) -> Tensor:
    """Encode sexes for ``AgeNetwork.forward``: float32[n]."""
    return torch.tensor([SEX_CODES[sex] for sex in sexes], dtype=torch.float32)


def loss_of(kind: str, answer: Tensor, target: Tensor, weights: Tensor | None = None) -> Tensor:
    """Return the "mse", "l1" or "huber" loss, a scalar, of scaled ages float[n]; weights float[n] average 1."""
    losses = {
        "mse": nn.functional.mse_loss,
        "l1": nn.functional.l1_loss,
        "huber": nn.functional.smooth_l1_loss,
    }
    if weights is None:
        return losses[kind](answer, target)
    return (losses[kind](answer, target, reduction="none") * weights).mean()


def _head(features: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(features, 256), nn.ReLU(), nn.Dropout(0.3), nn.Linear(256, 1))
