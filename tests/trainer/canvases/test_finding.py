"""Canvases: decoded once, found by content, dropped where they cannot be read or are another's."""

from __future__ import annotations

import os
from multiprocessing.reduction import ForkingPickler
from pathlib import Path

import numpy as np
import pytest

from tests.trainer.canvases.kept import LOOK, expect
from trainer.canvases import cache_canvases, known_pixels, read_canvases, reading, store
from trainer.cases import Case
from trainer.errors import DataError, RadiographError
from trainer.preprocess import Preprocessing


def test_a_picture_is_decoded_once_for_each_look(pictures: tuple[Case, ...], folder: Path, decoded: list[str]) -> None:
    expect(cache_canvases(pictures, LOOK, folder), pictures)
    assert sorted(decoded) == sorted(case.image_path.name for case in pictures)
    decoded.clear()
    expect(cache_canvases(pictures[::-1], LOOK, folder), pictures[::-1])
    network = Preprocessing(side_px=32, network_px=64, mean=0.1, normalisation="local")  # what comes after the canvas
    expect(cache_canvases(pictures[2:4], network, folder), pictures[2:4])
    assert decoded == []
    for look in (Preprocessing(side_px=48), Preprocessing(side_px=32, aspect="squash")):
        expect(cache_canvases(pictures, look, folder), pictures, look)
        assert len(decoded) == len(pictures)
        decoded.clear()


def test_only_what_is_new_is_decoded(pictures: tuple[Case, ...], folder: Path, decoded: list[str]) -> None:
    cache_canvases(pictures[:4], LOOK, folder)
    decoded.clear()
    expect(cache_canvases(pictures, LOOK, folder), pictures)
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
    expect(cache_canvases(moved, LOOK, folder), tuple(moved))
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
    expect(after, pictures[:1])
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
    expect(cache_canvases(pictures, LOOK, folder), pictures)
    assert sorted(decoded) == [case.image_path.name for case in pictures[3:]]


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
    expect(some, chosen)
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
