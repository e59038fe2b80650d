"""From the start of the process to first paint, picture, model and number."""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
import time
from pathlib import Path

from tests.benchmarks.table import Row

ROUNDS = 7
STEP = re.compile(r"^(first paint|picture|model ready|number) ([0-9.]+) s$", re.MULTILINE)
# The plain way: every import at the top of the program, the window after it.
PLAIN = """
import albumentations, matplotlib, pandas, pydicom, torch, torchvision
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMainWindow
application = QApplication([])
window = QMainWindow()
window.show()
QTimer.singleShot(0, application.quit)
application.exec()
"""


def measure(folder: Path) -> list[Row]:
    """Start the window on the sample, several times, with a warm disk cache, in turn with the plain way."""
    steps: dict[str, list[float]] = {}
    plain = []
    for round_number in range(ROUNDS + 1):
        seconds = _start(folder / f"window-{round_number}.png")
        begun = time.perf_counter()
        subprocess.run([sys.executable, "-c", PLAIN], check=True, capture_output=True)
        if round_number == 0:
            continue  # the first round fills the disk cache
        plain.append(time.perf_counter() - begun)
        for name, value in seconds.items():
            steps.setdefault(name, []).append(value)
    median = {name: statistics.median(values) * 1000 for name, values in steps.items()}
    rows = [
        Row(
            what="start to first paint",
            ours=median["first paint"],
            unit="ms",
            rounds=ROUNDS,
            plain_way="all imports first, then an empty window",
            plain=statistics.median(plain) * 1000,
        )
    ]
    names = {"picture": "start to picture", "model ready": "start to model ready", "number": "start to number"}
    rows += [
        Row(what=said, ours=median[name], unit="ms", rounds=ROUNDS) for name, said in names.items() if name in median
    ]
    return rows


def _start(picture: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "boneage_gui", "--timings", "--screenshot", str(picture)]
    # As on a user's machine, where Python keeps what it has compiled.
    variables = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=variables)
    return {name: float(value) for name, value in STEP.findall(done.stderr)}
