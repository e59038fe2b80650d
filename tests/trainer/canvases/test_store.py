"""Where canvases are kept: checked, bounded, shared by processes, private; a full disk costs nothing else."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.trainer import small
from tests.trainer.canvases.kept import LOOK, expect, shelves
from trainer.canvases import cache_canvases, cache_folder, known_pixels, shelf, store
from trainer.cases import Case, read_cases
from trainer.errors import DataError
from trainer.preprocess import Preprocessing


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
    (path,) = shelves(folder)
    damage(path)
    expect(cache_canvases(pictures, LOOK, folder), pictures)
    assert not path.exists()
    decoded.clear()
    cache_canvases(pictures, LOOK, folder)
    expect(cache_canvases(pictures, LOOK, folder), pictures)
    decoded.clear()
    expect(cache_canvases(pictures, LOOK, folder), pictures)
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
    expect(cache_canvases(pictures, LOOK, folder), pictures)
    assert decoded == []
    assert len(json.loads((folder / "files.json").read_bytes())["files"]) == len(pictures)


@pytest.mark.parametrize(
    "wrong",
    [
        {"entries": [{"content": {}, "pixels": "b", "checksum": 1}]},
        {"entries": [{"content": "a", "pixels": "b", "checksum": "c"}]},
        {"shape": [1.0, 32, 32]},
        {"shape": [1, -32, -32]},
    ],
)
def test_a_shelf_that_says_what_none_would_is_removed_and_made_good(
    wrong: dict[str, object], pictures: tuple[Case, ...], folder: Path
) -> None:
    cache_canvases(pictures[:1], LOOK, folder)
    (path,) = shelves(folder)
    head, canvases = path.read_bytes().split(b"\n", 1)
    path.write_bytes(json.dumps({**json.loads(head), **wrong}).encode() + b"\n" + canvases)
    assert known_pixels(pictures[:1], folder) == [None]
    expect(cache_canvases(pictures[:1], LOOK, folder), pictures[:1])
    assert len(shelves(folder)) == 1


def test_a_full_disk_costs_the_cache_not_the_run(
    pictures: tuple[Case, ...], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(store, "write_shelf", full)
    cache = cache_canvases(pictures, LOOK, folder)
    expect(cache, pictures)
    assert cache.note is not None
    assert "No space left on device" in cache.note
    assert cache.note.endswith(".")
    assert shelves(folder) == []


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
    expect(cache_canvases(pictures, LOOK, folder), pictures)
    assert len(shelves(folder)) == 1
    assert len(calls) == 2  # a disk that is full is not tried again and again


def test_a_folder_that_cannot_be_written_costs_nothing_else(pictures: tuple[Case, ...], tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    cache = cache_canvases(pictures, LOOK, tmp_path / "file" / "canvases")
    expect(cache, pictures)
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
    expect(cache, pictures)
    assert cache.note is not None
    assert shelves(folder) == []


def test_the_longest_unused_goes_first(
    pictures: tuple[Case, ...], folder: Path, decoded: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = [Preprocessing(side_px=side) for side in (40, 41, 42)]
    for when, look in enumerate(looks[:2]):
        cache_canvases(pictures, look, folder)
        for path in shelves(folder):
            if path.stat().st_mtime > 100:
                os.utime(path, (when, when))
    cache_canvases(pictures, looks[0], folder)  # used again: now the second is the longest unused
    room = sum(path.stat().st_size for path in shelves(folder)) + 2_000  # two looks fit, three do not
    monkeypatch.setattr(store, "MOST_BYTES", room)
    in_use = cache_canvases(pictures, looks[1], folder)
    os.utime(next(path for path in shelves(folder) if path.name.startswith(store.look_of(looks[1]))), (1, 1))
    expect(cache_canvases(pictures, looks[2], folder), pictures, looks[2])
    assert sum(path.stat().st_size for path in shelves(folder)) <= room
    kept = {path.name.partition("-")[0] for path in shelves(folder)}
    assert kept == {store.look_of(looks[0]), store.look_of(looks[2])}
    expect(in_use, pictures, looks[1])  # what was removed is still there for whoever uses it
    decoded.clear()
    cache_canvases(pictures, looks[0], folder)
    assert decoded == []


def test_what_a_killed_process_left_is_tidied(pictures: tuple[Case, ...], folder: Path) -> None:
    """What one that runs has begun is not, however old a clock that was set forward makes it."""
    folder.mkdir()
    used = f"used.{os.getppid()}.part"
    for name, age_s in (("old.999999999.part", 2 * store.LEFT_BEHIND_S), (used, 1e9), ("new.999999998.part", 0)):
        (folder / name).write_bytes(b"half a shelf")
        os.utime(folder / name, (os.stat(folder).st_mtime - age_s,) * 2)
    cache_canvases(pictures, LOOK, folder)
    assert {path.name for path in folder.glob("*.part")} == {"new.999999998.part", used}


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
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
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
    expect(cache_canvases(cases, LOOK, folder), cases)
    assert list(folder.glob("*.part")) == []


def test_the_cache_is_the_users_own_and_private(
    pictures: tuple[Case, ...], own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cache_folder() == own_home / "cache" / "canvases"
    cache_canvases(pictures, LOOK)
    assert len(shelves(cache_folder())) == 1
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
    (path,) = shelves(folder)
    assert path.stat().st_size < len(cases) * (32 * 32 + 300)
