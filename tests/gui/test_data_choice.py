"""Choosing radiographs: by dialog, by typing, by drop; what the columns of a table mean."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from boneage_gui import jobs
from boneage_gui.widgets.data_choice import DataChoice
from boneage_gui.widgets.data_choice.column_choice import FROM_HEADER
from boneage_gui.widgets.data_choice.data_choice import NOTHING, READING
from boneage_gui.work.training import source_arguments
from tests import factories
from tests.window_fixtures import LONG_MS
from trainer.columns import NONE, Columns
from trainer.data_source import DataSource
from trainer.radiograph import Sex

RSNA = "id,boneage,male\n1377,180,False\n1378,12,True\n"
HOSPITAL = "Case;File;Age;Sex;Child\na;a.dcm;12,5;F;1\nb;b.dcm;3,0;M;1\n"


@pytest.fixture
def choice(qtbot: QtBot) -> DataChoice:
    made = DataChoice()
    qtbot.addWidget(made)
    made.resize(400, 560)
    with qtbot.waitActive(made):
        made.show()
        made.activateWindow()
    return made


@pytest.fixture
def rsna(tmp_path: Path) -> Path:
    path = tmp_path / "rsna" / "boneage-training-dataset.csv"
    path.parent.mkdir()
    path.write_text(RSNA, encoding="utf-8")
    return path


@pytest.fixture
def hospital(tmp_path: Path) -> Path:
    path = tmp_path / "ages.csv"
    path.write_text(HOSPITAL, encoding="utf-8")
    return path


def take(choice: DataChoice, path: Path, qtbot: QtBot) -> None:
    choice.choose(path)
    settle(choice, qtbot)


def settle(choice: DataChoice, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: choice.problem != READING and not jobs.alive(), timeout=LONG_MS)


def pick(choice: DataChoice, part: str, name: str) -> None:
    combo = choice.columns.combos[part]
    combo.setCurrentIndex(combo.findText(name))
    combo.activated.emit(combo.currentIndex())


def test_nothing_is_chosen_at_first(choice: DataChoice) -> None:
    assert choice.problem == NOTHING
    assert choice.source() is None
    assert not choice.columns.isEnabled()


def test_a_folder_of_the_rsna_needs_no_more_words(choice: DataChoice, rsna: Path, qtbot: QtBot) -> None:
    take(choice, rsna.parent, qtbot)
    assert choice.problem == ""
    source = choice.source()
    assert source is not None
    assert source.data == rsna.parent
    assert (source.columns.id, source.columns.age, source.columns.age_unit, source.columns.sex) == (
        "id", "boneage", "months", "male",
    )  # fmt: skip
    assert source.columns.patient is None


def test_without_a_patient_column_the_headers_patients_stay_together_unless_none_is_said(
    choice: DataChoice, tmp_path: Path, qtbot: QtBot
) -> None:
    for number, patient in enumerate(("P1", "P1", "P2")):
        factories.write_dicom(tmp_path / f"{number}.dcm", factories.hand(), PatientID=patient, PatientSex="F")
    table = tmp_path / "ages.csv"
    table.write_text("id,boneage\n0,12\n1,24\n2,36\n")
    take(choice, table, qtbot)
    assert choice.columns.combos["patient"].currentText() == FROM_HEADER
    assert choice.columns.combos["sex"].currentText() == FROM_HEADER
    source = choice.source()
    assert source is not None
    assert not any(option.startswith("--patient-column") for option in source_arguments(source))
    first, second, third = source.cases().cases
    assert first.patient_key == second.patient_key != third.patient_key
    assert {case.sex for case in source.cases().cases} == {Sex.FEMALE}
    pick(choice, "patient", "none")
    source = choice.source()
    assert source is not None
    assert {case.patient_key for case in source.cases().cases} == {None}
    choice.set_source(source)
    settle(choice, qtbot)
    assert choice.columns.combos["patient"].currentText() == "none"


def test_a_unit_that_the_name_does_not_say_is_asked_for(choice: DataChoice, hospital: Path, qtbot: QtBot) -> None:
    take(choice, hospital, qtbot)
    assert choice.problem == "Say whether “Age” is in months or in years."
    assert choice.source() is None
    with qtbot.waitSignal(choice.changed):
        choice.columns.unit.setFocus()
        QTest.keyClick(choice.columns.unit, Qt.Key.Key_Y)
        choice.columns.unit.activated.emit(choice.columns.unit.currentIndex())
    source = choice.source()
    assert source is not None
    assert source.columns.age_unit == "years"
    assert (source.columns.path, source.columns.sex) == ("File", "Sex")


def test_a_column_cannot_mean_two_things(choice: DataChoice, rsna: Path, qtbot: QtBot) -> None:
    take(choice, rsna, qtbot)
    pick(choice, "patient", "male")
    assert choice.problem == "“male” cannot be both sex and patient."
    pick(choice, "patient", "none")
    assert choice.problem == ""
    pick(choice, "age", "choose…")
    assert choice.problem == "Say which column holds the bone age."


def test_what_cannot_be_read_is_said_where_it_was_chosen(choice: DataChoice, tmp_path: Path, qtbot: QtBot) -> None:
    choice.data.line.setFocus()
    QTest.keyClicks(choice.data.line, str(tmp_path / "nothing.csv"))
    QTest.keyClick(choice.data.line, Qt.Key.Key_Return)
    settle(choice, qtbot)
    assert "nothing.csv" in choice.problem
    assert choice.source() is None
    assert not choice.columns.isEnabled()


def test_a_folder_that_is_chosen_again_is_read_again(
    choice: DataChoice, rsna: Path, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A share that was not there, or a table that was mended meanwhile."""
    folder = rsna.parent
    moved = folder.rename(tmp_path / "unmounted")
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))
    choice.data.button.click()
    settle(choice, qtbot)
    assert choice.problem
    moved.rename(folder)
    choice.data.button.click()
    settle(choice, qtbot)
    assert choice.problem == ""


def test_a_typed_path_is_taken(choice: DataChoice, rsna: Path, qtbot: QtBot) -> None:
    choice.data.line.setFocus()
    QTest.keyClicks(choice.data.line, str(rsna))
    QTest.keyClick(choice.data.line, Qt.Key.Key_Return)
    settle(choice, qtbot)
    source = choice.source()
    assert source is not None
    assert source.data == rsna


def test_a_table_and_a_folder_dropped_together_are_table_and_pictures(
    choice: DataChoice, rsna: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in (pictures, rsna)])
    event = QDropEvent(
        QPointF(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    choice.dropEvent(event)  # offscreen, nothing can be dragged
    settle(choice, qtbot)
    source = choice.source()
    assert source is not None
    assert (source.data, source.pictures) == (rsna, pictures)


def test_the_choices_of_an_earlier_run_come_back(
    choice: DataChoice, hospital: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    split = tmp_path / "split.csv"
    split.touch()
    columns = Columns(id="Case", path=NONE, age="Age", age_unit="years", sex=NONE, patient="Child")
    source = DataSource(data=hospital, columns=columns, pictures=tmp_path, split=split, description="ours")
    choice.set_source(source)
    settle(choice, qtbot)
    assert choice.source() == source


def test_pictures_and_split_must_be_there(choice: DataChoice, rsna: Path, tmp_path: Path, qtbot: QtBot) -> None:
    take(choice, rsna, qtbot)
    choice.split.choose(tmp_path / "no.csv")
    assert choice.problem == f"There is nothing at {tmp_path / 'no.csv'}."
    QTest.mouseClick(choice.split.remove, Qt.MouseButton.LeftButton)
    assert choice.problem == ""


def test_the_newest_choice_wins(choice: DataChoice, rsna: Path, hospital: Path, qtbot: QtBot) -> None:
    choice.choose(hospital)
    take(choice, rsna, qtbot)
    qtbot.wait(100)
    source = choice.source()
    assert source is not None
    assert source.data == rsna


def test_a_sheet_of_an_excel_file_can_be_chosen(choice: DataChoice, tmp_path: Path, qtbot: QtBot) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.active.title = "ages"
    book.active.append(["id", "boneage", "male"])
    more = book.create_sheet("more")
    more.append(["case", "bone age years", "gender"])
    path = tmp_path / "ages.xlsx"
    book.save(path)
    take(choice, path, qtbot)
    assert choice.columns.sheet.isVisible()
    choice.columns.sheet.setCurrentText("more")
    choice.columns.sheet.activated.emit(1)
    settle(choice, qtbot)
    source = choice.source()
    assert source is not None
    assert source.columns.sheet == "more"
    assert (source.columns.age, source.columns.age_unit) == ("bone age years", "years")
