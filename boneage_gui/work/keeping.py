"""Keeping: a run's best model goes into the user's folder, and with it what it knows, to warn of what is unlike."""

from __future__ import annotations

import threading
from collections.abc import Collection, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from boneage_gui.work.child import Child
from boneage_gui.work.models import keep_model
from trainer.errors import BoneAgeError
from trainer.events import Preparing
from trainer.history import BEST
from trainer.whole_file import write_whole

if TYPE_CHECKING:
    from trainer.comparison import Comparison
    from trainer.measured import Measured

# Enough to tell 192 of 200 drawn hands from radiographs, as against 196 with all 9,051; a third of the time.
MOST: Final = 1000  # radiographs of each part
DRAWN: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Where a model was kept, and why it cannot say what is unlike its training; empty where it can."""

    path: Path
    why_not: str


class Keeping:
    """Keeps once; ``events`` is for a job's thread, ``end`` for any."""

    def __init__(
        self, run: Path, answers: Comparison | Measured | None, folder: Path, *, taken: Collection[str] = ()
    ) -> None:
        """As ``keep_model`` has it."""
        self._run, self._answers, self._folder, self._taken = run, answers, folder, taken
        self._child: Child | None = None
        self._ended = False
        self._lock = threading.Lock()

    def events(self) -> Generator[Preparing, None, Kept]:
        """Keep the model, then measure what it knows, or find that measured; yield progress. Raises BoneAgeError."""
        from trainer.card import likeness_beside

        path = keep_model(self._run, self._answers, self._folder, taken=self._taken)
        place = likeness_beside(path)
        if place.is_file():
            return Kept(path=path, why_not="")
        best = self._run / BEST
        try:
            if not _knows(best):
                yield from self._measure()
            write_whole(place, likeness_beside(best).read_bytes())
        except BoneAgeError as error:
            return Kept(path=path, why_not=str(error))
        except OSError as error:
            return Kept(path=path, why_not=f"What the run's model knows cannot be read: {error.strerror}.")
        return Kept(path=path, why_not="")

    def end(self) -> None:
        """Measure nothing more; what was begun ends at once."""
        with self._lock:
            self._ended = True
            if self._child is not None:
                self._child.kill()

    def _measure(self) -> Generator[Preparing]:
        with self._lock:
            self._child = Child(["likeness", str(self._run), "--most", str(MOST), "--drawn", str(DRAWN), "--events"])
            if self._ended:
                self._child.kill()
        for event in self._child.events():
            if isinstance(event, Preparing):
                yield event


def _knows(best: Path) -> bool:
    """Say whether what a run's best model knows was measured before, by the command."""
    from trainer.card import read_card
    from trainer.gate import Likeness

    try:
        return Likeness.beside(best, read_card(best)) is not None
    except BoneAgeError:
        return False  # it is measured again
