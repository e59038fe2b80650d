"""One model's answers as plain values, and ``boneage evaluate RUN``, which writes them beside its run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.trainer import small
from tests.trainer.drawings import a_comparison
from trainer.__main__ import main
from trainer.cases import read_cases
from trainer.columns import Columns
from trainer.comparison import Comparison
from trainer.data_source import DataSource
from trainer.errors import DataError
from trainer.events import Preparing, from_json
from trainer.fit import fit
from trainer.measured import Measured, new_of
from trainer.run import Run

Capture = pytest.CaptureFixture[str]


def test_it_survives_its_json_and_says_its_error_with_the_interval() -> None:
    measured = new_of(a_comparison())
    written = json.loads(json.dumps(measured.to_json()))
    read = Measured.from_json(written)
    assert read.actual == pytest.approx(measured.actual, abs=0.001)
    assert read.model.predicted == pytest.approx(measured.model.predicted, abs=0.001)
    assert (read.case_ids, read.sexes, read.data) == (measured.case_ids, measured.sexes, measured.data)
    score = measured.score
    assert measured.sentence == (
        f"The mean error of improved is {score['mae_months']:.2f} months (95 % interval {score['mae_low']:.2f} to "
        f"{score['mae_high']:.2f}), on 60 held-out radiographs."
    )
    assert score["interval_covered"] == 0.9


@pytest.mark.parametrize(
    "change",
    [
        {"actual": [1.0]},
        {"actual": None},
        {"case_ids": [1] * 60},
        {"held_out": "yes"},
        {"model": {}},
        {"model": None},
        {"cautions": [7]},
        {"sexes": ["male"]},
        {"unheard": 1},
    ],
)
def test_what_is_damaged_is_refused(change: dict[str, Any]) -> None:
    values = {**json.loads(json.dumps(new_of(a_comparison()).to_json())), **change}
    with pytest.raises(DataError, match="damaged"):
        Measured.from_json(values)


@pytest.fixture
def run(small_backbone: None, data_set: Path, tmp_path: Path) -> Path:
    """A finished run that says where its radiographs lie."""
    folder = tmp_path / "run"
    config = small.config("improved", epochs=1)
    begun, training, validation = small.begin(folder, data_set, config)
    list(fit(config, training, validation, begun, data={"description": "a small set"}))
    (folder / "data.json").write_text(json.dumps(DataSource(data=data_set).to_json()))
    return folder


def test_a_run_is_measured_on_what_was_held_out_from_it(run: Path, data_set: Path, capsys: Capture) -> None:
    assert main(["evaluate", str(run), "--events"]) == 0
    *steps, last = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert all(isinstance(from_json(step), Preparing) for step in steps)
    assert last.pop("event") == "Measured"
    measured = Measured.from_json(last)
    test = Run(run).split(read_cases(data_set).cases).test
    assert measured.case_ids == tuple(case.case_id for case in test)
    assert measured.held_out
    assert "held-out test part" in measured.data
    assert json.loads((run / "evaluation.json").read_text()) == last
    assert main(["evaluate", str(run)]) == 0
    out = capsys.readouterr().out
    assert "held-out test part" in out
    assert "Research use, not a medical device." in out


def test_a_run_on_other_data_or_another_part_leaves_its_evaluation(
    run: Path, data_set: Path, tmp_path: Path, capsys: Capture
) -> None:
    assert main(["evaluate", str(run), str(data_set), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["n"] == 40  # all that was named, as for any model
    assert main(["evaluate", str(run), "--part", "training"]) == 0
    assert "the training part" in capsys.readouterr().out
    assert main(["evaluate", str(run), str(data_set), "--part", "validation"]) == 1
    assert "give their split with --split" in small.sentence(capsys)
    assert main(["evaluate", str(run), "--without-sex"]) == 0
    assert not (run / "evaluation.json").exists()


def test_a_run_without_a_model_or_data_says_so(run: Path, tmp_path: Path, capsys: Capture) -> None:
    (run / "data.json").unlink()
    assert main(["evaluate", str(run)]) == 1
    assert "data.json" in small.sentence(capsys)
    (run / "best.safetensors").unlink()
    assert main(["evaluate", str(run)]) == 1
    assert "no epoch has ended" in small.sentence(capsys)
    assert main(["evaluate", str(tmp_path / "gone")]) == 1
    assert "no folder or table" in small.sentence(capsys)


def test_a_run_is_measured_by_the_columns_it_was_trained_with(
    run: Path, data_set: Path, tmp_path: Path, capsys: Capture
) -> None:
    """Its table is a foreign one, its pictures lie elsewhere, and ages are in years."""
    rows = (data_set / "boneage-training-dataset.csv").read_text().splitlines()[1:]
    table = tmp_path / "foreign.csv"
    cells = [row.split(",") for row in rows]
    lines = [f"{name};{float(months) / 12!r};{'M' if male == 'True' else 'F'}" for name, months, male in cells]
    table.write_text("\n".join(["which;how old;gender", *lines]) + "\n")
    pictures = data_set / "boneage-training-dataset"
    columns = Columns(id="which", age="how old", age_unit="years", sex="gender")
    source = DataSource(data=table, columns=columns, pictures=pictures)
    assert main(["evaluate", str(run), "--events"]) == 0
    before = Measured.from_json(_last(capsys))
    (run / "data.json").write_text(json.dumps(source.to_json()))
    assert main(["evaluate", str(run), "--events"]) == 0
    after = Measured.from_json(_last(capsys))
    assert after.case_ids == before.case_ids
    assert after.actual == pytest.approx(before.actual, abs=0.01)
    assert after.model.predicted == pytest.approx(before.model.predicted, abs=0.002)
    options = ["--id-column", "which", "--age-column", "how old", "--age-unit", "years", "--pictures", str(pictures)]
    assert main(["evaluate", str(run), str(table), "--json", *options]) == 0
    assert json.loads(capsys.readouterr().out)["n"] == 40
    assert main(["compare", str(run), str(run), "--out", str(tmp_path / "out"), "--events"]) == 0
    assert len(Comparison.from_json(_last(capsys)).case_ids) == 4


def test_held_out_cases_that_are_gone_are_left_out_and_said(run: Path, data_set: Path, capsys: Capture) -> None:
    split = (run / "split.csv").read_text()
    (run / "split.csv").write_text(f"{split}9999,test\n")
    assert main(["evaluate", str(run), "--events"]) == 0
    measured = Measured.from_json(_last(capsys))
    assert len(measured.case_ids) == 4
    assert "no longer there and are left out: 1 (9999)" in measured.cautions[0]


def _last(capsys: Capture) -> dict[str, Any]:
    values: dict[str, Any] = json.loads(capsys.readouterr().out.splitlines()[-1])
    del values["event"]
    return values
