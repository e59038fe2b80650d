"""Through the real window and a real archive: a study arrives, is read, is modified, and its report is back there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydicom import dcmread
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QDialog
from pytestqt.qtbot import QtBot

from boneage_gui import jobs
from boneage_gui.clinic.dicom_node.node import Node
from boneage_gui.clinic.dicom_node.receiver_settings import ReceiverSettings
from boneage_gui.clinic.reading import Decision
from boneage_gui.settings import SettingsFile
from boneage_gui.widgets.pacs.node_form import NodeForm
from boneage_gui.widgets.pacs.receiver_form import ReceiverForm
from boneage_gui.windows.clinic.modify import ModifyDialog
from boneage_gui.windows.main_window import MainWindow
from boneage_gui.windows.pacs.desk import OFF
from boneage_gui.windows.pacs.sending import NO_NODE, SendDialog
from boneage_gui.windows.pacs.window import PacsWindow
from tests.gui.clinic.pacs import peers
from tests.gui.clinic.pacs.peers import free_port, needed, run, write_study
from tests.gui.fakes import FakeModels
from tests.window_fixtures import LONG_MS, MakeWindow

pytestmark = pytest.mark.network
SR = "1.2.840.10008.5.1.4.1.1.88.22"


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[peers.Archive]:
    """An Orthanc that is empty at first."""
    folder = tmp_path / "archive"
    folder.mkdir()
    with peers.orthanc(folder) as started:
        yield started


def _ready(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.waitUntil(lambda: window.clinic.readings.opened is not None, timeout=LONG_MS)


def _pacs(qtbot: QtBot, window: MainWindow) -> PacsWindow:
    window.menus.actions["pacs_find"].trigger()
    qtbot.waitUntil(lambda: window.pacs.window is not None, timeout=LONG_MS)
    found = window.pacs.window
    assert found is not None
    qtbot.waitUntil(found.isVisible, timeout=LONG_MS)
    qtbot.waitUntil(lambda: window.pacs.desk.inbox is not None, timeout=LONG_MS)
    return found


def _dialog(qtbot: QtBot, window: MainWindow, kind: type[QDialog]) -> QDialog:
    def shown() -> list[QDialog]:
        parents = [window, *([window.pacs.window] if window.pacs.window else [])]
        return [dialog for parent in parents for dialog in parent.findChildren(kind) if dialog.isVisible()]

    qtbot.waitUntil(lambda: bool(shown()), timeout=LONG_MS)
    return shown()[0]


def _press(qtbot: QtBot, button: QAbstractButton) -> None:
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def _listen(qtbot: QtBot, window: MainWindow, port: int) -> None:
    window.pacs.desk.set_receiver(ReceiverSettings(port=port, allowed=("STORESCU", "ORTHANC")))
    window.menus.actions["pacs_receive"].trigger()
    qtbot.waitUntil(lambda: window.pacs.desk.receiver is not None, timeout=LONG_MS)


@needed("Orthanc", "storescu", "getscu")
def test_a_study_arrives_is_read_is_modified_and_its_report_is_back(
    qtbot: QtBot, window: MainWindow, archive: peers.Archive, tmp_path: Path
) -> None:
    _ready(qtbot, window)
    (path,) = write_study(tmp_path / "study", count=1, study="1.2.7.1")
    run("storescu", "-aet", "BONEAGE", "-aec", "ORTHANC", "127.0.0.1", archive.node.port, path)

    # The archive becomes known through the form, and answers.
    pacs = _pacs(qtbot, window)
    _press(qtbot, pacs.nodes.add)
    form = _dialog(qtbot, window, NodeForm)
    assert isinstance(form, NodeForm)
    assert form.focusWidget() is not None
    assert form.focusWidget().accessibleName() == "Name"
    for field, text in ((form.name, "Archive"), (form.title, "ORTHANC"), (form.host, "127.0.0.1")):
        field.setText(text)
    form.port.setText(str(archive.node.port))
    _press(qtbot, form.keep)
    assert [node.name for node in window.pacs.desk.book.nodes] == ["Archive"]
    _press(qtbot, pacs.nodes.test)
    qtbot.waitUntil(lambda: "answered in" in pacs.nodes.said.text(), timeout=LONG_MS)

    # It is searched, and the study fetched, read and waiting.
    pacs.search.patient_id.setText("4711")
    with qtbot.waitSignal(pacs.searched, timeout=LONG_MS) as searched:
        _press(qtbot, pacs.search.search)
    assert searched.args[0].found == 1
    found = pacs.table.study()
    assert found is not None
    assert (found.patient_name, found.modalities, found.images) == ("Tester, Anna", ("CR",), 1)
    with qtbot.waitSignal(window.pacs.desk.received, timeout=LONG_MS) as received:
        _press(qtbot, pacs.fetch)
    reading = received.args[0].reading
    assert reading.decision is Decision.WAITING
    assert reading.chronological_months == pytest.approx(108.0, abs=0.2)

    # In the worklist it waits; its radiograph opens from there and is overruled.
    window.menus.actions["worklist"].trigger()
    worklist = window.clinic.window
    assert worklist is not None
    qtbot.waitUntil(lambda: worklist.table.reading is not None, timeout=LONG_MS)
    assert worklist.open.isEnabled()
    with qtbot.waitSignal(window.answered, timeout=LONG_MS):
        _press(qtbot, worklist.open)
    assert window.settings.recent_files == ()  # what was received is no file of the user's
    qtbot.waitUntil(lambda: window.clinic.readings.reading is not None, timeout=LONG_MS)
    assert "Not confirmed yet." in window.panel.decision.spoken
    window.menus.actions["modify_reading"].trigger()
    dialog = _dialog(qtbot, window, ModifyDialog)
    assert isinstance(dialog, ModifyDialog)
    dialog.years.setValue(9)
    dialog.months.setValue(6)
    dialog.reason.setCurrentText("carpals")
    with qtbot.waitSignal(window.clinic.readings.kept, timeout=LONG_MS) as kept:
        _press(qtbot, dialog.buttons.buttons()[0])
    assert kept.args[0].supersedes == reading.reading_id

    # Its report goes back into the study.
    window.menus.actions["pacs_send"].trigger()
    send = _dialog(qtbot, window, SendDialog)
    assert isinstance(send, SendDialog)
    with qtbot.waitSignal(window.pacs.sending.sent, timeout=LONG_MS) as sent:
        _press(qtbot, send.go)
    assert [one.problem for one in sent.args[0]] == ["", "", ""]
    qtbot.waitUntil(lambda: "Archive has taken the report of “" in window.status_line.probe.text(), timeout=LONG_MS)
    got = tmp_path / "got"
    got.mkdir()
    keys = ("-k", "QueryRetrieveLevel=STUDY", "-k", "StudyInstanceUID=1.2.7.1")
    run("getscu", "-aet", "BONEAGE", "-aec", "ORTHANC", "-S", "-od", got, *keys, "127.0.0.1", archive.node.port)
    back = [dcmread(file) for file in got.iterdir()]
    assert len(back) == 4  # the radiograph and the report's three
    report = str(next(data for data in back if str(data.SOPClassUID) == SR))
    for code in ("126000", "85151-9", "121033", "114"):  # 9 years 6 months, in months
        assert code in report

    # What is confirmed need not be kept here.
    with qtbot.waitSignal(pacs.made_room, timeout=LONG_MS) as made_room:
        pacs.make_room()
    assert made_room.args == [1]
    assert window.clinic.readings.received_file(kept.args[0]) is None


@needed("storescu")
def test_what_is_sent_to_us_is_read_and_a_stranger_is_told_of(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    _ready(qtbot, window)
    port = free_port()
    _listen(qtbot, window, port)
    assert window.menus.actions["pacs_receive"].isChecked()
    assert "this computer alone; STORESCU, ORTHANC may call" in window.pacs.desk.receiving_in_words
    (path,) = write_study(tmp_path / "study", count=1)
    with qtbot.waitSignal(window.pacs.desk.received, timeout=LONG_MS) as received:
        assert run("storescu", "-aec", "BONEAGE", "127.0.0.1", port, path).returncode == 0
    assert received.args[0].reading.decision is Decision.WAITING
    assert "It waits in the worklist." in window.status_line.probe.text()
    pacs = _pacs(qtbot, window)
    with qtbot.waitSignal(pacs.made_room, timeout=LONG_MS) as made_room:
        pacs.make_room()
    assert made_room.args == [0], "what nobody has confirmed stays"
    with qtbot.waitSignal(window.pacs.desk.told, timeout=LONG_MS) as told:
        assert run("storescu", "-aet", "STRANGER", "-aec", "BONEAGE", "127.0.0.1", port, path).returncode != 0
    assert "“STRANGER” called" in told.args[0]
    window.menus.actions["pacs_receive"].trigger()
    qtbot.waitUntil(lambda: run("storescu", "-aec", "BONEAGE", "127.0.0.1", port, path).returncode != 0)
    assert not window.menus.actions["pacs_receive"].isChecked()


@needed("storescu")
def test_receiving_goes_on_at_the_next_start(
    qtbot: QtBot, make_window: MakeWindow, fake_models: FakeModels, tmp_path: Path
) -> None:
    store = SettingsFile(tmp_path / "settings")
    first = make_window(store=store)
    _ready(qtbot, first)
    port = free_port()
    _listen(qtbot, first, port)
    first.close()
    assert jobs.close_all()  # as the program's end waits: the port and the inbox are free for the next
    second = make_window(store.load(), store=store)
    qtbot.waitUntil(lambda: second.pacs.desk.receiver is not None, timeout=LONG_MS)
    (path,) = write_study(tmp_path / "study", count=1)
    with qtbot.waitSignal(second.pacs.desk.received, timeout=LONG_MS):
        run("storescu", "-aec", "BONEAGE", "127.0.0.1", port, path)


@needed("storescu")
def test_other_settings_hold_at_once_while_it_receives(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    _ready(qtbot, window)
    desk, port = window.pacs.desk, free_port()
    (path,) = write_study(tmp_path / "study", count=1)
    _listen(qtbot, window, port)
    desk.set_receiver(ReceiverSettings(port=port, allowed=("OTHER",)))  # on the port that the one before still holds
    desk.set_receiver(ReceiverSettings(port=port, allowed=("OTHER", "THIRD")))
    qtbot.waitUntil(lambda: "OTHER, THIRD may call" in desk.receiving_in_words, timeout=LONG_MS)
    assert run("storescu", "-aet", "STORESCU", "-aec", "BONEAGE", "127.0.0.1", port, path).returncode != 0
    with qtbot.waitSignal(desk.received, timeout=LONG_MS):
        assert run("storescu", "-aet", "OTHER", "-aec", "BONEAGE", "127.0.0.1", port, path).returncode == 0


@needed("storescu")
def test_the_window_and_the_receiver_ask_for_the_inbox_at_the_same_moment(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    _ready(qtbot, window)
    desk, port = window.pacs.desk, free_port()
    (path,) = write_study(tmp_path / "study", count=1)
    desk.set_receiver(ReceiverSettings(port=port, allowed=("STORESCU",)))
    desk.open_inbox()
    for on in (True, False, True):
        desk.listen(on)
    desk.open_inbox()
    qtbot.waitUntil(lambda: desk.receiver is not None, timeout=LONG_MS)
    with qtbot.waitSignal(desk.received, timeout=LONG_MS):
        assert run("storescu", "-aec", "BONEAGE", "127.0.0.1", port, path).returncode == 0
    desk.listen(True)
    desk.listen(False)
    qtbot.waitUntil(lambda: desk.receiver is None, timeout=LONG_MS)
    assert desk.receiving_in_words == OFF
    assert not window.banner.text


def test_a_port_that_is_taken_is_a_sentence(qtbot: QtBot, window: MainWindow) -> None:
    _ready(qtbot, window)
    with peers.broken_peer() as taken:
        window.pacs.desk.set_receiver(ReceiverSettings(port=taken.port, allowed=("A",)))
        window.menus.actions["pacs_receive"].trigger()
        qtbot.waitUntil(lambda: "Choose another port" in window.banner.text, timeout=LONG_MS)
    assert not window.menus.actions["pacs_receive"].isChecked()


def test_a_system_that_never_answers_is_a_sentence_and_the_window_stays(qtbot: QtBot, window: MainWindow) -> None:
    _ready(qtbot, window)
    window.pacs.desk.put_node(None, Node(name="Nobody", ae_title="X", host="127.0.0.1", port=free_port()))
    pacs = _pacs(qtbot, window)
    pacs.search.patient_id.setText("1")
    _press(qtbot, pacs.search.search)
    qtbot.waitUntil(lambda: "“Nobody” (X at" in pacs.said.text(), timeout=LONG_MS)
    assert pacs.search.search.isVisible()


def test_a_search_for_everything_or_on_no_day_is_refused_before_it_leaves(qtbot: QtBot, window: MainWindow) -> None:
    _ready(qtbot, window)
    pacs = _pacs(qtbot, window)
    _press(qtbot, pacs.search.search)
    assert pacs.said.text() == "Add a system first, or choose one."
    window.pacs.desk.put_node(None, Node(name="Nobody", ae_title="X", host="127.0.0.1", port=free_port()))
    pacs.show_book()
    _press(qtbot, pacs.search.search)
    qtbot.waitUntil(lambda: "a whole archive is not searched" in pacs.said.text(), timeout=LONG_MS)
    pacs.search.since.setText("31 February")
    _press(qtbot, pacs.search.search)
    qtbot.waitUntil(lambda: "31 February" in pacs.said.text() or "date" in pacs.said.text().lower(), timeout=LONG_MS)


def test_what_cannot_be_an_address_is_said_in_the_form(qtbot: QtBot, window: MainWindow) -> None:
    _ready(qtbot, window)
    pacs = _pacs(qtbot, window)
    _press(qtbot, pacs.nodes.add)
    form = _dialog(qtbot, window, NodeForm)
    assert isinstance(form, NodeForm)
    form.name.setText("A")
    form.title.setText("far too long for a title")
    form.host.setText("h")
    _press(qtbot, form.keep)
    assert form.isVisible()
    assert form.wrong.text() == "The AE title must have 1 to 16 letters."
    form.title.setText("A")
    form.port.setText("many")
    _press(qtbot, form.keep)
    assert "The port must be a whole number" in form.wrong.text()
    form.reject()
    _press(qtbot, pacs.receiver.change)
    receiver = _dialog(qtbot, window, ReceiverForm)
    assert isinstance(receiver, ReceiverForm)
    receiver.tls.setChecked(True)
    _press(qtbot, receiver.keep)
    assert receiver.wrong.text() == "TLS needs both the certificate and its key."
    receiver.tls.setChecked(False)
    receiver.callers.setText("ONE, TWO")
    _press(qtbot, receiver.keep)
    assert window.pacs.desk.book.receiver.allowed == ("ONE", "TWO")


def test_without_a_system_nothing_is_sent(qtbot: QtBot, window: MainWindow, hand_dicom: Path) -> None:
    _ready(qtbot, window)
    with qtbot.waitSignal(window.answered, timeout=LONG_MS):
        window.open_paths([hand_dicom])
    with qtbot.waitSignal(window.clinic.readings.kept, timeout=LONG_MS):
        window.menus.actions["accept_reading"].trigger()
    window.menus.actions["pacs_send"].trigger()
    assert window.banner.text == NO_NODE
