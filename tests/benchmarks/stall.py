"""The longest time for which the window answers nothing, while a model trains, curves move and ages are asked for."""

from __future__ import annotations

import csv
import time
from pathlib import Path

from PySide6.QtCore import QEventLoop, Qt, QTimer

from tests.benchmarks.opening import close, five_megapixel_files, warm_window
from tests.benchmarks.table import Row

TICK_MS = 5
MEASURED_S = 20
LIMIT_S = 300
ASK_EVERY_MS = 1_000
CASES = 60
SIDE_PX = 64
AIM_MS = 50


def measure(folder: Path) -> list[Row]:
    """Train on phantoms in the training window; open radiographs in the main one, once a second."""
    from trainer.config import config_for
    from trainer.data_source import DataSource

    place = folder / "stall"
    place.mkdir()
    data = _data(place / "data")
    files = five_megapixel_files(place)
    application, window = warm_window(files[0])
    answers: list[object] = []
    window.answered.connect(answers.append)
    training, desk = window.training.open(), window.training.desk
    told: list[object] = []
    desk.changed.connect(told.append)
    config = config_for("baseline", epochs=1000, side_px=SIDE_PX, network_px=SIDE_PX, device="cpu")
    asking = QTimer()
    asking.timeout.connect(lambda: window.open_paths([files[len(answers) % 2]]))
    asking.start(ASK_EVERY_MS)
    reading_ms = _longest_ms()
    asking.stop()
    desk.start(config, DataSource(data=data), "stall")
    training.show_training()
    _wait(lambda: len(told) > 1)
    training_ms = _longest_ms()
    asking.start(ASK_EVERY_MS)
    before, read = len(told), len(answers)
    both_ms = _longest_ms()
    asking.stop()
    if len(told) == before or len(answers) == read:
        raise SystemExit("Nothing was trained or nothing was read while the stalls were measured.")
    desk.kill()
    _wait(lambda: not desk.busy)
    close(application, window)
    return [
        Row(
            what=f"longest stall of the window while a model trains (aim {AIM_MS} ms)",
            ours=training_ms,
            unit="ms",
            rounds=1,
        ),
        Row(
            what="the same, a 5 MP radiograph read every second",
            ours=both_ms,
            unit="ms",
            rounds=1,
            plain_way="as many radiographs read without a training",
            plain=reading_ms,
        ),
    ]


def _longest_ms() -> float:
    """The longest gap between ticks of a timer, less what it should be."""
    loop, gaps = QEventLoop(), [0.0]
    ticks = QTimer()
    ticks.setTimerType(Qt.TimerType.PreciseTimer)
    last = time.perf_counter()

    def tick() -> None:
        nonlocal last
        now = time.perf_counter()
        gaps.append((now - last) * 1000 - TICK_MS)
        last = now

    ticks.timeout.connect(tick)
    ticks.start(TICK_MS)
    QTimer.singleShot(MEASURED_S * 1000, loop.quit)
    loop.exec()
    ticks.stop()
    return max(gaps)


def _wait(until) -> None:  # type: ignore[no-untyped-def]
    loop, begun = QEventLoop(), time.monotonic()
    look = QTimer()
    look.timeout.connect(lambda: loop.quit() if until() or time.monotonic() - begun > LIMIT_S else None)
    look.start(20)
    loop.exec()
    if not until():
        raise SystemExit("The training did not do in time what was waited for.")


def _data(folder: Path) -> Path:
    from PIL import Image

    from tests.factories import hand

    pictures = folder / "boneage-training-dataset"
    pictures.mkdir(parents=True)
    with (folder / "boneage-training-dataset.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(("id", "boneage", "male"))
        for number in range(CASES):
            Image.fromarray(hand(200 + number, 160)).convert("L").save(pictures / f"{number}.png")
            table.writerow((number, 20 + 3 * number, number % 2 == 0))
    return folder
