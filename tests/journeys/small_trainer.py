"""The real trainer as a process of its own, with a small backbone in the place of ResNet18.

SMALL_TRAINER_STEP_S says how long a step lasts at least, so that a journey can look at a training that goes on.
"""

from __future__ import annotations

import os
import sys
import time
from typing import Any

import torchvision
from torch import Tensor, nn

from tests.trainer.small import Backbone, backbone
from trainer.__main__ import main

STEP_S = float(os.environ.get("SMALL_TRAINER_STEP_S", "0"))


def wait(_module: nn.Module, _inputs: tuple[Tensor, ...]) -> None:
    """Before a step."""
    time.sleep(STEP_S)


def slow_backbone(weights: object = None) -> Backbone:
    """A small backbone that takes its time."""
    made: Any = backbone(weights)
    made.register_forward_pre_hook(wait)
    return made


if __name__ == "__main__":
    torchvision.models.resnet18 = slow_backbone
    sys.exit(main())
