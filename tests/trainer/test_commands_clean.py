"""``boneage clean``: what a training would take, said to people and to the window."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import openpyxl
import pytest

from tests.trainer import small
from trainer.__main__ import main
from trainer.canvases import cache_folder
from trainer.data_summary import DataSummary
from trainer.events import Preparing, from_json

Capture = pytest.CaptureFixture[str]
SIDE = "--side-px=32"


def test_people_read_counts_and_reasons(data_set: Path, capsys: Capture, tmp_path: Path) -> None:
    table = tmp_path / "some.csv"
    rows = (data_set / "boneage-training-dataset.csv").read_text().splitlines()
    table.write_text("\n".join([*rows[:31], "1000,60,True", "none\x1b[31m,60,True"]))
    command = ["clean", str(table), "--pictures", str(data_set), SIDE, "--csv", str(tmp_path / "out" / "dropped.csv")]
    assert main(command) == 0
    captured = capsys.readouterr()
    assert captured.out.splitlines() == [
        "some.csv: 30 of 32 rows can be used.",
        "  dropped, duplicate id: 1",
        "  dropped, no picture: 1",
        "    1000: duplicate id",
        "    none?[31m: no picture",
        "  female: 15, labelled 20 to 162 months",
        "  male: 15, labelled 15 to 157 months",
        "Split: 24 training, 3 validation, 3 test (" + captured.out.rpartition("(")[2][:12] + ").",
    ]
    assert "30 of 30" in captured.err
    with (tmp_path / "out" / "dropped.csv").open(newline="") as file:
        assert list(csv.reader(file))[1:] == [["1000", "duplicate id"], ["none\x1b[31m", "no picture"]]


def test_the_window_follows_by_events(data_set: Path, capsys: Capture) -> None:
    assert main(["clean", str(data_set), SIDE, "--events"]) == 0
    captured = capsys.readouterr()
    *told, last = [json.loads(line) for line in captured.out.splitlines()]
    assert all(isinstance(from_json(event), Preparing) for event in told)
    assert (told[-1]["done"], told[-1]["total"]) == (40, 40)
    assert last["event"] == "DataSummary"
    summary = DataSummary.from_json(last)
    assert (summary.data, summary.rows, summary.kept, len(summary.samples)) == (data_set.name, 40, 40, 12)
    assert captured.err == ""
    assert main(["clean", str(data_set), SIDE, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == last


def test_what_was_cleaned_need_not_be_decoded_for_a_training(
    data_set: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture, small_backbone: None
) -> None:
    assert main(["clean", str(data_set), SIDE, "--split-seed", "3", "--json"]) == 0
    summary = DataSummary.from_json(json.loads(capsys.readouterr().out))
    assert list(cache_folder().glob("*.canvases"))
    monkeypatch.setattr("trainer.canvases.reading.read", lambda path: pytest.fail(f"{path.name} was decoded again"))
    options = [SIDE, "--split-seed=3", "--network-px=32", "--epochs=1", "--device=cpu", "--precision=float32"]
    assert main(["fit", str(data_set), "--run-dir", str(tmp_path / "run"), *options]) == 0
    lines = (tmp_path / "run" / "split.csv").read_text().splitlines()
    assert len(lines) == 41
    parts = [line.partition(",")[2] for line in lines[1:]]
    assert [parts.count(part) for part in ("training", "validation", "test")] == [
        summary.training,
        summary.validation,
        summary.test,
    ]


def test_every_option_of_the_data_reaches_the_table(data_set: Path, tmp_path: Path, capsys: Capture) -> None:
    book = openpyxl.Workbook()
    book.active.append(["nothing", "here"])
    sheet = book.create_sheet("Ages")
    sheet.append(["Film", "Datei", "Alter", "Geschlecht", "Kind", "male", "id", "boneage"])
    with (data_set / "boneage-training-dataset.csv").open(newline="") as file:
        for index, row in enumerate(csv.DictReader(file)):
            sex = "m" if row["male"] == "True" else "w"
            path = f"boneage-training-dataset/{row['id']}.png"
            sheet.append([f"F{index}", path, int(row["boneage"]) / 12, sex, f"K{index // 3}", "x", "y", "z"])
    book.save(tmp_path / "table.xlsx")
    split = tmp_path / "mine.csv"
    parts = ["training"] * 30 + ["validation"] * 4 + ["test"] * 6
    split.write_text("id,part\n" + "".join(f"F{index},{part}\n" for index, part in enumerate(parts)))
    options = {
        "--pictures": data_set,
        "--sheet": "ages",
        "--id-column": "Film",
        "--path-column": "datei",
        "--age-column": "Alter",
        "--age-unit": "years",
        "--sex-column": "Geschlecht",
        "--patient-column": "Kind",
        "--split": split,
    }
    command = ["clean", str(tmp_path / "table.xlsx"), SIDE, "--json"]
    for option, value in options.items():
        command += [option, str(value)]
    assert main(command) == 0
    captured = capsys.readouterr()
    summary = DataSummary.from_json(json.loads(captured.out))
    assert {sex: len(ages) for sex, ages in summary.ages_by_sex.items()} == {"female": 20, "male": 20}
    assert max(max(ages) for ages in summary.ages_by_sex.values()) == pytest.approx(213)
    assert (summary.patients, summary.training, summary.validation, summary.test) == (14, 30, 4, 6)
    assert [sample.case_id for sample in summary.samples][:1] == ["F0"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nowhere"], "no folder or table"),
        (["{data}", "--sex-column", "sexe"], "no column named sexe. Its columns are: id, boneage, male."),
        (["{data}", "--pictures", "nowhere"], "no folder of pictures at nowhere"),
        (["{data}", "--split", "nowhere.csv"], "no split file at nowhere.csv"),
        (["{data}", "--sheet", "First"], "has no sheets"),
    ],
)
def test_what_cannot_be_is_one_sentence(arguments: list[str], words: str, data_set: Path, capsys: Capture) -> None:
    assert main(["clean", SIDE, "--json", *(part.format(data=data_set) for part in arguments)]) == 1
    assert words in small.sentence(capsys)


def test_ctrl_c_keeps_what_was_decoded(data_set: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    from trainer.radiograph import read

    count = 0

    def interrupted(path: Path) -> object:
        nonlocal count
        count += 1
        if count == 30:
            raise KeyboardInterrupt
        return read(path)

    with monkeypatch.context() as reading:
        reading.setattr("trainer.canvases.reading.read", interrupted)
        assert main(["clean", str(data_set), SIDE]) == 130
    assert "goes on from here." in capsys.readouterr().err
    count = 0
    monkeypatch.setattr("trainer.canvases.reading.read", interrupted)
    assert main(["clean", str(data_set), SIDE]) == 0
    assert count < 30
