"""The one door for errors: what a user hears, what the log keeps, and the hooks that catch the rest."""

from __future__ import annotations

import faulthandler
import logging
import os
import sys
import threading
from contextlib import suppress
from copy import copy
from pathlib import Path
from types import TracebackType
from typing import Any, Final, TextIO

from PySide6.QtCore import QMessageLogContext, QObject, QtMsgType, Signal, qInstallMessageHandler

from trainer.errors import BoneAgeError, where_it_broke

log = logging.getLogger("boneage")

OWNER_ONLY: Final = 0o600
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
    """What the user hears about an error; a bug is named as one, and the log keeps where it lies."""
    if isinstance(error, BoneAgeError):
        return str(error)
    if isinstance(error, MemoryError):
        return "There is not enough memory for this. Close other programs and try again."
    return f"Something went wrong in the program ({type(error).__name__}). The details are in its log."


class LogFormatter(logging.Formatter):
    """Writes where an exception comes from, not what it says: libraries quote headers, which name patients."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; a record may carry the words that another handler wrote of its exception."""
        bare = copy(record)
        bare.exc_text = None
        return super().format(bare)

    def formatException(self, ei: Any) -> str:
        """Return places and kinds."""
        return where_it_broke(ei[1]) if ei[1] is not None else ""


class LogFile(logging.FileHandler):
    """The log, for its owner alone; made by the first line."""

    def _open(self) -> Any:
        _make_for_owner_only(Path(self.baseFilename))
        return super()._open()


class ErrorDoor(QObject):
    """Every error goes through here; ``told`` carries the sentence to whoever shows it, on the GUI thread."""

    told = Signal(str)

    def tell(self, error: BaseException) -> str:
        """Log where a bug lies, announce the sentence and return it. Any thread may call."""
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
            _make_for_owner_only(folder / "fault.txt")
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
        handler = LogFile(folder / "boneage.log", encoding="utf-8", delay=True)
    except OSError:
        handler = logging.StreamHandler()
    handler.setLevel(logging.WARNING)
    handler.setFormatter(LogFormatter(LOG_FORMAT))
    return handler


def _make_for_owner_only(path: Path) -> None:
    """Make a file, or take one of an older version from everybody else."""
    path.touch(mode=OWNER_ONLY)
    with suppress(OSError):
        path.chmod(OWNER_ONLY)


def _qt_message(kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
    if not any(harmless in text for harmless in HARMLESS_QT):
        logging.getLogger("boneage.qt").log(LOG_LEVELS.get(kind, logging.WARNING), "%s", text)
