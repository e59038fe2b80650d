"""What lies on the disk goes while it is in use: a model's file, the folder of the open radiograph."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch
from pytestqt.qtbot import QtBot

from boneage_gui.windows.main_window import MainWindow
from tests.factories import hand, write_dicom
from tests.gui.fakes import FakeModels
from tests.window_fixtures import LONG_MS, MakeWindow
from trainer.checkpoint import read_tensors, write_tensors


def _open(qtbot: QtBot, window: MainWindow, path: Path) -> None:
    with qtbot.waitSignal(window.answered, timeout=LONG_MS):
        window.open_paths([path])


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """A radiograph in a folder with two more."""
    folder = tmp_path / "films"
    folder.mkdir()
    for number in range(3):
        write_dicom(folder / f"{number}.dcm", hand(96 + number), PatientID=str(number), PatientSex="M")
    return folder / "0.dcm"


@pytest.fixture
def own_model(untrained_model: Path, tmp_path: Path) -> Path:
    """A model file that may go."""
    return shutil.copyfile(untrained_model, tmp_path / "mine.safetensors")


@pytest.mark.parametrize("content", [None, b"", b"something else entirely" * 1000])
def test_a_model_whose_file_is_deleted_or_overwritten_goes_on_and_is_refused_the_next_time(
    qtbot: QtBot, make_window: MakeWindow, own_model: Path, film: Path, content: bytes | None
) -> None:
    window = make_window(with_model=False)
    window.choose_model(str(own_model))
    _open(qtbot, window, film)
    before = window.prediction
    assert before is not None
    own_model.unlink()
    if content is not None:
        own_model.write_bytes(content)
    _open(qtbot, window, film.with_name("1.dcm"))
    _open(qtbot, window, film)
    assert window.prediction is not None
    assert window.prediction.age_months == before.age_months
    window.choose_model(str(own_model))
    qtbot.waitUntil(lambda: "mine.safetensors" in window.banner.text, timeout=LONG_MS)
    assert window.banner.text.endswith(".")
    assert window.inference.predictor is not None
    _open(qtbot, window, film)
    assert window.prediction.model_name == "untrained"


def test_weights_that_were_read_do_not_follow_their_file(tmp_path: Path) -> None:
    """A map of the file would; and where the file is cut off, or its stick is pulled, the process would end."""
    path = tmp_path / "weights.safetensors"
    write_tensors(path, {"a": torch.zeros(1_000_000)}, {"word": "kept"})
    tensors, metadata = read_tensors(path)
    with path.open("r+b") as file:
        size = file.seek(0, 2)
        file.seek(0)
        file.write(b"\xff" * size)
    assert not tensors["a"].any()
    assert metadata == {"word": "kept"}


def test_the_folder_of_the_open_radiograph_is_removed(
    qtbot: QtBot, window: MainWindow, fake_models: FakeModels, film: Path, tmp_path: Path
) -> None:
    qtbot.waitUntil(lambda: window.clinic.readings.opened is not None, timeout=LONG_MS)
    _open(qtbot, window, film.parent)
    with qtbot.waitSignal(window.clinic.readings.kept, timeout=LONG_MS):
        window.panel.decision.accept.click()
    qtbot.waitUntil(lambda: not window.opening.thumbnails_pending, timeout=LONG_MS)
    shutil.rmtree(film.parent)
    state, title = window.panel.state, window.windowTitle()

    for walk in ("next", "previous"):
        with qtbot.waitSignal(window.refused, timeout=LONG_MS):
            window.menus.actions[walk].trigger()
        assert window.banner.text.endswith(".")
        assert (window.panel.state, window.windowTitle()) == (state, title)
    with qtbot.waitSignal(window.refused, timeout=LONG_MS):
        window.open_paths([film.parent])
    assert "films" in window.banner.text

    qtbot.waitUntil(window.panel.decision.accept.isEnabled, timeout=LONG_MS)
    window.tell("nothing yet")
    window.panel.decision.accept.click()
    qtbot.waitUntil(lambda: "can no longer be read" in window.banner.text, timeout=LONG_MS)
    window.tell("nothing yet")
    window.clinic.reports.save_dicom(tmp_path)
    qtbot.waitUntil(lambda: window.banner.text != "nothing yet", timeout=LONG_MS)
    assert "0.dcm" in window.banner.text
    with qtbot.waitSignal(window.clinic.reports.written, timeout=LONG_MS):  # the page needs no file
        window.clinic.reports.save_pdf(tmp_path / "report.pdf")
    window.menus.actions["history"].trigger()
    readings = window.clinic.window
    assert readings is not None
    qtbot.waitUntil(lambda: readings.table.readings.rowCount() == 1, timeout=LONG_MS)
