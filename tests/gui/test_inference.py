"""The model's place in the window: questions wait, the newest wins, a failure keeps the model before."""

from __future__ import annotations

import gc
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from boneage_gui.inference import Inference, Question, Readiness
from boneage_gui.jobs import alive
from tests.gui.fakes import FakeModels, expected_months
from tests.window_fixtures import LONG_MS
from trainer.errors import BoneAgeError
from trainer.prediction import Prediction
from trainer.radiograph import Radiograph, Sex


def radiograph(name: str, level: float) -> Radiograph:
    return Radiograph(pixels=np.full((8, 8), level, dtype=np.float32), source=Path(name))


class Listener:
    """Collects what an Inference says."""

    def __init__(self, inference: Inference) -> None:
        self.answers: list[tuple[str, float]] = []
        self.refusals: list[str] = []
        self.failures: list[str] = []
        inference.answered.connect(self._answered)
        inference.refused.connect(lambda _question, error: self.refusals.append(str(error)))
        inference.model_failed.connect(lambda error: self.failures.append(str(error)))

    def _answered(self, question: Question, prediction: Prediction) -> None:
        self.answers.append((question.radiograph.source.name, prediction.age_months))


@pytest.fixture
def inference(qtbot: QtBot) -> Inference:
    return Inference()


@pytest.fixture
def listener(inference: Inference) -> Listener:
    return Listener(inference)


def path_of(models: FakeModels, name: str) -> Path:
    return models.folder / f"{name}.safetensors"


def test_a_question_waits_for_the_model(
    qtbot: QtBot, inference: Inference, listener: Listener, fake_models: FakeModels
) -> None:
    fake_models.loading.clear()
    assert inference.choose(path_of(fake_models, "improved-sex"))
    inference.load()
    assert inference.readiness is Readiness.LOADING
    assert inference.card is not None
    assert inference.card.name == "improved-sex"  # known before the weights
    asked = radiograph("a", 0.25)
    inference.ask(asked, sex=Sex.MALE)
    qtbot.wait(50)
    assert listener.answers == []
    fake_models.loading.set()
    qtbot.waitUntil(lambda: len(listener.answers) == 1, timeout=LONG_MS)
    assert listener.answers == [("a", expected_months(asked, Sex.MALE))]


def test_the_newest_question_wins(
    qtbot: QtBot, inference: Inference, listener: Listener, fake_models: FakeModels
) -> None:
    predictor = fake_models.predictors["improved-sex"]
    inference.choose(path_of(fake_models, "improved-sex"))
    inference.load()
    qtbot.waitUntil(lambda: inference.readiness is Readiness.READY, timeout=LONG_MS)
    predictor.gate.clear()
    inference.ask(radiograph("first", 0.1), sex=None)
    qtbot.waitUntil(lambda: len(predictor.asked) == 1, timeout=LONG_MS)
    inference.ask(radiograph("second", 0.2), sex=None)
    inference.ask(radiograph("third", 0.3), sex=None)
    predictor.gate.set()
    qtbot.waitUntil(lambda: len(listener.answers) == 1, timeout=LONG_MS)
    assert [name for name, _ in listener.answers] == ["third"]
    assert [name for name, _ in predictor.asked] == ["first", "third"]  # the second was never worth asking


def test_a_forgotten_question_gets_no_answer(
    qtbot: QtBot, inference: Inference, listener: Listener, fake_models: FakeModels
) -> None:
    predictor = fake_models.predictors["improved-sex"]
    inference.choose(path_of(fake_models, "improved-sex"))
    inference.load()
    qtbot.waitUntil(lambda: inference.readiness is Readiness.READY, timeout=LONG_MS)
    inference.ask(radiograph("a", 0.1), sex=None)
    inference.forget()
    qtbot.waitUntil(lambda: len(predictor.asked) == 1, timeout=LONG_MS)
    qtbot.wait(50)
    assert listener.answers == []


def test_a_refusal_is_told_and_the_next_question_is_answered(
    qtbot: QtBot, inference: Inference, listener: Listener, fake_models: FakeModels
) -> None:
    predictor = fake_models.predictors["improved-sex"]
    predictor.refusal = "This is not a hand."
    inference.choose(path_of(fake_models, "improved-sex"))
    inference.load()
    inference.ask(radiograph("a", 0.1), sex=None)
    qtbot.waitUntil(lambda: listener.refusals == ["This is not a hand."], timeout=LONG_MS)
    predictor.refusal = None
    inference.ask(radiograph("b", 0.1), sex=None)
    qtbot.waitUntil(lambda: [name for name, _ in listener.answers] == ["b"], timeout=LONG_MS)


def test_a_changed_model_answers_the_same_question_again(
    qtbot: QtBot, inference: Inference, listener: Listener, fake_models: FakeModels
) -> None:
    inference.choose(path_of(fake_models, "improved-sex"))
    inference.load()
    inference.ask(radiograph("a", 0.1), sex=Sex.FEMALE)
    qtbot.waitUntil(lambda: len(listener.answers) == 1, timeout=LONG_MS)
    inference.choose(path_of(fake_models, "baseline"))
    inference.load()
    qtbot.waitUntil(lambda: len(listener.answers) == 2, timeout=LONG_MS)
    assert fake_models.predictors["baseline"].asked == [("a", Sex.FEMALE)]


def test_a_model_that_fails_to_load_leaves_the_one_before_in_use(
    qtbot: QtBot, inference: Inference, listener: Listener, fake_models: FakeModels
) -> None:
    fake_models.broken.add("baseline")
    inference.choose(path_of(fake_models, "improved-sex"))
    inference.load()
    qtbot.waitUntil(lambda: inference.readiness is Readiness.READY, timeout=LONG_MS)
    inference.choose(path_of(fake_models, "baseline"))
    inference.load()
    qtbot.waitUntil(lambda: len(listener.failures) == 1, timeout=LONG_MS)
    assert inference.readiness is Readiness.READY
    assert inference.path == path_of(fake_models, "improved-sex")
    inference.ask(radiograph("a", 0.1), sex=None)
    qtbot.waitUntil(lambda: len(listener.answers) == 1, timeout=LONG_MS)


def test_answered_questions_are_let_go(
    qtbot: QtBot, inference: Inference, listener: Listener, fake_models: FakeModels
) -> None:
    inference.choose(path_of(fake_models, "improved-sex"))
    inference.load()
    for number in range(1, 6):
        with qtbot.waitSignal(inference.answered, timeout=LONG_MS):
            inference.ask(radiograph(str(number), 0.1), sex=None)
    assert len(listener.answers) == 5
    qtbot.waitUntil(lambda: not alive(), timeout=LONG_MS)
    gc.collect()
    names = [thing.source.name for thing in gc.get_objects() if type(thing) is Radiograph]
    kept = [name for name in names if name in "12345"]  # a window of another test may still hold its own
    assert kept == ["5"], "a radiograph that is no longer asked about stays in memory"


def test_a_missing_file_is_refused_at_once(inference: Inference, listener: Listener, fake_models: FakeModels) -> None:
    assert not inference.choose(fake_models.folder / "none.safetensors")
    assert listener.failures == ["The model file “none.safetensors” is not there."]
    assert inference.readiness is Readiness.ABSENT


def test_a_foreign_file_is_refused_with_the_readers_sentence(
    qtbot: QtBot, inference: Inference, listener: Listener, tmp_path: Path
) -> None:
    foreign = tmp_path / "foreign.safetensors"
    foreign.write_bytes(b"not a model")
    errors: list[BaseException] = []
    inference.model_failed.connect(errors.append)
    assert inference.choose(foreign)
    inference.load()
    qtbot.waitUntil(lambda: inference.readiness is Readiness.ABSENT, timeout=LONG_MS)
    assert isinstance(errors[0], BoneAgeError)
