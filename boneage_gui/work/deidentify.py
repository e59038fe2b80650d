"""Several radiographs without their patients: one after the other into a folder, under names that say nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from boneage_gui import work
from boneage_gui.clinic.deidentify import Choices, Exported, Pseudonyms, ending_of, export
from trainer.errors import RadiographError, printable

NO_MEMORY = "There is not enough memory for this radiograph; it was not exported. Close other programs and try again."


def export_files(paths: Sequence[Path], out: Path, pseudonyms: Pseudonyms, choices: Choices) -> Iterator[Exported]:
    """Export files and yield what became of each; a refused one has its sentence. Raises DataError.

    A file's own name may name the patient: exports are numbered, after those that lie in ``out`` already.
    """
    for path in paths:
        goal = free_name(out, ending_of(path))
        try:
            yield export(path, goal, pseudonyms, choices, read=work.read, write=work.write_bare)
        except RadiographError as error:
            yield Exported(source=path, refused=printable(str(error)))
        except MemoryError:
            yield Exported(source=path, refused=NO_MEMORY)


def export_one(path: Path, goal: Path, choices: Choices) -> Exported:
    """Export one file under a fresh secret. Raises RadiographError, DataError."""
    return export(path, goal, Pseudonyms(), choices, read=work.read, write=work.write_bare)


def free_name(folder: Path, ending: str) -> Path:
    """Return the first numbered name that no export in a folder has, whatever its ending."""
    number = 1
    while any((folder / f"radiograph-{number:03d}{known}").exists() for known in (".dcm", ".png")):
        number += 1
    return folder / f"radiograph-{number:03d}{ending}"
