"""Every choice of a run."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

import pytest

from trainer.augment import RECIPES
from trainer.config import TrainingConfig, config_for, config_from_json, recipe_named
from trainer.errors import ConfigError


@pytest.mark.parametrize("model", ["baseline", "improved"])
def test_the_presets_of_the_papers_models_are_the_papers(model: str) -> None:
    config = config_for(model)
    assert (config.optimizer, config.learning_rate, config.weight_decay) == ("adam", 1e-3, 1e-4)
    assert (config.batch_size, config.epochs, config.loss, config.schedule) == (8, 30, "mse", "constant")
    assert (config.side_px, config.network_px, config.progressive_from_px) == (224, 224, 0)
    assert (config.warmup_epochs, config.ema_decay) == (0.0, 0.0)
    assert config.recipe == RECIPES[model]
    assert not config.uses_sex
    assert config_for("improved-sex").uses_sex


def test_a_config_survives_its_json() -> None:
    config = config_for("improved-sex", epochs=7, ema_decay=0.99, recipe="improved", schedule="cosine", seed=4)
    assert config_from_json(json.dumps(config.to_json())) == config


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("epochs", 0),
        ("epochs", 2.5),
        ("epochs", True),
        ("batch_size", "8"),
        ("learning_rate", 0.0),
        ("learning_rate", float("nan")),
        ("weight_decay", -1e-4),
        ("optimizer", "sgd"),
        ("loss", None),
        ("schedule", []),
        ("ema_decay", 1.0),
        ("sex_hidden_share", 1.1),
        ("aspect", "crop"),
        ("sampling", "cubic"),
        ("side_px", 16),
        ("network_px", 5000),
        ("progressive_from_px", -1),
        ("precision", "float64"),
        ("seed", -1),
        ("initial_weights", 5),
        ("device", None),
        ("checkpoint_every_s", float("inf")),
    ],
)
def test_a_value_out_of_range_is_refused_by_the_name_of_its_field(field: str, value: object) -> None:
    with pytest.raises(ConfigError, match=field):
        config_for("improved", **{field: value})
    with pytest.raises(ConfigError, match=field):
        config_from_json(json.dumps({"model": "improved", field: value}))


def test_unknown_models_fields_and_recipes_are_refused_by_name() -> None:
    with pytest.raises(ConfigError, match="resnet"):
        config_for("resnet")
    with pytest.raises(ConfigError, match="epoch'"):
        config_for("improved", epoch=3)
    with pytest.raises(ConfigError, match="'mild'"):
        config_for("improved", recipe="mild")


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "7", '{"epochs": 3}', '{"model": []}', '{"model": "improved", "recipe": [1]}', "[" * 100_000],
)
def test_a_damaged_config_file_is_one_sentence(text: str) -> None:
    with pytest.raises(ConfigError, match=r"\.$"):
        config_from_json(text)


def test_a_recipe_by_name_by_json_or_itself() -> None:
    steady = RECIPES["steady"]
    for given in ("steady", steady, steady.to_json(), json.dumps(steady.to_json())):
        assert recipe_named(given) == steady
    with pytest.raises(ConfigError, match="JSON"):
        recipe_named('{"name": ')


def test_every_field_says_what_it_means() -> None:
    for entry in fields(TrainingConfig):
        assert entry.metadata["meaning"]


def test_the_side_of_an_epoch_is_the_full_one_unless_told() -> None:
    config = config_for("improved", network_px=100)
    assert {config.network_px_in(epoch) for epoch in range(1, 31)} == {100}


@pytest.mark.parametrize(
    ("start", "full", "epochs"), [(96, 144, 30), (48, 100, 8), (33, 64, 3), (1, 224, 20), (64, 70, 1)]
)
def test_sides_grow_and_the_last_quarter_is_full(start: int, full: int, epochs: int) -> None:
    config = config_for("improved", network_px=full, progressive_from_px=start, epochs=epochs)
    sides = [config.network_px_in(epoch) for epoch in range(1, epochs + 1)]
    assert sides == sorted(sides)
    assert all(32 <= side <= full for side in sides)
    if epochs > 1:
        assert sides[0] <= max(32, start)
        assert sides[-1] == full
    for epoch in range(1, epochs + 1):
        if epoch - 1 >= 0.75 * epochs:
            assert sides[epoch - 1] == full


@pytest.mark.parametrize("start", [64, 200])
def test_a_side_that_could_not_grow_is_refused(start: int) -> None:
    with pytest.raises(ConfigError, match=r"^progressive_from_px must be 0, or smaller than network_px.*64 px.*\.$"):
        config_for("improved", network_px=64, progressive_from_px=start)


def test_a_run_that_was_begun_with_such_a_side_goes_on_as_it_was() -> None:
    """Its pictures had the full side from the first epoch on."""
    older = {**config_for("improved", network_px=64).to_json(), "progressive_from_px": 200}
    assert config_from_json(json.dumps(older)) == config_for("improved", network_px=64)


def test_preprocessing_comes_from_the_choices() -> None:
    look: Any = config_for("baseline", aspect="squash", sampling="nearest", side_px=100).preprocessing
    assert (look.aspect, look.sampling, look.side_px, look.network_px) == ("squash", "nearest", 100, 224)
