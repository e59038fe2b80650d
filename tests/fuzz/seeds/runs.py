"""What a training writes into its folder, and recipes."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from trainer.augment import RECIPES
from trainer.canvases.shelf import VERSION
from trainer.canvases.store import look_of
from trainer.cases import Case
from trainer.config import TrainingConfig
from trainer.data_source import DataSource
from trainer.events import (
    CheckpointSaved,
    EpochRecord,
    Note,
    Preparing,
    RunFinished,
    RunStarted,
    StepReport,
    TrainingEvent,
    to_json,
)
from trainer.preprocess import Preprocessing

LOOK: Final = Preprocessing(side_px=32, network_px=32)
CASES: Final = tuple(
    Case(case_id=str(number), image_path=Path(f"{number}.png"), age_months=100.0) for number in range(30)
)
SPLIT: Final = "id,part\n" + "".join(
    f"{case.case_id},{('training', 'validation', 'test')[number % 3]}\n" for number, case in enumerate(CASES)
)


def _told() -> Iterator[TrainingEvent]:
    yield Preparing(what="reading radiographs", done=3, total=30)
    yield RunStarted(
        run_name="run",
        first_epoch=1,
        epochs=3,
        training_cases=24,
        validation_cases=3,
        steps_per_epoch=2,
        device="cpu",
        config=TrainingConfig().to_json(),
    )
    for epoch in (1, 2):
        yield StepReport(epoch=epoch, step=1, steps_per_epoch=2, loss=0.5, images_per_s=10.0, elapsed_s=3.0)
        yield EpochRecord(
            epoch=epoch,
            training_loss=20.0,
            training_mae_months=20.0,
            validation_loss=18.0,
            validation_mae_months=18.0 - epoch,
            learning_rate=0.001,
            images_per_s=10.0,
            elapsed_s=4.0 * epoch,
            is_best=True,
        )
        yield CheckpointSaved(epoch=epoch, path="best.safetensors", is_best=True)
    yield Note(message="the learning rate was halved")
    yield StepReport(epoch=3, step=1, steps_per_epoch=2, loss=0.5, images_per_s=10.0, elapsed_s=9.0)
    yield RunFinished(reason="stopped", best_epoch=2, best_validation_mae_months=16.0, message="Stopped.")


EVENTS: Final = "".join(json.dumps(to_json(event)) + "\n" for event in _told())


def write_run(folder: Path, *, leaving: str) -> None:
    """Write a sound run, but for the one file that is foreign."""
    sound = {"config.json": json.dumps(TrainingConfig().to_json()), "events.jsonl": EVENTS, "split.csv": SPLIT}
    for name, text in sound.items():
        if name != leaving:
            (folder / name).write_text(text, encoding="utf-8")


def _recipes(_folder: Path) -> Iterator[bytes]:
    for recipe in RECIPES.values():
        yield json.dumps(recipe.to_json()).encode()


def _evaluations(_folder: Path) -> Iterator[bytes]:
    yield json.dumps(evaluation()).encode()


def _comparisons(_folder: Path) -> Iterator[bytes]:
    from trainer.comparison import compare
    from trainer.measured import Measured

    one = Measured.from_json(evaluation())
    values = compare(
        case_ids=one.case_ids,
        actual=one.actual,
        sexes=one.sexes,
        new=one.model,
        used=one.model,
        data=one.data,
        held_out=True,
    )
    yield json.dumps(values.to_json()).encode()


def source() -> dict[str, Any]:
    """Return what a run says of its radiographs."""
    known = DataSource(data=Path(), pictures=Path(), split=Path("split.csv"), table_sha256="ab" * 32)
    return {**known.to_json(), "data": ".", "pictures": ".", "split": "split.csv"}


def shelf_head(count: int) -> dict[str, Any]:
    """Return the first line of a shelf of canvases, all of them black."""
    checksum = zlib.crc32(bytes(LOOK.side_px**2))
    entries = [{"content": f"{number:064x}", "pixels": "ab" * 32, "checksum": checksum} for number in range(count)]
    return {
        "version": VERSION,
        "look": look_of(LOOK),
        "shape": [count, LOOK.side_px, LOOK.side_px],
        "entries": entries,
    }


def shelf_of(head: object, count: int) -> bytes:
    """Return a shelf of black canvases below a first line."""
    return json.dumps(head).encode() + b"\n" + bytes(count * LOOK.side_px**2)


def evaluation() -> dict[str, Any]:
    """Return what a model answered to twelve cases."""
    ages = [100.0 + 5 * number for number in range(12)]
    return {
        "case_ids": [str(number) for number in range(12)],
        "actual": ages,
        "sexes": ["male", "female", None] * 4,
        "model": {
            "name": "small",
            "sha256": "0123456789abcdef" * 4,
            "predicted": [age + 3 for age in ages],
            "interval_covered": 0.9,
        },
        "data": "twelve cases",
        "held_out": True,
        "cautions": ["one"],
    }


SEEDS: Final[dict[str, Callable[[Path], Iterator[bytes]]]] = {
    "recipe": _recipes,
    "config": lambda _folder: iter([json.dumps(TrainingConfig().to_json()).encode()]),
    "events": lambda _folder: iter([EVENTS.encode()]),
    "data": lambda _folder: iter([json.dumps(source()).encode()]),
    "canvases": lambda _folder: iter([shelf_of(shelf_head(count), count) for count in (1, 5)]),
    "split": lambda _folder: iter([SPLIT.encode()]),
    "evaluation": _evaluations,
    "comparison": _comparisons,
    "lines": lambda _folder: iter([EVENTS.encode()]),
}
