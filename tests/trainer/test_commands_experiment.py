"""``boneage experiment``: two models, their curves and the paper's line, from one command that can be stopped."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.trainer import small
from trainer.__main__ import main
from trainer.card import read_card
from trainer.cases import read_cases
from trainer.commands import experiment
from trainer.comparison import Comparison
from trainer.errors import RunError
from trainer.history import read_history

pytestmark = pytest.mark.usefixtures("small_backbone")
Capture = pytest.CaptureFixture[str]
TINY = [f"--{name.replace('_', '-')}={value}" for name, value in small.SMALL_CHOICES.items() if name != "epochs"]


def _experiment(folder: Path, *options: str) -> int:
    return main(["experiment", str(folder), *TINY, *options])


def test_both_models_are_trained_and_compared(data_set: Path, tmp_path: Path, capsys: Capture) -> None:
    folder = tmp_path / "paper"
    assert _experiment(folder, "--data", str(data_set), "--epochs=7", "--seed=3") == 0
    out = capsys.readouterr().out
    histories = [read_history(folder / model) for model in ("baseline", "improved")]
    assert [history.state for history in histories] == ["finished", "finished"]
    assert [history.config.model for history in histories] == ["baseline", "improved"]
    assert [history.config.recipe.name for history in histories] == ["baseline", "improved"]
    assert {history.config.seed for history in histories} == {3}
    assert (folder / "baseline" / "split.csv").read_bytes() == (folder / "improved" / "split.csv").read_bytes()
    found = Comparison.from_json(json.loads((folder / "comparison.json").read_text()))
    assert (found.used.name, found.new.name) == ("baseline", "improved")
    assert found.new.sha256 == read_card(folder / "improved" / "best.safetensors").weights_sha256
    assert found.held_out
    test = {row.split(",")[0] for row in (folder / "baseline" / "split.csv").read_text().split() if "test" in row}
    assert set(found.case_ids) == test
    for name in ("comparison.pdf", "figure-4.png", "bland-altman.png", "curves.png"):
        assert (folder / name).stat().st_size > 5000
    own = f"{found.difference_months:+.3f} months MAE, 95 % interval [{found.difference_low:+.3f}, "
    lines = out.splitlines()
    assert any(line.startswith("This experiment: improved minus baseline, " + own) for line in lines)
    assert any(line.startswith("The paper: ") and "-3.243" in line and "[-3.857, -2.386]" in line for line in lines)
    for model in ("baseline", "improved"):
        assert any(line.startswith(f"This experiment: the {model} ") and "overfit" in line for line in lines)
    assert "Research use, not a medical device." in out
    assert not (folder / "phantoms").exists()


def test_what_is_finished_is_not_done_again(data_set: Path, tmp_path: Path, capsys: Capture) -> None:
    options = ("--data", str(data_set), "--epochs=1")
    assert _experiment(tmp_path / "paper", *options) == 0
    first = (tmp_path / "paper" / "comparison.json").read_text()
    weights = [tmp_path / "paper" / model / "last.safetensors" for model in ("baseline", "improved")]
    before = [path.stat().st_mtime_ns for path in weights]
    capsys.readouterr()
    assert _experiment(tmp_path / "paper", *options) == 0
    out = capsys.readouterr().out
    assert "baseline: finished already." in out
    assert "improved: finished already." in out
    assert "too few epochs to tell" in out
    assert [path.stat().st_mtime_ns for path in weights] == before
    assert (tmp_path / "paper" / "comparison.json").read_text() == first


def test_stopped_it_goes_on(data_set: Path, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C after the first epoch of the second model; then as if nothing had happened."""
    options = ("--data", str(data_set), "--epochs=2")
    assert _experiment(tmp_path / "whole", *options) == 0
    seen: list[str] = []

    def stop(event: object) -> str:
        seen.append(type(event).__name__)
        if seen.count("EpochRecord") == 3:
            raise KeyboardInterrupt
        return ""

    with monkeypatch.context() as patch:
        patch.setattr(experiment, "describe", stop)
        capsys.readouterr()
        assert _experiment(tmp_path / "paper", *options) == 130
    assert "The same command goes on from here." in capsys.readouterr().err
    assert read_history(tmp_path / "paper" / "baseline").state == "finished"
    assert read_history(tmp_path / "paper" / "improved").state == "paused"
    assert not (tmp_path / "paper" / "comparison.json").exists()
    assert _experiment(tmp_path / "paper", *options) == 0
    found, expected = (
        Comparison.from_json(json.loads((tmp_path / name / "comparison.json").read_text()))
        for name in ("paper", "whole")
    )
    assert found.difference_months == expected.difference_months
    assert found.new.predicted.tolist() == expected.new.predicted.tolist()


def test_without_data_it_draws_phantoms_once(tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(experiment, "PHANTOM_HEIGHT_PX", 100)
    assert _experiment(tmp_path / "paper", "--phantoms=20", "--epochs=1") == 0
    table = tmp_path / "paper" / "phantoms" / "boneage-training-dataset.csv"
    drawn = table.stat().st_mtime_ns
    assert len(read_cases(table.parent).cases) == 20
    assert "Drawing 20 computer-made radiographs" in capsys.readouterr().out
    assert _experiment(tmp_path / "paper", "--phantoms=20", "--epochs=1") == 0
    assert table.stat().st_mtime_ns == drawn
    assert _experiment(tmp_path / "paper", "--epochs=1") == 0  # those that are there
    capsys.readouterr()
    assert _experiment(tmp_path / "paper", "--phantoms=30", "--epochs=1") == 1
    assert "holds 20 phantoms already, not 30" in small.sentence(capsys)
    assert _experiment(tmp_path / "paper", "--phantoms=20", f"--data={table.parent}") == 1
    assert "leave out one of the two" in small.sentence(capsys)


def test_other_choices_or_data_are_refused(data_set: Path, tmp_path: Path, capsys: Capture) -> None:
    folder = tmp_path / "paper"
    assert _experiment(folder, "--data", str(data_set), "--epochs=1") == 0
    capsys.readouterr()
    assert _experiment(folder, "--data", str(data_set), "--epochs=2") == 1
    assert "begun with epochs 1" in small.sentence(capsys)
    other = small.write_data_set(tmp_path / "other", count=40)
    assert _experiment(folder, "--data", str(other), "--epochs=1") == 1
    assert "was begun with other radiographs" in small.sentence(capsys)
    assert _experiment(folder, "--data", str(tmp_path / "gone"), "--epochs=1") == 1
    assert "no folder or table" in small.sentence(capsys)


def test_a_run_that_fails_is_a_sentence(
    data_set: Path, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object) -> None:
        raise RunError("The loss is not a number.")

    monkeypatch.setattr(experiment, "train_in", failing)
    assert _experiment(tmp_path / "paper", "--data", str(data_set)) == 1
    assert "The loss is not a number." in small.sentence(capsys)
    (tmp_path / "taken").write_text("")
    assert _experiment(tmp_path / "taken" / "below", "--phantoms=10") == 1
    assert "could not be written" in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--model=baseline", "--recipe=improved", "--phantoms=few"])
def test_what_makes_no_sense_shows_how_it_goes(option: str, tmp_path: Path, capsys: Capture) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["experiment", str(tmp_path), option])
    assert ended.value.code == 2
    assert "usage: boneage" in capsys.readouterr().err
