"""Comparing: whether a run's best model is better than the one in use, found out by a child process."""

from __future__ import annotations

import csv
import json
import threading
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from boneage_gui.work.child import Child
from boneage_gui.work.painter import painter
from trainer.errors import BoneAgeError, CheckpointError, RunError
from trainer.events import Preparing

if TYPE_CHECKING:
    from trainer.card import ModelCard
    from trainer.comparison import Comparison
    from trainer.history import History
    from trainer.measured import Measured
    from trainer.score_rows import ScoreRow

T = TypeVar("T")
NO_MODEL: Final = "There is no model in use, so there is nothing to compare the new one with."
IN_USE: Final = "This model is the one in use, so there is nothing to compare it with."
CANNOT_SAY: Final = "The comparison ended without a word. Try again."
SPLIT_LETTERS: Final = 12  # of a split's fingerprint, in a comparison's words


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What is known of a run's best model beside the one in use."""

    run: Path
    card: ModelCard  # of the run's best
    comparison: Comparison | None
    why_not: str  # why there is no comparison; empty where there is one
    measured: Measured | None  # the new model alone, where it is not compared; None where that cannot be had either
    sentence: str  # the verdict, or the new model's own error
    histories: tuple[History | None, History | None]  # of the model in use and of the new one, where known
    rows: tuple[ScoreRow, ...]

    @property
    def answers(self) -> Comparison | Measured | None:
        """What there is to draw."""
        return self.comparison or self.measured


class Comparing:
    """Compares once; ``events`` is for a job's thread, ``end`` for any."""

    def __init__(self, run: Path, used: Path | None) -> None:
        self._run, self._used = run, used
        self._child: Child | None = None
        self._ended = False
        self._lock = threading.Lock()

    def events(self) -> Generator[Preparing, None, Judgement]:
        """Compare, or where that cannot be, measure the new model alone; what lies in the run folder is taken.

        Raises BoneAgeError where the run has no model.
        """
        from trainer.card import read_card
        from trainer.history import BEST

        best = self._run / BEST
        if not best.is_file():
            raise CheckpointError(f"The run in {self._run} has no model: no epoch has ended, or the folder is gone.")
        card = read_card(best)
        comparison, measured, why_not = None, None, self._why_not(card)
        if not why_not and self._used is not None:
            used = read_card(self._used)
            comparison = stored_comparison(self._run, card, used)
            try:
                if comparison is None:
                    comparison = yield from self._ask(["compare", str(self._run), str(self._used)], _comparison)
            except BoneAgeError as error:
                why_not = str(error)
        if comparison is None:
            measured = stored_measured(self._run, card)
            try:
                if measured is None:
                    measured = yield from self._ask(["evaluate", str(self._run)], _measured)
            except BoneAgeError as error:
                why_not = why_not if str(error) in why_not else f"{why_not} {error}"
        yield Preparing(what="working out the intervals", done=0, total=1)
        answers = comparison or measured
        # In the painter's process: the import of scipy would hold this one's lock for a second.
        sentence, rows = painter.ask(_worked_out, answers) if answers is not None else ("", ())
        return Judgement(
            run=self._run,
            card=card,
            comparison=comparison,
            why_not=why_not,
            measured=measured,
            sentence=sentence,
            histories=self._histories(),
            rows=rows,
        )

    def end(self) -> None:
        """Ask nothing more; what was begun ends at once."""
        with self._lock:
            self._ended = True
            if self._child is not None:
                self._child.kill()

    def _why_not(self, card: ModelCard) -> str:
        from trainer.card import MADE_FROM, read_card

        if self._used is None:
            return NO_MODEL
        try:
            used = read_card(self._used)
        except BoneAgeError as error:
            return f"The model in use cannot be read. {error}"
        return IN_USE if card.weights_sha256 in (used.weights_sha256, used.data.get(MADE_FROM)) else ""

    def _ask(self, arguments: list[str], read: Callable[[Mapping[str, Any]], T]) -> Generator[Preparing, None, T]:
        with self._lock:
            self._child = Child([*arguments, "--events"])
            if self._ended:
                self._child.kill()
        for event in self._child.events():
            if isinstance(event, Preparing):
                yield event
            elif isinstance(event, Mapping) and event.get("event") in ("Comparison", "Measured"):
                return read({name: value for name, value in event.items() if name != "event"})
        raise RunError(CANNOT_SAY)

    def _histories(self) -> tuple[History | None, History | None]:
        from trainer.history import read_history

        found: list[History | None] = []
        for folder in (self._used.parent if self._used else None, self._run):
            try:
                found.append(read_history(folder) if folder is not None else None)
            except BoneAgeError:
                found.append(None)
        return found[0], found[1]


def stored_comparison(run: Path, new: ModelCard, used: ModelCard) -> Comparison | None:
    """Return what an earlier comparison of the same two models left in the run folder, if it is the run's own.

    ``boneage compare RUN MODEL DATA`` leaves one on other radiographs there. One that names the run's split is its own
    also where it is not known what the model in use was trained on.
    """
    from trainer.comparison import Comparison

    found = _stored(run / "comparison.json", Comparison.from_json)
    if found is None or (found.new.sha256, found.used.sha256) != (new.weights_sha256, used.weights_sha256):
        return None
    split = str(new.data.get("split_sha256") or "")[:SPLIT_LETTERS]
    own = found.held_out or (split != "" and split in found.data)
    return found if own and set(found.case_ids) <= held_out_ids(run / "split.csv") else None


def held_out_ids(split: Path) -> set[str]:
    """Return the cases in the test part of a run's split; none where it cannot be read."""
    try:
        with split.open(newline="", encoding="utf-8") as file:
            return {row["id"] for row in csv.DictReader(file) if row["part"] == "test"}
    except (OSError, KeyError, ValueError, csv.Error):
        return set()


def stored_measured(run: Path, new: ModelCard) -> Measured | None:
    """Return what an earlier evaluation of the same model left in the run folder, if it is sound."""
    from trainer.measured import Measured

    found = _stored(run / "evaluation.json", Measured.from_json)
    return found if found is not None and found.model.sha256 == new.weights_sha256 else None


def _stored(path: Path, read: Callable[[Mapping[str, Any]], T]) -> T | None:
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        return read(values) if isinstance(values, dict) else None
    except (OSError, ValueError, RecursionError, BoneAgeError):
        return None  # it is worked out again


def _comparison(values: Mapping[str, Any]) -> Comparison:
    from trainer.comparison import Comparison

    return Comparison.from_json(values)


def _measured(values: Mapping[str, Any]) -> Measured:
    from trainer.measured import Measured

    return Measured.from_json(values)


def _worked_out(answers: Comparison | Measured) -> tuple[str, tuple[ScoreRow, ...]]:
    from trainer.comparison import Comparison
    from trainer.score_rows import score_rows

    if isinstance(answers, Comparison):
        models = {"In use": answers.used.predicted, "New": answers.new.predicted}
    else:
        models = {"": answers.model.predicted}
    return answers.sentence, tuple(score_rows(answers.actual, answers.sexes, models))
