"""A user's recipes on the disk: whole files, checked names, broken ones refused by the field that is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from trainer.augment import RECIPES, Recipe, Shelf, Step, offered_recipes, read_recipe, write_recipe
from trainer.config import config_for
from trainer.errors import ConfigError, DataError

MILD = Recipe(name="mild 2", steps=(Step(transform="rotation", low=-3.25, high=4.125, probability=0.5),))


def test_a_recipe_comes_back_from_its_file_as_it_was(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "recipes")
    assert shelf.recipes() == {}
    shelf.save(MILD)
    assert shelf.recipes() == {"mild 2": MILD}
    assert [path.name for path in shelf.folder.iterdir()] == ["mild 2.json"]
    changed = Recipe(name="mild 2")
    shelf.save(changed)
    assert shelf.recipes() == {"mild 2": changed}
    shelf.remove("mild 2")
    assert shelf.recipes() == {}
    shelf.remove("mild 2")


def test_the_recipe_of_a_run_comes_back_from_its_choices(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps(config_for("improved", recipe=MILD).to_json()))
    assert read_recipe(tmp_path / "config.json") == MILD
    (tmp_path / "config.json").write_text('{"recipe": "mild"}')
    with pytest.raises(ConfigError, match=r"^“config.json” was not taken\. This is not a recipe"):
        read_recipe(tmp_path / "config.json")


def test_a_training_is_offered_the_shipped_ones_and_then_the_users_own(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    shelf.save(MILD)
    (tmp_path / "broken.json").write_text("{")
    (tmp_path / "notes.txt").write_text("not a recipe")
    assert list(offered_recipes(tmp_path)) == [*RECIPES, "mild 2"]
    assert offered_recipes(tmp_path / "missing") == dict(RECIPES)
    assert shelf.broken() == ["“broken.json” is not a recipe: it is not readable JSON."]


def test_capitals_do_not_make_a_second_file(tmp_path: Path) -> None:
    """Or one of them would be lost on a system where both are the same name."""
    shelf = Shelf(tmp_path)
    shelf.save(MILD)
    shelf.save(Recipe(name="Mild 2"))
    assert shelf.recipes() == {"mild 2": Recipe(name="mild 2")}


def test_the_files_name_is_the_recipes_name(tmp_path: Path) -> None:
    write_recipe(tmp_path / "copied.json", MILD)
    assert Shelf(tmp_path).recipes() == {"copied": Recipe(name="copied", steps=MILD.steps)}
    write_recipe(tmp_path / "improved.json", MILD)
    assert offered_recipes(tmp_path)["improved"] == RECIPES["improved"]


@pytest.mark.parametrize(
    "name",
    [
        "",
        "  ",
        "../up",
        "a/b",
        "a\\b",
        ".hidden",
        "con",
        "COM1",
        "Improved",
        "x" * 61,
        "a\nb",
        "trailing ",
        "dot.",
        "a:b",
    ],
)
def test_what_cannot_be_a_files_name_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as refused:
        Shelf(tmp_path / "recipes").save(Recipe(name=name))
    assert str(refused.value).endswith(".")
    assert not (tmp_path / "recipes").exists()


@pytest.mark.parametrize("name", ["a", "mild 2", "Zoë", "v1.2 (new)", "日本", "a+b-c_d"])
def test_plain_names_of_any_language_are_taken(name: str, tmp_path: Path) -> None:
    Shelf(tmp_path).save(Recipe(name=name))
    assert list(Shelf(tmp_path).recipes()) == [name]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[" * 100_000, "readable JSON"),
        ("\xff", "readable JSON"),
        ("7", "steps"),
        (json.dumps({"name": "x", "steps": [{"transform": "blur", "low": 3}]}), "Step 1 of the recipe has no high"),
        (json.dumps({"name": "x", "steps": [{"transform": "blur", "low": 3, "high": 99}]}), "blur: the range 3 to 99"),
        ('{"name": "x", "steps": [{"transform": "blur", "low": 3, "high": NaN}]}', "blur: high"),
        (json.dumps({"name": "x", "steps": [{"transform": "zoom", "low": 3, "high": 9}]}), "zoom"),
    ],
)
def test_a_broken_file_is_refused_with_a_sentence_naming_the_field(text: str, named: str, tmp_path: Path) -> None:
    path = tmp_path / "broken.json"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(ConfigError) as refused:
        read_recipe(path)
    assert named in str(refused.value)
    assert "broken.json" in str(refused.value)
    assert str(refused.value).endswith(".")


def test_a_missing_file_and_a_huge_one_are_sentences(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        read_recipe(tmp_path / "missing.json")
    huge = tmp_path / "huge.json"
    huge.write_text(" " * ((1 << 20) + 1))
    with pytest.raises(ConfigError, match="too large"):
        read_recipe(huge)


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="could not be written"):
        Shelf(tmp_path / "file" / "recipes").save(MILD)
