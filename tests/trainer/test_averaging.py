"""Averaging over views and networks: which ways are tried, what each is worth, and the option of a run."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.trainer import runs, small
from trainer.__main__ import main
from trainer.averaging import gains, ways_of
from trainer.cases import read_cases
from trainer.checkpoint import load_checkpoint
from trainer.evaluate import evaluate
from trainer.predictor import Predictor
from trainer.preprocess import Preprocessing
from trainer.radiograph import read
from trainer.run import Run

pytestmark = pytest.mark.usefixtures("small_backbone")
Capture = pytest.CaptureFixture[str]
SAMPLED = Preprocessing(aspect="squash", sampling="nearest", side_px=small.SIDE_PX, network_px=small.SIDE_PX)


def test_each_kind_of_averaging_is_tried_alone_and_all_together() -> None:
    one = ways_of(small.card(members=1))
    assert [(way.name, way.passes) for way in one] == [
        ("a single look", 1),
        ("and at the mirror image", 2),
        ("4 sampling shifts", 4),
        ("both, as a chessboard", 4),
    ]
    three = ways_of(small.card(members=3, shifts_per_side=3))
    assert [(way.name, way.networks, way.passes) for way in three[4:]] == [
        ("network 2 alone", (1,), 1),
        ("network 3 alone", (2,), 1),
        ("3 networks", (0, 1, 2), 3),
        ("all together", (0, 1, 2), 3 * 9),
    ]


def test_a_gain_is_the_paired_difference_from_the_single_look() -> None:
    card = small.card(members=1, averages_flip=True)
    actual = np.linspace(24, 200, 60)
    errors = np.random.default_rng(0).normal(0, 10, 60)
    answers = [(way, actual + errors * scale) for way, scale in zip(ways_of(card), (1, 0.5, 1, 2), strict=True)]
    single, mirror, shifts, both = gains(answers, actual, card)
    mae = float(np.abs(errors).mean())
    assert single.mae_months == pytest.approx(mae)
    assert single.difference_months == 0
    assert (single.difference_low, single.difference_high) == (0, 0)
    assert mirror.difference_months == pytest.approx(-mae / 2)
    assert mirror.difference_low < -mae / 2 < mirror.difference_high < 0
    assert both.difference_low > 0
    assert shifts.difference_months == 0
    assert [gain.is_the_models for gain in (single, mirror, shifts, both)] == [False, True, False, False]


def test_the_command_says_what_evaluation_says_of_each_way(data_set: Path, tmp_path: Path, capsys: Capture) -> None:
    model = small.write_model(
        tmp_path / "two.safetensors", preprocessing=SAMPLED, shifts_per_side=2, averages_flip=True
    )
    assert main(["averaging", str(model), str(data_set), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["n"], found["model"]) == (40, "small")
    by_name = {row["way"]["name"]: row for row in found["ways"]}
    assert list(by_name) == [way.name for way in ways_of(Predictor.load(model).card)]
    whole = evaluate(Predictor.load(model), read_cases(data_set).cases).score()
    together = by_name["all together"]
    assert together["mae_months"] == pytest.approx(whole["mae_months"], abs=1e-3)
    assert (together["is_the_models"], together["passes"]) == (True, 8)
    assert together["difference_months"] == pytest.approx(
        together["mae_months"] - by_name["a single look"]["mae_months"]
    )
    assert len({round(row["mae_months"], 6) for row in found["ways"]}) == len(found["ways"])
    assert main(["averaging", str(model), str(data_set), "--limit", "8"]) == 0
    out = capsys.readouterr().out
    assert "small" in out
    assert "8 radiographs; months" in out
    assert out.count("as the model reads") == 1
    assert "Research use, not a medical device." in out


def test_a_way_is_chosen_on_the_validation(data_set: Path, tmp_path: Path, capsys: Capture) -> None:
    tiny = [f"--{name.replace('_', '-')}={value}" for name, value in small.SMALL_CHOICES.items()]
    assert main(["fit", str(data_set), "--run-dir", str(tmp_path / "run"), *tiny]) == 0
    capsys.readouterr()
    run = Run(tmp_path / "run")
    split = run.split(read_cases(data_set).cases)
    card = load_checkpoint(run.best_path)[1]
    assert main(["averaging", str(tmp_path / "run"), str(data_set), "--part", "validation", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["n"] == len(split.validation)
    assert found["data"].startswith("the validation part of")
    own = next(row for row in found["ways"] if row["is_the_models"])
    assert own["mae_months"] == pytest.approx(card.metrics["validation"]["mae_months"], abs=0.02)
    assert main(["averaging", str(tmp_path / "run"), str(data_set), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["n"] == len(split.test)


def test_a_run_may_average_with_the_mirror_image(data_set: Path, tmp_path: Path) -> None:
    list(runs.train(tmp_path / "run", data_set, small.config("improved", epochs=1, averages_flip=True)))
    run = Run(tmp_path / "run")
    networks, card = load_checkpoint(run.best_path)
    assert card.averages_flip
    validation = run.split(read_cases(data_set).cases).validation
    assert evaluate(Predictor(networks, card), validation).score()["mae_months"] == pytest.approx(
        card.metrics["validation"]["mae_months"], abs=0.02
    )
    radiograph = read(validation[0].image_path)
    answer = Predictor(networks, card).predict(radiograph, sex=None).age_months
    mirrored = replace(radiograph, pixels=np.ascontiguousarray(radiograph.pixels[:, ::-1]))
    assert Predictor(networks, card).predict(mirrored, sex=None).age_months == pytest.approx(answer, abs=1e-3)
