"""Whether a model has seen radiographs before, however their table spells the ids."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import pytest

from tests.trainer import small
from trainer.__main__ import main
from trainer.history import read_history
from trainer.split import PARTS

pytestmark = pytest.mark.usefixtures("small_backbone")
Capture = pytest.CaptureFixture[str]
TINY = [f"--{name.replace('_', '-')}={value}" for name, value in small.SMALL_CHOICES.items() if name != "epochs"]


def _fit(data: Path, folder: Path, *options: str) -> Path:
    assert main(["fit", str(data), "--run-dir", str(folder), "--model=baseline", "--epochs=1", *TINY, *options]) == 0
    return folder


@pytest.fixture
def data(data_set: Path, tmp_path: Path) -> Path:
    """The forty pictures as a set of our own, beside which other tables may lie."""
    return shutil.copytree(data_set, tmp_path / "data")


def _spelled(data: Path, column: str, spelling: str, table: Path) -> Path:
    """Write the set's table once more, its ids under another column and in another spelling."""
    with (data / "boneage-training-dataset.csv").open(newline="") as file:
        rows = [[spelling.format(row["id"]), row["boneage"], row["male"]] for row in csv.DictReader(file)]
    with table.open("w", newline="") as file:
        csv.writer(file).writerows([[column, "boneage", "male"], *rows])
    return table


SPELLINGS = [("file", "{}.png"), ("path", "boneage-training-dataset/{}.png"), ("id", "{}.png")]


@pytest.mark.parametrize(("column", "spelling"), SPELLINGS)
def test_a_model_in_use_is_not_held_to_what_it_was_trained_on_under_other_ids(
    column: str, spelling: str, data: Path, tmp_path: Path, capsys: Capture
) -> None:
    used = _fit(data, tmp_path / "used")
    new = _fit(_spelled(data, column, spelling, data / "other.csv"), tmp_path / "new", "--split-seed=1")
    capsys.readouterr()
    assert main(["compare", str(new), str(used)]) == 1  # the pictures are known by their pixels
    assert "The model in use (baseline) was trained on" in small.sentence(capsys)
    assert main(["evaluate", str(used), str(data / "other.csv")]) == 0
    assert "Note: Baseline was trained on 32 of these 40 radiographs" in capsys.readouterr().out


def test_names_alone_are_a_caution(data: Path, tmp_path: Path, capsys: Capture) -> None:
    """Other pictures, which this computer has not read before, so that nothing but their names can be compared."""
    used = _fit(data, tmp_path / "used")
    others = small.write_data_set(tmp_path / "others", count=12)
    table = _spelled(others, "file", "{}.png", others / "other.csv")
    capsys.readouterr()
    assert main(["evaluate", str(used), str(table)]) == 0
    assert "of these radiographs bear the ids of some that baseline was trained on" in capsys.readouterr().out


def test_where_nothing_matches_it_is_said_that_nobody_knows(data: Path, tmp_path: Path, capsys: Capture) -> None:
    used = _fit(data, tmp_path / "used")
    others = small.write_data_set(tmp_path / "others", count=12)
    for picture in (others / "boneage-training-dataset").iterdir():
        picture.rename(picture.with_name(f"hand{picture.name}"))
    table = _spelled(others, "id", "hand{}", others / "other.csv")
    capsys.readouterr()
    said = "It is not known whether {} was trained on some of these radiographs"
    assert main(["evaluate", str(used), str(table)]) == 0
    assert said.format("baseline") in capsys.readouterr().out
    assert main(["compare", str(used), str(used), str(table), "--out", str(tmp_path / "out")]) == 0
    out = capsys.readouterr().out
    assert said.format("the model in use (baseline)") in out
    assert "on 12 radiographs;" in out  # not called held out


def test_the_run_itself_knows_its_own_table_read_by_another_column(data: Path, tmp_path: Path, capsys: Capture) -> None:
    table = data / "boneage-training-dataset.csv"
    with table.open(newline="") as file:
        rows = [{**row, "file": f"{row['id']}.png"} for row in csv.DictReader(file)]
    with table.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    used = _fit(data, tmp_path / "used", "--id-column=id")
    capsys.readouterr()
    assert main(["evaluate", str(used), str(data), "--id-column=file"]) == 0
    assert "Note: Baseline was trained on 32 of these 40 radiographs" in capsys.readouterr().out


def test_patients_in_several_parts_are_said_wherever_the_split_is_used(
    data: Path, tmp_path: Path, capsys: Capture
) -> None:
    """A fixed split may part them; neither the run's log nor a score on it is silent about it."""
    table = data / "boneage-training-dataset.csv"
    head, *rows = table.read_text().splitlines()
    table.write_text("\n".join([f"{head},patient", *(f"{row},P{number // 2}" for number, row in enumerate(rows))]))
    split = tmp_path / "mine.csv"
    split.write_text("id,part\n" + "".join(f"{1000 + number},{PARTS[number % 3]}\n" for number in range(40)))
    run = _fit(data, tmp_path / "run", f"--split={split}")
    _fit(data, run, f"--split={split}")  # goes on: it is recorded once
    said = "Patients in more than one part of the split: 20. A test on them may flatter the model."
    assert read_history(run).notes == (said,)
    capsys.readouterr()
    for command in (["evaluate", str(run)], ["compare", str(run), str(run)]):
        assert main([*command, "--events"]) == 0
        assert said in json.loads(capsys.readouterr().out.splitlines()[-1])["cautions"], command
