"""What the cache does not hold any more, or may not open now: nobody is the worse for it but by time."""

from __future__ import annotations

import copy
import errno
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from torch._utils import ExceptionWrapper

from tests.trainer import small
from tests.trainer.canvases.kept import LOOK, expect, shelves
from trainer.canvases import cache_canvases, reading, shelf
from trainer.canvases.shelf import CanvasesGoneError, Shelf
from trainer.cases import Case, read_cases
from trainer.errors import DataError, RadiographError
from trainer.fit import fit
from trainer.run import Run
from trainer.split import split_cases


@pytest.mark.parametrize("least_mapped", [0, 1 << 20], ids=["mapped", "read"])
def test_a_cache_that_was_just_written_may_be_deleted(
    pictures: tuple[Case, ...], folder: Path, monkeypatch: pytest.MonkeyPatch, least_mapped: int
) -> None:
    monkeypatch.setattr(shelf, "LEAST_MAPPED_BYTES", least_mapped)
    made, found = cache_canvases(pictures, LOOK, folder), cache_canvases(pictures, LOOK, folder)
    shutil.rmtree(folder)
    expect(made, pictures)
    expect(found, pictures)


@pytest.mark.usefixtures("small_backbone")
def test_a_training_goes_on_when_the_cache_is_deleted(data_set: Path, tmp_path: Path, folder: Path) -> None:
    config, run = small.config("baseline", epochs=1, workers=0), Run(tmp_path / "run")
    split = split_cases(read_cases(data_set).cases, seed=0)
    run.begin(config, split, [])
    training, validation = (cache_canvases(part, LOOK, folder) for part in (split.training, split.validation))
    shutil.rmtree(folder)
    *_, last = fit(config, training, validation, run, data={})
    assert "Finished" in last.message  # type: ignore[union-attr]


def test_a_process_that_finds_the_cache_gone_says_so_in_a_sentence(pictures: tuple[Case, ...], folder: Path) -> None:
    cache_canvases(pictures, LOOK, folder)
    (path,) = shelves(folder)
    kept, _ = shelf.read_shelf(path) or (None, [])
    assert kept is not None
    kept.open()
    sent = copy.copy(kept)  # by way of __getstate__, as it is sent to the processes that make batches
    shutil.rmtree(folder)
    assert kept.canvas(0).shape == (32, 32)
    try:
        sent.canvas(0)
    except CanvasesGoneError:
        wrapped = ExceptionWrapper(sys.exc_info())
    with pytest.raises(DataError, match=r"^The canvases that the training reads are gone: .*Resume the run[^\n]*\.$"):
        wrapped.reraise()


def test_a_shelf_that_cannot_be_opened_now_stays(
    pictures: tuple[Case, ...], folder: Path, monkeypatch: pytest.MonkeyPatch, decoded: list[str]
) -> None:
    cache_canvases(pictures, LOOK, folder)
    (path,) = shelves(folder)
    usual = Path.open

    def too_many(self: Path, *arguments: Any, **more: Any) -> Any:
        if self == path:
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
        return usual(self, *arguments, **more)

    with monkeypatch.context() as crowded:
        crowded.setattr(Path, "open", too_many)
        expect(cache_canvases(pictures, LOOK, folder), pictures)
    assert path.exists()

    def unmapped(self: Shelf) -> np.ndarray[Any, Any]:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    path_of_others = [other for other in shelves(folder) if other != path]
    for other in path_of_others:
        other.unlink()
    with monkeypatch.context() as crowded:
        crowded.setattr(Shelf, "open", unmapped)
        cache_canvases(pictures, LOOK, folder)
    assert path.exists()
    decoded.clear()
    expect(cache_canvases(pictures, LOOK, folder), pictures)
    assert decoded == []


def test_a_case_is_not_dropped_for_want_of_open_files(
    pictures: tuple[Case, ...], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_many(path: Path) -> Any:
        try:
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
        except OSError:
            raise RadiographError(f"{path.name} cannot be opened; check that you may read it.") from None

    monkeypatch.setattr(reading, "read", too_many)
    with pytest.raises(DataError, match=r"No more files can be opened at once.*ulimit -n.*\.$"):
        cache_canvases(pictures, LOOK, folder)
