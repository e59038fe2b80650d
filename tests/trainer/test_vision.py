"""Torchvision comes without PyTorch's compiler, and the compiler is whole for whoever asks for it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def said(program: str) -> list[str]:
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_a_predictor_is_imported_without_the_compiler() -> None:
    program = "import sys, trainer.predictor; print('torchvision' in sys.modules, 'torch._dynamo' in sys.modules)"
    assert said(program) == ["True", "False"]


def test_the_compiler_is_whole_afterwards() -> None:
    program = (
        "import trainer.networks, torch, torch._dynamo.utils as utils; "
        "print(torch._dynamo.utils is utils, utils.__file__.endswith('utils.py'), callable(torch._dynamo.optimize))"
    )
    assert said(program) == ["True", "True", "True"]


def test_an_operator_that_asks_for_the_compiler_still_works() -> None:
    program = (
        "import torch, trainer.networks, torchvision; box = torch.tensor([[0, 0.0, 0.0, 8.0, 8.0]]); "
        "print(*torchvision.ops.roi_align(torch.rand(1, 3, 16, 16), box, 4).shape)"
    )
    assert said(program) == ["1", "3", "4", "4"]


def test_another_torchvision_may_ask_for_more_of_it() -> None:
    program = (
        "import sys; from trainer.networks.vision import _without_compiler as without\n"
        "with without():\n"
        "    from torch._dynamo.utils import is_compile_supported, counters\n"
        "    from torch._dynamo import optimize\n"
        "print(is_compile_supported('cpu'), type(counters).__name__, optimize.__module__)"
    )
    assert said(program) == ["False", "defaultdict", "torch._dynamo.eval_frame"]
