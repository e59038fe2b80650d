"""TensorBoard files of a run, read back by TensorBoard's own reader."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.trainer import runs, small
from trainer.events import CheckpointSaved, EpochRecord, Note, RunFinished, RunStarted, StepReport, TrainingEvent
from trainer.run import Run
from trainer.tracker import FOLDER, Tracker


def started(steps: int = 10) -> RunStarted:
    return RunStarted(
        run_name="run",
        first_epoch=1,
        epochs=3,
        training_cases=80,
        validation_cases=10,
        steps_per_epoch=steps,
        device="cpu",
        config={"model": "baseline"},
    )


def step(epoch: int, number: int, loss: float) -> StepReport:
    return StepReport(epoch=epoch, step=number, steps_per_epoch=10, loss=loss, images_per_s=64.0)


def epoch(number: int, mae: float) -> EpochRecord:
    return EpochRecord(
        epoch=number,
        training_loss=300.0,
        training_mae_months=14.0,
        validation_loss=400.0,
        validation_mae_months=mae,
        learning_rate=1e-3,
        images_per_s=60.0,
        elapsed_s=12.0,
        is_best=True,
    )


def read_back(run_folder: Path) -> dict[str, list[tuple[int, float]]]:
    """Return every scalar as (step, value), as TensorBoard sees it."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    reader: Any = EventAccumulator(str(run_folder / FOLDER))
    reader.Reload()
    return {
        name: [(event.step, round(event.value, 4)) for event in reader.Scalars(name)]
        for name in reader.Tags()["scalars"]
    }


EVENTS: list[TrainingEvent] = [
    started(),
    step(1, 5, 0.9),
    epoch(1, 20.0),
    CheckpointSaved(epoch=1, path="last.safetensors", is_best=True),
    step(2, 3, 0.7),
    Note(message="The batch was halved."),
    epoch(2, 18.5),
]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_tensorboard_reads_what_happened(tmp_path: Path) -> None:
    tracker = Tracker(tmp_path)
    for event in EVENTS:
        tracker.record(event)
    tracker.close()
    scalars = read_back(tmp_path)
    assert scalars["mae_months/validation"] == [(10, 20.0), (20, 18.5)]
    assert scalars["step/loss"] == [(5, 0.9), (13, 0.7)]
    assert scalars["loss/training"] == [(10, 300.0), (20, 300.0)]
    assert "step/gpu_memory_mb" not in scalars


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_run_that_goes_on_tells_its_story_once(tmp_path: Path) -> None:
    first = Tracker(tmp_path)
    for event in EVENTS:
        first.record(event)
    first.close()
    again = Tracker(tmp_path, so_far=EVENTS[:3])  # a kill lost the second epoch
    again.record(epoch(2, 17.0))
    again.close()
    assert read_back(tmp_path)["mae_months/validation"] == [(10, 20.0), (20, 17.0)]


@pytest.mark.usefixtures("small_backbone")
def test_a_folder_that_cannot_be_made_ends_the_files_and_not_the_run(tmp_path: Path, data_set: Path) -> None:
    (tmp_path / FOLDER).write_text("in the way")
    *_, last = runs.train(tmp_path, data_set, small.config("baseline", epochs=1, tensorboard=True))
    assert isinstance(last, RunFinished)
    assert last.reason == "finished"
    said = [event.message for event in Run(tmp_path).events() if isinstance(event, Note)]
    assert said == ["The TensorBoard files are written no more: File exists."]


@pytest.mark.usefixtures("small_backbone", "every_step_reports")
def test_a_full_disk_ends_the_files_and_not_the_run(
    tmp_path: Path, data_set: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tensorboardX.event_file_writer import EventsWriter

    real, full = EventsWriter.flush, [OSError(28, "No space left on device")]

    def flush(writer: EventsWriter) -> None:
        if full:
            raise full.pop()
        real(writer)

    monkeypatch.setattr("trainer.tracker.FLUSH_S", 0.0)
    monkeypatch.setattr(EventsWriter, "flush", flush)
    *_, last = runs.train(tmp_path, data_set, small.config("baseline", epochs=2, tensorboard=True))
    assert isinstance(last, RunFinished)
    assert last.reason == "finished"
    said = [event.message for event in Run(tmp_path).events() if isinstance(event, Note)]
    assert said == ["The TensorBoard files are written no more: No space left on device."]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_members_of_an_ensemble_have_curves_of_their_own(tmp_path: Path) -> None:
    tracker = Tracker(tmp_path)
    tracker.record(replace(started(), config={"model": "baseline", "members": 2}))
    for member in (1, 2):
        tracker.record(replace(step(1, 5, 0.5 * member), member=member))
        tracker.record(replace(epoch(1, 10.0 * member), member=member))
    tracker.close()
    scalars = read_back(tmp_path)
    for member in (1, 2):
        assert scalars[f"mae_months/validation/member-{member}"] == [(10, 10.0 * member)]
        assert scalars[f"step/loss/member-{member}"] == [(5, 0.5 * member)]
    assert "step/loss" not in scalars
