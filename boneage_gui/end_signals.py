"""End signals: Ctrl+C in the terminal, a closed terminal, the end of the session, as one signal of Qt's."""

from __future__ import annotations

import signal
import socket
from contextlib import suppress
from types import FrameType
from typing import Final

from PySide6.QtCore import QObject, QSocketNotifier, Signal

NUMBERS: Final = tuple(
    number for name in ("SIGINT", "SIGTERM", "SIGHUP") if (number := getattr(signal, name, None)) is not None
)


class EndSignals(QObject):
    """Hears the first of them; the second ends the program at once. What whoever started us ignores stays ignored.

    Python acts on a signal when its next instruction comes, and Qt may wait for hours without one: the system is
    asked to write the signal's number into a socket, on which Qt waits too.
    """

    heard = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        """Begin to listen; on the main thread alone."""
        super().__init__(parent)
        self._near, self._far = socket.socketpair()
        self._near.setblocking(False)
        self._far.setblocking(False)
        self._woken_before = signal.set_wakeup_fd(self._far.fileno(), warn_on_full_buffer=False)
        self._notifier = QSocketNotifier(self._near.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._woken)
        wanted = [number for number in NUMBERS if signal.getsignal(number) != signal.SIG_IGN]
        self._before = {number: signal.signal(number, _leave_it_to_qt) for number in wanted}

    def remove(self) -> None:
        """Put everything back as it was."""
        self._notifier.setEnabled(False)
        signal.set_wakeup_fd(self._woken_before)
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._near.close()
        self._far.close()

    def _woken(self) -> None:
        numbers = b""
        with suppress(BlockingIOError):
            numbers = self._near.recv(64)
        if not any(number in self._before for number in numbers):
            return
        for number in self._before:
            signal.signal(number, signal.SIG_DFL)
        self.heard.emit()


def _leave_it_to_qt(_number: int, _frame: FrameType | None) -> None:
    """Do nothing: the socket says it."""
