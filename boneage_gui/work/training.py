"""Training: a run in a child process, told as a History that grows; and the look at its data before."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from boneage_gui.work.child import Child
from trainer.errors import BoneAgeError, DataError, RunError
from trainer.events import CheckpointSaved, EpochRecord, Preparing, RunFinished, RunStarted, StepReport, TrainingEvent
from trainer.whole_file import write_whole

if TYPE_CHECKING:
    from trainer.config import TrainingConfig
    from trainer.data_source import DataSource
    from trainer.data_summary import DataSummary
    from trainer.history import History

CHOICES: Final = "choices.json"  # in the run's folder until it has begun
CANNOT_SAY: Final = "The program that reads the data ended without a word. Try again."


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """Where the radiographs of a run lie now; ``pictures`` only where their folder alone was moved."""

    data: Path
    pictures: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """The table of a run, or the folder named in its place; of which nothing or only the pictures are missing."""

    data: Path
    only_pictures: bool

    def found_in(self, folder: Path) -> Moved:
        """Return what was lost as it lies in the folder that the user says it was moved to."""
        if self.only_pictures:
            return Moved(data=self.data, pictures=folder)
        named = folder / self.data.name
        return Moved(data=named if named.is_file() else folder)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a child's training ended: the run as it lies on the disk, None if none was begun; what went wrong, if so."""

    history: History | None
    sentence: str | None
    lost: Lost | None = None  # where the run's radiographs are no longer where they were


Story: TypeAlias = "Generator[Preparing | History, None, Ended]"


def start_arguments(source: DataSource, folder: Path) -> list[str]:
    """Return the command that begins a run, for ``begin``."""
    chosen = str(folder / CHOICES)
    return ["fit", *source_arguments(source), "--run-dir", str(folder), "--config", chosen, "--follow"]


def resume_arguments(folder: Path, moved: Moved | None = None) -> list[str]:
    """Return the command that goes on with a run, whose radiographs may have been moved."""
    place = [] if moved is None else [str(moved.data.absolute())]
    if moved is not None and moved.pictures is not None:
        place.append(f"--pictures={moved.pictures.absolute()}")
    return ["fit", *place, "--run-dir", str(folder), "--resume", "--follow"]


def source_arguments(source: DataSource) -> list[str]:
    """Return DATA and the options that name a source, as ``trainer.commands.data_options`` reads them."""
    columns = source.columns
    options = {
        "--pictures": _whole(source.pictures),
        "--id-column": _column(columns.id),
        "--path-column": _column(columns.path),
        "--age-column": columns.age,
        "--age-unit": columns.age_unit,
        "--sex-column": _column(columns.sex),
        "--patient-column": _column(columns.patient),
        "--sheet": columns.sheet,
        "--split": _whole(source.split),
        "--description": source.description or None,
    }
    return [
        str(source.data.absolute()),
        *(f"{option}={value}" for option, value in options.items() if value is not None),
    ]


def begin(child: Child, config: TrainingConfig, folder: Path) -> Story:
    """Begin a run in a new folder with a child made of ``start_arguments``. Yields Preparing and History."""
    try:
        folder.mkdir(parents=True)
        write_whole(folder / CHOICES, json.dumps(config.to_json(), indent=1) + "\n")
    except OSError as error:
        raise RunError(f"The folder of the run cannot be made: {error.strerror} ({folder}).") from error
    ended = yield from _follow(child, folder, config, [])
    with contextlib.suppress(OSError):
        (folder / CHOICES).unlink(missing_ok=True)
        if ended.history is None:  # told to end before there was a run
            (folder / "run.lock").unlink(missing_ok=True)
            folder.rmdir()
    return ended


def go_on(child: Child, folder: Path) -> Story:
    """Go on with a run with a child made of ``resume_arguments``. Yields Preparing and History.

    The first History is that of the run as it was left.
    """
    from trainer.history import read_events, read_history

    before = read_history(folder)
    yield before
    return (yield from _follow(child, folder, before.config, read_events(folder)))


def history_if_any(folder: Path) -> History | None:
    """Read a run, or return None where there is none that can be read."""
    from trainer.history import read_history

    try:
        return read_history(folder)
    except BoneAgeError:
        return None


def look_at(child: Child) -> Generator[Preparing, None, DataSummary]:
    """Read, clean, split and decode data with a child that runs ``clean``. Raises BoneAgeError."""
    from trainer.data_summary import KIND, DataSummary

    for event in child.events():
        if isinstance(event, Mapping):
            if event.get("event") == KIND:
                return DataSummary.from_json(event)
        elif isinstance(event, Preparing):
            yield event
    raise DataError(CANNOT_SAY)


def _follow(child: Child, folder: Path, config: TrainingConfig, before: list[TrainingEvent]) -> Story:
    """Fold events into a History as they come; a report of steps replaces the one before, so the list stays short."""
    from trainer.history import history_of, read_history

    events = before
    sentence: str | None = None
    try:
        for event in child.events():
            if isinstance(event, Preparing):
                yield event
            elif not isinstance(event, (Mapping, CheckpointSaved)):
                events = [*_kept(events, event), event]
                yield history_of(folder, config, events, held=True)
    except BoneAgeError as error:
        sentence = str(error)
    begun = (folder / "config.json").is_file()
    if not begun and sentence is None and events and isinstance(events[-1], RunFinished):
        sentence = events[-1].message  # paused while it prepared: there is nothing to go on with
    lost = _lost(folder) if begun and sentence is not None else None
    return Ended(history=read_history(folder) if begun else None, sentence=sentence, lost=lost)


def _lost(folder: Path) -> Lost | None:
    """Return what a run has lost that can be known again."""
    from trainer.data_source import read_source

    with contextlib.suppress(DataError, OSError):
        source = read_source(folder)
        if source.lost is not None and source.table_sha256:
            return Lost(data=source.data, only_pictures=source.lost != source.data)
    return None


def _kept(events: list[TrainingEvent], event: TrainingEvent) -> list[TrainingEvent]:
    """Leave out what an event replaces; a run that goes on trains some epochs again."""
    if isinstance(event, StepReport):
        return [old for old in events if not isinstance(old, StepReport)]
    if isinstance(event, RunStarted):
        again = (event.member, event.first_epoch)  # the models before it are done
        return [
            old
            for old in events
            if not (isinstance(old, (EpochRecord, StepReport)) and (old.member, old.epoch) >= again)
        ]
    return events


def _whole(path: Path | None) -> Path | None:
    """Return a whole path: a child works in another folder than the one a path was typed in."""
    return path.absolute() if path is not None else None


def _column(name: str | None) -> str | None:
    return "none" if name == "" else name
