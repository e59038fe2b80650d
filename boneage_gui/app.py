"""The application: command line, one QApplication, hooks, theme, the window, the model's warm-up."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QEvent, QLocale, QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication, QWidget

from boneage_gui import assets, collector, jobs, settings, theme, work
from boneage_gui.end_signals import EndSignals
from boneage_gui.errors import ErrorDoor, Hooks
from boneage_gui.inference import Inference, Readiness
from boneage_gui.windows.main_window import MainWindow
from boneage_gui.windows.screenshot import Screenshot
from boneage_gui.windows.timings import Timings
from boneage_gui.work import heap
from trainer.terminal import take_every_letter

GOODBYE_MS = 3_000  # reading and loading leave nothing behind: what takes longer is cut off
NO_DISPLAY = (
    "There is no display (DISPLAY and WAYLAND_DISPLAY are empty). "
    "For a picture of the window instead: boneage-gui --screenshot OUT.png FILE"
)
NOT_REMEMBERED = (
    "Settings are not remembered: {folder} cannot be written to. What you choose holds until the program is closed."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the command line asks for."""

    files: tuple[Path, ...] = ()
    screenshot: Path | None = None
    model: str | None = None
    theme: settings.ThemeName | None = None
    size_px: tuple[int, int] | None = None
    timings: bool = False


def run(arguments: Sequence[str]) -> int:
    """Open the window and stay until it is closed. Returns the process's status."""
    take_every_letter()
    options = read_options(arguments)
    if not _choose_platform(options):
        print(NO_DISPLAY, file=sys.stderr)
        return 2
    QLocale.setDefault(QLocale.c())  # the program speaks English; so do its numbers
    application = QApplication(["boneage-gui"])
    application.setApplicationName("boneage")
    application.setApplicationDisplayName("")
    application.setDesktopFileName("boneage")
    assets.ensure_a_font()
    jobs.take_short_turns()
    door = ErrorDoor()
    hooks = Hooks(door, folder=settings.log_folder())
    session = Session(application, options, door)
    signals = EndSignals()
    signals.heard.connect(session.end)
    session.begin()
    status = application.exec()
    signals.remove()
    session.window.hide()
    all_ended = jobs.close_all(timeout_ms=GOODBYE_MS)
    hooks.remove()
    if not all_ended:  # a job that cannot be interrupted must not keep a closed program alive
        os._exit(status)
    return status


def read_options(arguments: Sequence[str]) -> Options:
    """Parse the command line; ends the process with a sentence where it is wrong."""
    parser = argparse.ArgumentParser(
        prog="boneage-gui",
        description="Show hand radiographs and read their bone age. Research use, not a medical device.",
    )
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help="radiographs, or folders of them")
    parser.add_argument("--screenshot", type=Path, metavar="OUT.png", help="save the window with its age, and end")
    parser.add_argument("--model", metavar="NAME|FILE", help="a shipped model's name or a model file")
    parser.add_argument("--theme", type=settings.ThemeName, choices=list(settings.ThemeName), help="the look")
    parser.add_argument("--size", type=_size, metavar="1280x800", help="the window's size in pixels")
    parser.add_argument("--timings", action="store_true", help="say on standard error how long each step took")
    parsed = parser.parse_args(list(arguments))
    return Options(
        files=tuple(path.absolute() for path in parsed.files),  # they stay among the recent files
        screenshot=parsed.screenshot,
        model=parsed.model,
        theme=parsed.theme,
        size_px=parsed.size,
        timings=parsed.timings,
    )


class Session(QObject):
    """One start of the program: what happens in which order."""

    def __init__(self, application: QApplication, options: Options, door: ErrorDoor) -> None:
        super().__init__()
        heap.keep_small()
        jobs.Job(work.warm_up_decoder).begin()  # a process of its own: it starts while the window is made
        self._options = options
        # A picture of the window must not depend on, nor change, what a user left behind.
        self._store = None if options.screenshot else settings.SettingsFile()
        known = self._store.load() if self._store else settings.Settings()
        self._first_start = known == settings.Settings()
        if options.theme:
            known = replace(known, theme=options.theme)
        theme.apply(application, theme.named(known.theme.value))
        self.inference = Inference(self)
        self.window = MainWindow(settings=known, store=self._store, inference=self.inference, door=door)
        application.setWindowIcon(assets.application_icon(colour=theme.current().accent))
        if options.size_px:
            self.window.resize(*options.size_px)
        self._warmed_up = False
        self._fell_back = False
        self.inference.model_failed.connect(self._fall_back)
        self._screenshot = Screenshot(self.window, options.screenshot) if options.screenshot else None
        self._first_paint = FirstPaint(self.window)
        if options.timings:
            Timings(self.window, self._first_paint.happened)
        self._first_paint.happened.connect(self._after_first_paint)

    def begin(self) -> None:
        """Show the window; all else follows its first paint."""
        self.window.show()

    def end(self) -> None:
        """Close the window, as the system asks; a training is paused without a question: nobody may be there."""
        if self.window.close():
            QApplication.exit(0)  # a dialog may be open still, and would keep the program alive
        else:
            self.window.training.pause_and_close()

    def _after_first_paint(self) -> None:
        if not gc.isenabled():  # since the start of the program
            collector.keep_what_is_here()
            gc.enable()
        self._choose_model()
        self.window.training.unfinished.look()
        if self._store is not None:
            self.window.clinic.readings.open()
            if not self._store.can_be_written:
                self.window.tell(NOT_REMEMBERED.format(folder=self._store.path.parent), stays=True)
        self.window.picture_shown.connect(self._warm_up)
        self.window.refused.connect(self._warm_up)
        if self._options.files:
            self.window.open_paths(self._options.files)
        elif self._options.screenshot or self._first_start:
            self.window.commands.open_sample()
        else:
            self._warm_up()

    def _choose_model(self) -> None:
        """The model of the command line, else of the settings, else the default one."""
        asked = self._options.model or self.window.settings.model
        chosen = assets.model_file(asked) if asked else assets.default_model()
        if chosen is not None:
            self.inference.choose(chosen)

    def _fall_back(self, _error: BaseException) -> None:
        """A remembered model that is gone or cannot be loaded: the default one takes its place, once."""
        default = assets.default_model()
        remembered = not self._options.model and self.inference.readiness is Readiness.ABSENT
        if remembered and default is not None and not self._fell_back:
            self._fell_back = True
            if self.inference.choose(default) and self._warmed_up:
                self.inference.load()

    def _warm_up(self) -> None:
        """Load torch and the weights, once, after the first picture: it must not wait for them."""
        if not self._warmed_up:
            self._warmed_up = True
            self.inference.load()


class FirstPaint(QObject):
    """Tells when a widget was first painted."""

    happened = Signal()

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self._widget = widget
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Wait for the paint, then for the rest of it to be done."""
        if watched is self._widget and event.type() == QEvent.Type.Paint:
            self._widget.removeEventFilter(self)
            QTimer.singleShot(0, self.happened.emit)
        return False


def _choose_platform(options: Options) -> bool:
    """On Linux draw a picture of the window into memory. False where a window is asked for and cannot be."""
    if not sys.platform.startswith("linux") or os.environ.get("QT_QPA_PLATFORM"):
        return True
    if options.screenshot:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _size(text: str) -> tuple[int, int]:
    wide, _, high = text.lower().partition("x")
    if not (wide.isdigit() and high.isdigit() and 0 < int(wide) <= 10_000 and 0 < int(high) <= 10_000):
        raise argparse.ArgumentTypeError(f"{text!r} is not a size such as 1280x800")
    return int(wide), int(high)
