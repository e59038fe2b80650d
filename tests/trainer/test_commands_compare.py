"""``boneage compare``: two models on held-out radiographs; and the files that ``boneage evaluate`` writes."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import resources
from tests.trainer import small
from trainer.__main__ import main
from trainer.card import read_card
from trainer.cases import read_cases
from trainer.checkpoint import load_checkpoint, save_checkpoint
from trainer.comparison import Comparison
from trainer.data_source import DataSource
from trainer.events import Preparing, from_json
from trainer.fit import fit
from trainer.run import Run
from trainer.split import split_cases

pytestmark = pytest.mark.usefixtures("small_backbone")
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def runs(small_backbone: None, data_set: Path, tmp_path: Path) -> tuple[Path, Path]:
    """Two finished runs on the same split: (improved, baseline)."""
    return _run(tmp_path / "improved", data_set, "improved"), _run(tmp_path / "baseline", data_set, "baseline")


def _run(folder: Path, data: Path, model: str, **choices: Any) -> Path:
    config = small.config(model, epochs=1, **choices)
    run, training, validation = small.begin(folder, data, config)
    split = run.split(read_cases(data).cases)
    facts = {"description": "a small set", "split_seed": split.seed, "split_sha256": split.fingerprint}
    list(fit(config, training, validation, run, data=facts))
    (folder / "data.json").write_text(json.dumps(DataSource(data=data).to_json()))
    return folder


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A resources folder with one default model of unknown training cases."""
    folder = tmp_path / "resources"
    (folder / "models").mkdir(parents=True)
    monkeypatch.setattr(resources, "FOLDER", folder)
    return small.write_model(folder / "models" / "improved-sex.safetensors", name="improved-sex")


def test_two_runs_are_compared_on_their_own_held_out_cases(
    runs: tuple[Path, Path], data_set: Path, capsys: Capture
) -> None:
    new, used = runs
    assert main(["compare", str(new), str(used)]) == 0
    out = capsys.readouterr().out
    found = Comparison.from_json(json.loads((new / "comparison.json").read_text()))
    test = Run(new).split(read_cases(data_set).cases).test
    assert found.case_ids == tuple(case.case_id for case in test)
    assert found.actual.tolist() == [case.age_months for case in test]
    assert (found.held_out, found.cautions) == (True, ())
    assert found.new.sha256 == read_card(new / "best.safetensors").weights_sha256
    assert found.used.sha256 == read_card(used / "best.safetensors").weights_sha256
    assert found.sentence in out
    assert found.bootstrap_line in out
    assert "on 4 held-out radiographs;" in out
    assert "Research use, not a medical device." in out
    assert all(line.isprintable() for line in out.splitlines())
    assert (new / "comparison.pdf").read_bytes().startswith(b"%PDF")
    for name in ("figure-4.png", "bland-altman.png", "curves.png"):
        with Image.open(new / name) as picture:
            assert min(picture.size) > 300
    assert not (used / "comparison.json").exists()


def test_the_answers_are_those_of_evaluate(runs: tuple[Path, Path], data_set: Path, capsys: Capture) -> None:
    new, used = runs
    assert main(["compare", str(new), str(used), "--events"]) == 0
    capsys.readouterr()
    found = Comparison.from_json(json.loads((new / "comparison.json").read_text()))
    for folder, side in ((new, found.new), (used, found.used)):
        split = ["--split", str(folder / "split.csv")]
        assert main(["evaluate", str(folder / "best.safetensors"), str(data_set), "--json", *split]) == 0
        score = json.loads(capsys.readouterr().out)
        assert score["mae_months"] == pytest.approx(found.score_of(side)["mae_months"], abs=0.001)
        assert score["interval_covered"] == side.interval_covered


def test_events_are_lines_of_progress_and_then_the_comparison(runs: tuple[Path, Path], capsys: Capture) -> None:
    new, used = runs
    assert main(["compare", str(new), str(used), "--events"]) == 0
    captured = capsys.readouterr()
    rows = [json.loads(line) for line in captured.out.splitlines()]
    assert captured.err == ""
    last = rows.pop()
    assert last.pop("event") == "Comparison"
    assert last == json.loads((new / "comparison.json").read_text())
    steps = [from_json(row) for row in rows]
    assert all(isinstance(step, Preparing) for step in steps)
    whats = list(dict.fromkeys(step.what for step in steps if isinstance(step, Preparing)))
    reading = ["improved reads the radiographs", "baseline reads the radiographs"]
    assert whats == ["reading the table", *reading, "drawing the figures"]


def test_below_thirty_cases_the_interval_has_a_caution(
    runs: tuple[Path, Path], capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trainer.commands.compare.LEAST_TO_TELL", 4)
    assert main(["compare", *map(str, runs)]) == 0
    assert "4 radiographs alone: with 30 or more, the interval is worth more." in capsys.readouterr().out


def test_a_shipped_model_whose_training_is_unknown_has_a_caution(
    runs: tuple[Path, Path], shipped: Path, capsys: Capture
) -> None:
    assert main(["compare", str(runs[0]), "improved-sex"]) == 0
    out = capsys.readouterr().out
    assert "It is not known which radiographs the model in use (improved-sex) was trained on" in out
    assert "on 4 radiographs;" in out  # not called held out
    found = Comparison.from_json(json.loads((runs[0] / "comparison.json").read_text()))
    assert not found.held_out
    assert len(found.cautions) == 1


def test_a_model_trained_on_the_test_cases_is_refused(
    runs: tuple[Path, Path], data_set: Path, tmp_path: Path, capsys: Capture
) -> None:
    other = _run(tmp_path / "other", data_set, "baseline")
    lines = (other / "split.csv").read_text().splitlines()
    turned = [row.replace(",test", ",training") for row in lines if not row.endswith(",validation")]
    (other / "split.csv").write_text("\n".join(turned) + "\n")
    assert main(["compare", str(runs[0]), str(other)]) == 1
    assert "The model in use (baseline) was trained on 4 of these 4 radiographs" in small.sentence(capsys)
    assert not (runs[0] / "comparison.json").exists()
    assert main(["compare", str(runs[0]), str(runs[1]), "--part", "training"]) == 1
    assert "The new model (improved) was trained on 32 of these 32" in small.sentence(capsys)


def test_all_cases_of_the_data_hold_those_of_the_training(
    runs: tuple[Path, Path], data_set: Path, capsys: Capture
) -> None:
    file = runs[1].parent / "file.safetensors"
    networks, card = load_checkpoint(runs[1] / "best.safetensors")
    save_checkpoint(file, networks, card)
    assert main(["compare", str(file), str(file), str(data_set)]) == 1
    assert "was trained on 32 of these 40 radiographs" in small.sentence(capsys)


def test_the_same_split_proves_a_file_innocent(runs: tuple[Path, Path], tmp_path: Path, capsys: Capture) -> None:
    networks, card = load_checkpoint(runs[1] / "best.safetensors")
    save_checkpoint(tmp_path / "used.safetensors", networks, card)
    assert main(["compare", str(runs[0]), str(tmp_path / "used.safetensors")]) == 0
    assert "on 4 held-out radiographs;" in capsys.readouterr().out


def test_cases_that_chose_the_best_epoch_are_named(runs: tuple[Path, Path], capsys: Capture) -> None:
    assert main(["compare", str(runs[0]), str(runs[1]), "--part", "validation"]) == 0
    out = capsys.readouterr().out
    assert "Note: 4 of these radiographs chose the best epoch of the new model (improved)" in out
    assert "on 4 radiographs;" in out


def test_the_same_ids_in_another_folder_are_a_caution(runs: tuple[Path, Path], tmp_path: Path, capsys: Capture) -> None:
    others = small.write_data_set(tmp_path / "others", count=12)
    out = tmp_path / "out"
    assert main(["compare", str(runs[0]), str(runs[1]), str(others), "--out", str(out)]) == 0
    assert "bear the ids of some that the new model (improved) was trained on" in capsys.readouterr().out
    found = Comparison.from_json(json.loads((out / "comparison.json").read_text()))
    assert len(found.case_ids) == 12
    assert not found.held_out
    assert not (runs[0] / "comparison.json").exists()


def test_unreadable_radiographs_count_for_neither(runs: tuple[Path, Path], tmp_path: Path, capsys: Capture) -> None:
    others = small.write_data_set(tmp_path / "others", count=6)
    (others / "boneage-training-dataset" / "1002.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    assert main(["compare", str(runs[0]), str(runs[1]), str(others), "--out", str(tmp_path / "out")]) == 0
    assert "1 of the radiographs could not be read and do not count." in capsys.readouterr().out
    found = Comparison.from_json(json.loads((tmp_path / "out" / "comparison.json").read_text()))
    assert len(found.case_ids) == len(found.new.predicted) == len(found.used.predicted) == 5
    assert "1002" not in found.case_ids


def test_model_files_outside_a_run_leave_nothing_unasked(
    model_file: Path, data_set: Path, tmp_path: Path, capsys: Capture
) -> None:
    before = sorted(tmp_path.iterdir())
    assert main(["compare", str(model_file), str(model_file), str(data_set)]) == 0
    out = capsys.readouterr().out
    assert "not shown to differ: its mean error is the same" in out
    assert "Written" not in out
    assert sorted(tmp_path.iterdir()) == before


def test_compare_errors_are_one_sentence(
    runs: tuple[Path, Path], model_file: Path, data_set: Path, tmp_path: Path, capsys: Capture
) -> None:
    new, used = map(str, runs)
    begun = tmp_path / "begun"
    small.begin(begun, data_set, small.config("baseline"))
    moved = _run(tmp_path / "moved", data_set, "baseline")
    (moved / "data.json").write_text(json.dumps({"data": str(tmp_path / "gone")}))
    unknown = _run(tmp_path / "unknown", data_set, "baseline")
    (unknown / "data.json").unlink()
    (tmp_path / "taken").write_text("")
    commands: list[tuple[list[str], str]] = [
        (["imagined", used], "no model file imagined"),
        ([new, str(tmp_path)], "no model file"),
        ([str(begun), used], "no epoch has ended"),
        ([new, str(begun)], "no epoch has ended"),
        ([str(model_file), used], "Name the radiographs"),
        ([new, used, "--sex-column", "male"], "need DATA"),
        ([str(moved), used], "no longer where they were"),
        ([str(unknown), used], "data.json"),
        ([new, used, str(tmp_path / "gone")], "no folder or table"),
        ([new, used, "--split", str(tmp_path / "gone")], "There is no split file at"),
        ([new, used, "--out", str(tmp_path / "taken" / "below")], "could not be written"),
    ]
    for command, words in commands:
        assert main(["compare", *command]) == 1, command
        assert words in small.sentence(capsys), command


def test_evaluate_writes_cases_page_and_figure(
    model_file: Path, data_set: Path, tmp_path: Path, capsys: Capture
) -> None:
    files = {name: tmp_path / "new" / f"out.{name}" for name in ("csv", "pdf", "png")}
    options = ["--csv", str(files["csv"]), "--pdf", str(files["pdf"]), "--figure", str(files["png"])]
    assert main(["evaluate", str(model_file), str(data_set), "--json"]) == 0
    plain = capsys.readouterr().out
    assert main(["evaluate", str(model_file), str(data_set), "--json", *options]) == 0
    assert capsys.readouterr().out == plain
    with files["csv"].open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 40
    errors = [abs(float(row["predicted"]) - float(row["actual"])) for row in rows]
    assert sum(errors) / 40 == pytest.approx(json.loads(plain)["mae_months"], abs=0.01)
    assert files["pdf"].read_bytes().startswith(b"%PDF")
    with Image.open(files["png"]) as picture:
        assert min(picture.size) > 300
    (tmp_path / "taken").write_text("")
    for option in ("--csv", "--pdf", "--figure"):
        assert main(["evaluate", str(model_file), str(data_set), option, str(tmp_path / "taken" / "x")]) == 1
        assert "could not be written" in small.sentence(capsys)


def test_a_model_renamed_to_best_is_no_run(data_set: Path, tmp_path: Path, capsys: Capture) -> None:
    path = small.write_model(tmp_path / "best.safetensors", "baseline")
    assert main(["compare", str(path), str(path)]) == 1
    assert "Name the radiographs" in small.sentence(capsys)


def test_a_fixed_split_of_the_same_fingerprint_is_recognised(
    runs: tuple[Path, Path], data_set: Path, tmp_path: Path, capsys: Capture
) -> None:
    """A model whose split was drawn elsewhere, by a rule not known here, but is the one given."""
    networks, card = load_checkpoint(runs[1] / "best.safetensors")
    fingerprint = split_cases(read_cases(data_set).cases, seed=0).fingerprint
    data = {"split_sha256": fingerprint, "split_seed": 77}
    save_checkpoint(tmp_path / "used.safetensors", networks, replace(card, data=data))
    assert main(["compare", str(runs[0]), str(tmp_path / "used.safetensors")]) == 0
    assert "held-out" in capsys.readouterr().out


def test_a_folder_and_its_table_are_the_same_data(runs: tuple[Path, Path], data_set: Path, capsys: Capture) -> None:
    """Else whoever names the table compares on what both models were trained on."""
    new, used = runs
    assert main(["compare", str(new), str(used), str(data_set)]) == 0
    of_folder = json.loads((new / "comparison.json").read_text())
    assert main(["compare", str(new), str(used), str(data_set / "boneage-training-dataset.csv")]) == 0
    of_table = json.loads((new / "comparison.json").read_text())
    assert of_table["case_ids"] == of_folder["case_ids"]
    assert of_table["cautions"] == of_folder["cautions"]


def test_a_score_on_what_a_model_was_trained_on_says_so(
    runs: tuple[Path, Path], data_set: Path, capsys: Capture
) -> None:
    model, table = runs[0], read_cases(data_set).cases
    trained = len(Run(model).split(table).training)
    capsys.readouterr()
    assert main(["evaluate", str(model), str(data_set)]) == 0
    told = f"was trained on {trained} of these {len(table)} radiographs: its error is larger on others."
    assert told in capsys.readouterr().out
    assert main(["evaluate", str(model)]) == 0  # its own held-out cases
    assert "was trained on" not in capsys.readouterr().out
