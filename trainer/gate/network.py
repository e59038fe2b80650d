"""GateNetwork: eight small convolutions that tell the kinds of picture apart."""

from __future__ import annotations

from typing import Final

from torch import Tensor, nn

from trainer.gate.kinds import KINDS

CHANNELS: Final = (16, 32, 64, 96)  # of the four scales, 32, 16, 8 and 4 pixels
DROPOUT: Final = 0.2


class GateNetwork(nn.Module):
    """Canvases in, one log-odds a kind out."""

    def __init__(self) -> None:
        """Make the network with random weights."""
        super().__init__()
        layers: list[nn.Module] = []
        before = 1
        for channels in CHANNELS:
            layers += [*_convolution(before, channels, stride=2), *_convolution(channels, channels, stride=1)]
            before = channels
        self.features = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(2), nn.Flatten())
        self.head = nn.Sequential(nn.Dropout(DROPOUT), nn.Linear(4 * before, len(KINDS)))

    def forward(self, canvases: Tensor) -> Tensor:
        """Answer float[n, kinds] for canvases float[n, 1, 64, 64]."""
        answer: Tensor = self.head(self.features(canvases - 0.5))
        return answer


def _convolution(before: int, after: int, *, stride: int) -> list[nn.Module]:
    return [nn.Conv2d(before, after, 3, stride=stride, padding=1, bias=False), nn.BatchNorm2d(after), nn.ReLU()]
