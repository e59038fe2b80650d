"""Through the real window: a confirmed reading leaves as a page and as objects of its study."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydicom import Dataset, dcmread
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from boneage_gui.clinic.dicom_node.node import Node
from boneage_gui.clinic.dicom_node.send import Sent
from boneage_gui.clinic.reading import Decision
from boneage_gui.windows.clinic.reports import UNCONFIRMED
from boneage_gui.windows.main_window import MainWindow
from boneage_gui.work import pacs
from tests.factories import hand, write_dicom
from tests.gui.fakes import FakeModels
from tests.window_fixtures import LONG_MS
from trainer.radiograph import Sex

HEADER: dict[str, Any] = {
    "PatientID": "4711",
    "PatientSex": "M",
    "PatientBirthDate": "20100310",
    "StudyDate": "20200310",
    "StudyInstanceUID": "1.2.3.1",
    "SeriesInstanceUID": "1.2.3.2",
}


def _confirmed(qtbot: QtBot, window: MainWindow, path: Path) -> None:
    qtbot.waitUntil(lambda: window.clinic.readings.opened is not None, timeout=LONG_MS)
    with qtbot.waitSignal(window.answered, timeout=LONG_MS):
        window.open_paths([path])
    with qtbot.waitSignal(window.clinic.readings.kept, timeout=LONG_MS):
        window.menus.actions["accept_reading"].trigger()


def test_a_confirmed_reading_is_saved_both_ways(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    path = write_dicom(tmp_path / "hand.dcm", hand(), **HEADER)
    _confirmed(qtbot, window, path)
    with qtbot.waitSignal(window.clinic.reports.written, timeout=LONG_MS):
        window.clinic.reports.save_pdf(tmp_path / "page")
    assert (tmp_path / "page.pdf").read_bytes().startswith(b"%PDF-")
    with qtbot.waitSignal(window.clinic.reports.written, timeout=LONG_MS) as written:
        window.clinic.reports.save_dicom(tmp_path / "out")
    assert [made.name for made in written.args[0]] == ["hand-report.dcm", "hand-picture.dcm", "hand-document.dcm"]
    objects = [dcmread(made) for made in written.args[0]]
    assert [made.Modality for made in objects] == ["SR", "OT", "DOC"]
    assert {made.StudyInstanceUID for made in objects} == {"1.2.3.1"}
    picture = objects[1].pixel_array
    assert picture.std() > 5  # the radiograph is in it


def test_without_a_reading_there_is_no_report(
    qtbot: QtBot, window: MainWindow, hand_dicom: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with qtbot.waitSignal(window.answered, timeout=LONG_MS):
        window.open_paths([hand_dicom])
    for name in ("report_pdf", "report_dicom"):
        window.menus.actions[name].trigger()
        assert window.banner.text == UNCONFIRMED


def test_a_reading_that_waits_is_not_reported(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    """Its number was read by the program alone, and may not be the one on show."""
    _confirmed(qtbot, window, write_dicom(tmp_path / "hand.dcm", hand(), **HEADER))
    reading = window.clinic.readings.reading
    assert reading is not None
    window.clinic.readings._show(replace(reading, decision=Decision.WAITING))
    window.clinic.reports.save_pdf(tmp_path / "page.pdf")
    assert window.banner.text == UNCONFIRMED


def test_what_is_told_otherwise_counts_before_the_number_has_come(
    qtbot: QtBot, window: MainWindow, fake_models: FakeModels, tmp_path: Path
) -> None:
    _confirmed(qtbot, window, write_dicom(tmp_path / "hand.dcm", hand(), **HEADER))
    predictor = fake_models.predictors["improved-sex"]
    predictor.gate.clear()
    window.panel.choose_sex(Sex.FEMALE)
    window.clinic.reports.save_pdf(tmp_path / "page.pdf")
    assert window.banner.text.startswith("The sex changed since this reading was confirmed.")
    with qtbot.waitSignal(window.answered, timeout=LONG_MS):
        predictor.gate.set()


def test_a_picture_without_a_study_has_a_page_but_no_objects(
    qtbot: QtBot, window: MainWindow, hand_png: Path, tmp_path: Path
) -> None:
    _confirmed(qtbot, window, hand_png)
    with qtbot.waitSignal(window.clinic.reports.written, timeout=LONG_MS):
        window.clinic.reports.save_pdf(tmp_path / "page.pdf")
    window.clinic.reports.save_dicom(tmp_path / "out")
    qtbot.waitUntil(lambda: "is no DICOM file" in window.banner.text, timeout=LONG_MS)
    assert not (tmp_path / "out").exists()


def test_while_a_place_is_asked_for_another_patient_may_come(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The report is of the radiograph that it was asked on, and the line at the bottom says where it lies."""
    boy = write_dicom(tmp_path / "boy.dcm", hand(), **{**HEADER, "PatientID": "BOY-1"})
    girl = write_dicom(tmp_path / "girl.dcm", hand()[:, ::-1].copy(), **{**HEADER, "PatientID": "GIRL-2"})
    _confirmed(qtbot, window, girl)
    _confirmed(qtbot, window, boy)

    def ask(*_: object) -> str:
        with qtbot.waitSignal(window.answered, timeout=LONG_MS):
            window.open_paths([girl])
        qtbot.waitUntil(lambda: window.clinic.readings.reading is not None, timeout=LONG_MS)
        return str(tmp_path / "out")

    monkeypatch.setattr(QFileDialog, "getExistingDirectory", ask)
    with qtbot.waitSignal(window.clinic.reports.written, timeout=LONG_MS) as written:
        window.menus.actions["report_dicom"].trigger()
    assert {dcmread(made).PatientID for made in written.args[0]} == {"BOY-1"}
    qtbot.wait(50)  # whatever else the job's end brings
    assert window.status_line.probe.text().startswith("Written: ")


def test_a_report_that_did_not_get_there_whole_is_sent_again_as_the_same_objects(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[dict[str, str]] = []
    goes_on = threading.Event()

    def send_report(_node: Node, objects: Mapping[str, Dataset], _book: object) -> Iterator[Sent]:
        sent.append({name: str(made.SOPInstanceUID) for name, made in objects.items()})
        for number, name in enumerate(objects, 1):
            goes_on.wait(60)
            problem = "No room." if name != "report" and len(sent) == 1 else ""
            yield Sent(name=name, number=number, total=len(objects), problem=problem)

    monkeypatch.setattr(pacs, "send_report", send_report)
    node = Node(name="Archive", ae_title="ORTHANC", host="127.0.0.1", port=104)
    _confirmed(qtbot, window, write_dicom(tmp_path / "hand.dcm", hand(), **HEADER))
    material = window.clinic.reports.material()
    assert material is not None
    window.pacs.sending.send(material, node)
    window.pacs.sending.ask()
    assert window.banner.text.startswith("The report of “hand.dcm” is still being sent.")
    with qtbot.waitSignal(window.pacs.sending.sent, timeout=LONG_MS):
        goes_on.set()
    assert "2 of 3 did not get there (picture, document). No room." in window.banner.text
    qtbot.waitUntil(lambda: not window.pacs.sending._is_busy(), timeout=LONG_MS)
    with qtbot.waitSignal(window.pacs.sending.sent, timeout=LONG_MS):
        window.pacs.sending.send(material, node)
    assert "has taken the report of “hand.dcm”" in window.status_line.probe.text()
    assert sent[1] == {name: uid for name, uid in sent[0].items() if name != "report"}
    qtbot.waitUntil(lambda: not window.pacs.sending._is_busy(), timeout=LONG_MS)
    with qtbot.waitSignal(window.pacs.sending.sent, timeout=LONG_MS):
        window.pacs.sending.send(material, node)  # of one that arrived, another send is another report
    assert set(sent[2].values()).isdisjoint(sent[0].values())
