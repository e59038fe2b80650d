"""``boneage fit`` and ``boneage publish``: from a folder of labelled pictures to one model file."""

from __future__ import annotations

import csv
import json
from dataclasses import fields, replace
from pathlib import Path
from shutil import copyfile, copytree

import pytest
import torch

import resources
from tests.trainer import small
from trainer.__main__ import main
from trainer.augment import RECIPES, Recipe, Step, write_recipe
from trainer.batches import refuse_lone_values
from trainer.card import read_card
from trainer.cases import read_cases
from trainer.checkpoint import load_checkpoint
from trainer.commands.fit import begun, resumed
from trainer.config import TrainingConfig
from trainer.distributed import Group
from trainer.errors import ConfigError
from trainer.predictor import Predictor
from trainer.run import Run
from trainer.split import split_cases

pytestmark = pytest.mark.usefixtures("small_backbone")
Capture = pytest.CaptureFixture[str]
TINY = [f"--{name.replace('_', '-')}={value}" for name, value in small.SMALL_CHOICES.items() if name != "epochs"]


def test_fit_has_every_choice_as_an_option(capsys: Capture) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["fit", "--help"])
    assert ended.value.code == 0
    words = capsys.readouterr().out
    for entry in fields(TrainingConfig):
        assert f"--{entry.name.replace('_', '-')} " in words


def _fit(data: Path, folder: Path, *options: str) -> int:
    return main(["fit", str(data), "--run-dir", str(folder), *TINY, *options])


def test_fit_trains_resumes_and_refuses_other_choices(data_set: Path, tmp_path: Path, capsys: Capture) -> None:
    folder = tmp_path / "runs" / "one"
    options = ["--model=improved", "--epochs=2", "--ema-decay=0.5", "--seed=3"]
    assert _fit(data_set, folder, *options) == 0
    out = capsys.readouterr().out
    assert "epochs 1 to 2, 32 training and 4 validation cases" in out
    assert "Finished 2 epochs" in out
    config = Run(folder).config()
    assert (config.model, config.epochs, config.ema_decay, config.seed) == ("improved", 2, 0.5, 3)
    assert config.recipe == RECIPES["improved"]
    names = {path.name for path in folder.iterdir()}
    assert names == {
        "best.safetensors",
        "last.safetensors",
        "cleaning.csv",
        "config.json",
        "data.json",
        "events.jsonl",
        "run.lock",
        "split.csv",
    }
    data = read_card(folder / "best.safetensors").data
    assert (data["cases"], data["training"], data["validation"], data["test"]) == (40, 32, 4, 4)
    assert str(data_set.parent) not in json.dumps(read_card(folder / "best.safetensors").to_json())
    assert _fit(data_set, folder, *options) == 0
    capsys.readouterr()
    assert _fit(data_set, folder, *options, "--recipe=improved", "--device=cpu", "--checkpoint-every-s=9") == 0
    capsys.readouterr()
    for other, words in (("--epochs=3", "begun with epochs 2"), ("--recipe=steady", "begun with recipe improved")):
        assert _fit(data_set, folder, *options, other) == 1
        assert words in small.sentence(capsys)


def test_fit_in_a_folder_where_another_process_trains_is_a_sentence(
    data_set: Path, tmp_path: Path, capsys: Capture
) -> None:
    with Run(tmp_path / "run").held():
        assert _fit(data_set, tmp_path / "run", "--epochs=1") == 1
    assert "Another process is training in" in small.sentence(capsys)
    assert not Run(tmp_path / "run").exists
    assert _fit(data_set, tmp_path / "run", "--epochs=1") == 0


def test_fit_takes_a_recipe_as_json(data_set: Path, tmp_path: Path) -> None:
    recipe = {"name": "turn", "steps": [{"transform": "rotation", "low": -3, "high": 3}]}
    assert _fit(data_set, tmp_path / "run", "--epochs=1", "--model=baseline", f"--recipe={json.dumps(recipe)}") == 0
    assert Run(tmp_path / "run").config().recipe.steps[0].high == 3


def test_fit_takes_a_recipe_from_a_file(data_set: Path, tmp_path: Path, capsys: Capture) -> None:
    turn = Recipe(name="turn", steps=(Step(transform="rotation", low=-3, high=3),))
    write_recipe(tmp_path / "turn.json", turn)
    options = ("--epochs=1", "--model=baseline", f"--recipe={tmp_path / 'turn.json'}")
    assert _fit(data_set, tmp_path / "run", *options) == 0
    assert Run(tmp_path / "run").config().recipe == turn
    assert _fit(data_set, tmp_path / "run", *options) == 0, "the same choices, the same run"
    write_recipe(
        tmp_path / "turn.json", replace(turn, name="turn more", steps=(Step(transform="rotation", low=-9, high=9),))
    )
    assert _fit(data_set, tmp_path / "run", *options) == 1
    assert "begun with recipe turn; to use turn more," in capsys.readouterr().err
    assert _fit(data_set, tmp_path / "other", f"--recipe={tmp_path / 'none.json'}") == 1
    assert "“none.json” cannot be read" in capsys.readouterr().err


def test_fit_says_which_cases_it_dropped(data_set: Path, tmp_path: Path) -> None:
    broken = tmp_path / "data"
    pictures = broken / "boneage-training-dataset"
    pictures.mkdir(parents=True)
    for path in (data_set / pictures.name).iterdir():
        (pictures / path.name).symlink_to(path)
    (pictures / "9.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    table = (data_set / f"{pictures.name}.csv").read_text()
    (broken / "labels.csv").write_text(table + "9,100,True\n10,100,True\n11,-4,True\n")
    assert _fit(broken, tmp_path / "run", "--epochs=1", "--model=baseline", "--split-seed=1") == 0
    with (tmp_path / "run" / "cleaning.csv").open() as file:
        reasons = {row["id"]: row["reason"] for row in csv.DictReader(file)}
    assert reasons["10"] == "no picture"
    assert reasons["11"] == "age outside 0 to 19 years"
    in_test = [row for row in (tmp_path / "run" / "split.csv").read_text().splitlines() if row == "9,test"]
    assert in_test or "9.png" in reasons["9"]  # a test case is not read before its time


def test_publish_makes_an_ensemble_of_two_runs(large_data_set: Path, tmp_path: Path, capsys: Capture) -> None:
    runs = [tmp_path / f"run{seed}" for seed in (1, 2)]
    for seed, folder in enumerate(runs, 1):
        assert _fit(large_data_set, folder, "--model=improved-sex", "--epochs=1", f"--seed={seed}") == 0
    out = tmp_path / "models" / "pair.safetensors"
    command = ["publish", *map(str, runs), "--data", str(large_data_set), "--out", str(out), "--name", "pair"]
    phantoms = tmp_path / "phantoms"
    assert main(["phantom", "--count", "2", "--height-px", "200", str(phantoms)]) == 0
    assert main([*command, "--phantoms", str(phantoms), "--flip", "--note", "Made by a test."]) == 0
    card = read_card(out)
    assert (card.name, card.members, card.averages_flip) == ("pair", 2, True)
    assert card.notes[-1] == "Made by a test."
    assert list(card.metrics) == ["validation", "test", "test, sex not given", "phantoms"]
    assert set(card.residual_quantiles) == {"all", "sex not given"}
    assert (card.metrics["test"]["n"], card.metrics["phantoms"]["n"]) == (20, 2)
    assert out.with_suffix(".md").read_text().startswith("# pair\n")
    capsys.readouterr()
    split = ["--split", str(runs[0] / "split.csv"), "--part", "test"]
    assert main(["evaluate", str(out), str(large_data_set), "--json", *split]) == 0
    score = json.loads(capsys.readouterr().out)
    assert score == card.metrics["test"]  # measured on the very weights that ship
    Predictor.load(out)
    assert _fit(large_data_set, tmp_path / "run3", "--model=improved", "--epochs=1") == 0
    capsys.readouterr()
    old = out.read_bytes()
    assert main(["publish", str(tmp_path / "run3"), *command[1:]]) == 1
    assert "cannot be averaged" in capsys.readouterr().err
    assert main(["publish", str(tmp_path / "none"), *command[3:]]) == 1
    assert "cannot be opened" in small.sentence(capsys)
    assert out.read_bytes() == old


@pytest.mark.parametrize("ema_decay", [0.0, 0.5])
def test_publish_may_take_the_last_weights(data_set: Path, tmp_path: Path, capsys: Capture, ema_decay: float) -> None:
    run, out = tmp_path / "run", tmp_path / "last.safetensors"
    choices = ["--model=improved", "--epochs=2", f"--ema-decay={ema_decay}"]
    assert _fit(data_set, run, *choices) == 0
    assert _fit(data_set, tmp_path / "other", *choices, "--seed=9") == 0
    copyfile(Run(tmp_path / "other").best_path, Run(run).best_path)  # whichever epoch was the best, it is not the last
    command = ["publish", str(run), "--data", str(data_set), "--out", str(out), "--name", "last"]
    assert main([*command, "--last", "--description", "forty drawings", "--note", "Made by a test."]) == 0
    networks, card = load_checkpoint(out)
    assert card.training_line() == "Trained on forty drawings; for research use"
    assert card.notes[-2:] == ("Weights of epoch 2 of 2, the last one.", "Made by a test.")
    assert not any("best on validation" in note for note in card.notes)
    state = Run(run).read_last()
    assert state is not None
    prefix = "average.module." if ema_decay else "network."
    for name, value in networks[0].state_dict().items():
        kept = state[0][f"{prefix}{name}"]
        assert torch.equal(value, kept.half().float() if kept.is_floating_point() else kept), name
    (run / "last.safetensors").unlink()
    capsys.readouterr()
    assert main([*command, "--last"]) == 1
    assert "has no last weights" in small.sentence(capsys)


def test_a_batch_of_one_that_leaves_nothing_to_normalise_is_a_sentence(
    data_set: Path, tmp_path: Path, capsys: Capture
) -> None:
    assert _fit(data_set, tmp_path / "run", "--batch-size=1") == 1
    assert "batch_size must be 2 or more" in small.sentence(capsys)
    assert not Run(tmp_path / "run").exists
    refuse_lone_values(small.config(batch_size=1, network_px=33))
    refuse_lone_values(small.config(batch_size=1, backbone="convnext_tiny"))
    refuse_lone_values(small.config(batch_size=1), Group(size=2))
    with pytest.raises(ConfigError):
        refuse_lone_values(small.config(batch_size=1, network_px=64, progressive_from_px=32))


def test_first_weights_are_kept_by_their_whole_path(
    model_file: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(model_file.parent)
    config = begun({"initial_weights": model_file.name})
    assert config.initial_weights == str(model_file)
    assert resumed(config, {"initial_weights": model_file.name}) == config
    monkeypatch.chdir("/")
    assert resumed(config, {"initial_weights": str(model_file)}) == config
    former = replace(config, initial_weights=model_file.name)  # as a run of before has it
    assert resumed(former, {"initial_weights": model_file.name}) == former
    with pytest.raises(ConfigError, match=r"initial_weights: there is no file .*\."):
        begun({"initial_weights": "none.safetensors"})
    assert begun({"initial_weights": "imagenet"}).initial_weights == "imagenet"


def test_first_weights_may_be_those_of_a_shipped_model() -> None:
    config = begun({"initial_weights": resources.DEFAULT_MODEL})
    assert config.initial_weights == str(resources.model_path(resources.DEFAULT_MODEL))
    assert resumed(config, {"initial_weights": resources.DEFAULT_MODEL}) == config


def test_an_unknown_choice_is_a_sentence_when_a_run_goes_on(data_set: Path, tmp_path: Path, capsys: Capture) -> None:
    Run(tmp_path / "run").begin(small.config(), split_cases(read_cases(data_set).cases, seed=0), [])
    (tmp_path / "choices.json").write_text('{"learning_rat": 1}')
    assert _fit(data_set, tmp_path / "run", "--resume", f"--config={tmp_path / 'choices.json'}") == 1
    assert "no setting named 'learning_rat'" in small.sentence(capsys)


def test_a_run_goes_on_with_the_radiographs_it_was_begun_with(data_set: Path, tmp_path: Path, capsys: Capture) -> None:
    folder, table = tmp_path / "run", data_set / "boneage-training-dataset.csv"
    assert _fit(data_set, folder, "--epochs=1") == 0
    assert _fit(table, folder, "--epochs=1") == 0  # a folder and its table are the same
    assert _fit(data_set, folder, f"--split={folder / 'split.csv'}", "--resume") == 0
    other = small.write_data_set(tmp_path / "other", count=40)
    copyfile(folder / "split.csv", tmp_path / "split.csv")
    capsys.readouterr()
    for data, option, words in (
        (other, "--epochs=1", "was begun with other radiographs, those of"),
        (other, "--resume", "was begun with other radiographs, those of"),
        (data_set, f"--split={tmp_path / 'split.csv'}", "begun with another split; leave --split out"),
        (data_set, "--patient-column=none", "read in another way"),
    ):
        assert _fit(data, folder, option) == 1
        assert words in small.sentence(capsys)


def test_resuming_a_run_takes_no_options_of_its_data(data_set: Path, tmp_path: Path, capsys: Capture) -> None:
    assert _fit(data_set, tmp_path / "run", "--epochs=1") == 0
    capsys.readouterr()
    for option, words in (
        ("--id-column=id", "need DATA"),
        ("--split=split.csv", "keeps its own"),
        ("--description=hands", "keeps its own"),
    ):
        assert main(["fit", "--run-dir", str(tmp_path / "run"), "--resume", option]) == 1
        assert words in small.sentence(capsys)


def test_first_weights_that_cannot_be_read_leave_no_run(data_set: Path, tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "first.safetensors").write_bytes(b"no weights")
    assert _fit(data_set, tmp_path / "run", f"--initial-weights={tmp_path / 'first.safetensors'}") == 1
    assert "first.safetensors" in small.sentence(capsys)
    assert not (tmp_path / "run").exists()


def test_publish_and_likeness_read_the_table_as_the_run_did(
    large_data_set: Path, tmp_path: Path, capsys: Capture
) -> None:
    """Columns with names of their own, and one picture twice."""
    lines = (large_data_set / "boneage-training-dataset.csv").read_text().splitlines()
    (tmp_path / "ours.csv").write_text("\n".join(["which,old,male", *lines[1:]]) + "\n")
    pictures = tmp_path / "pictures"
    copytree(large_data_set / "boneage-training-dataset", pictures)
    copyfile(pictures / "1000.png", pictures / "1001.png")
    options = ["--id-column=which", "--age-column=old", "--age-unit=months", f"--pictures={pictures}"]
    assert _fit(tmp_path / "ours.csv", tmp_path / "run", "--epochs=1", "--model=improved", *options) == 0
    data, out = str(tmp_path / "ours.csv"), str(tmp_path / "published.safetensors")
    assert main(["publish", str(tmp_path / "run"), "--data", data, "--out", out, "--name", "p"]) == 0
    likeness = ["--drawn=20", "--out", str(tmp_path / "likeness.safetensors")]
    assert main(["likeness", out, "--data", data, *options, *likeness]) == 0
    assert main(["likeness", str(tmp_path / "run"), "--data", data, *likeness]) == 0
    capsys.readouterr()
    (tmp_path / "fewer.csv").write_text("\n".join(["which,old,male", *lines[1:50]]) + "\n")
    assert main(["likeness", out, "--data", str(tmp_path / "fewer.csv"), *options, *likeness]) == 1
    assert "its --split, if it had one" in small.sentence(capsys)
