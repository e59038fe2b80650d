"""A run whose radiographs lie elsewhere now knows them by their table."""

from __future__ import annotations

from pathlib import Path
from shutil import copytree

import pytest

from tests.trainer import small
from trainer.__main__ import main
from trainer.history import read_history
from trainer.prepare import read_source

pytestmark = pytest.mark.usefixtures("small_backbone")
Capture = pytest.CaptureFixture[str]
TINY = [f"--{name.replace('_', '-')}={value}" for name, value in small.SMALL_CHOICES.items() if name != "epochs"]


def _fit(data: Path, folder: Path, *options: str) -> int:
    return main(["fit", str(data), "--run-dir", str(folder), *TINY, *options])


def test_radiographs_that_were_moved_are_known_by_their_table(tmp_path: Path, capsys: Capture) -> None:
    old, folder = small.write_data_set(tmp_path / "old", count=20), tmp_path / "run"
    table = "boneage-training-dataset.csv"
    (old / "boneage-training-dataset").rename(old / "pictures")
    assert _fit(old / table, folder, "--epochs=1", f"--pictures={old / 'pictures'}", "--id-column=id") == 0
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
    new.rename(tmp_path / "newest")
    assert _fit(tmp_path / "newest", folder, f"--pictures={tmp_path / 'pictures'}", "--id-column=id") == 0
    assert read_source(folder).pictures == tmp_path / "pictures"


def test_a_copy_of_radiographs_that_are_still_there_is_another_set(tmp_path: Path, capsys: Capture) -> None:
    data, folder = small.write_data_set(tmp_path / "data", count=20), tmp_path / "run"
    assert _fit(data, folder, "--epochs=1") == 0
    capsys.readouterr()
    assert _fit(Path(copytree(data, tmp_path / "copy")), folder) == 1
    assert "was begun with other radiographs, those of" in small.sentence(capsys)
