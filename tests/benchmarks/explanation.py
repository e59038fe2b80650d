"""The explanation of a 5-megapixel radiograph: its heat, its regions, a shift without each, its nearest cases."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks.table import Row

ROUNDS = 9
AIM_HEAT_MS = 200
CASES = 16


def measure(folder: Path) -> list[Row]:
    """Explain what the shipped default model reads, as the window's job does, warm; heat beside a whole prediction."""
    import resources
    from trainer.explain.heat import heat_of
    from trainer.explain.indexing import index_phantoms
    from trainer.explain.occlusion import shifts_without
    from trainer.explain.regions import find_regions
    from trainer.explain.shelf import Shelf
    from trainer.phantom import draw
    from trainer.predictor import Predictor
    from trainer.radiograph import Radiograph, Sex

    predictor = Predictor.load(resources.model_path(resources.DEFAULT_MODEL))
    phantom = draw(age_months=130, male=True, seed=7, height_px=2600)
    radiograph = Radiograph(pixels=phantom.levels, source=Path("five"))
    regions = find_regions(radiograph)
    making = index_phantoms(predictor, Shelf(folder / "explanations"), count=CASES)
    while True:
        try:
            next(making)
        except StopIteration as end:
            index = end.value
            break
    heat_of(predictor, radiograph, Sex.MALE)  # imports captum
    heats, predictions = [], []
    for _ in range(ROUNDS):  # in turn: what else the machine does falls on both
        heats.append(_seconds(lambda: heat_of(predictor, radiograph, Sex.MALE)))
        predictions.append(_seconds(lambda: predictor.predict(radiograph, sex=Sex.MALE)))
    found = [_seconds(lambda: find_regions(radiograph)) for _ in range(ROUNDS)]
    shifted = [_seconds(lambda: list(shifts_without(predictor, radiograph, Sex.MALE, regions))) for _ in range(3)]
    nearest = [_seconds(lambda: index.nearest(predictor, radiograph)) for _ in range(ROUNDS)]
    return [
        Row(
            what=f"Grad-CAM of a 5 MP radiograph, default model (aim {AIM_HEAT_MS} ms)",
            ours=statistics.median(heats) * 1000,
            unit="ms",
            rounds=ROUNDS,
            plain_way="one prediction of the same radiograph",
            plain=statistics.median(predictions) * 1000,
        ),
        Row(what="wrist, metacarpals, phalanges found", ours=statistics.median(found) * 1000, unit="ms", rounds=ROUNDS),
        Row(what="the number without each of three", ours=statistics.median(shifted) * 1000, unit="ms", rounds=3),
        Row(what="the nearest cases, index open", ours=statistics.median(nearest) * 1000, unit="ms", rounds=ROUNDS),
    ]


def _seconds(do: Callable[[], object]) -> float:
    begun = time.perf_counter()
    do()
    return time.perf_counter() - begun
