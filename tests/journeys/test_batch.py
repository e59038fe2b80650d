"""Through the real window: a folder is read row by row, stopped, gone on with, and left behind at the end."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from boneage_gui import jobs, work
from boneage_gui.windows.batch_window import NO_MODEL, BatchWindow
from boneage_gui.windows.main_window import MainWindow
from tests.factories import hand, write_png
from tests.gui.clinic.radiograph_folder import folder, table_in
from tests.gui.fakes import FakeModels
from tests.window_fixtures import LONG_MS, MakeWindow

__all__ = ["folder"]


@pytest.fixture
def batch(qtbot: QtBot, window: MainWindow, folder: Path) -> BatchWindow:
    """The window with a folder chosen and no pages asked for."""
    qtbot.waitUntil(lambda: window.inference.predictor is not None, timeout=LONG_MS)
    opened = _opened(qtbot, window)
    assert not opened.start.isEnabled()
    opened.form.folder.choose(folder)
    opened.form.pdf.setChecked(False)
    return opened


def _opened(qtbot: QtBot, window: MainWindow) -> BatchWindow:
    window.menus.actions["read_folder"].trigger()
    qtbot.waitUntil(lambda: window.clinic.batch.window is not None, timeout=LONG_MS)
    opened = window.clinic.batch.window
    assert opened is not None
    return opened


def _run(qtbot: QtBot, batch: BatchWindow) -> None:
    with qtbot.waitSignal(batch.over, timeout=LONG_MS):
        batch.start.click()


def test_the_model_that_ages_come_from_is_named(qtbot: QtBot, batch: BatchWindow, window: MainWindow) -> None:
    assert window.inference.card is not None
    assert batch.form.model.text() == window.inference.card.name == "improved-sex"
    assert batch.form.model.isVisible()
    with qtbot.waitSignal(window.inference.model_changed, timeout=LONG_MS):
        window.choose_model("baseline")
    assert batch.form.model.text() == "baseline"


def test_a_folder_is_read_into_a_table(qtbot: QtBot, batch: BatchWindow, folder: Path) -> None:
    out = folder.with_name("in-bone-age")
    assert batch.form.out.path() == out
    batch.form.excel.setChecked(True)
    _run(qtbot, batch)
    shown = [batch.table.batch.index(row, 0).data() for row in range(batch.table.batch.rowCount())]
    assert shown == ["1.2.840.7", "9.tif", "10.jpg", "hand.png", "IM000001", "broken.dcm", "hand.dcm"]
    assert [row["file"] for row in table_in(out)] == [row.file for row in batch.table.batch.records]
    assert batch.message.text().startswith("All 7 are done, 1 refused. The table is bone-age.csv")
    assert (batch.bar.value(), batch.bar.maximum()) == (7, 7)
    assert (out / "bone-age.xlsx").is_file()
    batch.table.selectRow(5)
    assert batch.said.text() == batch.table.batch.records[5].refused
    _run(qtbot, batch)
    assert "6 were there before" in batch.message.text()


def test_stop_ends_after_the_radiograph_that_is_read_and_start_goes_on(
    qtbot: QtBot, batch: BatchWindow, fake_models: FakeModels, folder: Path
) -> None:
    predictor = fake_models.predictors["improved-sex"]
    predictor.gate.clear()
    batch.start.click()
    qtbot.waitUntil(lambda: len(predictor.asked) == 1, timeout=LONG_MS)
    assert not batch.form.isEnabled()
    batch.stop.click()
    assert not batch.stop.isEnabled()
    with qtbot.waitSignal(batch.over, timeout=LONG_MS):
        predictor.gate.set()
    assert batch.message.text().startswith("Stopped. 1 of 7 are done.")
    assert len(table_in(folder.with_name("in-bone-age"))) == 1
    _run(qtbot, batch)
    assert [row.known for row in batch.table.batch.records] == [True] + [False] * 6


def test_the_window_answers_while_a_folder_is_read(
    qtbot: QtBot, window: MainWindow, batch: BatchWindow, fake_models: FakeModels, folder: Path
) -> None:
    predictor = fake_models.predictors["improved-sex"]
    predictor.gate.clear()
    batch.start.click()
    qtbot.waitUntil(lambda: len(predictor.asked) == 1, timeout=LONG_MS)
    with qtbot.waitSignal(window.picture_shown, timeout=LONG_MS):
        window.open_paths([folder / "hand.dcm"])
    assert batch.running
    with qtbot.waitSignal(batch.over, timeout=LONG_MS):
        predictor.gate.set()


def test_the_program_ends_while_a_folder_is_read_and_what_is_written_is_whole(
    qtbot: QtBot, window: MainWindow, batch: BatchWindow, fake_models: FakeModels, folder: Path
) -> None:
    predictor = fake_models.predictors["improved-sex"]
    predictor.gate.clear()
    batch.start.click()
    qtbot.waitUntil(lambda: len(predictor.asked) == 1, timeout=LONG_MS)
    window.close()
    assert window.clinic.batch.window is None
    predictor.gate.set()
    assert jobs.close_all()
    assert len(table_in(folder.with_name("in-bone-age"))) == 1


def test_a_row_opens_its_radiograph(qtbot: QtBot, window: MainWindow, batch: BatchWindow) -> None:
    _run(qtbot, batch)
    with qtbot.waitSignal(window.picture_shown, timeout=LONG_MS) as shown:
        batch.table.activated.emit(batch.table.batch.index(1, 0))
    assert shown.args[0].source.name == "9.tif"


def test_what_cannot_be_done_is_a_sentence(qtbot: QtBot, batch: BatchWindow, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    batch.form.out.choose(tmp_path / "file")
    _run(qtbot, batch)
    assert "cannot be used" in batch.message.text()
    assert batch.start.isEnabled()
    batch.form.folder.choose(tmp_path / "home")
    _run(qtbot, batch)
    assert "holds no radiographs" in batch.message.text()


def test_without_a_model_the_window_says_so(
    qtbot: QtBot, make_window: MakeWindow, fake_models: FakeModels, tmp_path: Path
) -> None:
    window = make_window(with_model=False)
    batch = _opened(qtbot, window)
    write_png(tmp_path / "hand.png", hand())
    batch.form.folder.choose(tmp_path)
    batch.start.click()
    assert batch.message.text() == NO_MODEL
    assert not batch.running


def test_a_bug_is_told_and_the_window_can_be_used_again(
    qtbot: QtBot, batch: BatchWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "read", lambda _path: 1 / 0)
    _run(qtbot, batch)
    assert all("ZeroDivisionError" in row.refused for row in batch.table.batch.records)
    assert batch.start.isEnabled()


def test_every_control_has_a_tooltip_and_a_name(batch: BatchWindow) -> None:
    controls: list[QWidget] = [
        *batch.findChildren(QAbstractButton), *batch.findChildren(QLineEdit), *batch.findChildren(QComboBox),
        batch.table, batch.bar,
    ]  # fmt: skip
    nameless = [
        control
        for control in controls
        if not control.objectName().startswith("qt_")
        and not (control.toolTip() and (control.accessibleName() or getattr(control, "text", str)()))
    ]
    assert len(controls) > 10
    assert nameless == []


def test_the_theme_reaches_the_window(window: MainWindow, batch: BatchWindow) -> None:
    before = batch.form.folder.remove.icon().cacheKey()
    window.menus.actions["light_theme"].trigger()
    assert batch.form.folder.remove.icon().cacheKey() != before
