"""Through the real window: another patient's picture takes the place of the open one's file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from boneage_gui.windows.main_window import MainWindow
from tests.factories import hand, write_dicom
from tests.window_fixtures import LONG_MS
from trainer.radiograph import Sex

STUDY: dict[str, Any] = {"PatientBirthDate": "20100310", "StudyDate": "20200310", "SeriesInstanceUID": "1.2.3.2"}


@pytest.fixture
def opened(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> Path:
    """A boy's radiograph, open and read."""
    path = write_dicom(tmp_path / "IM1.dcm", hand(), PatientID="BOY", PatientSex="M", StudyInstanceUID="1.2.1", **STUDY)
    qtbot.waitUntil(lambda: window.clinic.readings.opened is not None, timeout=LONG_MS)
    with qtbot.waitSignal(window.answered, timeout=LONG_MS):
        window.open_paths([path])
    return path


def _replace(path: Path) -> None:
    """Another export writes its first picture under the same name."""
    path.unlink()
    write_dicom(path, hand(130, 110), PatientID="GIRL", PatientSex="F", StudyInstanceUID="1.2.2", **STUDY)


def test_no_reading_is_kept_under_another_picture(qtbot: QtBot, window: MainWindow, opened: Path) -> None:
    _replace(opened)
    window.menus.actions["accept_reading"].trigger()
    qtbot.waitUntil(lambda: "has changed since it was read" in window.banner.text, timeout=LONG_MS)
    assert window.clinic.readings.reading is None


def test_no_report_goes_into_another_patients_study(
    qtbot: QtBot, window: MainWindow, opened: Path, tmp_path: Path
) -> None:
    with qtbot.waitSignal(window.clinic.readings.kept, timeout=LONG_MS):
        window.menus.actions["accept_reading"].trigger()
    _replace(opened)
    window.clinic.reports.save_dicom(tmp_path / "out")
    qtbot.waitUntil(lambda: "has changed since it was read" in window.banner.text, timeout=LONG_MS)
    assert not (tmp_path / "out").exists()


def test_another_patients_dates_and_sex_are_its_own_once_it_is_opened(
    qtbot: QtBot, window: MainWindow, opened: Path
) -> None:
    with qtbot.waitSignal(window.answered, timeout=LONG_MS):
        window.panel.choose_sex(Sex.FEMALE)  # told of the picture before
    opened.unlink()
    header: dict[str, Any] = {"PatientBirthDate": "20140501", "StudyDate": "20260105", "SeriesInstanceUID": "1.2.3.3"}
    write_dicom(opened, hand(130, 110), PatientID="OTHER", PatientSex="M", StudyInstanceUID="1.2.2", **header)
    with qtbot.waitSignal(window.answered, timeout=LONG_MS):
        window.open_paths([opened])
    assert window.panel.dates.typed == ("2014-05-01", "2026-01-05")
    assert window.panel.sex.answer is Sex.MALE
    assert window.panel.sex.hint == "From the file’s header."
