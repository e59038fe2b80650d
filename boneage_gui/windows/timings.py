"""How long a start takes, for the benchmark: said on standard error, one line a step."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, SignalInstance

from boneage_gui.inference import Readiness

if TYPE_CHECKING:
    from boneage_gui.windows.radiograph_window import RadiographWindow


class Timings(QObject):
    """Seconds since the process began, at first paint, picture, model ready and number; each said once."""

    def __init__(self, window: RadiographWindow, first_paint: SignalInstance) -> None:
        super().__init__(window)
        self._window = window
        self._said: set[str] = set()
        first_paint.connect(lambda: self._say("first paint"))
        window.picture_shown.connect(lambda _radiograph: self._say("picture"))
        window.answered.connect(lambda _prediction: self._say("number"))
        window.inference.model_changed.connect(self._model_changed)

    def _model_changed(self) -> None:
        if self._window.inference.readiness is Readiness.READY:
            self._say("model ready")

    def _say(self, step: str) -> None:
        if step not in self._said:
            self._said.add(step)
            print(f"{step} {_process_age_s():.3f} s", file=sys.stderr, flush=True)


def _process_age_s() -> float:
    """Return the seconds since this process began, to a hundredth.

    psutil adds the moment of the computer's start, which Linux tells in whole seconds: up to a second too much.
    """
    since_boot = getattr(time, "CLOCK_BOOTTIME", None)  # Linux alone has it
    if since_boot is not None:
        began_ticks = int(Path("/proc/self/stat").read_text(encoding="ascii").rpartition(")")[2].split()[19])
        return float(time.clock_gettime(since_boot)) - began_ticks / os.sysconf("SC_CLK_TCK")
    import psutil

    return max(0.0, float(time.time() - psutil.Process().create_time()))  # the clock may be set back meanwhile
