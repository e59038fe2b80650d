"""What arrives is read whatever ended its coming, and once; what was kept about other systems is never lost."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from boneage_gui import jobs
from boneage_gui.clinic.dicom_node.address_book import load_address_book
from boneage_gui.clinic.dicom_node.find import FoundStudy
from boneage_gui.clinic.dicom_node.inbox import Inbox
from boneage_gui.clinic.dicom_node.node import Node
from boneage_gui.clinic.dicom_node.receiver_settings import GIB, ReceiverSettings
from boneage_gui.windows.main_window import MainWindow
from boneage_gui.windows.pacs.desk import OFF, book_path
from boneage_gui.windows.pacs.window import PacsWindow
from boneage_gui.work.pacs import Received
from tests.factories import hand, write_dicom
from tests.gui.clinic.pacs.giver import Giver, giving
from tests.gui.clinic.pacs.peers import STUDY_UID, free_port
from tests.gui.fakes import FakeModels
from tests.window_fixtures import LONG_MS, MakeWindow

pytestmark = pytest.mark.network
COUNT = 3


@pytest.fixture
def giver(tmp_path: Path) -> Giver:
    """An archive with a study of three radiographs."""
    folder = tmp_path / "study"
    folder.mkdir()
    paths = []
    for number in range(COUNT):
        levels = np.array(hand())
        levels[0, 0] = number
        path = folder / f"{number}.dcm"
        paths.append(write_dicom(path, levels, SOPInstanceUID=f"{STUDY_UID}.{number + 1}", StudyInstanceUID=STUDY_UID))
    return Giver(paths)


@pytest.fixture
def pacs(qtbot: QtBot, window: MainWindow) -> PacsWindow:
    """The window of the PACS, with the inbox open."""
    qtbot.waitUntil(lambda: window.clinic.readings.opened is not None, timeout=LONG_MS)
    window.menus.actions["pacs_find"].trigger()
    qtbot.waitUntil(lambda: window.pacs.desk.inbox is not None, timeout=LONG_MS)
    found = window.pacs.window
    assert found is not None
    return found


@pytest.fixture
def received(window: MainWindow) -> list[Received]:
    """What was read of what arrived."""
    told: list[Received] = []
    window.pacs.desk.received.connect(told.append)
    return told


@pytest.fixture
def inbox(pacs: PacsWindow) -> Inbox:
    """Where it arrives; the test's disk may be as full as it is."""
    found = pacs.desk.inbox
    assert found is not None
    found.least_free_bytes = 0
    return found


def _fetch(qtbot: QtBot, pacs: PacsWindow, node: Node) -> None:
    if node not in pacs.desk.book.nodes:
        pacs.desk.put_node(None, node)
        pacs.show_book(node.name)
    pacs.table.add(FoundStudy(study_uid=STUDY_UID))
    qtbot.mouseClick(pacs.fetch, Qt.MouseButton.LeftButton)


def _fetch_one(qtbot: QtBot, pacs: PacsWindow, node: Node, received: list[Received]) -> None:
    """Begin to fetch; the first radiograph was read, the others are still to come."""
    _fetch(qtbot, pacs, node)
    qtbot.waitUntil(lambda: len(received) == 1, timeout=LONG_MS)


def test_what_had_arrived_before_the_line_broke_is_read_and_fetching_again_reads_the_rest(
    qtbot: QtBot, pacs: PacsWindow, inbox: Inbox, giver: Giver, received: list[Received]
) -> None:
    giver.hangs_up_after = COUNT - 1
    with giving(giver) as node:
        _fetch(qtbot, pacs, node)
        qtbot.waitUntil(lambda: "ended the talk" in pacs.said.text(), timeout=LONG_MS)
        qtbot.waitUntil(lambda: len(received) == COUNT - 1 and not inbox.waiting(), timeout=LONG_MS)
        giver.hangs_up_after = None
        _fetch(qtbot, pacs, node)
        qtbot.waitUntil(lambda: len(received) == COUNT, timeout=LONG_MS)
    assert [one.problem for one in received] == [""] * COUNT
    assert inbox.waiting() == []


def test_what_arrives_while_a_stop_is_on_its_way_is_read(
    qtbot: QtBot, pacs: PacsWindow, inbox: Inbox, giver: Giver, received: list[Received]
) -> None:
    giver.waits_before = 1
    with giving(giver) as node:
        _fetch_one(qtbot, pacs, node, received)
        qtbot.mouseClick(pacs.stop, Qt.MouseButton.LeftButton)
        assert pacs.said.text() == "Stopped. What had arrived is read."
        giver.goes_on.set()
        qtbot.waitUntil(lambda: len(received) == 2, timeout=LONG_MS)
        qtbot.waitUntil(lambda: not jobs.alive(), timeout=LONG_MS)
    assert inbox.waiting() == []
    assert pacs.said.text() == "Stopped. What had arrived is read."


def test_a_second_study_waits_until_the_first_was_fetched(
    qtbot: QtBot, pacs: PacsWindow, inbox: Inbox, giver: Giver, received: list[Received]
) -> None:
    giver.waits_before = 1
    with giving(giver) as node:
        _fetch_one(qtbot, pacs, node, received)
        pacs.table.add(FoundStudy(study_uid="1.2.9"))
        pacs.table.selectRow(1)
        qtbot.keyClick(pacs.table, Qt.Key.Key_Return)
        assert pacs.said.text().startswith("A study is being fetched.")
        giver.goes_on.set()
        qtbot.waitUntil(lambda: len(received) == COUNT, timeout=LONG_MS)
        qtbot.waitUntil(lambda: not jobs.alive(), timeout=LONG_MS)


def test_what_is_announced_twice_is_read_once(
    qtbot: QtBot, pacs: PacsWindow, inbox: Inbox, giver: Giver, fake_models: FakeModels
) -> None:
    """Whoever switches receiving on while a file is read has it announced again, by the receiver that begins."""
    told: list[str] = []
    received: list[Received] = []
    pacs.desk.told.connect(told.append)
    pacs.desk.received.connect(received.append)
    for path in giver.paths[:2]:
        inbox.take_in(path.read_bytes())
    predictor = fake_models.predictors["improved-sex"]
    predictor.gate.clear()
    pacs.desk.read(inbox.waiting())
    qtbot.waitUntil(lambda: len(predictor.asked) == 1, timeout=LONG_MS)
    pacs.desk.set_receiver(ReceiverSettings(port=free_port()))
    pacs.desk.listen(True)
    qtbot.waitUntil(lambda: pacs.desk.receiver is not None and pacs.desk.receiver.arrived.empty(), timeout=LONG_MS)
    predictor.gate.set()
    qtbot.waitUntil(lambda: len(received) == 2, timeout=LONG_MS)
    qtbot.waitUntil(lambda: not jobs.alive(), timeout=LONG_MS)
    assert (told, [one.problem for one in received], inbox.waiting()) == ([], ["", ""], [])
    assert not list((inbox.folder / "refused").iterdir())


def test_room_is_made_of_what_could_not_be_read_too_and_the_question_says_so(
    qtbot: QtBot, pacs: PacsWindow, inbox: Inbox
) -> None:
    aside = inbox.refuse(inbox.take_in(b"no radiograph")[0], "This is no radiograph.")
    qtbot.mouseClick(pacs.receiver.room, Qt.MouseButton.LeftButton)
    (asked,) = pacs.findChildren(QMessageBox)
    assert "put aside because they could not be read" in asked.text()
    delete = next(button for button in asked.buttons() if button.text() == "&Delete")
    with qtbot.waitSignal(pacs.made_room, timeout=LONG_MS) as made:
        qtbot.mouseClick(delete, Qt.MouseButton.LeftButton)
    assert (made.args, aside.exists(), inbox.used_bytes) == ([1], False, 0)
    assert "1 file that could not be read deleted" in pacs.said.text()


def test_a_broken_list_of_systems_is_kept_aside_before_a_new_one_is_written(
    qtbot: QtBot, make_window: MakeWindow, fake_models: FakeModels
) -> None:
    typo = '{"version": 1, "nodes": [{"name": "PACS", "ae_title": "PACS", "host": "h", "port": "104"}]}'
    book_path().parent.mkdir(parents=True, exist_ok=True)
    book_path().write_text(typo)
    desk = make_window().pacs.desk
    assert "nodes[0].port must be a whole number" in desk.receiving_in_words
    assert book_path().read_text() == typo
    told: list[str] = []
    desk.failed.connect(told.append)
    for name in ("One", "Two"):
        desk.put_node(None, Node(name=name, ae_title="X", host="h", port=104))
    (aside,) = book_path().parent.glob("broken-*-dicom.json")
    assert aside.read_text() == typo
    assert [str(aside) in said for said in told] == [True]
    assert desk.receiving_in_words == OFF
    assert [node.name for node in load_address_book(book_path()).nodes] == ["One", "Two"]


def test_more_room_is_there_at_once_though_nothing_listens(pacs: PacsWindow, inbox: Inbox) -> None:
    pacs.desk.set_receiver(ReceiverSettings(max_bytes=100 * GIB))
    assert (pacs.desk.receiver, inbox.max_bytes) == (None, 100 * GIB)


def test_systems_are_kept_changed_and_forgotten(qtbot: QtBot, make_window: MakeWindow, fake_models: FakeModels) -> None:
    first = make_window()
    desk = first.pacs.desk
    one = Node(name="One", ae_title="ONE", host="h", port=104)
    desk.put_node(None, one)
    desk.put_node(None, Node(name="Two", ae_title="TWO", host="h", port=104))
    desk.put_node(one, Node(name="One", ae_title="OTHER", host="h", port=104))
    qtbot.waitUntil(lambda: first.clinic.readings.opened is not None, timeout=LONG_MS)
    first.close()
    second = make_window().pacs.desk
    assert [node.ae_title for node in second.book.nodes] == ["OTHER", "TWO"]
    second.remove_node(second.book.nodes[0])
    assert [node.ae_title for node in second.book.nodes] == ["TWO"]
