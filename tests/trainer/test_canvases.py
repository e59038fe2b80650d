"""The cache of canvases: decoded once, found by content, checked, bounded, shared; a full disk costs nothing else."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from multiprocessing.reduction import ForkingPickler
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.trainer import small
from trainer.canvases import (
    CanvasCache,
    cache_canvases,
    cache_folder,
    known_pixels,
    read_canvases,
    reading,
    shelf,
    store,
)
from trainer.cases import Case, read_cases
from trainer.errors import DataError, RadiographError
from trainer.preprocess import Preprocessing, to_canvas
from trainer.radiograph import read

LOOK = Preprocessing(side_px=32, network_px=32)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where canvases are kept in this test."""
    return tmp_path / "canvases"


@pytest.fixture
def pictures(data_set: Path, tmp_path: Path) -> tuple[Case, ...]:
    """Six pictures of our own, which may be moved and changed."""
    copied = []
    for case in read_cases(data_set).cases[:6]:
        path = tmp_path / "pictures" / case.image_path.name
        path.parent.mkdir(exist_ok=True)
        shutil.copy(case.image_path, path)
        copied.append(Case(case_id=case.case_id, image_path=path, age_months=case.age_months, sex=case.sex))
    return tuple(copied)


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the pictures that were decoded."""
    names: list[str] = []

    def read_and_tell(path: Path) -> Any:
        names.append(path.name)
        return read(path)

    monkeypatch.setattr(reading, "read", read_and_tell)
    return names


def _expect(cache: CanvasCache, cases: tuple[Case, ...], look: Preprocessing = LOOK) -> None:
    assert cache.cases == cases
    assert cache.dropped == ()
    assert cache.canvases.shape == (len(cases), look.side_px, look.side_px)
    for case, canvas in zip(cases, cache.canvases, strict=True):
        np.testing.assert_array_equal(canvas, to_canvas(read(case.image_path), look))


def _shelves(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.canvases"))


def test_a_picture_is_decoded_once_for_each_look(pictures: tuple[Case, ...], folder: Path, decoded: list[str]) -> None:
    _expect(cache_canvases(pictures, LOOK, folder), pictures)
    assert sorted(decoded) == sorted(case.image_path.name for case in pictures)
    decoded.clear()
    _expect(cache_canvases(pictures[::-1], LOOK, folder), pictures[::-1])
    network = Preprocessing(side_px=32, network_px=64, mean=0.1, normalisation="local")  # what comes after the canvas
    _expect(cache_canvases(pictures[2:4], network, folder), pictures[2:4])
    assert decoded == []
    for look in (Preprocessing(side_px=48), Preprocessing(side_px=32, aspect="squash")):
        _expect(cache_canvases(pictures, look, folder), pictures, look)
        assert len(decoded) == len(pictures)
        decoded.clear()


def test_only_what_is_new_is_decoded(pictures: tuple[Case, ...], folder: Path, decoded: list[str]) -> None:
    cache_canvases(pictures[:4], LOOK, folder)
    decoded.clear()
    _expect(cache_canvases(pictures, LOOK, folder), pictures)
    assert sorted(decoded) == [case.image_path.name for case in pictures[4:]]


def test_moved_renamed_and_touched_files_are_found_again(
    pictures: tuple[Case, ...], folder: Path, decoded: list[str], tmp_path: Path
) -> None:
    cache_canvases(pictures, LOOK, folder)
    decoded.clear()
    moved = []
    for index, case in enumerate(pictures):
        path = tmp_path / "elsewhere" / f"new-{index}.png"
        path.parent.mkdir(exist_ok=True)
        case.image_path.rename(path)
        os.utime(path, ns=(index, index))
        moved.append(Case(case_id=case.case_id, image_path=path, age_months=1.0))
    _expect(cache_canvases(moved, LOOK, folder), tuple(moved))
    assert decoded == []


def test_a_file_that_changed_is_noticed_though_size_and_time_are_the_same(
    pictures: tuple[Case, ...], folder: Path
) -> None:
    path = pictures[0].image_path
    first, second = (pad + b"\0" * 50 for pad in (path.read_bytes(), pictures[5].image_path.read_bytes()))
    longest = max(len(first), len(second))
    path.write_bytes(first.ljust(longest, b"\0"))
    os.utime(path, ns=(5, 5))
    before = cache_canvases(pictures[:1], LOOK, folder)
    path.write_bytes(second.ljust(longest, b"\0"))
    os.utime(path, ns=(5, 5))
    after = cache_canvases(pictures[:1], LOOK, folder)
    _expect(after, pictures[:1])
    assert not np.array_equal(after.canvases, before.canvases)


def test_unreadable_and_vanished_pictures_are_dropped_with_their_reason(
    pictures: tuple[Case, ...], folder: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"\x89PNG\r\n\x1a\n")
    bad = [Case(case_id=path.stem, image_path=path, age_months=1.0) for path in (broken, tmp_path / "gone.png")]
    for _ in range(2):
        told: list[tuple[int, int]] = []
        cache = cache_canvases(
            [bad[0], pictures[0], bad[1], pictures[1]], LOOK, folder, progress=lambda *now, told=told: told.append(now)
        )
        assert cache.cases == pictures[:2]
        assert [row.case_id for row in cache.dropped] == ["broken", "gone"]
        assert all(row.kind == "unreadable picture" and row.reason.endswith(".") for row in cache.dropped)
        assert told[-1] == (4, 4)
    with pytest.raises(DataError, match="None of the pictures"):
        cache_canvases(bad, LOOK, folder)


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-10])


def _flip_a_bit(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-5] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda path: path.write_bytes(b""), id="empty"),
        pytest.param(lambda path: path.write_bytes(b"junk\n" * 99), id="junk"),
        pytest.param(lambda path: path.write_bytes(b"[" * 100_000 + b"\n"), id="deep"),
        pytest.param(lambda path: path.write_bytes(b'{"version": 1}\n'), id="no entries"),
        pytest.param(_cut, id="torn"),
        pytest.param(_flip_a_bit, id="one bit"),
    ],
)
def test_damage_is_noticed_and_made_good(
    damage: Callable[[Path], None], pictures: tuple[Case, ...], folder: Path, decoded: list[str]
) -> None:
    cache_canvases(pictures, LOOK, folder)
    (path,) = _shelves(folder)
    damage(path)
    _expect(cache_canvases(pictures, LOOK, folder), pictures)
    assert not path.exists()
    decoded.clear()
    cache_canvases(pictures, LOOK, folder)
    _expect(cache_canvases(pictures, LOOK, folder), pictures)
    decoded.clear()
    _expect(cache_canvases(pictures, LOOK, folder), pictures)
    assert decoded == []


@pytest.mark.parametrize(
    "content", [b"", b"junk", b"[]", b'{"version": 1, "files": [1]}', b'{"version": 1, "files": {"a": 3}}']
)
def test_a_damaged_list_of_files_costs_only_time(
    content: bytes, pictures: tuple[Case, ...], folder: Path, decoded: list[str]
) -> None:
    cache_canvases(pictures, LOOK, folder)
    decoded.clear()
    (folder / "files.json").write_bytes(content)
    _expect(cache_canvases(pictures, LOOK, folder), pictures)
    assert decoded == []
    assert len(json.loads((folder / "files.json").read_bytes())["files"]) == len(pictures)


def test_a_full_disk_costs_the_cache_not_the_run(
    pictures: tuple[Case, ...], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(store, "write_shelf", full)
    cache = cache_canvases(pictures, LOOK, folder)
    _expect(cache, pictures)
    assert cache.note is not None
    assert "No space left on device" in cache.note
    assert cache.note.endswith(".")
    assert _shelves(folder) == []


def test_a_disk_that_gets_full_on_the_way_keeps_what_was_written(
    pictures: tuple[Case, ...], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "SHELF_CANVASES", 2)
    plain, calls = shelf.write_shelf, []

    def full_later(*arguments: Any) -> Any:
        calls.append(arguments)
        if len(calls) > 1:
            raise OSError(errno.ENOSPC, "No space left on device")
        return plain(*arguments)

    monkeypatch.setattr(store, "write_shelf", full_later)
    _expect(cache_canvases(pictures, LOOK, folder), pictures)
    assert len(_shelves(folder)) == 1
    assert len(calls) == 2  # a disk that is full is not tried again and again


def test_a_folder_that_cannot_be_written_costs_nothing_else(pictures: tuple[Case, ...], tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    cache = cache_canvases(pictures, LOOK, tmp_path / "file" / "canvases")
    _expect(cache, pictures)
    assert cache.note is not None


def test_neither_disk_nor_memory_is_a_sentence(
    pictures: tuple[Case, ...], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "LEAST_FREE_BYTES", 1 << 60)
    monkeypatch.setattr(store, "SPARE_MEMORY_BYTES", 1 << 60)
    with pytest.raises(DataError, match="Neither the disk nor the memory has room"):
        cache_canvases(pictures, LOOK, folder)


def test_the_disk_is_never_filled_to_the_brim(
    pictures: tuple[Case, ...], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "LEAST_FREE_BYTES", 1 << 60)
    cache = cache_canvases(pictures, LOOK, folder)
    _expect(cache, pictures)
    assert cache.note is not None
    assert _shelves(folder) == []


def test_the_longest_unused_goes_first(
    pictures: tuple[Case, ...], folder: Path, decoded: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = [Preprocessing(side_px=side) for side in (40, 41, 42)]
    for when, look in enumerate(looks[:2]):
        cache_canvases(pictures, look, folder)
        for path in _shelves(folder):
            if path.stat().st_mtime > 100:
                os.utime(path, (when, when))
    cache_canvases(pictures, looks[0], folder)  # used again: now the second is the longest unused
    room = sum(path.stat().st_size for path in _shelves(folder)) + 2_000  # two looks fit, three do not
    monkeypatch.setattr(store, "MOST_BYTES", room)
    in_use = cache_canvases(pictures, looks[1], folder)
    os.utime(next(path for path in _shelves(folder) if path.name.startswith(store.look_of(looks[1]))), (1, 1))
    _expect(cache_canvases(pictures, looks[2], folder), pictures, looks[2])
    assert sum(path.stat().st_size for path in _shelves(folder)) <= room
    kept = {path.name.partition("-")[0] for path in _shelves(folder)}
    assert kept == {store.look_of(looks[0]), store.look_of(looks[2])}
    _expect(in_use, pictures, looks[1])  # what was removed is still there for whoever uses it
    decoded.clear()
    cache_canvases(pictures, looks[0], folder)
    assert decoded == []


def test_what_a_killed_process_left_is_tidied(pictures: tuple[Case, ...], folder: Path) -> None:
    folder.mkdir()
    for name, age_s in (("old.1.part", 2 * store.LEFT_BEHIND_S), ("new.2.part", 0)):
        (folder / name).write_bytes(b"half a shelf")
        os.utime(folder / name, (os.stat(folder).st_mtime - age_s,) * 2)
    cache_canvases(pictures, LOOK, folder)
    assert [path.name for path in folder.glob("*.part")] == ["new.2.part"]


def test_reading_may_end_at_any_point_and_goes_on_there(
    pictures: tuple[Case, ...], folder: Path, decoded: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "TOLD_EVERY_S", 0.0)
    monkeypatch.setattr(reading, "AHEAD", 1)
    reads = read_canvases(pictures, LOOK, folder)
    assert [next(reads) for _ in range(3)] == [(1, 6), (2, 6), (3, 6)]
    reads.close()
    assert len(decoded) < 6
    decoded.clear()
    _expect(cache_canvases(pictures, LOOK, folder), pictures)
    assert sorted(decoded) == [case.image_path.name for case in pictures[3:]]


SECOND_PROCESS = """
import sys
from pathlib import Path
from trainer.canvases import cache_canvases
from trainer.cases import read_cases
from trainer.preprocess import Preprocessing
cases = read_cases(Path(sys.argv[1])).cases
print("ready", flush=True)
sys.stdin.readline()
for _ in range(3):
    cache = cache_canvases(cases, Preprocessing(side_px=32, network_px=32), Path(sys.argv[2]))
    print(len(cache.cases), cache.note, flush=True)
"""


def test_several_processes_may_use_it_at_once(data_set: Path, folder: Path) -> None:
    children = [
        subprocess.Popen(
            [sys.executable, "-c", SECOND_PROCESS, str(data_set), str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        )
        for _ in range(3)
    ]
    for child in children:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
    said = []
    for child in children:
        assert child.stdin is not None
        child.stdin.write("go\n")
        child.stdin.flush()
    for child in children:
        said.append(child.communicate(timeout=120)[0].splitlines())
        assert child.returncode == 0
    assert said == [["40 None"] * 3] * 3
    cases = read_cases(data_set).cases
    _expect(cache_canvases(cases, LOOK, folder), cases)
    assert list(folder.glob("*.part")) == []


def test_the_same_picture_is_kept_once_however_it_is_stored(
    pictures: tuple[Case, ...], folder: Path, tmp_path: Path
) -> None:
    from PIL import Image

    first = pictures[0]
    again = tmp_path / "again.tif"
    with Image.open(first.image_path) as image:
        image.save(again)
    copy = Case(case_id="copy", image_path=again, age_months=first.age_months)
    for _ in range(2):  # decoded, then found
        cache = cache_canvases([*pictures, copy], LOOK, folder).without_same_pictures()
        assert cache.cases == pictures
        assert [(row.case_id, row.reason, row.kind) for row in cache.dropped] == [
            ("copy", f"same picture as {first.case_id}", "same picture as another")
        ]


def test_some_of_the_cases_in_another_order(
    pictures: tuple[Case, ...], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "SHELF_CANVASES", 2)
    whole = cache_canvases(pictures, LOOK, folder)
    chosen = (pictures[5], pictures[0], pictures[3])
    some = whole.of([*chosen, Case(case_id="other", image_path=Path("x"), age_months=1.0)])
    _expect(some, chosen)
    np.testing.assert_array_equal(some.canvases[1:], np.asarray(some.canvases)[1:])
    assert some.canvases[3:].shape == (0, 32, 32)
    assert len(whole.of([]).canvases) == 0


def test_a_process_that_makes_batches_maps_the_files_itself(pictures: tuple[Case, ...], folder: Path) -> None:
    look = Preprocessing(side_px=512)
    cache = cache_canvases(pictures, look, folder)
    np.asarray(cache.canvases)
    assert len(bytes(ForkingPickler.dumps(cache))) < 100_000  # 1.5 MB of canvases stay where they are


def test_canvases_cannot_be_changed_by_accident(pictures: tuple[Case, ...], folder: Path) -> None:
    cache_canvases(pictures, LOOK, folder)
    canvas = cache_canvases(pictures, LOOK, folder).canvases[0]
    with pytest.raises(ValueError, match="read-only"):
        canvas[0, 0] = 1


def test_pixels_are_known_without_reading_a_picture(
    pictures: tuple[Case, ...], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert known_pixels(pictures, folder) == [None] * 6
    cache = cache_canvases(pictures[:4], LOOK, folder)

    def refuse(path: Path) -> None:
        raise RadiographError(f"{path.name} was read.")

    monkeypatch.setattr(reading, "read", refuse)
    assert known_pixels(pictures, folder) == [*cache.pixels, None, None]


def test_the_cache_is_the_users_own_and_private(
    pictures: tuple[Case, ...], own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cache_folder() == own_home / "cache" / "canvases"
    cache_canvases(pictures, LOOK)
    assert len(_shelves(cache_folder())) == 1
    assert cache_folder().stat().st_mode & 0o077 == 0
    kept = b"".join(path.read_bytes() for path in cache_folder().iterdir())
    assert str(pictures[0].image_path).encode() not in kept  # a folder may be named after a patient
    monkeypatch.delenv("BONEAGE_HOME")
    assert cache_folder().name == "canvases"
    assert "boneage" in str(cache_folder())


def test_the_folder_is_the_one_that_the_window_shows(own_home: Path) -> None:
    from boneage_gui import settings

    assert cache_folder().parent == settings.cache_folder()


def test_a_small_set_is_small(data_set: Path, folder: Path) -> None:
    cases = read_cases(data_set).cases
    cache_canvases(cases, small.config().preprocessing, folder)
    (path,) = _shelves(folder)
    assert path.stat().st_size < len(cases) * (32 * 32 + 300)
