"""The one door for errors: what a user hears, what the log keeps, and the hooks that catch the rest."""

from __future__ import annotations

import faulthandler
import logging
import os
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import TextIO

from PySide6.QtCore import QMessageLogContext, QObject, QtMsgType, Signal, qInstallMessageHandler

from trainer.errors import BoneAgeError

log = logging.getLogger("boneage")

LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
LOG_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}
# Said by Qt about the desktop it runs on; nothing a user or we can act on.
HARMLESS_QT = ("propagateSizeHints", "Could not find the Qt platform theme", "XDG_RUNTIME_DIR")


def sentence(error: BaseException) -> str:
    """What the user hears about an error; a bug is named as one and its text stays in the log."""
    if isinstance(error, BoneAgeError):
        return str(error)
    if isinstance(error, MemoryError):
        return "There is not enough memory for this. Close other programs and try again."
    return f"Something went wrong in the program ({type(error).__name__}). The details are in its log."


class ErrorDoor(QObject):
    """Every error goes through here; ``told`` carries the sentence to whoever shows it, on the GUI thread."""

    told = Signal(str)

    def tell(self, error: BaseException) -> str:
        """Log a bug with its traceback, announce the sentence and return it. Any thread may call."""
        said = self.note(error)
        self.told.emit(said)
        return said

    def note(self, error: BaseException) -> str:
        """As ``tell``, for a caller that has a better place for the sentence than the announcement."""
        if not isinstance(error, BoneAgeError):
            log.error("unexpected error", exc_info=(type(error), error, error.__traceback__))
        return sentence(error)


class Hooks:
    """The process-wide hooks: exceptions nobody caught, Qt's messages, hard faults. Undone by ``remove``."""

    def __init__(self, door: ErrorDoor, *, folder: Path) -> None:
        self._door = door
        self._fault_file: TextIO | None = None
        self._log_handler = _log_handler(folder)
        logging.getLogger().addHandler(self._log_handler)
        self._old_except_hook = sys.excepthook
        self._old_thread_hook = threading.excepthook
        sys.excepthook = self._uncaught
        threading.excepthook = self._uncaught_in_thread
        self._old_qt_handler = qInstallMessageHandler(_qt_message)
        self._watch_faults(folder)

    def remove(self) -> None:
        """Put everything back as it was."""
        sys.excepthook = self._old_except_hook
        threading.excepthook = self._old_thread_hook
        qInstallMessageHandler(self._old_qt_handler)
        logging.getLogger().removeHandler(self._log_handler)
        self._log_handler.close()
        if self._fault_file is not None:
            faulthandler.disable()
            self._fault_file.close()
            self._fault_file = None

    def _watch_faults(self, folder: Path) -> None:
        if faulthandler.is_enabled():  # under pytest, which watches already
            return
        try:
            self._fault_file = (folder / "fault.txt").open("a", encoding="utf-8")
        except OSError:
            return
        faulthandler.enable(self._fault_file)

    def _uncaught(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            self._old_except_hook(kind, error, trace)
            return
        self._door.tell(error)

    def _uncaught_in_thread(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            self._door.tell(args.exc_value)


def _log_handler(folder: Path) -> logging.Handler:
    """A handler on the log file, or on standard error where the folder cannot be written."""
    handler: logging.Handler
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not os.access(folder, os.W_OK):
            raise PermissionError(folder)
        handler = logging.FileHandler(folder / "boneage.log", encoding="utf-8", delay=True)
    except OSError:
        handler = logging.StreamHandler()
    handler.setLevel(logging.WARNING)
    handler.setFormatter(logging.Formatter(LOG_FORMAT))
    return handler


def _qt_message(kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
    if not any(harmless in text for harmless in HARMLESS_QT):
        logging.getLogger("boneage.qt").log(LOG_LEVELS.get(kind, logging.WARNING), "%s", text)
