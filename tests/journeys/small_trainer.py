"""The real trainer as a process of its own, with a small backbone in the place of ResNet18: an epoch takes a moment."""

from __future__ import annotations

import sys

import torchvision

from tests.trainer.small import backbone
from trainer.__main__ import main

if __name__ == "__main__":
    torchvision.models.resnet18 = backbone
    sys.exit(main())
