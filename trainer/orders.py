"""Orders: what whoever started a training asks of it meanwhile; one word a line, or given from any thread."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Final, Literal

Order = Literal["pause", "stop"]
_KNOWN: Final[dict[str, Order]] = {"pause": "pause", "stop": "stop"}


class Orders:
    """What is wanted of a training; asked after every step."""

    def __init__(self) -> None:
        """Nothing is wanted yet."""
        self._given: set[Order] = set()

    def give(self, order: Order) -> None:
        """Want the training paused, or stopped; safe from a signal and from any thread."""
        self._given.add(order)

    @property
    def wanted(self) -> Order | None:
        """What to do, if anything. A stop outweighs a pause, whichever came first."""
        return "stop" if "stop" in self._given else "pause" if self._given else None

    def listen(self, lines: Iterable[bytes]) -> None:
        """Take orders from lines, in a thread of their own.

        Other words are passed over. The end of the lines is a pause: whoever gave orders is gone, and a training
        must not go on that nobody can stop. Give an unbuffered file: a thread that waits inside a buffered one holds
        its lock, and then the interpreter cannot shut down.
        """
        threading.Thread(target=self._take, args=(lines,), name="orders", daemon=True).start()

    def _take(self, lines: Iterable[bytes]) -> None:
        for line in lines:
            order = _KNOWN.get(line.decode("ascii", errors="replace").strip())
            if order is not None:
                self.give(order)
        self.give("pause")


class Ordered(Exception):  # noqa: N818 - no error
    """The training leaves what it was doing, because it was told to."""

    def __init__(self, order: Order) -> None:
        """Hold the order."""
        super().__init__(order)
        self.order = order
