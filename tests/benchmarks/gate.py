"""The gate's verdict on a 5-megapixel radiograph, warm, on one thread."""

from __future__ import annotations

import statistics
import time
from pathlib import Path

import numpy as np

from tests.benchmarks.table import Row

ROUNDS = 30


def measure(folder: Path) -> list[Row]:
    """Judge one phantom over and over."""
    import torch

    import resources
    from trainer.gate import Gate
    from trainer.phantom import draw
    from trainer.radiograph import Radiograph

    gate = Gate.load(resources.gate_path())
    pixels = draw(age_months=120, male=True, seed=1, height_px=2600, plain=True).levels
    radiograph = Radiograph(pixels=np.ascontiguousarray(pixels), source=folder / "phantom.png")
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    times = []
    for _ in range(ROUNDS + 1):
        begun = time.perf_counter()
        gate.judge(radiograph)
        times.append(time.perf_counter() - begun)
    torch.set_num_threads(before)
    median = statistics.median(times[1:])
    return [Row(what="the gate's verdict, 5 MP, one thread", ours=median * 1000, unit="ms", rounds=ROUNDS)]
