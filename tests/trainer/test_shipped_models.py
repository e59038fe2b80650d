"""The models that ship: whole, with a full card, and able to tell a toddler from an adolescent."""

from __future__ import annotations

import argparse
import json
import shlex
from dataclasses import replace
from pathlib import Path

import pytest

import resources
from tests import real_data
from trainer.__main__ import main
from trainer.card import read_card
from trainer.cases import read_cases
from trainer.commands import fit
from trainer.config import config_for, config_from_json
from trainer.counted import counted
from trainer.evaluate import evaluate
from trainer.phantom import write_dataset
from trainer.predictor import Predictor
from trainer.radiograph import Sex, read


def test_the_default_model_ships() -> None:
    assert resources.DEFAULT_MODEL in resources.model_names()


@pytest.mark.parametrize("name", resources.model_names())
def test_a_shipped_card_says_all_that_a_reader_must_know(name: str) -> None:
    card = read_card(resources.model_path(name))
    assert card.name == name
    assert set(card.metrics) >= {"validation", "test", "originals", "phantoms"}
    assert card.metrics["test"]["n"] > 1000
    assert card.metrics["originals"]["n"] == 20
    assert card.metrics["phantoms"]["n"] == 200
    assert card.residual_quantiles["all"]["q05"] < 0 < card.residual_quantiles["all"]["q95"]
    assert "100-pixel copies" in card.training_line()
    assert "for research use" in card.training_line()
    assert len(card.data["split_sha256"]) == 64
    assert card.self_test_months is not None


@pytest.mark.parametrize("name", resources.model_names())
def test_the_page_beside_a_shipped_model_is_what_the_command_prints(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["card", name]) == 0
    page = resources.model_path(name).with_suffix(".md").read_text(encoding="utf-8")
    assert page == capsys.readouterr().out
    card = read_card(resources.model_path(name))
    assert card.weights_sha256 in page
    assert card.accuracy_line() in page


@pytest.mark.parametrize("name", resources.model_names())
def test_the_page_of_a_shipped_model_names_its_seeds_and_the_command_that_makes_the_same_choices(name: str) -> None:
    page = resources.model_path(name).with_suffix(".md").read_text(encoding="utf-8").splitlines()
    config = config_from_json(json.dumps(read_card(resources.model_path(name)).config))
    assert f"- Training: seed 0, split seed 0, {counted(config.epochs, 'epoch')}" in page
    line = next(line for line in page if line.startswith("- Command: boneage fit DATA --run-dir DIR "))
    parser = argparse.ArgumentParser()
    fit.add(parser.add_subparsers())
    options = parser.parse_args(shlex.split(line)[3:])
    own, options.recipe = options.recipe, None
    assert own == (f"{config.recipe.name}.json" if name == "improved-sex" else None)
    assert replace(config_for(**fit.choices_of(options)), recipe=config.recipe) == config


@pytest.mark.parametrize(("name", "says"), [("baseline", True), ("improved", True), ("improved-sex", False)])
def test_the_papers_own_figure_stands_on_the_pages_of_its_two_models(name: str, *, says: bool) -> None:
    page = resources.model_path(name).with_suffix(".md").read_text(encoding="utf-8")
    assert ("improved minus baseline, -3.243 months MAE, 95 % interval [-3.857, -2.386]" in page) == says


def test_all_shipped_models_were_held_to_the_same_held_out_cases() -> None:
    splits = {read_card(resources.model_path(name)).data["split_sha256"] for name in resources.model_names()}
    assert len(splits) == 1


def test_the_default_model_orders_phantoms_by_age(tmp_path: Path) -> None:
    predictor = Predictor.load(resources.model_path(resources.DEFAULT_MODEL))
    folder = write_dataset(tmp_path / "phantoms", count=30, seed=5, height_px=400)
    score = evaluate(predictor, read_cases(folder).cases).score()
    assert score["spearman"] >= 0.8


def test_the_sample_is_read_with_an_interval_around_its_age() -> None:
    predictor = Predictor.load(resources.model_path(resources.DEFAULT_MODEL))
    prediction = predictor.predict(read(resources.sample_paths()[0]), sex=Sex.FEMALE)
    assert prediction.low_months < prediction.age_months < prediction.high_months


@pytest.mark.skipif(not real_data.ORIGINALS.is_dir(), reason="the full-size radiographs are not on this machine")
def test_the_default_model_reads_the_full_size_originals() -> None:
    predictor = Predictor.load(resources.model_path(resources.DEFAULT_MODEL))
    cases = read_cases(real_data.ORIGINALS / "labels.csv").cases
    measured = evaluate(predictor, cases).score()
    assert measured["mae_months"] == pytest.approx(predictor.card.metrics["originals"]["mae_months"], abs=0.1)
