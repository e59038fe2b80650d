"""The augmentation lab: a change redrawn, 64 pictures asked together or one by one, and how long the window stands."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEventLoop, QTimer

from tests.benchmarks.opening import close, five_megapixel_files, warm_window
from tests.benchmarks.table import Row

REDRAWS, ASKINGS = 40, 5
PICTURES, MOST = 16, 64
AIM_REDRAW_MS, AIM_SHARE = 100, 0.7
LIMIT_S = 300
TICK_MS = 4


def measure(folder: Path) -> list[Row]:
    """Drag a range in the real window; ask the shipped model about 64 pictures in both ways, in turn."""
    place = folder / "augmentation"
    place.mkdir()
    files = five_megapixel_files(place, count=1)
    application, window = warm_window(files[0])
    stalls: list[float] = []
    ticks = _watch(stalls)
    window.lab.open()
    _wait(lambda: window.lab.window is not None and _settled(window.lab.window))
    lab = window.lab.window
    opened_ms = max(stalls)
    lab.bar.count.setValue(PICTURES)
    _wait(lambda: _settled(lab))
    stalls.clear()
    redraws = [_redraw(lab, number) for number in range(REDRAWS)]
    _wait(lambda: _settled(lab))
    dragged_ms = max(stalls)
    ticks.stop()
    stopped_ms = _stop(lab)
    together, singly = _ask(lab)
    close(application, window)
    median = statistics.median(together) * 1000
    return [
        Row(
            what=f"{PICTURES} pictures redrawn after a change (aim {AIM_REDRAW_MS} ms)",
            ours=statistics.median(redraws) * 1000,
            unit="ms",
            rounds=REDRAWS,
        ),
        Row(
            what=f"ages of {MOST} pictures together (aim {AIM_SHARE} of one by one, a ratio of 1.43)",
            ours=median,
            unit="ms",
            rounds=ASKINGS,
            plain_way=f"{MOST} single predictions of a picture",
            plain=statistics.median(singly) * 1000,
        ),
        Row(what="from Stop until nothing is awaited", ours=stopped_ms, unit="ms", rounds=1, digits=1),
        Row(what="longest stall while the lab opens, its library imported", ours=opened_ms, unit="ms", rounds=1),
        Row(what="longest stall while ranges change and ages come", ours=dragged_ms, unit="ms", rounds=1),
    ]


def _redraw(lab: Any, number: int) -> float:
    """Seconds from a change of a range to the last of the pictures."""
    loop = QEventLoop()
    seen: list[float] = []

    def painted(place: int, _canvas: object) -> None:
        if place == PICTURES - 1:
            seen.append(time.perf_counter())
            loop.quit()

    lab.desk.painted.connect(painted)
    begun = time.perf_counter()
    row = lab.editor.rows["rotation"]
    row.high.setValue(5 + number % 20)
    QTimer.singleShot(LIMIT_S * 1000, loop.quit)
    loop.exec()
    lab.desk.painted.disconnect(painted)
    lab.gallery.grid.repaint()
    if not seen:
        raise SystemExit("The pictures were not redrawn.")
    return time.perf_counter() - begun


def _stop(lab: Any) -> float:
    """Milliseconds from Stop to a desk at rest, while the model is asked."""
    lab.bar.count.setValue(MOST)
    _wait(lambda: lab.desk.askings[0].busy)
    begun = time.perf_counter()
    lab.desk.stop()
    _wait(lambda: not lab.desk.busy)
    return (time.perf_counter() - begun) * 1000


def _ask(lab: Any) -> tuple[list[float], list[float]]:
    """Seconds for 64 pictures together, as the lab asks, and one by one; in turn, in one process."""
    from boneage_gui.work import augmenting
    from trainer.augment import apply

    predictor, radiograph = lab.desk.inference.predictor, lab.desk.radiograph
    draws = augmenting.draws_of(lab.desk.recipe, seed=0, case_id="a", count=MOST)
    together, singly = [], []
    for _ in range(ASKINGS):
        begun = time.perf_counter()
        parts = list(augmenting.ages_of(predictor, radiograph, None, draws))
        together.append(time.perf_counter() - begun)
        if sum(len(part.months) for part in parts if isinstance(part, augmenting.Ages)) != MOST:
            raise SystemExit("Not every picture was read.")
        begun = time.perf_counter()
        canvas = augmenting.canvas_of(radiograph, predictor.card.preprocessing)
        for drawn in draws:
            predictor.ages_of_canvases([apply(canvas, drawn)], [None])
        singly.append(time.perf_counter() - begun)
    return together, singly


def _watch(stalls: list[float]) -> QTimer:
    """Gaps between ticks of a timer, milliseconds, less what they should be."""
    ticks = QTimer()
    last = [time.perf_counter()]

    def tick() -> None:
        now = time.perf_counter()
        stalls.append((now - last[0]) * 1000 - TICK_MS)
        last[0] = now

    ticks.timeout.connect(tick)
    ticks.start(TICK_MS)
    return ticks


def _settled(lab: Any) -> bool:
    return len(lab.gallery.months[0]) == lab.desk.count and not lab.desk.busy


def _wait(true: Callable[[], bool]) -> None:
    loop = QEventLoop()
    poll = QTimer()
    poll.timeout.connect(lambda: loop.quit() if true() else None)
    poll.start(2)
    QTimer.singleShot(LIMIT_S * 1000, loop.quit)
    loop.exec()
    poll.stop()
    if not true():
        raise SystemExit("The lab did not come to rest.")
