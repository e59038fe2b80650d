"""Through the real window: a number is accepted, overruled, amended, and found again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from boneage_gui import settings
from boneage_gui.clinic.reading import Decision, Reading
from boneage_gui.clinic.readings import Query, ReadingStore
from boneage_gui.settings import Settings
from boneage_gui.windows.clinic.modify import NO_REASON, ModifyDialog
from boneage_gui.windows.clinic.readings_desk import NOT_MODIFIED
from boneage_gui.windows.clinic.reports import CHANGED
from boneage_gui.windows.main_window import MainWindow
from tests.factories import hand, write_dicom, write_png
from tests.gui.fakes import FakeModels
from tests.window_fixtures import LONG_MS, MakeWindow
from trainer.prediction import RESEARCH_USE, years_and_months
from trainer.radiograph import Sex

Confirm = Callable[[MainWindow, Path], Reading]


def _open(qtbot: QtBot, window: MainWindow, path: Path) -> None:
    qtbot.waitUntil(lambda: window.clinic.readings.opened is not None, timeout=LONG_MS)
    with qtbot.waitSignal(window.answered, timeout=LONG_MS):
        window.open_paths([path])


def _accept(qtbot: QtBot, window: MainWindow) -> Reading:
    with qtbot.waitSignal(window.clinic.readings.kept, timeout=LONG_MS) as kept:
        window.panel.decision.accept.click()
    reading: Reading = kept.args[0]
    return reading


def _modify(qtbot: QtBot, window: MainWindow, years: int, months: int, reason: str) -> Reading:
    qtbot.waitUntil(window.panel.decision.modify.isEnabled, timeout=LONG_MS)  # the reading before is kept
    window.panel.decision.modify.click()
    dialog = window.findChild(ModifyDialog)
    assert dialog is not None
    dialog.years.setValue(years)
    dialog.months.setValue(months)
    dialog.reason.setEditText(reason)
    with qtbot.waitSignal(window.clinic.readings.kept, timeout=LONG_MS) as kept:
        dialog.buttons.buttons()[0].click()
    reading: Reading = kept.args[0]
    return reading


def _stored() -> ReadingStore:
    return ReadingStore(settings.readings_folder() / "readings.sqlite3")


def test_a_number_is_accepted_and_known_again(
    qtbot: QtBot, make_window: MakeWindow, fake_models: FakeModels, hand_dicom: Path
) -> None:
    window = make_window()
    _open(qtbot, window, hand_dicom)
    assert window.panel.decision.spoken == "Not confirmed yet."
    reading = _accept(qtbot, window)
    assert window.prediction is not None
    assert reading.age_months == window.prediction.age_months
    assert (reading.decision, reading.sex, reading.chronological_months) == (Decision.ACCEPTED, Sex.MALE, 120)
    assert (reading.model_sha256, reading.label) == (window.prediction.model_sha256, None)
    assert window.panel.decision.spoken.startswith("Accepted: ")
    assert _stored().find(Query()) == [reading]
    again = make_window()
    _open(qtbot, again, hand_dicom)
    qtbot.waitUntil(lambda: again.clinic.readings.reading == reading, timeout=LONG_MS)
    assert again.panel.decision.spoken.startswith("Accepted: ")


def test_a_number_is_overruled_with_a_reason_and_both_are_kept(
    qtbot: QtBot, window: MainWindow, hand_dicom: Path
) -> None:
    _open(qtbot, window, hand_dicom)
    first = _accept(qtbot, window)
    second = _modify(qtbot, window, 9, 3, "Carpals are late")
    assert (second.decision, second.clinician_months, second.reason) == (Decision.MODIFIED, 111, "Carpals are late")
    assert second.age_months == first.age_months
    assert second.supersedes == first.reading_id
    assert "Modified to 9 years 3 months" in window.panel.decision.spoken
    assert "Reason: Carpals are late" in window.panel.decision.spoken
    assert _stored().find(Query()) == [second]
    assert _stored().find(Query(superseded_too=True)) == [second, first]


def test_without_a_reason_nothing_is_kept(qtbot: QtBot, window: MainWindow, hand_dicom: Path) -> None:
    _open(qtbot, window, hand_dicom)
    window.panel.decision.modify.click()
    dialog = window.findChild(ModifyDialog)
    assert dialog is not None
    assert "SD" in dialog._stands.text()
    dialog.buttons.buttons()[0].click()
    assert dialog.isVisible()
    assert dialog._missing.text() == NO_REASON
    dialog.reject()
    assert _stored().count(Query()) == 0


def test_keys_do_the_same(qtbot: QtBot, window: MainWindow, hand_dicom: Path) -> None:
    _open(qtbot, window, hand_dicom)
    with qtbot.waitSignal(window.clinic.readings.kept, timeout=LONG_MS):
        window.menus.actions["accept_reading"].trigger()
    qtbot.waitUntil(window.panel.decision.modify.isEnabled, timeout=LONG_MS)
    window.menus.actions["modify_reading"].trigger()
    assert window.findChild(ModifyDialog) is not None


def test_while_there_is_no_number_nothing_can_be_confirmed(
    qtbot: QtBot, window: MainWindow, fake_models: FakeModels, hand_dicom: Path
) -> None:
    decision = window.panel.decision
    assert not decision.accept.isEnabled()
    _open(qtbot, window, hand_dicom)
    assert decision.accept.isEnabled()
    predictor = fake_models.predictors["improved-sex"]
    predictor.gate.clear()
    window.panel.sex.button(Sex.FEMALE).click()
    qtbot.waitUntil(lambda: not decision.accept.isEnabled(), timeout=LONG_MS)
    window.menus.actions["accept_reading"].trigger()
    assert _stored().count(Query()) == 0
    predictor.gate.set()
    qtbot.waitUntil(decision.accept.isEnabled, timeout=LONG_MS)


@pytest.mark.parametrize("readable", [False, True])
def test_a_patient_is_a_hash_unless_the_user_wants_a_name(
    qtbot: QtBot, make_window: MakeWindow, fake_models: FakeModels, tmp_path: Path, readable: bool
) -> None:
    path = write_dicom(tmp_path / "a.dcm", hand(), PatientID="4711", PatientName="Muster^Anna", PatientSex="F")
    window = make_window(Settings(readable_labels=readable))
    _open(qtbot, window, path)
    reading = _accept(qtbot, window)
    assert reading.patient_hash is not None
    assert reading.label == ("Muster, Anna (4711)" if readable else None)
    content = b"".join(path.read_bytes() for path in settings.readings_folder().rglob("*") if path.is_file())
    assert (b"4711" in content, b"Muster" in content) == (readable, readable)


def test_two_radiographs_of_one_patient_have_one_hash(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    hashes = []
    for number, patient in enumerate(("4711", "4711", "4712")):
        _open(qtbot, window, write_dicom(tmp_path / f"{number}.dcm", hand(100 + number), PatientID=patient))
        hashes.append(_accept(qtbot, window).patient_hash)
    assert hashes[0] == hashes[1] != hashes[2]


def test_readings_that_cannot_be_opened_are_said_and_the_age_is_read_all_the_same(
    qtbot: QtBot, make_window: MakeWindow, fake_models: FakeModels, hand_dicom: Path, own_home: Path
) -> None:
    (own_home / "readings").write_text("in the way")
    window = make_window()
    qtbot.waitUntil(lambda: "cannot be opened" in window.banner.text, timeout=LONG_MS)
    with qtbot.waitSignal(window.answered, timeout=LONG_MS):
        window.open_paths([hand_dicom])
    assert not window.panel.decision.accept.isEnabled()
    window.menus.actions["accept_reading"].trigger()
    assert "cannot be kept" in window.banner.text


def test_a_file_that_vanished_cannot_be_confirmed(qtbot: QtBot, window: MainWindow, hand_dicom: Path) -> None:
    _open(qtbot, window, hand_dicom)
    qtbot.wait(50)
    hand_dicom.unlink()
    window.panel.decision.accept.click()
    qtbot.waitUntil(lambda: "can no longer be read" in window.banner.text, timeout=LONG_MS)
    assert _stored().count(Query()) == 0
    qtbot.waitUntil(window.panel.decision.accept.isEnabled, timeout=LONG_MS)


def _pair(folder: Path) -> tuple[Path, Path]:
    """A boy's radiograph and a girl's."""
    born: dict[str, Any] = {"PatientBirthDate": "20100310", "StudyDate": "20200310"}
    boy = write_dicom(folder / "A.dcm", hand(), PatientID="A", PatientName="Adam", PatientSex="M", **born)
    girl = write_dicom(folder / "B.dcm", hand()[:, ::-1].copy(), PatientID="B", PatientSex="F", **born)
    return boy, girl


def test_what_is_typed_for_one_radiograph_is_never_kept_for_the_next(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    boy, girl = _pair(tmp_path)
    _open(qtbot, window, boy)
    window.panel.decision.modify.click()
    dialog = window.findChild(ModifyDialog)
    assert dialog is not None
    dialog.reason.setEditText("Carpals are late")
    _open(qtbot, window, girl)  # asked for before the dialog, or double-clicked in the worklist
    assert window.findChild(ModifyDialog) is None
    assert window.banner.text == NOT_MODIFIED
    assert _stored().count(Query()) == 0
    assert window.clinic.readings.reading is None


def test_a_reading_begun_is_kept_for_the_radiograph_it_was_begun_on(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    boy, girl = _pair(tmp_path)
    _open(qtbot, window, boy)
    number = window.clinic.number.in_context
    assert number is not None
    assert (number.radiograph.source, number.sex, number.chronological_months) == (boy, Sex.MALE, 120)
    _open(qtbot, window, girl)
    after = window.clinic.number.in_context
    assert after is not None
    assert (after.radiograph.source, after.sex) == (girl, Sex.FEMALE)
    assert number.radiograph.source == boy


def test_while_another_model_loads_the_older_number_cannot_be_accepted(
    qtbot: QtBot, window: MainWindow, fake_models: FakeModels, hand_dicom: Path
) -> None:
    _open(qtbot, window, hand_dicom)
    assert window.panel.standing.spoken
    fake_models.loading.clear()
    window.choose_model("baseline")
    assert not window.panel.decision.accept.isEnabled()
    assert window.panel.standing.spoken.startswith("Needs a bone age")
    window.menus.actions["accept_reading"].trigger()
    with qtbot.waitSignal(window.answered, timeout=LONG_MS):
        fake_models.loading.set()
    assert window.panel.decision.accept.isEnabled()
    assert _stored().count(Query()) == 0


def test_the_own_value_can_be_seen_while_it_is_typed(qtbot: QtBot, window: MainWindow, hand_dicom: Path) -> None:
    """A style that hides the arrows of a number must not take the room of its digits."""
    _open(qtbot, window, hand_dicom)
    window.panel.decision.modify.click()
    dialog = window.findChild(ModifyDialog)
    assert dialog is not None
    for spin in (dialog.years, dialog.months):
        digits = spin.lineEdit()
        assert digits is not None
        assert digits.width() > digits.fontMetrics().horizontalAdvance(spin.text())
    dialog.reject()


def test_enter_keeps_and_never_cancels(qtbot: QtBot, window: MainWindow, hand_dicom: Path) -> None:
    _open(qtbot, window, hand_dicom)
    window.panel.decision.modify.click()
    dialog = window.findChild(ModifyDialog)
    assert dialog is not None
    dialog.reason.setEditText("Carpals are late")
    dialog.buttons.cancel.setFocus()
    dialog.years.setFocus()
    with qtbot.waitSignal(window.clinic.readings.kept, timeout=LONG_MS):
        qtbot.keyClick(dialog.years, Qt.Key.Key_Return)


def test_what_is_copied_is_what_the_clinician_said(qtbot: QtBot, window: MainWindow, hand_dicom: Path) -> None:
    _open(qtbot, window, hand_dicom)
    assert window.prediction is not None
    model_said = years_and_months(window.prediction.age_months)
    _modify(qtbot, window, 5, 0, "Phalanges read otherwise")
    text = window.commands.reading_text()
    assert text is not None
    assert text.startswith("hand.dcm: Bone age 5 years at a chronological age of 10 years (boy): ")
    assert f"the model read {model_said}. Reason: Phalanges read otherwise." in text
    assert "delayed" in text
    assert RESEARCH_USE in text
    assert "delayed" in window.panel.standing.spoken, "the reference judges the value that stands"
    assert "5 years behind" in window.panel.dates.spoken


def test_a_reading_of_other_facts_is_not_reported(qtbot: QtBot, window: MainWindow, hand_png: Path) -> None:
    """Accepted without dates and sex; typed afterwards they are not the reading's."""
    _open(qtbot, window, hand_png)
    _accept(qtbot, window)
    assert window.clinic.reports.material() is not None
    window.panel.dates.type_dates(birth="2010-03-10", study="2020-03-10")
    assert "The dates changed since then: confirm again." in window.panel.decision.spoken
    assert window.clinic.reports.material() is None
    assert window.banner.text == CHANGED.format(changed="dates")
    with qtbot.waitSignal(window.answered, timeout=LONG_MS):
        window.panel.choose_sex(Sex.MALE)
    assert "The sex and dates changed since then" in window.panel.decision.spoken
    _accept(qtbot, window)
    qtbot.waitUntil(lambda: "changed since" not in window.panel.decision.spoken, timeout=LONG_MS)
    material = window.clinic.reports.material()
    assert material is not None
    assert (material.reading.sex, material.reading.chronological_months) == (Sex.MALE, 120)


def test_what_was_told_of_a_file_is_known_when_one_comes_back_to_it(
    qtbot: QtBot, make_window: MakeWindow, fake_models: FakeModels, tmp_path: Path
) -> None:
    window = make_window()
    files = [write_png(tmp_path / f"{number}.png", hand(60, 50 + number)) for number in range(2)]
    _open(qtbot, window, files[0])
    with qtbot.waitSignal(window.answered, timeout=LONG_MS):
        window.panel.choose_sex(Sex.FEMALE)
    window.panel.dates.type_dates(birth="2010-03-10", study="2020-03-10")
    reading = _accept(qtbot, window)
    _open(qtbot, window, files[1])
    assert window.panel.sex.is_asking()
    assert window.panel.dates.typed == ("", "")
    _open(qtbot, window, files[0])
    assert window.panel.dates.months == 120
    number = window.clinic.number.in_context
    assert number is not None
    assert number.sex is Sex.FEMALE
    again = make_window()  # dates are not kept from one start to the next, the reading's sex is
    _open(qtbot, again, files[0])
    qtbot.waitUntil(lambda: again.clinic.readings.reading == reading, timeout=LONG_MS)
    qtbot.waitUntil(lambda: again.clinic.number.in_context is not None, timeout=LONG_MS)
    assert again.panel.sex.hint.startswith("From the reading of ")
    assert "changed since" not in again.panel.decision.spoken
