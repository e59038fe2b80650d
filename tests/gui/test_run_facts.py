"""Facts and log of a run, from its events alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QGridLayout
from pytestqt.qtbot import QtBot

from boneage_gui.widgets.run_facts import RunFacts, about, duration
from boneage_gui.widgets.run_log import MOST_LINES, RunLog
from boneage_gui.windows.training.progress import ended_words, training_words
from boneage_gui.windows.training.runs_page import row_of
from boneage_gui.work.past_runs import PastRun
from boneage_gui.work.time_left import TimeLeft, time_left
from tests.trainer.drawings import a_history
from trainer.config import config_for
from trainer.events import Note, Preparing, RunFinished, RunStarted, StepReport, TrainingEvent
from trainer.history import History, history_of

STARTED = RunStarted(
    run_name="ours", first_epoch=1, epochs=30, training_cases=9051, validation_cases=1131, steps_per_epoch=1132,
    device="cuda:0 bfloat16", config={},
)  # fmt: skip
LEFT = TimeLeft(epoch_s=130.0, run_s=3 * 3600.0)


def a_run(*more: TrainingEvent, validation: Sequence[float] = (20.0, 14.0), held: bool = True) -> History:
    epochs = a_history(validation).epochs
    return history_of(Path("runs") / "ours", config_for("improved"), [STARTED, *epochs, *more], held=held)


def step(**changes: Any) -> StepReport:
    made = StepReport(epoch=3, step=283, steps_per_epoch=1132, loss=0.2, images_per_s=61.7, elapsed_s=4000.0)
    return replace(made, **changes)


@pytest.fixture
def facts(qtbot: QtBot) -> RunFacts:
    made = RunFacts()
    qtbot.addWidget(made)
    return made


@pytest.fixture
def log(qtbot: QtBot) -> RunLog:
    made = RunLog()
    qtbot.addWidget(made)
    return made


def test_a_running_epoch_is_told(facts: RunFacts) -> None:
    facts.show_history(a_run(step()), LEFT)
    told = {
        key: facts.fact(key)
        for key in ("epoch", "best_epoch", "best", "epoch_left", "run_left", "speed", "elapsed", "device")
    }
    assert told == {
        "epoch": "3 of 30",
        "best_epoch": "2",
        "best": "14.00 months (1,131\u00a0cases)",
        "epoch_left": "about 2 min",
        "run_left": "about 3 h 00 min",
        "speed": "62 images/s",
        "elapsed": "1 h 07 min",
        "device": "cuda:0 bfloat16",
    }
    assert facts.epoch_bar.value() == 250
    assert facts.run_bar.value() == round(1000 * 2.25 / 30)
    assert facts.epoch_bar.accessibleDescription() == "Epoch 3: 283 of 1,132 steps"


def test_an_error_stands_with_its_cases_in_the_list_of_runs_too() -> None:
    past = PastRun(history=a_run(), when=datetime(2026, 11, 26, tzinfo=UTC))
    assert row_of(past)[4] == "14.00 (1,131\u00a0cases)"
    past = PastRun(history=replace(a_run(), started=None), when=past.when)
    assert row_of(past)[4] == "14.00"


def test_gpu_memory_is_told_where_there_is_a_gpu(facts: RunFacts) -> None:
    facts.show_history(a_run(step()), LEFT)
    assert facts.fact("memory") == ""
    facts.show_history(a_run(step(gpu_memory_mb=2345.6)), LEFT)
    assert facts.fact("memory") == "2,346 MB"


def test_after_the_last_step_it_validates(facts: RunFacts) -> None:
    facts.show_history(a_run(step(step=1132)), LEFT)
    assert facts.epoch_bar.accessibleDescription() == "Epoch 3: validating"


def test_a_report_of_an_epoch_that_has_ended_is_old(facts: RunFacts) -> None:
    facts.show_history(a_run(step(epoch=2)), None)
    assert facts.epoch_bar.value() == 0
    assert facts.fact("epoch_left") == "–"


def test_a_run_that_has_ended_says_so(facts: RunFacts) -> None:
    end = RunFinished(reason="stopped", best_epoch=2, best_validation_mae_months=14.0, message="Stopped.")
    facts.show_history(a_run(end, held=False), None)
    assert facts.fact("epoch") == "2 of 30 done"
    assert facts.run_bar.accessibleDescription() == "“ours” stopped, its best model kept"


def test_of_an_ensemble_the_model_in_training_is_told(facts: RunFacts) -> None:
    epochs = a_history([20.0, 14.0]).epochs
    config = config_for("improved", members=2, epochs=2)
    events: list[TrainingEvent] = [STARTED, *epochs, step(member=2, epoch=1, step=566)]
    facts.show_history(history_of(Path("runs") / "ours", config, events, held=True), None)
    assert facts.fact("epoch") == "1 of 2, model 2 of 2"
    assert facts.run_bar.value() == 625
    assert facts.epoch_bar.value() == 500


def test_preparing_is_told(facts: RunFacts) -> None:
    facts.show_preparing(Preparing(what="reading radiographs", done=500, total=2000))
    assert facts.epoch_bar.value() == 250
    assert facts.epoch_bar.accessibleDescription() == "Reading radiographs, 500 of 2,000"
    facts.show_preparing(Preparing(what="reading the table", done=0, total=1))
    assert facts.epoch_bar.maximum() == 0, "it only moves"
    facts.clear()
    assert facts.epoch_bar.maximum() > 0


def test_facts_use_the_width_there_is(facts: RunFacts, qtbot: QtBot) -> None:
    facts.show()
    grid = facts.findChild(QGridLayout)
    assert grid is not None
    for width, columns in ((300, 2), (1200, 4)):
        facts.resize(width, 320)
        qtbot.waitUntil(lambda columns=columns: _columns(grid) == columns)  # type: ignore[misc]


def _columns(grid: QGridLayout) -> int:
    return len({grid.getItemPosition(index)[1] for index in range(grid.count())})  # type: ignore[index]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(3, "3 s"), (59.9, "1 min"), (719, "12 min"), (3600, "1 h 00 min"), (40_000, "11 h"), (260_000, "3 days")],
)
def test_times_are_words(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_a_wait_is_no_more_exact_than_it_is_known() -> None:
    assert about(30) == "under a minute"
    assert about(720) == "about 12 min"


def test_the_log_grows_at_its_end(log: RunLog) -> None:
    log.show_history(a_run())
    first = log.toPlainText().splitlines()
    assert first[0] == "From epoch 1 of 30: 9,051 training and 1,131 validation cases, on cuda:0 bfloat16."
    assert first[2].startswith("Epoch 2: mean absolute error 14.00 months in training")
    log.say("The window was closed.")
    log.show_history(a_run(Note(message="The batch was halved."), validation=(20.0, 14.0, 13.0)))
    assert log.toPlainText().splitlines()[: len(first)] == first
    assert [line[:12] for line in log.toPlainText().splitlines()[len(first) :]] == [
        "The window w", "Epoch 3: mea", "The batch wa",
    ]  # fmt: skip


def test_another_run_has_its_own_log(log: RunLog) -> None:
    log.show_history(a_run())
    log.show_history(a_history([9.0], name="other"))
    assert log.toPlainText().count("\n") == 0
    assert "9.00" in log.toPlainText()


def test_the_log_is_bounded_and_cannot_be_written_in(log: RunLog) -> None:
    for number in range(MOST_LINES + 50):
        log.say(f"line {number}")
    assert log.blockCount() == MOST_LINES
    assert log.isReadOnly()
    log.selectAll()
    assert log.textCursor().hasSelection()


@pytest.mark.parametrize(
    ("member", "epoch", "done", "left_s"),
    [
        pytest.param(1, 5, 5, 2500, id="half of the first"),
        pytest.param(2, 1, 11, 1900, id="the second begins"),
        pytest.param(3, 9, 29, 100, id="nearly all"),
        pytest.param(3, 10, 30, 0, id="all"),
    ],
)
def test_the_time_left_of_an_ensemble_is_that_of_all_its_models(
    member: int, epoch: int, done: int, left_s: float
) -> None:
    """Three models of ten epochs, 100 s each."""
    config = config_for("improved", members=3, epochs=10)
    started = replace(STARTED, epochs=10)
    epochs = [
        replace(
            a_history([20.0]).epochs[0], epoch=number % 10 + 1, member=number // 10 + 1, elapsed_s=100.0 * number + 100
        )
        for number in range(done)
    ]
    history = history_of(Path("runs") / "ours", config, [started, *epochs], held=True)
    assert (history.headway.member, history.headway.epochs_done) == (member, epoch)
    assert history.headway.share == pytest.approx(done / 30)
    left = time_left(history)
    assert left is not None
    assert left.run_s == pytest.approx(left_s)
    said = training_words(history)
    assert f"epoch {min(epoch + 1, 10)} of 10, model {member} of 3" in said


def test_the_time_left_knows_that_former_models_ended_early() -> None:
    """Two models of at most 50 epochs, 100 s each; the first one's patience ended after 5."""
    config = config_for("improved", members=2, epochs=50, patience=2)
    made = a_history([20.0] * 7).epochs
    epochs = [
        replace(record, member=1 + index // 5, epoch=index % 5 + 1, elapsed_s=100.0 * (index + 1))
        for index, record in enumerate(made)
    ]
    for known in (5, 6, 7):
        began = replace(STARTED, epochs=50, member=2)
        left = time_left(history_of(Path("runs") / "ours", config, [began, *epochs[:known]], held=True))
        assert left is not None
        assert left.run_s == pytest.approx(100.0 * (55 - known))


def test_an_ensemble_that_was_paused_stands_where_it_was_left(facts: RunFacts, log: RunLog) -> None:
    """In its second model of three, whose first was the better one."""
    config = config_for("improved", members=3, epochs=2)
    first, second = a_history([14.0, 15.0]).epochs, a_history([20.0]).epochs
    paused = RunFinished(reason="paused", best_epoch=1, best_validation_mae_months=20.0, message="Paused.")
    records = [*first, *(replace(record, member=2) for record in second)]
    history = history_of(Path("runs") / "ours", config, [STARTED, *records, paused], held=False)
    assert ended_words(history) == "“ours” paused, 1 of 2 epochs, model 2 of 3"
    assert row_of(PastRun(history=history, when=datetime(2026, 11, 26, tzinfo=UTC)))[3] == "1 of 2, model 2 of 3"
    facts.show_history(history, None)
    assert facts.fact("epoch") == "1 of 2 done, model 2 of 3"
    assert facts.run_bar.value() == 500
    log.show_history(history)
    assert [line.partition(":")[0] for line in log.toPlainText().splitlines()[1:4]] == [
        "Model 1, epoch 1", "Model 1, epoch 2", "Model 2, epoch 1",
    ]  # fmt: skip


def test_the_error_of_an_ensemble_is_its_own_and_not_that_of_its_best_model(facts: RunFacts) -> None:
    history = history_of(
        Path("runs") / "ours", config_for("improved", members=2), [STARTED, *a_history([14.0]).epochs], held=False
    )
    history = replace(history, ensemble_mae_months=12.5)
    past = PastRun(history=history, when=datetime(2026, 11, 26, tzinfo=UTC))
    assert row_of(past)[4] == "12.50 (1,131\u00a0cases)"
    facts.show_history(history, None)
    assert (facts.fact("best_epoch"), facts.fact("best")) == ("each model’s own", "12.50 months (1,131\u00a0cases)")


def test_between_two_models_of_an_ensemble_progress_does_not_run_back() -> None:
    config = config_for("improved", members=2, epochs=2)
    events: list[TrainingEvent] = [STARTED, *a_history([20.0, 14.0]).epochs]
    before = history_of(Path("runs") / "ours", config, events, held=True).headway.share
    events += [replace(STARTED, member=2, epochs=2), step(member=2, epoch=1, step=1)]
    after = history_of(Path("runs") / "ours", config, events, held=True).headway.share
    assert before == 0.5
    assert after > before
