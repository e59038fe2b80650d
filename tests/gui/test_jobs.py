"""Jobs: answers on the GUI thread, none after a stop, nothing left behind."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator, Iterator

import pytest
from pytestqt.qtbot import QtBot

from boneage_gui.jobs import Job, NewestOnly, alive, close_all
from tests.window_fixtures import LONG_MS


def test_a_function_answers_on_the_gui_thread(qtbot: QtBot) -> None:
    gui, worked_in, heard_in = threading.get_ident(), [], []

    def work(number: int, *, factor: int) -> int:
        worked_in.append(threading.get_ident())
        return number * factor

    answers: list[int] = []
    job = Job(work, 6, factor=7)
    job.result.connect(answers.append)
    job.result.connect(lambda _answer: heard_in.append(threading.get_ident()))
    with qtbot.waitSignal(job.ended, timeout=LONG_MS):
        job.begin()
    assert answers == [42]
    assert heard_in == [gui]
    assert worked_in[0] != gui
    assert alive() == []


def test_a_generator_sends_items_then_what_it_returns(qtbot: QtBot) -> None:
    def count() -> Generator[int, None, str]:
        yield from (1, 2, 3)
        return "done"

    items: list[int] = []
    results: list[str] = []
    job = Job(count)
    job.item.connect(items.append)
    job.result.connect(results.append)
    with qtbot.waitSignal(job.ended, timeout=LONG_MS):
        job.begin()
    assert (items, results) == ([1, 2, 3], ["done"])


def test_a_stopped_generator_is_closed_and_says_nothing_more(qtbot: QtBot) -> None:
    closed = threading.Event()

    def endless() -> Iterator[int]:
        try:
            number = 0
            while True:
                yield number
                number += 1
                time.sleep(0.001)
        finally:
            closed.set()

    items: list[int] = []
    job = Job(endless)
    job.item.connect(items.append)
    job.begin()
    qtbot.waitUntil(lambda: len(items) > 2, timeout=LONG_MS)
    job.stop()
    heard = len(items)
    qtbot.waitUntil(closed.is_set, timeout=LONG_MS)
    qtbot.waitUntil(lambda: not alive(), timeout=LONG_MS)
    assert len(items) == heard


def test_an_exception_is_reported_not_lost(qtbot: QtBot) -> None:
    def fail() -> None:
        raise ValueError("no")

    errors: list[BaseException] = []
    job = Job(fail)
    job.failed.connect(errors.append)
    with qtbot.waitSignal(job.ended, timeout=LONG_MS):
        job.begin()
    assert [str(error) for error in errors] == ["no"]


def test_the_newest_job_is_the_only_one_heard(qtbot: QtBot) -> None:
    gate = threading.Event()
    heard: list[str] = []
    place = NewestOnly()
    place.start(Job(lambda: (gate.wait(10), "older")[1]), result=heard.append)
    place.start(Job(lambda: "newer"), result=heard.append)
    qtbot.waitUntil(lambda: heard == ["newer"], timeout=LONG_MS)
    gate.set()
    qtbot.waitUntil(lambda: not alive(), timeout=LONG_MS)
    assert heard == ["newer"]


def test_close_all_waits_for_threads_but_not_for_ever(qtbot: QtBot) -> None:
    gate = threading.Event()
    heard: list[object] = []
    job = Job(gate.wait, 10)
    job.result.connect(heard.append)
    job.begin()
    assert not close_all(timeout_ms=50)
    gate.set()
    assert close_all()
    assert heard == []


@pytest.mark.usefixtures("qtbot")
def test_close_all_with_nothing_running_returns_at_once() -> None:
    assert close_all(timeout_ms=0)
