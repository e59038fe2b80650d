"""``boneage report``: rows on the terminal, a status that tells of refusals, models and references by name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from boneage_gui import command_line
from tests.gui.clinic.radiograph_folder import folder, table_in
from tests.gui.fakes import FakeModels, expected_months
from trainer.radiograph import Sex, read

__all__ = ["folder"]


def test_the_command_prints_rows_and_says_by_its_status_that_one_was_refused(
    folder: Path, tmp_path: Path, fake_models: FakeModels, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    arguments = ["report", str(folder), "--out", str(out), "--no-pdf", "--sex", "female", "--xlsx"]
    assert command_line.main([*arguments, "--json"]) == 1
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(rows) == 7
    told = next(row for row in rows if row["file"] == "a/hand.png")
    assert (told["sex"], told["sex_from"], told["refused"]) == ("female", "told", None)
    assert told["age_months"] == pytest.approx(expected_months(read(folder / "a" / "hand.png"), Sex.FEMALE), abs=1e-3)
    assert {path.name for path in out.iterdir()} >= {"bone-age.csv", "bone-age.xlsx"}
    (folder / "broken.dcm").unlink()
    assert command_line.main(arguments) == 0
    said = capsys.readouterr().out
    assert "6 read, 0 refused" in said
    assert "Nobody has confirmed these readings." in said
    assert said.count("(was there)") == 6


def test_the_command_knows_models_and_references(
    folder: Path, tmp_path: Path, fake_models: FakeModels, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["report", str(folder), "--out", str(tmp_path / "out"), "--no-pdf"]
    assert command_line.main([*arguments, "--model", "baseline", "--reference", "greulich-pyle"]) == 1
    assert {(row["model"], row["reference"][:14]) for row in table_in(tmp_path / "out")} == {
        ("baseline", "Greulich-Pyle ")
    }
    assert command_line.main([*arguments, "--model", "nothing"]) == 1
    assert "no model file nothing" in capsys.readouterr().err
