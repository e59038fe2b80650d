"""Training: milliseconds an image, beside the plain way and beside the ceiling, all in turn in one run.

The plain way is what a tutorial does: every radiograph decoded, resized and augmented anew for each step by a
DataLoader with workers, in float32. The ceiling is the same network in the same precision, over and over on one batch
that lies ready: faster is not possible without another network.

``python -m tests.benchmarks.training --device cuda --batch-sizes 8 256 --images 4096`` measures a GPU.
"""

from __future__ import annotations

import argparse
import copy
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Generator
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import numpy as np
import psutil

from tests.benchmarks.table import Row, as_markdown

IMAGES: Final = 96  # of which eight tenths train
HEIGHT_PX: Final = 1800  # of the phantoms; the 20 originals at hand have 1,807 on average, and 2.8 million pixels
SIDE_PX: Final = 224
ROUNDS: Final = 3
BATCH_SIZES: Final = (8, 32)
DECAYED_OF: Final = 32  # one filter of so many: 2 % of all weights, as in the paper's improved model after 5 epochs
CASES: Final = 12_611  # of the whole RSNA set, for the memory


def measure(folder: Path) -> list[Row]:
    """Measure on the processor of this machine, at the batch sizes of the paper and four times that."""
    return [*speed(folder, batch_sizes=BATCH_SIZES, device="cpu"), decayed(), memory(folder)]


def speed(
    folder: Path, *, batch_sizes: tuple[int, ...], device: str, images: int = IMAGES, rounds: int = ROUNDS
) -> list[Row]:
    """Train on phantoms in three ways, in turn, ``rounds`` times after one that warms up."""
    from trainer.phantom import write_dataset

    data = folder / f"phantoms-{images}"
    if not data.is_dir():
        write_dataset(data, count=images, height_px=HEIGHT_PX)
    rows = []
    for size in batch_sizes:
        steps = max(2, images * 8 // 10 // size)
        with closing(_ours(folder / f"run-{size}-{device}", data, size, device, epochs=rounds + 1)) as ours:
            ways: dict[str, Callable[[], float]] = {
                "ours": lambda ours=ours: next(ours),  # type: ignore[misc]
                "plain": _plain(data, size, device, steps),
                "ceiling": _ceiling(size, device, steps),
            }
            found: dict[str, list[float]] = {name: [] for name in ways}
            for number in range(rounds + 1):
                for name, way in ways.items():
                    each_ms = way()
                    if number:
                        found[name].append(each_ms)
        median = {name: statistics.median(values) for name, values in found.items()}
        what = f"training, batch {size}, {SIDE_PX} px, {device}: an image"
        plain = "decode, resize, augment an item, float32, DataLoader"
        for compared, said in (("plain", plain), ("ceiling", "the ceiling: one resident batch")):
            rows.append(
                Row(
                    what=what,
                    ours=median["ours"],
                    unit="ms",
                    rounds=rounds,
                    plain_way=said,
                    plain=median[compared],
                    digits=1,
                )
            )
    return rows


def decayed() -> Row:
    """Learn with a network some of whose weights have decayed below what float32 holds in full."""
    import torch

    from trainer.batches import Batch
    from trainer.config import config_for
    from trainer.fit.learner import Labels, Learner

    size = BATCH_SIZES[0]
    learner = Learner(
        config_for("improved", device="cpu"), Labels(mean=100.0, std=40.0, low=0.0, high=228.0), begins=True
    )
    with torch.no_grad():
        for name, weights in learner.network.backbone.layer4.named_parameters():
            if "conv" in name:
                weights[::DECAYED_OF] *= 1e-38
    network = copy.deepcopy(learner.network)
    optimizer = torch.optim.Adam(network.parameters(), lr=0.0, weight_decay=1e-4, fused=True)
    batch = Batch(
        inputs=torch.zeros(size, 1, SIDE_PX, SIDE_PX).normal_(),
        ages_months=torch.full((size,), 100.0),
        sexes=torch.zeros(size),
        weights=torch.ones(size),
        of_step=size,
    )

    def ours() -> None:
        learner.step(batch, learning_rate=0.0, at_once=0)

    def plainly() -> None:
        optimizer.zero_grad()
        inputs = batch.inputs.contiguous(memory_format=torch.channels_last)
        network(inputs, batch.sexes).pow(2).mean().backward()
        optimizer.step()

    found: dict[str, list[float]] = {"ours": [], "plain": []}
    for number in range(ROUNDS + 1):
        for name, way in (("ours", ours), ("plain", plainly)):
            begun = time.perf_counter()
            way()
            if number:
                found[name].append((time.perf_counter() - begun) * 1000.0 / size)
    return Row(
        what=f"training, batch {size}, {SIDE_PX} px, cpu, 2 % of the weights decayed: an image",
        ours=statistics.median(found["ours"]),
        unit="ms",
        rounds=ROUNDS,
        plain_way="the same network and batch, numbers below 1e-38 as they are",
        plain=statistics.median(found["plain"]),
        digits=1,
    )


def memory(folder: Path) -> Row:
    """Feed an epoch of as many cases as the whole RSNA set has; canvases are mapped, so few of them are held."""
    from trainer.batches import TrainingBatches
    from trainer.canvases import CanvasCache, Canvases
    from trainer.canvases.shelf import Shelf
    from trainer.cases import Case
    from trainer.config import config_for

    file = folder / "memory.canvases"
    with file.open("wb") as made:
        made.truncate(CASES * SIDE_PX**2)
    places = np.column_stack([np.zeros(CASES, dtype=np.intp), np.arange(CASES)])
    canvases = Canvases([Shelf(file, shape=(CASES, SIDE_PX, SIDE_PX))], places, SIDE_PX)
    cases = tuple(Case(case_id=str(number), image_path=file, age_months=12.0 + number % 200) for number in range(CASES))
    cache = CanvasCache(canvases=canvases, cases=cases, pixels=("",) * CASES, dropped=())
    config = config_for("improved", batch_size=32, device="cpu")
    process = psutil.Process()
    before = most = _own_memory(process)
    batches = TrainingBatches(cache, config).epoch(1)
    with closing(batches):
        for step, _ in enumerate(batches):
            if step % 20 == 0:
                most = max(most, _own_memory(process))
    return Row(what=f"memory to feed {CASES:,} cases", ours=(most - before) / 2**20, unit="MiB", rounds=1)


def _own_memory(process: psutil.Process) -> int:
    """Return the bytes that are the process's own: pages of a mapped file go whenever somebody needs their room."""
    known = process.memory_info()
    mapped = getattr(known, "shared", None)  # Linux alone tells
    return int(process.memory_full_info().uss if mapped is None else known.rss - mapped)


def _ours(run_dir: Path, data: Path, size: int, device: str, *, epochs: int) -> Generator[float]:
    """Yield the milliseconds an image of each epoch of a real run, everything but the validation included."""
    from trainer.commands.fit import train_in
    from trainer.data_source import DataSource
    from trainer.events import EpochRecord

    choices = {
        "model": "improved",
        "batch_size": size,
        "epochs": epochs,
        "device": device,
        "checkpoint_every_s": 3600.0,
    }
    with closing(train_in(run_dir, DataSource(data=data), choices)) as events:
        for event in events:
            if isinstance(event, EpochRecord):
                yield 1000.0 / event.images_per_s


def _plain(data: Path, size: int, device: str, steps: int) -> Callable[[], float]:
    import torch
    from torch.utils.data import DataLoader

    from trainer.cases import read_cases

    cases = read_cases(data).cases
    loader: Any = DataLoader(
        _PlainItems([(str(case.image_path), case.age_months) for case in cases], steps * size),  # type: ignore[arg-type]
        batch_size=size,
        num_workers=2,
        persistent_workers=True,
    )
    network, optimizer = _network(device)

    def run() -> float:
        begun = time.perf_counter()
        for inputs, ages in loader:
            optimizer.zero_grad()
            answer = network(inputs.to(device), torch.zeros(len(inputs), device=device))
            loss = torch.nn.functional.mse_loss(answer, ages.to(device))
            loss.backward()
            optimizer.step()
            loss.item()
        return (time.perf_counter() - begun) * 1000 / (steps * size)

    return run


class _PlainItems:
    """A data set as tutorials write it: open, resize, augment, for every item anew."""

    def __init__(self, files: list[tuple[str, float]], count: int) -> None:
        self._files, self._count = files, count
        self._augment: Any = None

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: int) -> tuple[Any, float]:
        import albumentations as al
        import torch
        from PIL import Image

        if self._augment is None:
            self._augment = al.Compose(
                [
                    al.Affine(rotate=(-15, 15), shear=(-11, 11), scale=(0.9, 1.2), p=1.0),
                    al.RandomBrightnessContrast(brightness_limit=0.3, contrast_limit=(-0.3, 0.5), p=1.0),
                    al.Blur(blur_limit=3, p=0.2),
                    al.SaltAndPepper(amount=(0.03, 0.08), p=1.0),
                    al.HueSaturationValue(hue_shift_limit=5, sat_shift_limit=5, val_shift_limit=0, p=1.0),
                ]
            )
        file, age = self._files[index % len(self._files)]
        with Image.open(file) as picture:
            pixels = np.asarray(picture.convert("RGB").resize((SIDE_PX, SIDE_PX)))
        grey = self._augment(image=pixels)["image"].astype(np.float32).mean(axis=2) / 255.0
        return torch.from_numpy((grey[None] - 0.449) / 0.226), np.float32((age - 120.0) / 40.0)  # type: ignore[return-value]


def _ceiling(size: int, device: str, steps: int) -> Callable[[], float]:
    import torch

    from trainer.device import choose_device, uses_bfloat16

    place = choose_device(device)
    network, optimizer = _network(device)
    network = network.to(memory_format=torch.channels_last)
    inputs = torch.randn(size, 1, SIDE_PX, SIDE_PX).to(place, memory_format=torch.channels_last)
    sexes, target = torch.zeros(size, device=place), torch.randn(size, device=place)
    half = uses_bfloat16("auto", place)

    def run() -> float:
        begun = time.perf_counter()
        for _ in range(steps):
            optimizer.zero_grad(set_to_none=True)
            with torch.autocast(place.type, dtype=torch.bfloat16, enabled=half):
                answer = network(inputs, sexes)
            loss = torch.nn.functional.mse_loss(answer.float(), target)
            loss.backward()
            optimizer.step()
        if place.type == "cuda":
            torch.cuda.synchronize()
        return (time.perf_counter() - begun) * 1000 / (steps * size)

    return run


def _network(device: str) -> tuple[Any, Any]:
    import torch

    from trainer.networks import build

    network = build("improved").to(device)
    network.train()
    fused = torch.optim.Adam(network.parameters(), lr=1e-3, weight_decay=1e-4, fused=True)
    return network, fused


def main() -> int:
    """Measure one device from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--batch-sizes", type=int, nargs="+", default=list(BATCH_SIZES))
    parser.add_argument("--images", type=int, default=IMAGES)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rows = speed(
            Path(folder),
            batch_sizes=tuple(options.batch_sizes),
            device=options.device,
            images=options.images,
            rounds=options.rounds,
        )
    print(as_markdown(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
