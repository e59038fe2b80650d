"""``boneage stress``: which radiographs it takes, what it prints and writes."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from tests.trainer import small
from trainer.__main__ import main
from trainer.cases import read_cases
from trainer.split import split_cases
from trainer.stress import TRANSFORMATIONS

pytestmark = pytest.mark.usefixtures("small_backbone")
Capture = pytest.CaptureFixture[str]
NAMES = [one.name for one in TRANSFORMATIONS]


def test_one_model_is_tried_and_everything_written(
    model_file: Path, data_set: Path, tmp_path: Path, capsys: Capture
) -> None:
    files = ["--csv", str(tmp_path / "rows.csv"), "--pdf", str(tmp_path / "pages.pdf")]
    assert main(["stress", str(model_file), str(data_set), "--limit", "6", *files]) == 0
    out = capsys.readouterr().out
    assert [line[:21].strip() for line in out.splitlines() if line[:21].strip() in NAMES] == NAMES
    assert "small, 6 radiographs" in out
    assert "On 6 of all usable cases of data" in out
    assert "It is not known which radiographs small was trained on" in out
    assert "Research use, not a medical device." in out
    with (tmp_path / "rows.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["transformation"] for row in rows] == NAMES
    assert {row["n"] for row in rows} == {"6"}
    assert all(float(row["shift_months_low"]) <= float(row["shift_months"]) for row in rows)
    assert (tmp_path / "pages.pdf").read_bytes().startswith(b"%PDF")


def test_two_models_are_compared_on_the_cases_that_the_card_proves_held_out(
    data_set: Path, tmp_path: Path, capsys: Capture
) -> None:
    split = split_cases(read_cases(data_set).cases, seed=0)
    data = {"split_sha256": split.fingerprint, "split_seed": 0}
    new, old = (
        small.write_model(tmp_path / f"{name}.safetensors", name=name, members=members, data=data)
        for name, members in (("new", 2), ("old", 1))
    )
    assert main(["stress", str(new), str(data_set), "--against", str(old), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["data"].startswith("the held-out test part of data")
    assert [model["model"] for model in found["models"]] == ["new", "old"]
    assert {row["n"] for model in found["models"] for row in model["rows"]} == {len(split.test)}
    assert not any("not known" in caution for caution in found["cautions"])
    assert found["steadiness"]["verdict"] in ("steadier", "less steady", "not shown to differ")
    assert [row["over"] for row in found["steadiness_by_transformation"]] == [f"the {name}" for name in NAMES]


def test_a_model_against_itself_is_not_shown_to_differ(model_file: Path, data_set: Path, capsys: Capture) -> None:
    assert main(["stress", str(model_file), str(data_set), "--against", str(model_file), "--limit", "3"]) == 0
    out = capsys.readouterr().out
    assert "small and small are not shown to differ in steadiness" in out


def test_progress_comes_as_events(model_file: Path, data_set: Path, capsys: Capture) -> None:
    assert main(["stress", str(model_file), str(data_set), "--limit", "2", "--events"]) == 0
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert events[-1]["event"] == "Stress"
    assert {event["event"] for event in events[:-1]} == {"Preparing"}
    assert events[-1]["models"][0]["rows"][0]["n"] == 2


@pytest.mark.parametrize("limit", ["0", "-3", "many"])
def test_a_limit_is_a_number_of_radiographs(model_file: Path, data_set: Path, limit: str, capsys: Capture) -> None:
    with pytest.raises(SystemExit):
        main(["stress", str(model_file), str(data_set), "--limit", limit])
    assert "--limit" in capsys.readouterr().err
