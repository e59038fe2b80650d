"""Gauge: what the window's process holds at one moment, and how much of it may grow."""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Mapping, Sequence
from typing import Final

import psutil
from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication, QWidget

from boneage_gui import jobs
from tests.soak.trend import Measure, Trend, trend_of

MIB: Final = 2**20
MALLINFO: Final = (
    *("arena", "ordblks", "smblks", "hblks", "hblkhd"),
    *("usmblks", "fsmblks", "uordblks", "fordblks", "keepcost"),
)
# The rarest thing that is done comes every fiftieth open, twenty times in a thousand: what it left behind each time
# would grow by 20. Half of that is no longer chance.
KEPT_EACH_TIME: Final = 10.0
RARELY: Final = "one kept at every 50th open would be 20"
# A radiograph of 1 megapixel is 4 MiB in memory, so one kept in two hundred opens would show. The allocator's own
# unrest is a few MiB; who reads a hundred radiographs a day would see less than 20 MiB in two weeks.
MIB_A_THOUSAND: Final = 20.0
PICTURES: Final = "one radiograph kept in 200 opens would be 20"

MEASURES: Final = (
    Measure(name="memory of the window", unit="MiB", most_growth=MIB_A_THOUSAND, why=PICTURES),
    # What malloc was asked for and not given back: unlike the window's memory it knows no gaps, so less may be kept.
    Measure(name="of it in use", unit="MiB", most_growth=5.0, why="one radiograph kept in 800 opens would be 5"),
    Measure(name="memory of its helper processes", unit="MiB", most_growth=MIB_A_THOUSAND, why=PICTURES),
    Measure(name="helper processes", unit="", most_growth=1.0, why="they are two or three, each replaced"),
    Measure(name="open files", unit="", most_growth=KEPT_EACH_TIME, why=RARELY),
    Measure(name="threads", unit="", most_growth=KEPT_EACH_TIME, why=RARELY),
    Measure(name="jobs alive", unit="", most_growth=KEPT_EACH_TIME, why=RARELY),
    Measure(name="top-level widgets", unit="", most_growth=KEPT_EACH_TIME, why=RARELY),
    Measure(name="objects of Qt in the windows", unit="", most_growth=KEPT_EACH_TIME, why=RARELY),
    # Python keeps tables of its own, of regular expressions and the like, that fill for long.
    Measure(name="objects of Python", unit="", most_growth=200.0, why="one kept at every 5th open would be 200"),
)


class Gauge:
    """Samples taken between two opens, when nothing runs."""

    def __init__(self) -> None:
        """No sample is there yet."""
        self.opens: list[int] = []
        self._samples: list[Mapping[str, float]] = []
        self._process = psutil.Process()

    def sample(self, opens: int) -> Mapping[str, float]:
        """Measure everything now; garbage that Python would find later is taken out first."""
        gc.collect()
        helpers = self._process.children(recursive=True)
        told = heap_told()
        tops = QApplication.topLevelWidgets()
        values = (
            self._process.memory_info().rss / MIB,
            (told.uordblks + told.hblkhd) / MIB,  # in the heaps, and in pages of their own
            sum(_memory_mib(helper) for helper in helpers),
            len(helpers),
            self._process.num_fds(),
            self._process.num_threads(),
            len(jobs.alive()),
            len(tops),
            _objects_of_qt(tops),
            len(gc.get_objects()),
        )
        made = {measure.name: float(value) for measure, value in zip(MEASURES, values, strict=True)}
        self.opens.append(opens)
        self._samples.append(made)
        return made

    def trends(self) -> list[Trend]:
        """Return how each measure grew."""
        return [
            trend_of(measure, self.opens, [sample[measure.name] for sample in self._samples]) for measure in MEASURES
        ]


def _objects_of_qt(tops: Sequence[QWidget]) -> int:
    """Count the objects of some windows by having Qt list them, one a line.

    ``findChildren`` would give each of them a Python object, and some of those stay when theirs of Qt is gone.
    """
    lines = 0

    def count(_kind: QtMsgType, _context: QMessageLogContext, _text: str) -> None:
        nonlocal lines
        lines += 1

    before = qInstallMessageHandler(count)
    try:
        for top in tops:
            top.dumpObjectTree()
    finally:
        qInstallMessageHandler(before)
    return lines


class Mallinfo(ctypes.Structure):
    """``struct mallinfo2`` of glibc."""

    _fields_ = [(name, ctypes.c_size_t) for name in MALLINFO]


def heap_told() -> Mallinfo:
    """Return what glibc tells of its heaps; zeros where there is none."""
    try:
        ask = ctypes.CDLL(None).mallinfo2
    except (OSError, AttributeError, TypeError):
        return Mallinfo()
    ask.restype = Mallinfo
    told: Mallinfo = ask()
    return told


def _memory_mib(helper: psutil.Process) -> float:
    try:
        return float(helper.memory_info().rss / MIB)
    except psutil.Error:  # it has just ended
        return 0.0
