"""Through the real window: the worklist is searched, a patient's growth is looked at, readings leave as a table."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from boneage_gui import settings
from boneage_gui.clinic.reading import Decision
from boneage_gui.clinic.readings import PatientKeys, Query, ReadingStore
from boneage_gui.clinic.reference import BRUSH
from boneage_gui.settings import SettingsFile
from boneage_gui.windows.clinic.readings_window import ReadingsWindow
from boneage_gui.windows.main_window import MainWindow
from tests.factories import hand, write_dicom
from tests.gui.clinic.drawn_readings import reading
from tests.gui.fakes import FakeModels
from tests.window_fixtures import LONG_MS, MakeWindow
from trainer.radiograph import Sex

MANY = 1203


@pytest.fixture
def store(own_home: Path) -> ReadingStore:
    """A store with many readings of many patients."""
    made = ReadingStore(settings.readings_folder() / "readings.sqlite3")
    made.open(today=date(2026, 3, 9))
    PatientKeys(made.path.with_name("readings.key"))
    made.add_all(
        [
            reading(
                number,
                patient_hash=f"{number // 3:064x}",
                chronological_months=100.0 + 12 * (number % 3),
                age_months=95.0 + 14 * (number % 3),
                sex=Sex.FEMALE if number % 2 else Sex.MALE,
                label=f"Muster {number}",
                decision=Decision.MODIFIED if number % 10 == 0 else Decision.ACCEPTED,
                clinician_months=100.0,
                reason="own value",
            )
            for number in range(MANY)
        ]
    )
    return made


@pytest.fixture
def worklist(qtbot: QtBot, store: ReadingStore, window: MainWindow) -> ReadingsWindow:
    """The worklist with everything in it."""
    qtbot.waitUntil(lambda: window.clinic.readings.opened is not None, timeout=LONG_MS)
    window.menus.actions["worklist"].trigger()
    opened = window.clinic.window
    assert opened is not None
    qtbot.waitSignal(opened.filled, timeout=LONG_MS).wait()
    return opened


def _found(qtbot: QtBot, worklist: ReadingsWindow) -> int:
    qtbot.waitSignal(worklist.filled, timeout=LONG_MS).wait()
    return worklist.table.readings.total


def test_all_readings_are_there_and_come_page_by_page(qtbot: QtBot, worklist: ReadingsWindow) -> None:
    model = worklist.table.readings
    assert worklist.count.text() == "1,203 readings"
    assert model.rowCount() < MANY
    while model.rowCount() < MANY:
        before = model.rowCount()
        worklist.table.scrollToBottom()
        qtbot.waitUntil(lambda before=before: model.rowCount() > before, timeout=LONG_MS)  # type: ignore[misc]
    assert len({made.reading_id for made in model.records}) == MANY
    assert not model.canFetchMore(model.index(-1, -1))


def test_words_and_choices_narrow_the_search(qtbot: QtBot, worklist: ReadingsWindow) -> None:
    worklist.bar.words.setText("muster 777")
    assert _found(qtbot, worklist) == 1
    qtbot.waitUntil(lambda: "Muster 777" in worklist.pane.title.text(), timeout=LONG_MS)
    worklist.bar.words.clear()
    worklist.bar.decision.setCurrentText("Modified")
    assert _found(qtbot, worklist) == 121
    worklist.bar.sex.setCurrentText("Girls")
    assert _found(qtbot, worklist) == 0
    assert worklist.pane.title.text() == ""
    assert not worklist.export.isEnabled()


def test_days_narrow_the_search_and_a_wrong_one_looks_wrong(qtbot: QtBot, worklist: ReadingsWindow) -> None:
    worklist.bar.since.setText("2026-03-02")
    worklist.bar.until.setText("2026-03-04")
    assert _found(qtbot, worklist) == 3
    worklist.bar.until.setText("soon")
    assert _found(qtbot, worklist) == MANY - 1
    assert worklist.bar.until.property("wrong")


def test_a_patients_growth_is_drawn(qtbot: QtBot, worklist: ReadingsWindow) -> None:
    with qtbot.waitSignal(worklist.pane.chart.drawn, timeout=LONG_MS):
        worklist.bar.words.setText("muster 600")
    assert [made.chronological_months for made in worklist.pane.readings] == [100, 112, 124]
    assert "3 readings" in worklist.pane.title.text()
    assert "years of bone age a year" in worklist.pane.steps.text()


def test_what_was_found_is_exported_and_everything_is_copied(
    qtbot: QtBot, worklist: ReadingsWindow, tmp_path: Path
) -> None:
    worklist.bar.words.setText("muster 77")
    count = _found(qtbot, worklist)
    worklist.export_to(tmp_path / "found")
    qtbot.waitUntil(lambda: "“found.csv” holds" in worklist.message.text(), timeout=LONG_MS)
    assert len((tmp_path / "found.csv").read_text(encoding="utf-8").splitlines()) == count + 1
    worklist.copy_to(tmp_path / "copy.sqlite3")
    qtbot.waitUntil(lambda: "The copy is" in worklist.message.text(), timeout=LONG_MS)
    assert ReadingStore(tmp_path / "copy.sqlite3").count(Query()) == MANY
    worklist.export_to(tmp_path / "found.csv" / "below a file.csv")
    qtbot.waitUntil(lambda: "could not be written" in worklist.message.text(), timeout=LONG_MS)


def test_history_follows_the_open_radiograph_and_a_new_reading_joins_it(
    qtbot: QtBot, make_window: MakeWindow, fake_models: FakeModels, tmp_path: Path
) -> None:
    window = make_window(store=SettingsFile(tmp_path))
    qtbot.waitUntil(lambda: window.clinic.readings.opened is not None, timeout=LONG_MS)
    header: dict[str, Any] = {"PatientID": "4711", "PatientSex": "M", "PatientBirthDate": "20100310"}
    for number, day in enumerate(("20200310", "20210310")):
        path = write_dicom(tmp_path / f"{number}.dcm", hand(100 + number), StudyDate=day, **header)
        with qtbot.waitSignal(window.answered, timeout=LONG_MS):
            window.open_paths([path])
        window.menus.actions["history"].trigger()
        opened = window.clinic.window
        assert opened is not None
        earlier = "1 reading" if number else "0 readings"  # what came before is wanted before one confirms
        qtbot.waitUntil(lambda opened=opened, said=f"{earlier} of this patient": opened.count.text() == said)  # type: ignore[misc]
        with qtbot.waitSignal(window.clinic.readings.kept, timeout=LONG_MS):
            window.menus.actions["accept_reading"].trigger()
    window.menus.actions["history"].trigger()
    opened = window.clinic.window
    assert opened is not None
    qtbot.waitUntil(lambda: len(opened.pane.readings) == 2, timeout=LONG_MS)
    qtbot.waitUntil(lambda: opened.count.text() == "2 readings of this patient", timeout=LONG_MS)
    with qtbot.waitSignal(window.clinic.readings.kept, timeout=LONG_MS):
        window.menus.actions["accept_reading"].trigger()
    qtbot.waitUntil(lambda: opened.pane.readings[-1:] == [window.clinic.readings.reading], timeout=LONG_MS)
    assert opened.table.readings.total == 2  # the former one is superseded
    opened.everyone.click()
    qtbot.waitUntil(lambda: opened.count.text() == "2 readings", timeout=LONG_MS)
    opened.names.click()
    assert SettingsFile(tmp_path).load().readable_labels


def test_what_was_said_of_a_search_goes_with_it(qtbot: QtBot, worklist: ReadingsWindow, tmp_path: Path) -> None:
    worklist.export_to(tmp_path / "found.csv")
    qtbot.waitUntil(lambda: "“found.csv” holds" in worklist.message.text(), timeout=LONG_MS)
    worklist.search()  # as when another reading joins: what was asked for is the same
    _found(qtbot, worklist)
    assert worklist.message.text()
    worklist.bar.words.setText("nothing of the kind")
    assert _found(qtbot, worklist) == 0
    assert worklist.message.text() == ""


def test_the_smallest_window_holds_its_foot(qtbot: QtBot, worklist: ReadingsWindow) -> None:
    worklist.everyone.show()
    worklist.message.setText("“readings.csv” holds 1,203 readings.")
    worklist.resize(worklist.minimumSize())
    qtbot.waitUntil(lambda: worklist.width() <= worklist.minimumWidth(), timeout=LONG_MS)
    for button in (worklist.open, worklist.everyone, worklist.names, worklist.copy, worklist.export):
        assert button.width() >= button.sizeHint().width(), button.text()
    assert worklist.count.width() >= worklist.count.sizeHint().width()


def test_every_control_has_a_name_or_words_and_a_tooltip(worklist: ReadingsWindow) -> None:
    from PySide6.QtWidgets import QAbstractButton, QComboBox, QLineEdit

    for kind in (QAbstractButton, QComboBox, QLineEdit):
        for control in worklist.findChildren(kind):
            if (
                control.isVisible()
                and control.objectName() != "qt_spinbox_lineedit"
                and control.parent() is not worklist.bar.words
            ):
                assert control.toolTip(), control


def test_a_radiograph_that_arrives_does_not_change_the_patient_on_show(
    qtbot: QtBot, worklist: ReadingsWindow, store: ReadingStore, window: MainWindow
) -> None:
    worklist.table.selectRow(5)
    chosen = worklist.table.reading
    assert chosen is not None
    store.add(reading(MANY + 1, patient_hash="f" * 64, label="New", now=datetime(2030, 1, 1, tzinfo=UTC)))
    with qtbot.waitSignal(worklist.filled, timeout=LONG_MS):
        window.clinic.readings.added.emit()
    first = worklist.table.readings.records[0]
    assert first.label == "New"
    assert worklist.table.reading == chosen
    qtbot.waitUntil(lambda: str(chosen.label) in worklist.pane.title.text(), timeout=LONG_MS)


def test_one_patients_chart_never_stands_under_anothers_name(qtbot: QtBot, worklist: ReadingsWindow) -> None:
    pane = worklist.pane
    worklist.bar.words.setText("muster 600")
    qtbot.waitUntil(lambda: "Muster 600" in pane.title.text() and not pane.chart.picture().isNull(), timeout=LONG_MS)
    other = replace(pane.readings[0], patient_hash="e" * 64, label="Other")
    pane.show_readings([other], BRUSH, other)
    assert pane.title.text().startswith("Other")
    assert pane.chart.picture().isNull()
    qtbot.waitUntil(lambda: not pane.chart.picture().isNull(), timeout=LONG_MS)
    pane.show_readings([other], BRUSH, other)  # the same patient's: no flicker
    assert not pane.chart.picture().isNull()
