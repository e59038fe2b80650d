"""The computer's clock is set back during a training: no time that is shown becomes negative, none runs backward."""

from __future__ import annotations

import time
from itertools import count, pairwise
from pathlib import Path

import pytest

from boneage_gui.work.time_left import time_left
from tests.trainer import runs, small
from trainer.events import EpochRecord, StepReport, TrainingEvent
from trainer.history import history_of

pytestmark = pytest.mark.usefixtures("small_backbone", "every_step_reports")


def test_times_of_a_training_do_not_follow_the_clock(
    tmp_path: Path, data_set: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config, begun, hours = small.config("improved", epochs=2), time.time(), count(1)
    monkeypatch.setattr(time, "time", lambda: begun - 3600.0 * next(hours))
    so_far: list[TrainingEvent] = []
    elapsed_s = [0.0]
    for event in runs.train(tmp_path, data_set, config):
        so_far.append(event)
        if isinstance(event, (StepReport, EpochRecord)):
            elapsed_s.append(event.elapsed_s)
            assert event.images_per_s > 0
        left = time_left(history_of(tmp_path, config, so_far, held=True))
        assert left is None or (left.epoch_s >= 0 and left.run_s >= 0)
    assert len(elapsed_s) > runs.STEPS
    assert all(earlier <= later for earlier, later in pairwise(elapsed_s))
