"""A run whose radiographs lie elsewhere now knows them by their table."""

from __future__ import annotations

import io
import json
from pathlib import Path
from shutil import copyfile, copytree

import pytest
from PIL import Image, ImageOps

from tests.trainer import small
from trainer.__main__ import main
from trainer.data_source import read_source
from trainer.history import read_history
from trainer.prepare import OTHER_PIXELS, OTHER_TABLE

pytestmark = pytest.mark.usefixtures("small_backbone")
Capture = pytest.CaptureFixture[str]
TABLE = "boneage-training-dataset.csv"
TINY = [f"--{name.replace('_', '-')}={value}" for name, value in small.SMALL_CHOICES.items() if name != "epochs"]


def _fit(data: Path, folder: Path, *options: str) -> int:
    return main(["fit", str(data), "--run-dir", str(folder), *TINY, *options])


def test_radiographs_that_were_moved_are_known_by_their_table(tmp_path: Path, capsys: Capture) -> None:
    old, folder = small.write_data_set(tmp_path / "old", count=20), tmp_path / "run"
    (old / "boneage-training-dataset").rename(old / "pictures")
    assert _fit(old / TABLE, folder, "--epochs=1", f"--pictures={old / 'pictures'}", "--id-column=id") == 0
    losses = read_history(folder).epochs
    new = old.rename(tmp_path / "new")
    capsys.readouterr()
    assert main(["fit", "--run-dir", str(folder), "--resume"]) == 1
    said = small.sentence(capsys)
    assert "no longer where they were" in said
    assert f"boneage fit DATA --run-dir {folder} --resume" in said
    assert main(["evaluate", str(folder)]) == 1
    assert small.sentence(capsys) == said
    other = small.write_data_set(tmp_path / "other", count=21)
    assert _fit(other, folder, "--epochs=1") == 1
    assert "is not theirs" in small.sentence(capsys)
    assert main(["evaluate", str(folder), str(new)]) == 0
    assert "trained on 16 of these 20" in capsys.readouterr().out  # known again without having been resumed
    assert _fit(new, folder, "--epochs=1") == 0
    assert read_history(folder).epochs == losses
    assert main(["evaluate", str(folder)]) == 0
    again = read_source(folder)
    assert (again.data, again.pictures) == (new, new / "pictures")
    (new / "pictures").rename(tmp_path / "pictures")
    capsys.readouterr()
    assert main(["fit", "--run-dir", str(folder), "--resume"]) == 1
    assert f"boneage fit {new} --pictures DIR --run-dir {folder} --resume" in small.sentence(capsys)
    assert _fit(new, folder, f"--pictures={tmp_path / 'pictures'}") == 0
    assert read_source(folder).pictures == tmp_path / "pictures"


def test_pictures_beside_the_tables_folder_move_with_it(tmp_path: Path) -> None:
    study, folder = tmp_path / "study", tmp_path / "run"
    data = small.write_data_set(study / "tables", count=20)
    (data / "boneage-training-dataset").rename(study / "pictures")
    assert _fit(data, folder, "--epochs=1", f"--pictures={study / 'pictures'}") == 0
    study.rename(tmp_path / "moved")
    assert _fit(tmp_path / "moved" / "tables", folder) == 0
    assert read_source(folder).pictures == tmp_path / "moved" / "pictures"


def test_other_pictures_under_the_same_table_do_not_train_on(tmp_path: Path, capsys: Capture) -> None:
    data, folder = small.write_data_set(tmp_path / "data", count=20), tmp_path / "run"
    assert _fit(data, folder, "--epochs=1") == 0
    before = (folder / "data.json").read_bytes()
    others = small.write_data_set(tmp_path / "others", count=20)
    copyfile(data / TABLE, others / TABLE)
    for path in (others / "boneage-training-dataset").iterdir():
        path.write_bytes(mirrored(path))
    data.rename(tmp_path / "unplugged")
    capsys.readouterr()
    assert _fit(others, folder) == 1
    assert "are not those that this run was begun with, though their table is" in small.sentence(capsys)
    assert (folder / "data.json").read_bytes() == before
    assert _fit(tmp_path / "unplugged", folder) == 0


def test_what_was_changed_in_place_is_said_and_remembered(tmp_path: Path, capsys: Capture) -> None:
    data, folder = small.write_data_set(tmp_path / "data", count=20), tmp_path / "run"
    assert _fit(data, folder, "--epochs=1") == 0
    capsys.readouterr()
    assert _fit(data, folder) == 0
    out = capsys.readouterr().out
    assert OTHER_TABLE not in out
    assert OTHER_PIXELS not in out
    known = read_source(folder)
    table = data / TABLE
    table.write_bytes(table.read_bytes().replace(b"\r\n", b"\n"))
    for path in (data / "boneage-training-dataset").iterdir():
        path.write_bytes(mirrored(path))
    for _ in range(2):  # the first record stays, so it is said every time
        assert _fit(data, folder) == 0
        out = capsys.readouterr().out
        assert OTHER_TABLE in out
        assert OTHER_PIXELS in out
        assert read_source(folder) == known


def test_a_run_of_before_says_how_its_place_is_told(tmp_path: Path, capsys: Capture) -> None:
    data, folder = small.write_data_set(tmp_path / "data", count=20), tmp_path / "run"
    assert _fit(data, folder, "--epochs=1") == 0
    known = json.loads((folder / "data.json").read_text())
    older = {name: value for name, value in known.items() if not name.endswith("sha256")}
    (folder / "data.json").write_text(json.dumps(older))
    assert _fit(data, folder) == 0
    assert json.loads((folder / "data.json").read_text()) == known  # known from now on
    (folder / "data.json").write_text(json.dumps({**older, "table_sha256": 3}))
    moved = data.rename(tmp_path / "moved")
    capsys.readouterr()
    for command in (["fit", "--run-dir", str(folder), "--resume"], ["fit", str(moved), "--run-dir", str(folder)]):
        assert main(command) == 1
        assert f"write their new place into {folder / 'data.json'}" in small.sentence(capsys)


def test_a_folder_of_several_tables_is_not_lost(tmp_path: Path, capsys: Capture) -> None:
    data, folder = small.write_data_set(tmp_path / "data", count=20), tmp_path / "run"
    (data / TABLE).rename(data / "ages.csv")
    assert _fit(data, folder, "--epochs=1") == 0
    copyfile(data / "ages.csv", data / "more.csv")
    capsys.readouterr()
    for command in (["fit", "--run-dir", str(folder), "--resume"], ["fit", str(data), "--run-dir", str(folder)]):
        assert main(command) == 1
        assert "holds 2 tables (ages.csv, more.csv); name the one that is meant" in small.sentence(capsys)


def mirrored(path: Path) -> bytes:
    """The same picture, left for right."""
    made = io.BytesIO()
    with Image.open(path) as picture:
        ImageOps.mirror(picture).save(made, "PNG")
    return made.getvalue()


def test_a_copy_of_radiographs_that_are_still_there_is_another_set(tmp_path: Path, capsys: Capture) -> None:
    data, folder = small.write_data_set(tmp_path / "data", count=20), tmp_path / "run"
    assert _fit(data, folder, "--epochs=1") == 0
    capsys.readouterr()
    assert _fit(Path(copytree(data, tmp_path / "copy")), folder) == 1
    assert "was begun with other radiographs, those of" in small.sentence(capsys)
