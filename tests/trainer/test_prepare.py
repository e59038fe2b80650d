"""From a table to split cases with their canvases; runs that were begun before something changed."""

from __future__ import annotations

import csv
import json
import shutil
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.trainer import small
from trainer.cases import Case, read_cases
from trainer.columns import Columns
from trainer.data_source import DataSource, read_source
from trainer.data_summary import DataSummary
from trainer.errors import DataError
from trainer.events import Note, Preparing
from trainer.held_out import seen_by
from trainer.prepare import Prepared, prepare
from trainer.preprocess import Preprocessing
from trainer.split import PARTS, RULES, split_cases, write_split

LOOK = Preprocessing(side_px=32, network_px=32)


@pytest.fixture
def data(data_set: Path, tmp_path: Path) -> Path:
    """The forty pictures as a set of our own, which may be changed."""
    return shutil.copytree(data_set, tmp_path / "data")


def _rows(data: Path) -> list[list[str]]:
    with (data / "boneage-training-dataset.csv").open(newline="") as file:
        return list(csv.reader(file))


def _write(data: Path, rows: list[list[str]]) -> None:
    with (data / "boneage-training-dataset.csv").open("w", newline="") as file:
        csv.writer(file).writerows(rows)


def _picture(data: Path, case_id: str) -> Path:
    return data / "boneage-training-dataset" / f"{case_id}.png"


def _add(data: Path, case_id: str, *, as_of: str, suffix: str = ".png") -> None:
    """Add a case whose picture has the pixels of another's, in a file of other bytes."""
    with Image.open(_picture(data, as_of)) as image:
        choices: dict[str, Any] = {"compress_level": 1} if suffix == ".png" else {}
        image.save(_picture(data, case_id).with_suffix(suffix), **choices)
    _write(data, [*_rows(data), [case_id, "100", "True"]])


def _prepare(source: DataSource | Path, **choices: Any) -> tuple[Prepared, list[Preparing | Note]]:
    source = source if isinstance(source, DataSource) else DataSource(data=source)
    preparing, events = prepare(source, LOOK, **{"split_seed": 0, **choices}), []
    while True:
        try:
            events.append(next(preparing))
        except StopIteration as end:
            return end.value, events


def _parts(prepared: Prepared) -> dict[str, str]:
    return {case.case_id: part for part in PARTS for case in prepared.split.part(part)}


def test_a_picture_under_two_ids_is_in_one_part(data: Path) -> None:
    for index in range(20):
        _add(data, f"{2000 + index}", as_of=f"{1000 + index}", suffix=".png" if index % 2 else ".tif")
    prepared, events = _prepare(data)
    assert sorted(_parts(prepared)) == [str(1000 + index) for index in range(40)]
    assert [(row.case_id, row.reason) for row in prepared.table.dropped] == [
        (f"{2000 + index}", f"same picture as {1000 + index}") for index in range(20)
    ]
    assert prepared.split.fingerprint == split_cases(read_cases(data).cases[:40], seed=0).fingerprint
    for part, cache in (("training", prepared.training), ("validation", prepared.validation)):
        assert cache.cases == prepared.split.part(part)  # type: ignore[arg-type]
        assert len(cache.canvases) == len(cache.cases)
    told = [event for event in events if isinstance(event, Preparing)]
    assert (told[0].what, told[-1].done, told[-1].total) == ("reading the table", 60, 60)


def test_every_row_ends_up_somewhere(data: Path) -> None:
    _picture(data, "1003").write_bytes(b"\x89PNG\r\n\x1a\n")
    _picture(data, "1004").unlink()
    _add(data, "2000", as_of="1005")
    _write(data, [*_rows(data), ["1006", "60", "True"], ["2001", "300", "True"], ["2002", "", "True"]])
    prepared, _ = _prepare(data)
    summary = DataSummary.of(prepared)
    assert summary.rows == 44 == summary.kept + sum(summary.dropped.values())
    assert summary.dropped == {
        "no picture": 1,
        "duplicate id": 1,
        "age outside 0 to 19 years": 1,
        "no age": 1,
        "unreadable picture": 1,
        "same picture as another": 1,
    }
    assert dict(summary.dropped_rows)["1003"].startswith("unreadable picture: 1003.png is truncated or damaged")
    assert summary.training + summary.validation + summary.test == summary.kept == 38
    assert sum(len(ages) for ages in summary.ages_by_sex.values()) == 38
    assert summary.patients is None
    ages = [sample.age_months for sample in summary.samples]
    everyone = [case.age_months for case in prepared.table.cases]
    assert (len(ages), ages[0], ages[-1]) == (12, min(everyone), max(everyone))
    assert ages == sorted(set(ages))
    assert all(sample.path.is_file() for sample in summary.samples)
    assert DataSummary.from_json(json.loads(json.dumps(summary.to_json()))) == summary


def test_a_summary_of_a_few_and_of_patients(data: Path) -> None:
    rows = _rows(data)
    _write(data, [[*rows[0], "patient"], *([*row, f"P{index // 2}"] for index, row in enumerate(rows[1:27]))])
    prepared, _ = _prepare(data)
    assert DataSummary.of(prepared).patients == 13
    of_patient: dict[str | None, set[str]] = {}
    for part in PARTS:
        for case in prepared.split.part(part):
            of_patient.setdefault(case.patient_key, set()).add(part)
    assert all(len(parts) == 1 for parts in of_patient.values())


@pytest.mark.parametrize("values", [{}, [], None, {"samples": 3}, {"samples": [[1]], "ages_by_sex": {}}])
def test_a_damaged_summary_is_a_sentence(values: Any) -> None:
    with pytest.raises(DataError, match="summary"):
        DataSummary.from_json(values)


def test_a_run_of_before_goes_on_with_its_own_split_and_canvases(data: Path, tmp_path: Path) -> None:
    """Runs begun when pictures under two ids were kept, in both parts: they go on as they began."""
    for index in range(8):
        _add(data, f"{2000 + index}", as_of=f"{1000 + index}")
    recorded = tmp_path / "split.csv"
    old = split_cases(read_cases(data).cases, seed=0)
    write_split(old, recorded)
    prepared, events = _prepare(data, recorded_split=recorded)
    assert prepared.split == old
    assert prepared.training.cases == old.training
    assert prepared.validation.cases == old.validation
    assert prepared.facts()["split_sha256"] == old.fingerprint
    assert (prepared.facts()["cases"], prepared.facts()["dropped"]) == (48, 0)
    assert not any(isinstance(event, Note) for event in events)
    assert any(
        isinstance(event, Preparing) and event.total == len(old.training) + len(old.validation) for event in events
    )


def test_a_run_goes_on_where_cases_came_and_went(data: Path, tmp_path: Path) -> None:
    begun, _ = _prepare(data)
    recorded = tmp_path / "split.csv"
    write_split(begun.split, recorded)
    again, events = _prepare(data, recorded_split=recorded)
    assert again.facts() == begun.facts()
    assert not any(isinstance(event, Note) for event in events)
    gone = begun.training.cases[3].case_id
    _picture(data, gone).unlink()
    shutil.copy(_picture(data, "1000"), _picture(data, "3000"))
    Image.fromarray(np.full((40, 40), 77, dtype=np.uint8)).save(_picture(data, "3000"))
    _write(data, [*_rows(data), ["3000", "100", "True"]])
    prepared, events = _prepare(data, recorded_split=recorded)
    assert [event.message for event in events if isinstance(event, Note)] == [
        f"Radiographs of the split that are no longer there and are left out: 1 ({gone})."
    ]
    assert prepared.training.cases == tuple(case for case in begun.training.cases if case.case_id != gone)
    assert prepared.validation.cases == begun.validation.cases
    assert "3000" not in _parts(prepared)
    assert prepared.split.fingerprint == begun.split.fingerprint


def test_a_fixed_split_places_what_is_there(data: Path, tmp_path: Path) -> None:
    _add(data, "2000", as_of="1001")
    _picture(data, "1002").unlink()
    path = tmp_path / "mine.csv"
    lines = [f"{1000 + index},{PARTS[index % 3]}" for index in range(30)]
    path.write_text("\ufeffid,part\n" + "\n".join([*lines, "2000,test", "nowhere,test"]) + "\n")
    prepared, events = _prepare(DataSource(data=data, split=path))
    assert _parts(prepared) == {str(1000 + index): PARTS[index % 3] for index in range(30) if index != 2}
    reasons = {row.case_id: row.reason for row in prepared.table.dropped}
    assert reasons.pop("1002") == "no picture"
    assert reasons.pop("2000") == "same picture as 1001"
    assert reasons == {str(1000 + index): "not in the split" for index in range(30, 40)}
    assert [event.message for event in events if isinstance(event, Note)] == [
        "Radiographs of the split that are no longer there and are left out: 1 (nowhere)."
    ]
    written = tmp_path / "split.csv"
    write_split(prepared.split, written)
    again, _ = _prepare(DataSource(data=data, split=path), recorded_split=written)
    assert again.split.fingerprint == prepared.split.fingerprint  # what the card says is what the run folder proves


def test_a_fixed_split_may_part_a_patient_but_not_silently(data: Path, tmp_path: Path) -> None:
    rows = _rows(data)
    _write(data, [[*rows[0], "patient"], *([*row, f"P{index // 2}"] for index, row in enumerate(rows[1:]))])
    path = tmp_path / "mine.csv"
    path.write_text("id,part\n" + "".join(f"{1000 + index},{PARTS[index % 3]}\n" for index in range(40)))
    prepared, events = _prepare(DataSource(data=data, split=path))
    (note,) = [event.message for event in events if isinstance(event, Note)]
    assert "more than one part of the split: 20" in note
    summary = DataSummary.of(prepared)
    assert summary.notes == (note,)
    assert DataSummary.from_json(json.loads(json.dumps(summary.to_json()))) == summary


def test_preparing_may_be_stopped(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fixture that forbids dangling threads looks on."""
    monkeypatch.setattr("trainer.canvases.reading.TOLD_EVERY_S", 0.0)
    with closing(prepare(DataSource(data=data), LOOK, split_seed=0)) as preparing:
        told = [next(preparing) for _ in range(5)]
    assert isinstance(told[-1], Preparing)
    assert 0 < told[-1].done < 40


def test_sources_of_before_are_read_and_later_ones_survive(tmp_path: Path) -> None:
    (tmp_path / "data.json").write_text(json.dumps({"data": "/x", "split": None, "description": "d"}))
    old = read_source(tmp_path)
    assert old == DataSource(data=Path("/x"), description="d")
    assert old.same_cases(DataSource(data=Path("/x")))
    source = DataSource(
        data=tmp_path / "t.csv", columns=Columns(id="Nr", sex=""), pictures=tmp_path, split=tmp_path / "s.csv"
    )
    (tmp_path / "data.json").write_text(json.dumps(source.to_json()))
    assert read_source(tmp_path) == source
    assert not source.same_cases(replace(source, columns=Columns()))
    damaged: list[Any] = [{"data": "/x", "columns": 3}, {"data": "/x", "columns": {"hue": "x"}}, {"data": 3}, []]
    for broken in damaged:
        (tmp_path / "data.json").write_text(json.dumps(broken))
        with pytest.raises(DataError):
            read_source(tmp_path)


def _model(split_sha256: str, split_seed: int = 0) -> Any:
    return small.card(data={"split_seed": split_seed, "split_sha256": split_sha256})


def test_a_models_split_is_known_again_with_and_without_double_pictures(data: Path, tmp_path: Path) -> None:
    for index in range(5):
        _add(data, f"{2000 + index}", as_of=f"{1000 + index}")
    _picture(data, "1030").write_bytes(b"\x89PNG\r\n\x1a\n")
    cases = read_cases(data).cases
    prepared, _ = _prepare(data)
    everything = split_cases(cases, seed=0).fingerprint
    assert everything != prepared.split.fingerprint
    by_rule = [(3, split_cases(cases, seed=3, rule=rule).fingerprint, 45) for rule in RULES]
    assert by_rule[0] != by_rule[1]
    for seed, fingerprint, count in ((0, everything, 45), (0, prepared.split.fingerprint, 39), *by_rule):
        seen = seen_by(_model(fingerprint, seed), tmp_path / "m.safetensors", cases=cases, data=data, split=None)
        assert seen is not None
        assert len(seen.parts) == count
    assert seen_by(_model("0" * 64), tmp_path / "m.safetensors", cases=cases, data=data, split=None) is None
    few: list[Case] = list(cases[:9])
    assert seen_by(_model(everything), tmp_path / "m.safetensors", cases=few, data=data, split=None) is None


@pytest.mark.parametrize("left_out", ["training", "validation"])
def test_a_fixed_split_without_a_part_is_refused_before_a_picture_is_read(
    data: Path, tmp_path: Path, left_out: str
) -> None:
    path = tmp_path / "mine.csv"
    parts = [part for part in PARTS if part != left_out]
    path.write_text("id,part\n" + "".join(f"{1000 + index},{parts[index % 2]}\n" for index in range(40)))
    with closing(prepare(DataSource(data=data, split=path), LOOK, split_seed=0)) as preparing:
        assert next(preparing)
        with pytest.raises(DataError, match=f"no radiograph for {left_out}"):
            next(preparing)


def test_a_part_of_which_no_picture_can_be_read_is_refused(data: Path, tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("id,part\n1000,validation\n" + "".join(f"{1000 + index},training\n" for index in range(1, 40)))
    _picture(data, "1000").write_bytes(b"\x89PNG\r\n\x1a\n")
    with pytest.raises(DataError, match="no radiograph for validation"):
        _prepare(DataSource(data=data, split=path))
