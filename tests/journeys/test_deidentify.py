"""Through the real window: what must be heard is said first, then the radiograph leaves without its patient."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydicom import dcmread
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QFileDialog
from pytestqt.qtbot import QtBot

from boneage_gui.clinic.deidentify import Choices
from boneage_gui.clinic.deidentify.cautions import BURNED_IN, LOOK, PICTURE
from boneage_gui.windows.clinic.export_dialog import NO_TEXT, ExportDialog
from boneage_gui.windows.main_window import MainWindow
from tests.factories import hand, write_dicom
from tests.window_fixtures import LONG_MS

HEADER: dict[str, Any] = {"PatientSex": "M", "PatientBirthDate": "20100310", "StudyDate": "20200310"}


def _asked(qtbot: QtBot, window: MainWindow, path: Path) -> ExportDialog:
    with qtbot.waitSignal(window.picture_shown, timeout=LONG_MS):
        window.open_paths([path])
    window.menus.actions["deidentify"].trigger()
    dialog = window.clinic.deidentify.dialog
    assert dialog is not None
    qtbot.waitUntil(dialog.export.isEnabled, timeout=LONG_MS)
    return dialog


def _answer(monkeypatch: pytest.MonkeyPatch, goal: Path) -> list[str]:
    proposed: list[str] = []

    def answer(_parent: Any, _title: str, name: str, _kinds: str) -> tuple[str, str]:
        proposed.append(name)
        return str(goal), ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", answer)
    return proposed


def test_burnt_in_text_is_told_before_and_with_the_export(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_dicom(tmp_path / "Muster.dcm", hand(), BurnedInAnnotation="YES", **HEADER)
    dialog = _asked(qtbot, window, path)
    assert dialog.cautions.text() == f"{BURNED_IN}\n{LOOK}"
    dialog.sex.setChecked(True)
    proposed = _answer(monkeypatch, tmp_path / "out" / "mine")
    with qtbot.waitSignal(window.clinic.deidentify.written, timeout=LONG_MS):
        qtbot.mouseClick(dialog.export, Qt.MouseButton.LeftButton)
    assert proposed == [str(tmp_path / "radiograph-001.dcm")]
    assert window.banner.text == f"{BURNED_IN} {LOOK}"
    made = dcmread(tmp_path / "out" / "mine.dcm")
    assert (made.PatientSex, made.PatientAge, made.StudyDate) == ("M", "120M", "")
    assert b"SECRET" not in (tmp_path / "out" / "mine.dcm").read_bytes()
    assert window.clinic.deidentify.dialog is None


def test_a_picture_file_has_nothing_to_keep(
    qtbot: QtBot, window: MainWindow, hand_png: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialog = _asked(qtbot, window, hand_png)
    assert dialog.cautions.text() == f"{PICTURE}\n{LOOK}"
    assert not dialog.sex.isVisible()
    _answer(monkeypatch, tmp_path / "out.png")
    with qtbot.waitSignal(window.clinic.deidentify.written, timeout=LONG_MS):
        dialog.export.click()
    assert (tmp_path / "out.png").read_bytes().startswith(b"\x89PNG")


def test_who_thinks_better_of_it_exports_nothing(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_dicom(tmp_path / "a.dcm", hand(), BurnedInAnnotation="NO", ImageType=["ORIGINAL", "PRIMARY"])
    dialog = _asked(qtbot, window, path)
    assert dialog.cautions.text() == NO_TEXT
    proposed = _answer(monkeypatch, tmp_path / "never.dcm")
    dialog.reject()
    assert (proposed, window.clinic.deidentify.dialog) == ([], None)
    assert not (tmp_path / "never.dcm").exists()


def test_what_cannot_be_written_is_a_sentence(qtbot: QtBot, window: MainWindow, hand_dicom: Path) -> None:
    window.clinic.deidentify.save(hand_dicom, hand_dicom, Choices())
    qtbot.waitUntil(lambda: "choose another name" in window.banner.text, timeout=LONG_MS)


def test_a_file_that_is_gone_cannot_be_exported(qtbot: QtBot, window: MainWindow, hand_dicom: Path) -> None:
    with qtbot.waitSignal(window.picture_shown, timeout=LONG_MS):
        window.open_paths([hand_dicom])
    hand_dicom.unlink()
    window.menus.actions["deidentify"].trigger()
    dialog = window.clinic.deidentify.dialog
    assert dialog is not None
    qtbot.waitUntil(lambda: dialog.cautions.property("rank") == "caution", timeout=LONG_MS)
    assert "may have been moved" in dialog.cautions.text()
    assert not dialog.export.isEnabled()
    dialog.reject()


def test_every_control_has_a_tooltip(qtbot: QtBot, window: MainWindow, hand_dicom: Path) -> None:
    dialog = _asked(qtbot, window, hand_dicom)
    assert [button.text() for button in dialog.findChildren(QAbstractButton) if not button.toolTip()] == []
    dialog.reject()
