"""TurnNetwork: six small convolutions that say how far a hand is turned, in 24 steps of 15 degrees clockwise."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn

from trainer.orientation.canvas import SIDE_PX

STEPS: Final = 24
DROPOUT: Final = 0.2


class TurnNetwork(nn.Module):
    """Windows in, one log-odds a step out."""

    def __init__(self) -> None:
        """Make the network with random weights."""
        super().__init__()
        self.layers = nn.Sequential(
            *_convolution(1, 16, side=5, stride=2),
            *_convolution(16, 32, stride=2),
            *_convolution(32, 32),
            *_convolution(32, 64, stride=2),
            *_convolution(64, 64),
            *_convolution(64, 64, stride=2),
            nn.Flatten(),
            nn.Dropout(DROPOUT),
            nn.Linear(64 * (SIDE_PX // 16) ** 2, STEPS),
        )

    def forward(self, windows: Tensor) -> Tensor:
        """Answer float[n, 24] for windows float[n, 64, 64]."""
        answer: Tensor = self.layers(windows[:, None])
        return answer


def shares_of_steps(network: TurnNetwork, windows: Tensor) -> Tensor:
    """Return how likely each step is, float[n, 24], for windows float[n, 64, 64].

    The network, in evaluation mode, looks at each window in four turns and their mirror images; what it says is turned
    back and averaged, so that a quarter turn or a mirror image of a picture gets exactly the turned answer.
    """
    mirrored = -torch.arange(STEPS) % STEPS  # clockwise in the mirror is anticlockwise
    turned = [torch.rot90(windows, quarter, (1, 2)) for quarter in range(4)]  # anticlockwise
    total = torch.zeros(len(windows), STEPS)
    with torch.inference_mode():
        said = network(torch.cat([*turned, *(each.flip(-1) for each in turned)])).log_softmax(1)
        plain, mirror = said.view(2, 4, len(windows), STEPS)
        for quarter in range(4):
            total = total + (plain[quarter] + mirror[quarter][:, mirrored]).roll(quarter * STEPS // 4, 1)
    return (total / 8).softmax(1)


def _convolution(before: int, after: int, *, side: int = 3, stride: int = 1) -> list[nn.Module]:
    convolution = nn.Conv2d(before, after, side, stride=stride, padding=side // 2, bias=False)
    return [convolution, nn.BatchNorm2d(after), nn.ReLU()]
