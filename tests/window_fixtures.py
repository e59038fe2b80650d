"""Fixtures of the window: fake models, hand radiographs on disk, a window that cleans up after itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEventLoop, QTimer
from pytestqt.qtbot import QtBot

import resources
from boneage_gui import assets, jobs, theme, work
from boneage_gui.errors import ErrorDoor
from boneage_gui.inference import Inference
from boneage_gui.settings import Settings, SettingsFile
from boneage_gui.windows.main_window import MainWindow
from tests.factories import hand, write_dicom, write_png
from tests.gui.fakes import FakeModels

LONG_MS = 60_000  # how long a test waits on a busy machine before it calls something lost
MakeWindow = Callable[..., MainWindow]


@pytest.fixture
def hand_png(tmp_path: Path) -> Path:
    """A hand whose file says nothing about the child."""
    return write_png(tmp_path / "hand.png", hand())


@pytest.fixture
def hand_dicom(tmp_path: Path) -> Path:
    """A boy's hand, with birth and study date."""
    return write_dicom(tmp_path / "hand.dcm", hand(), PatientSex="M", PatientBirthDate="20100310", StudyDate="20200310")


@pytest.fixture(scope="session")
def untrained_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint of the real kind whose network never learned anything."""
    from trainer.card import ModelCard
    from trainer.checkpoint import save_checkpoint
    from trainer.networks import build
    from trainer.preprocess import Preprocessing

    file = tmp_path_factory.mktemp("model") / "untrained.safetensors"
    card = ModelCard(
        name="untrained",
        architecture="improved-sex",
        uses_sex=True,
        preprocessing=Preprocessing(side_px=64, network_px=64),
        label_mean_months=120.0,
        label_std_months=40.0,
        residual_quantiles={"all": {"q05": -20.0, "q95": 20.0}},
    )
    save_checkpoint(file, [build("improved-sex").eval()], card)
    return file


@pytest.fixture
def fake_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeModels:
    """Two shipped models, the default one first."""
    folder = tmp_path / "models"
    folder.mkdir()
    models = FakeModels(folder)
    models.loading.set()
    models.add("improved-sex")
    models.add("baseline", uses_sex=False)
    monkeypatch.setattr(work, "read_card", models.card_of)
    monkeypatch.setattr(work, "load_predictor", models.load)
    monkeypatch.setattr(resources, "model_names", lambda: list(models.predictors))
    monkeypatch.setattr(resources, "model_path", lambda name: folder / f"{name}.safetensors")
    return models


def end_training(window: MainWindow) -> None:
    """End what a test left training: a window that trains asks before it closes."""
    loop = QEventLoop()
    window.training.desk.state_changed.connect(lambda _state: None if window.training.desk.busy else loop.quit())
    QTimer.singleShot(LONG_MS, loop.quit)
    if window.training.desk.busy:
        window.training.desk.kill()
        loop.exec()
    assert not window.training.desk.busy, "a training that does not end"


@pytest.fixture
def make_window(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[MakeWindow]:
    """Make windows as the application does; the model is taken into use unless told otherwise.

    Without the gate: the hand that tests draw is none to it. Its own journey has a fake one.
    """
    monkeypatch.setattr(assets, "beside_models", lambda: {**resources.beside_models(), "gate_file": None})
    from PySide6.QtWidgets import QApplication

    made: list[MainWindow] = []

    def make(
        settings: Settings | None = None, *, store: SettingsFile | None = None, with_model: bool = True
    ) -> MainWindow:
        known = settings or Settings()
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        theme.apply(application, theme.named(known.theme.value))
        opened = MainWindow(settings=known, store=store, inference=Inference(), door=ErrorDoor())
        made.append(opened)
        qtbot.addWidget(opened, before_close_func=end_training)
        opened.show()
        qtbot.waitExposed(opened)
        opened.clinic.readings.open()
        default = assets.default_model() if with_model else None
        if default is not None:
            opened.inference.choose(default)
            opened.inference.load()
        return opened

    yield make
    for window in made:
        window.close()
    assert jobs.close_all(), "jobs that do not end"


@pytest.fixture
def window(make_window: MakeWindow, fake_models: FakeModels) -> MainWindow:
    """A window with a fake model."""
    return make_window()
