"""Which column means what, where options say so: on the command line as in the window."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.trainer import small
from trainer.__main__ import main
from trainer.columns import Columns, resolved
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
