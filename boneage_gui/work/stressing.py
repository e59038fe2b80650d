"""Stressing: how far models' answers move when radiographs are transformed, found out by a child process."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from boneage_gui.work.child import Child
from trainer.errors import RunError
from trainer.events import Preparing
from trainer.stress import Trial, trial_from_json
from trainer.whole_file import write_whole

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from trainer.figures import Look

DRAWN_HANDS: Final = 60
DRAWN: Final = f"phantoms-{DRAWN_HANDS}"
TABLE: Final = "boneage-training-dataset.csv"
PAGES: Final = "stress.pdf"
CANNOT_SAY: Final = "The stress test ended without a word. Try again."


@dataclass(frozen=True, slots=True, kw_only=True)
class StressReport:
    """What came out: one model, or two side by side."""

    data: str
    trials: tuple[Trial, ...]
    sentence: str  # which of two is steadier; empty for one
    cautions: tuple[str, ...]
    pages: Path  # the PDF


class Stressing:
    """Tests once; ``events`` is for a job's thread, ``end`` for any."""

    def __init__(self, model: Path, against: Path | None, *, data: Path | None, limit: int, folder: Path) -> None:
        """Without ``data``, hands drawn by the program are taken; ``folder`` is a cache's, for them and the pages."""
        self._model, self._against = model, against
        self._data, self._limit, self._folder = data, limit, folder
        self._child: Child | None = None
        self._ended = False
        self._lock = threading.Lock()

    def events(self) -> Generator[Preparing, None, StressReport]:
        """Test. Raises BoneAgeError with the command's own sentence."""
        self._folder.mkdir(parents=True, exist_ok=True)
        data = self._data if self._data is not None else (yield from self._drawn_hands())
        pages = self._folder / PAGES
        arguments = [
            "stress",
            str(self._model),
            str(data),
            "--limit",
            str(self._limit),
            "--pdf",
            str(pages),
            "--events",
        ]
        if self._against is not None:
            arguments += ["--against", str(self._against)]
        for event in self._run(arguments):
            if isinstance(event, Preparing):
                yield event
            elif isinstance(event, Mapping) and event.get("event") == "Stress":
                return _report(event, pages)
        raise RunError(CANNOT_SAY)

    def end(self) -> None:
        """Ask nothing more; what was begun ends at once."""
        with self._lock:
            self._ended = True
            if self._child is not None:
                self._child.kill()

    def _drawn_hands(self) -> Generator[Preparing, None, Path]:
        """Draw hands, once; a folder that was left half drawn is not taken for a whole one."""
        folder = self._folder / DRAWN
        if (folder / TABLE).is_file():
            return folder
        yield Preparing(what="drawing hands", done=0, total=1)
        beside = folder.with_name(f".{DRAWN}.part")
        shutil.rmtree(beside, ignore_errors=True)
        for _ in self._run(["phantom", "--count", str(DRAWN_HANDS), str(beside)]):
            pass
        shutil.rmtree(folder, ignore_errors=True)
        beside.replace(folder)
        return folder

    def _run(self, arguments: list[str]) -> Generator[Any, None, None]:
        with self._lock:
            self._child = Child(arguments)
            if self._ended:
                self._child.kill()
        yield from self._child.events()


def save_pages(report: StressReport, path: Path) -> Path:
    """Write the report's pages where the user wants them. Raises DataError."""
    write_whole(path, report.pages.read_bytes())
    return path


def draw_curves(figure: Figure, look: Look, *, trials: tuple[Trial, ...], kind: Any) -> None:
    """Draw the shifts of one kind, a model beside the other; for the painter."""
    from trainer.figures import draw_shifts
    from trainer.figures.steadiness import reach_of

    reach = reach_of(trials, kind)
    for column, (axes, trial) in enumerate(zip(figure.subplots(1, len(trials), squeeze=False)[0], trials, strict=True)):
        draw_shifts(axes, trial, kind, look=look, colour=column, title=f"{trial.name}: {kind}", reach=reach)


def _report(values: Mapping[str, Any], pages: Path) -> StressReport:
    try:
        return StressReport(
            data=str(values["data"]),
            trials=tuple(trial_from_json(trial) for trial in values["models"]),
            sentence=str(values.get("steadiness", {}).get("sentence", "")),
            cautions=tuple(map(str, values["cautions"])),
            pages=pages,
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise RunError(CANNOT_SAY) from error
