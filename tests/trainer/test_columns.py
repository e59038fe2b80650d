"""Which column means what, where options say so: on the command line as in the window."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from tests.trainer import small
from trainer.__main__ import main
from trainer.columns import NONE, Columns, resolved
from trainer.data_summary import DataSummary
from trainer.errors import DataError

Capture = pytest.CaptureFixture[str]
NAMES = ("id", "file", "boneage", "male", "patient")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"id": "boneage"}, "“boneage” cannot be both case and bone age."),
        ({"path": "BoneAge"}, "“boneage” cannot be both picture file and bone age."),
        ({"sex": "boneage"}, "“boneage” cannot be both bone age and sex."),
        ({"patient": "male"}, "“male” cannot be both sex and patient."),
        ({"id": "patient", "patient": "patient"}, "“patient” cannot be both case and patient."),
    ],
)
def test_a_column_cannot_mean_two_things(given: dict[str, str], words: str) -> None:
    """A network that is told the age learns it to a hundredth of a month."""
    with pytest.raises(DataError, match=words) as caught:
        resolved(Columns(**given), NAMES, "t.csv")  # type: ignore[arg-type]
    assert str(caught.value).endswith("Its columns are: id, file, boneage, male, patient.")


def test_a_case_may_be_named_by_its_file() -> None:
    found = resolved(Columns(id="file", path="file"), NAMES, "t.csv")
    assert (found.id, found.path) == ("file", "file")


def test_no_training_is_told_the_age(data_set: Path, tmp_path: Path, capsys: Capture) -> None:
    run = tmp_path / "run"
    assert main(["fit", str(data_set), "--run-dir", str(run), "--sex-column=boneage"]) == 1
    assert "“boneage” cannot be both bone age and sex." in small.sentence(capsys)
    assert not run.exists()


@pytest.fixture
def of_patients(data_set: Path, tmp_path: Path) -> list[str]:
    """DATA whose column id is the patient's and file the picture's: two radiographs of each; and where they lie."""
    with (data_set / "boneage-training-dataset.csv").open(newline="") as file:
        rows = [[f"P{n // 2}", row["id"], row["boneage"], row["male"]] for n, row in enumerate(csv.DictReader(file))]
    with (tmp_path / "ages.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["id", "file", "boneage", "male"], *rows])
    return [str(tmp_path / "ages.csv"), f"--pictures={data_set / 'boneage-training-dataset'}"]


@pytest.mark.parametrize(
    "options",
    [
        ["--patient-column=id", "--path-column=file"],
        ["--patient-column=id"],
        ["--id-column=none", "--patient-column=id"],
        ["--id-column=file", "--patient-column=id"],
    ],
)
def test_a_column_of_ids_may_be_that_of_the_patients(
    options: list[str], of_patients: list[str], capsys: Capture
) -> None:
    assert main(["clean", *of_patients, *options, "--side-px=32", "--json"]) == 0
    summary = DataSummary.from_json(json.loads(capsys.readouterr().out))
    assert (summary.kept, summary.patients, summary.dropped) == (40, 20, {})


def test_without_a_case_or_a_file_it_is_asked_for(of_patients: list[str], capsys: Capture) -> None:
    assert main(["clean", *of_patients, "--id-column=none", "--path-column=none", "--json"]) == 1
    assert "no column that names the radiographs" in small.sentence(capsys)
    assert main(["clean", *of_patients, "--id-column=None", "--json", "--side-px=32"]) == 0
    assert DataSummary.from_json(json.loads(capsys.readouterr().out)).patients is None


def test_what_is_named_for_one_thing_is_not_proposed_for_another() -> None:
    found = resolved(Columns(id="patient"), NAMES, "t.csv")  # pictures that bear the patient's number
    assert (found.id, found.path, found.patient) == ("patient", NONE, None)
    with pytest.raises(DataError, match="“id” cannot be both case and patient"):
        resolved(Columns(patient="id"), ("id", "boneage", "male"), "t.csv")  # then nothing would name the pictures
