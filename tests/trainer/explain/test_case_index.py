"""Neighbours: the cases most alike, found again without a picture kept, never the radiograph itself."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pytest

from tests.trainer.explain.lookers import untrained
from trainer import rsna
from trainer.errors import DataError
from trainer.explain import phantom_cases, shelf
from trainer.explain.case_index import CaseIndex
from trainer.explain.indexing import Step, index_data, index_phantoms
from trainer.explain.phantom_cases import drawn_phantoms
from trainer.explain.shelf import Shelf
from trainer.phantom import write_dataset
from trainer.predictor import Predictor
from trainer.radiograph import Radiograph, Sex, read

COUNT = 6

T = TypeVar("T")


def _run(generator: Generator[Any, None, T]) -> tuple[T, list[Any]]:
    steps = []
    while True:
        try:
            steps.append(next(generator))
        except StopIteration as end:
            return end.value, steps


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A user's own folder; its cases have names that must not travel."""
    folder = write_dataset(tmp_path_factory.mktemp("data"), count=COUNT, seed=4, height_px=200)
    table = folder / rsna.TABLE
    for number in range(1, COUNT + 1):
        picture = folder / rsna.FOLDER / f"{number}.png"
        picture.rename(picture.with_name(f"Muster-{number}.png"))
    lines = table.read_text(encoding="utf-8").splitlines()
    table.write_text("\n".join([lines[0], *(f"Muster-{line}" for line in lines[1:])]), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def predictor() -> Predictor:
    return untrained()


@pytest.fixture
def own(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "explanations")


def test_the_radiograph_itself_is_not_its_own_neighbour(
    data: Path, predictor: Predictor, own: Shelf, tmp_path: Path
) -> None:
    index, steps = _run(index_data(predictor, data, own, tmp_path / "canvases"))
    assert {step.what for step in steps} == {"reading the table", "reading radiographs", "looking at cases"}
    assert all(isinstance(step, Step) and 0 <= step.done <= step.total for step in steps)
    opened = data / rsna.FOLDER / "Muster-3.png"
    found = index.nearest(predictor, read(opened))
    assert len(found) == COUNT - 1
    assert opened not in [neighbour.case.picture for neighbour in found]
    likeness = [neighbour.likeness for neighbour in found]
    assert likeness == sorted(likeness, reverse=True)
    ages = {line.split(",")[0]: float(line.split(",")[1]) for line in (data / rsna.TABLE).read_text().splitlines()[1:]}
    for neighbour in found:
        assert isinstance(neighbour.case.picture, Path)
        assert ages[neighbour.case.picture.stem] == neighbour.case.age_months


def test_nearly_the_same_picture_is_the_nearest(data: Path, predictor: Predictor, own: Shelf, tmp_path: Path) -> None:
    index, _ = _run(index_data(predictor, data, own, tmp_path / "canvases"))
    picture = data / rsna.FOLDER / "Muster-5.png"
    noisy = np.clip(read(picture).pixels + np.float32(0.01), 0, 1)
    found = index.nearest(predictor, Radiograph(pixels=noisy, source=Path("other")), count=2)
    assert len(found) == 2
    assert found[0].case.picture == picture
    assert found[0].likeness > 0.99


def test_what_was_worked_out_is_found_again_and_checked(
    data: Path, predictor: Predictor, own: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def index() -> tuple[CaseIndex, list[Any]]:
        return _run(index_data(predictor, data, own, tmp_path / "canvases"))

    first, _ = index()
    (file,) = own.folder.glob("*.safetensors")
    content = file.read_bytes()
    assert b"Muster" not in content
    assert str(data).encode() not in content
    again, steps = index()
    assert "looking at cases" not in {step.what for step in steps}
    np.testing.assert_array_equal(first.features, again.features)
    file.write_bytes(content[:-4] + b"\0\0\0\0")
    mended, steps = index()
    assert "looking at cases" in {step.what for step in steps}, "a damaged file is worked out anew"
    np.testing.assert_array_equal(first.features, mended.features)
    file.write_bytes(b"nothing of the kind")
    assert own.find(file.stem) is None
    assert not file.exists()
    other = untrained(weights_sha256="cd" * 32)
    _, steps = _run(index_data(other, data, own, tmp_path / "canvases"))
    assert "looking at cases" in {step.what for step in steps}, "another model has other features"
    with pytest.raises(ValueError, match="another model"):
        first.nearest(other, read(data / rsna.FOLDER / "Muster-1.png"))


def test_phantoms_are_drawn_once(predictor: Predictor, own: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    index, steps = _run(index_phantoms(predictor, own, count=4))
    assert "drawing hands" in {step.what for step in steps}
    assert [case.sex for case in index.cases] == [Sex.FEMALE, Sex.MALE] * 2
    assert [case.age_months for case in index.cases] == [12, 80, 148, 216]
    monkeypatch.setattr(phantom_cases, "draw", None)
    again, steps = _run(index_phantoms(predictor, own, count=4))
    assert steps == []
    (phantom, *_), _ = _run(drawn_phantoms(own, 4))
    assert not isinstance(again.cases[0].picture, Path)
    np.testing.assert_array_equal(again.cases[0].picture, phantom.pixels)


def test_the_shelf_is_bounded_and_what_was_not_used_for_longest_goes(
    own: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    import os

    monkeypatch.setattr(shelf, "MOST_BYTES", 25_000)
    for place, name in enumerate(("a", "b")):
        own.keep(name, {"x": np.zeros(10_000, dtype=np.uint8)})
        os.utime(own.folder / f"{name}.safetensors", (1_000 + place, 1_000 + place))
    assert own.find("a") is not None, "and so it is used"
    own.keep("c", {"x": np.ones(10_000, dtype=np.uint8)})
    assert [name for name in "abc" if own.find(name) is not None] == ["a", "c"]
    own.keep("huge", {"x": np.zeros(30_000, dtype=np.uint8)})
    assert own.find("huge") is None


def test_a_folder_that_cannot_be_written_costs_only_time(predictor: Predictor, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.touch()
    index, _ = _run(index_phantoms(predictor, Shelf(blocked), count=2))
    assert len(index.cases) == 2


def test_a_folder_without_a_table_is_a_sentence(predictor: Predictor, own: Shelf, tmp_path: Path) -> None:
    with pytest.raises(DataError):
        _run(index_data(predictor, tmp_path, own, tmp_path / "canvases"))
