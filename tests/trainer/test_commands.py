"""``boneage``: the formats others build on, and errors as one sentence."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import resources
from tests import factories
from tests.trainer import small
from trainer.__main__ import main
from trainer.card import read_card
from trainer.orientation.upright import UNCERTAIN

pytestmark = pytest.mark.usefixtures("small_backbone", "open_gate")
Capture = pytest.CaptureFixture[str]
ROOT = Path(__file__).parents[2]
PREDICT_FIELDS = [
    "file",
    "age_months",
    "low_months",
    "high_months",
    "coverage",
    "sex",
    "model",
    "model_sha256",
    "cautions",
    "refused",
    "elapsed_s",
]
EVALUATE_FIELDS = {
    "n",
    "mae_months",
    "mae_low",
    "mae_high",
    "rmse_months",
    "bias_months",
    "within_12",
    "by_sex",
    "by_age",
}


@pytest.fixture
def png(tmp_path: Path) -> Path:
    return factories.write_png(tmp_path / "hand.png", factories.hand())


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small_backbone: None) -> Path:
    """A resources folder with a default model and another."""
    folder = tmp_path / "shipped"
    (folder / "models").mkdir(parents=True)
    monkeypatch.setattr(resources, "FOLDER", folder)
    small.write_model(folder / "models" / "baseline.safetensors", "baseline", name="baseline")
    return small.write_model(folder / "models" / "improved-sex.safetensors", name="improved-sex")


def _rows(capsys: Capture) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_predict_prints_one_object_a_line_and_goes_on_after_a_bad_file(
    model_file: Path, png: Path, tmp_path: Path, capsys: Capture
) -> None:
    bad = tmp_path / "notes.txt"
    bad.write_text("not a radiograph")
    strip = factories.write_png(tmp_path / "strip.png", np.zeros((10, 900), dtype=np.uint8))
    files = [png, bad, tmp_path / "missing.dcm", strip, tmp_path, png]
    assert main(["predict", "--json", "--model", str(model_file), "--sex", "female", *map(str, files)]) == 1
    rows = _rows(capsys)
    assert [list(row) for row in rows] == [PREDICT_FIELDS] * 6
    assert [row["file"] for row in rows] == [str(file) for file in files]
    card = read_card(model_file)
    for row in rows:
        assert (row["model"], row["model_sha256"]) == (card.name, card.weights_sha256)
    for row in (rows[0], rows[5]):
        assert row["refused"] is None
        assert row["low_months"] <= row["age_months"] <= row["high_months"]
        assert (row["coverage"], row["sex"], row["cautions"]) == (0.9, "female", [UNCERTAIN])  # a drawing of stripes
        assert row["elapsed_s"] > 0
    for row in rows[1:5]:
        assert row["refused"].endswith(".")
        assert [row[name] for name in ("age_months", "low_months", "high_months", "elapsed_s")] == [None] * 4
    assert main(["predict", "--json", "--model", str(model_file), str(png)]) == 0


def test_predict_takes_the_sex_from_the_header_first_and_never_guesses(
    model_file: Path, png: Path, tmp_path: Path, capsys: Capture
) -> None:
    male = factories.write_dicom(tmp_path / "m.dcm", factories.hand(), PatientSex="M")
    assert main(["predict", "--json", "--model", str(model_file), "--sex", "female", str(male), str(png)]) == 0
    assert [row["sex"] for row in _rows(capsys)] == ["male", "female"]
    assert main(["predict", "--json", "--model", str(model_file), str(male), str(png)]) == 0
    rows = _rows(capsys)
    assert [row["sex"] for row in rows] == ["male", None]
    assert any("Sex was not given" in caution for caution in rows[1]["cautions"])


@pytest.mark.parametrize(
    "name", ["two\nlines.png", "gnp.\u202edrac.png", "tab\t\x1b[31mred.png", "ü 手.png", "\udcff.png"]
)
def test_predict_survives_any_file_name(model_file: Path, tmp_path: Path, name: str, capsys: Capture) -> None:
    path = factories.write_png(tmp_path / name, factories.hand())
    assert main(["predict", "--json", "--model", str(model_file), str(path)]) == 0
    (row,) = _rows(capsys)
    assert row["file"] == str(path)
    for content in (path.read_bytes(), b"broken"):
        path.write_bytes(content)
        main(["predict", "--model", str(model_file), str(path)])
        lines = capsys.readouterr().out.splitlines()
        assert len(lines) == 3
        assert all(line.isprintable() for line in lines)


def test_predict_as_a_table_says_years_interval_and_research_use(model_file: Path, png: Path, capsys: Capture) -> None:
    assert main(["predict", "--model", str(model_file), "--sex", "male", str(png)]) == 0
    out = capsys.readouterr().out
    assert " years " in out
    assert "90% interval" in out
    assert "Research use, not a medical device." in out


def test_a_shipped_name_a_file_or_the_default(shipped: Path, png: Path, capsys: Capture) -> None:
    for chosen, expected in (([], "improved-sex"), (["--model", "baseline"], "baseline")):
        assert main(["predict", "--json", *chosen, str(png)]) == 0
        assert _rows(capsys)[0]["model"] == expected
    assert main(["predict", "--json", "--model", str(shipped), str(png)]) == 0
    assert _rows(capsys)[0]["model"] == "improved-sex"


def test_evaluate_prints_the_agreed_object_for_a_folder_and_a_table(
    model_file: Path, data_set: Path, capsys: Capture
) -> None:
    for data in (data_set, data_set / "boneage-training-dataset.csv"):
        assert main(["evaluate", str(model_file), str(data), "--json"]) == 0
        (score,) = _rows(capsys)
        assert set(score) >= EVALUATE_FIELDS
        assert score["n"] == 40
        assert score["mae_low"] <= score["mae_months"] <= score["mae_high"]
        assert set(score["by_sex"]) == {"female", "male"}
        assert sum(row["n"] for row in score["by_age"].values()) == 40
        for row in (*score["by_sex"].values(), *score["by_age"].values()):
            assert set(row) >= EVALUATE_FIELDS - {"by_sex", "by_age"}


def test_evaluate_with_one_argument_scores_the_default_model(
    shipped: Path, data_set: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = data_set / "boneage-training-dataset.csv"
    assert main(["evaluate", str(shipped), str(data_set), "--json"]) == 0
    (expected,) = _rows(capsys)
    monkeypatch.chdir(data_set.parent)
    for arguments in (
        [str(data_set), "--json"],
        ["--json", str(data_set)],
        [str(table), "--json"],
        [data_set.name, "--json"],
        ["improved-sex", data_set.name, "--json"],
        [f"./{data_set.name}/{table.name}", "--json"],
    ):
        assert main(["evaluate", *arguments]) == 0
        assert _rows(capsys) == [expected]
    monkeypatch.chdir(data_set)
    assert main(["evaluate", ".", "--json"]) == 0
    assert _rows(capsys) == [expected]


def test_evaluate_as_a_table_and_without_sex(model_file: Path, data_set: Path, capsys: Capture) -> None:
    assert main(["evaluate", str(model_file), str(data_set), "--without-sex"]) == 0
    out = capsys.readouterr().out
    assert "Research use" in out
    assert "90 % interval held" in out
    assert "Not read" not in out


def test_evaluate_says_how_many_it_could_not_read(model_file: Path, tmp_path: Path, capsys: Capture) -> None:
    broken = small.write_data_set(tmp_path / "data", count=3)
    (broken / "boneage-training-dataset" / "1001.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    assert main(["evaluate", str(model_file), str(broken)]) == 0
    assert "Not read and not counted: 1." in capsys.readouterr().out


def test_card_as_json_and_as_a_page(shipped: Path, capsys: Capture) -> None:
    assert main(["card", str(shipped), "--json"]) == 0
    values = json.loads(capsys.readouterr().out)
    assert values == json.loads(json.dumps(read_card(shipped).to_json()))
    assert values["format"] == "boneage-model-1"
    assert main(["card"]) == 0
    assert capsys.readouterr().out.startswith("# improved-sex\n")
    assert main(["card", "baseline"]) == 0
    assert "sex as input: no" in capsys.readouterr().out


def test_a_foreign_card_cannot_move_the_cursor(tmp_path: Path, capsys: Capture) -> None:
    model = small.write_model(tmp_path / "m.safetensors", notes=("\x1b[2J\u202etxet",))
    assert main(["card", str(model)]) == 0
    assert all(line.isprintable() for line in capsys.readouterr().out.splitlines())


@pytest.mark.parametrize("file_format", ["png", "dicom"])
def test_phantom_writes_a_data_set_that_evaluate_reads(
    model_file: Path, tmp_path: Path, capsys: Capture, file_format: str
) -> None:
    folder = tmp_path / "phantoms"
    options = ["--count", "3", "--height-px", "200", "--format", file_format]
    assert main(["phantom", *options, str(folder)]) == 0
    assert "3 computer-made" in capsys.readouterr().out
    assert main(["evaluate", str(model_file), str(folder), "--json"]) == 0
    assert _rows(capsys)[0]["n"] == 3
    assert main(["phantom", *options, str(folder)]) == 1
    assert "holds a data set already" in small.sentence(capsys)


def test_errors_are_one_sentence(shipped: Path, png: Path, data_set: Path, tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "empty").mkdir()
    few = small.write_data_set(tmp_path / "few", count=5)
    nowhere, in_the_way = str(tmp_path / "nowhere"), str(png / "below")
    commands: list[tuple[list[str], str]] = [
        (["predict", "--model", "imagined", str(png)], "baseline"),
        (["predict", "--model", str(png), str(png)], "not a model"),
        (["predict", "--model", str(tmp_path), str(png)], "no model file"),
        (["evaluate", str(shipped), nowhere], "no folder or table"),
        (["evaluate", nowhere], "no folder or table"),
        (["evaluate", str(shipped), str(tmp_path / "empty")], "no table"),
        (["evaluate", nowhere, str(data_set)], "no model file"),
        (["evaluate", str(data_set), "--split", nowhere], "There is no split file at"),
        (["card", nowhere], "no model file"),
        (["card", "two\nlines\x1b[2J"], "two?lines?[2J"),
        (["card", str(png)], "not a model"),
        (["fit", nowhere, "--run-dir", nowhere], "no folder or table"),
        (["fit", str(few), "--run-dir", nowhere], "at least 10"),
        (["fit", str(data_set), "--run-dir", in_the_way], "cannot be written"),
        (["fit", str(data_set), "--run-dir", str(png)], "cannot be written"),
        (["fit", str(data_set), "--run-dir", nowhere, "--recipe", "mild"], "'mild'"),
        (["fit", str(data_set), "--run-dir", nowhere, "--epochs", "0"], "epochs"),
        (["fit", str(data_set), "--run-dir", nowhere, "--device", "tpu"], "tpu"),
        (["fit", str(data_set), "--run-dir", nowhere, "--device", "meta"], "meta"),
        (["fit", str(data_set), "--run-dir", nowhere, "--initial-weights", "x.pth"], "x.pth"),
        (["publish", nowhere, "--data", str(data_set), "--out", nowhere, "--name", "x"], "cannot be opened"),
        (["phantom", "--count", "1", in_the_way], "could not be written"),
    ]
    for command, words in commands:
        assert main(command) == 1, command
        assert words in small.sentence(capsys), command


@pytest.mark.parametrize(
    "command",
    [
        [],
        ["guess"],
        ["predict"],
        ["predict", "x.png", "--sex", "other"],
        ["fit", "data", "--run-dir", "run", "--model", "resnet50"],
        ["fit", "data", "--run-dir", "run", "--epochs", "many"],
        ["phantom", "--count", "0", "x"],
        ["phantom", "--height-px", "0", "x"],
        ["phantom", "--seed", "-1", "x"],
        ["publish", "run", "--data", "x", "--out", "y", "--name", "z", "--shifts-per-side", "99"],
    ],
)
def test_a_command_that_makes_no_sense_shows_how_it_goes(command: list[str], capsys: Capture) -> None:
    with pytest.raises(SystemExit) as ended:
        main(command)
    assert ended.value.code == 2
    assert "usage: boneage" in capsys.readouterr().err


def test_a_real_process_ends_with_a_status_and_no_traceback(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "trainer", "card", str(tmp_path / "none.safetensors")]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False, timeout=60)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("boneage: There is no model file")
    assert "Traceback" not in done.stderr
