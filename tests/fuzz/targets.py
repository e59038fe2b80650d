"""Targets: everything of ours that reads a file somebody else may have written, as the programs call it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final


@dataclass(frozen=True, slots=True)
class Target:
    """A kind of file: its name where it lies, what reads it, and how many of a thousand cases are of it."""

    file: str
    read: Callable[[Path], object]
    share: int
    imports: tuple[str, ...] = ()  # what takes seconds, and is not the file's doing


def read_radiograph(path: Path) -> None:
    """Read pixels and header, as the window, a cleaned table and a report do."""
    from boneage_gui.clinic.dicom_report.source import source_header
    from trainer.errors import BoneAgeError
    from trainer.radiograph import is_dicom, read, read_identity

    read_identity(path)
    with suppress(BoneAgeError):
        if is_dicom(path):
            source_header(path)
    read(path)


def read_table(path: Path) -> None:
    """Read a table as the training does, its columns first."""
    from tests.fuzz.seeds.tables import write_pictures
    from trainer.cases import read_cases
    from trainer.table import columns_of, opened

    write_pictures(path.parent)
    columns_of(path)
    with opened(path) as table:
        for _ in table.rows:
            pass
    read_cases(path)


def unpack_archive(path: Path) -> None:
    """Unpack what looks like pictures and tables."""
    from trainer.archive import unpack

    unpack(path, path.parent / "out", lambda name: name if name.endswith((".png", ".csv")) else None)


def read_recipe(path: Path) -> None:
    """Read a recipe as a user's own, and draw with it."""
    from trainer.augment import draw, random_for
    from trainer.augment.shelf import Shelf
    from trainer.augment.shelf import read_recipe as read_one

    shelf = Shelf(path.parent)
    shelf.broken()
    for recipe in (*shelf.recipes().values(), read_one(path)):
        draw(recipe, random_for(seed=0, case_id="1", epoch=1))


def read_run(path: Path) -> None:
    """Read the folder of a run in which one file is foreign, as the list of runs and its page do."""
    from boneage_gui.work.time_left import time_left
    from tests.fuzz.seeds.runs import write_run
    from trainer.history import read_histories, read_history

    write_run(path.parent, leaving=path.name)
    for history in (*read_histories(path.parent.parent), read_history(path.parent)):
        _ = history.best, history.can_resume, history.name
        time_left(history)


def read_source_of_run(path: Path) -> None:
    """Read where a run's radiographs lie, and look for them, as a run that goes on does."""
    from trainer.data_source import read_source

    source = read_source(path.parent)
    source.found_at(path.parent)
    _ = source.lost, source.same_cases(source)
    source.need()


def read_last(path: Path) -> None:
    """Read the state that a run goes on from."""
    from trainer.run import Run

    Run(path.parent).read_last()


def read_canvases(path: Path) -> None:
    """Read a shelf of the cache of canvases, and each canvas on it."""
    from tests.fuzz.seeds.runs import LOOK
    from trainer.canvases import known_pixels
    from trainer.canvases.shelf import read_shelf
    from trainer.canvases.store import Store, look_of

    named = path.rename(path.with_name(f"{look_of(LOOK)}-0{path.suffix}"))
    known_pixels((), path.parent)
    _, entries = read_shelf(named) or (None, [])
    store = Store(path.parent, LOOK)
    for entry in entries:
        found = store.find(entry.content)
        if found is not None:
            (number, row), _ = found
            assert store.shelves[number].canvas(row).shape == (LOOK.side_px, LOOK.side_px)
    store.close()


def read_split(path: Path) -> None:
    """Read which case is in which part."""
    from tests.fuzz.seeds.runs import CASES
    from trainer.split import read_split as read_one

    split = read_one(path, CASES)
    _ = split.caution, split.fingerprint, split.patients_apart


def read_answers(path: Path) -> None:
    """Read what a model answered, and say it."""
    from boneage_gui.work.comparing import stored_comparison, stored_measured
    from tests.fuzz.seeds.models import small_card

    card = small_card()
    measured = stored_measured(path.parent, card)
    compared = stored_comparison(path.parent, card, card)
    for found in (measured, compared):
        _ = found and found.sentence


def read_model(path: Path) -> None:
    """Read a model's card and weights."""
    from trainer.card import read_card
    from trainer.card_text import as_text
    from trainer.checkpoint import load_checkpoint

    as_text(read_card(path))
    load_checkpoint(path)


def read_gate(path: Path) -> None:
    """Read the gate before models."""
    from trainer.gate.gate_file import load_gate

    load_gate(path)


def read_likeness(path: Path) -> None:
    """Read what is known of a model's radiographs."""
    import numpy as np

    from trainer.gate.likeness import Likeness

    Likeness.load(path).cautions(np.zeros((1, 4)))


def read_upright(path: Path) -> None:
    """Read what finds the orientation of a hand."""
    from trainer.orientation.upright_file import load_upright

    load_upright(path)


def read_settings(path: Path) -> None:
    """Read what the window remembers."""
    from boneage_gui.settings import SettingsFile

    SettingsFile(path.parent).load()


def read_readings(path: Path) -> None:
    """Open the readings, search them, write them as a table."""
    from boneage_gui.clinic.readings import Query, ReadingStore
    from boneage_gui.clinic.readings_csv import readings_csv

    store = ReadingStore(path)
    store.open()
    found = store.find(Query(), count=store.count(Query()))
    readings_csv(found)
    for reading in found[:3]:
        store.of_radiograph(reading.radiograph_hash)
        if reading.patient_hash:
            store.of_patient(reading.patient_hash)


def read_key(path: Path) -> None:
    """Read the secret of the readings."""
    from boneage_gui.clinic.readings import PatientKeys

    PatientKeys(path).of_patient("1")


def read_batch(path: Path) -> None:
    """Read the table of a folder that was read before."""
    from boneage_gui.clinic.batch_table import BatchTable

    table = BatchTable(path.parent)
    for row in table.rows:
        table.of_file(row.file)


def read_address_book(path: Path) -> None:
    """Read the list of DICOM systems."""
    from boneage_gui.clinic.dicom_node.address_book import load_address_book

    load_address_book(path)


def read_note(path: Path) -> None:
    """Read why a received file was put aside."""
    from boneage_gui.clinic.dicom_node.inbox import Inbox

    inbox = Inbox(path.parent, lambda _content: "0", least_free_bytes=0)
    inbox.open()
    try:
        refused = inbox.refuse(inbox.take_in(b"no radiograph")[0], "A sentence.")
        path.rename(refused.with_suffix(path.suffix))
        _ = [one.sentence for one in inbox.refused()]
    finally:
        inbox.close()


def read_child_lines(path: Path) -> None:
    """Read what a command in the background says."""
    from boneage_gui.work.child import _event

    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        _event(line)


TARGETS: Final = {
    "dicom": Target("case.dcm", read_radiograph, 300),
    "png": Target("case.png", read_radiograph, 90),
    "jpeg": Target("case.jpg", read_radiograph, 90),
    "tiff": Target("case.tif", read_radiograph, 90),
    "csv": Target("cases.csv", read_table, 70),
    "xlsx": Target("cases.xlsx", read_table, 40),
    "zip": Target("archive.zip", unpack_archive, 25),
    "recipe": Target("mine.json", read_recipe, 40),
    "config": Target("config.json", read_run, 40),
    "events": Target("events.jsonl", read_run, 40),
    "data": Target("data.json", read_source_of_run, 20),
    "last": Target("last.safetensors", read_last, 10, ("trainer.checkpoint",)),
    "canvases": Target("shelf.canvases", read_canvases, 20, ("tests.fuzz.seeds.runs", "trainer.canvases")),
    "split": Target("split.csv", read_split, 20),
    "evaluation": Target("evaluation.json", read_answers, 20, ("scipy.stats",)),
    "comparison": Target("comparison.json", read_answers, 20, ("scipy.stats",)),
    "model": Target("best.safetensors", read_model, 40, ("trainer.checkpoint",)),
    "gate": Target("gate.safetensors", read_gate, 10, ("trainer.gate.gate_file",)),
    "likeness": Target("likeness-x.safetensors", read_likeness, 10, ("trainer.gate.likeness",)),
    "upright": Target("upright.safetensors", read_upright, 10, ("trainer.orientation.upright_file",)),
    "settings": Target("boneage.ini", read_settings, 25),
    "readings": Target("readings.sqlite3", read_readings, 30),
    "key": Target("readings.key", read_key, 5),
    "batch": Target("bone-age.csv", read_batch, 10),
    "nodes": Target("nodes.json", read_address_book, 10),
    "note": Target("note.txt", read_note, 5),
    "lines": Target("lines.jsonl", read_child_lines, 5),
}
