"""Shelf: recipes as JSON files, the shipped ones beside a user's own."""

from __future__ import annotations

import json
import re
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from trainer.augment.recipes import Recipe
from trainer.augment.shipped import RECIPES
from trainer.errors import ConfigError, DataError, printable
from trainer.whole_file import write_whole

SUFFIX: Final = ".json"
LONGEST_NAME: Final = 60
LARGEST_FILE_BYTES: Final = 1 << 20
# A name becomes a file's: what every system takes, and no system takes for something else.
_NAME: Final = re.compile(r"[^\W_](?:[\w ().+-]*[\w)+])?")
_TAKEN: Final = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)


def read_recipe(path: Path) -> Recipe:
    """Read one recipe, or that of a run from its ``config.json``.

    Raises ConfigError: a sentence with the file's name and the field that is wrong.
    """
    name = printable(path.name)
    try:
        facts = path.stat()
        if not stat.S_ISREG(facts.st_mode):  # a pipe or a device would be read for ever
            raise ConfigError(f"“{name}” is not a recipe: it is no file.")
        if facts.st_size > LARGEST_FILE_BYTES:
            raise ConfigError(f"“{name}” is too large to be a recipe.")
        values = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"“{name}” cannot be read: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"“{name}” is not a recipe: it is not readable JSON.") from error
    if isinstance(values, dict) and "recipe" in values:  # the choices of a run, its recipe among them
        values = values["recipe"]
    try:
        return Recipe.from_json(values)
    except ConfigError as error:
        raise ConfigError(f"“{name}” was not taken. {printable(str(error))}") from error


def write_recipe(path: Path, recipe: Recipe) -> None:
    """Write one recipe, whole or not at all. Raises DataError."""
    write_whole(path, json.dumps(recipe.to_json(), indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def offered_recipes(folder: Path) -> dict[str, Recipe]:
    """Every recipe a training can be given, by name: the shipped ones, then the user's own in ``folder``.

    A file that is no recipe is left out: ``Shelf.broken`` says why.
    """
    return {**RECIPES, **Shelf(folder).recipes()}


@dataclass(frozen=True, slots=True)
class Shelf:
    """A folder of the user's own recipes, one JSON file each, named after its recipe. It need not exist yet."""

    folder: Path

    def recipes(self) -> dict[str, Recipe]:
        """Return what can be read, by name, in the order of names."""
        found = {}
        for path in self._files():
            with suppress(ConfigError):
                found[path.stem] = _named(read_recipe(path), path.stem)
        return found

    def broken(self) -> list[str]:
        """Return one sentence for each file that is no recipe."""
        said = []
        for path in self._files():
            try:
                _named(read_recipe(path), path.stem)
            except ConfigError as error:
                said.append(str(error))
        return said

    def save(self, recipe: Recipe) -> None:
        """Keep a recipe under its name, in the place of one of that name. Raises ConfigError, DataError."""
        check_name(recipe.name)
        write_recipe(self._path(recipe.name), recipe)

    def remove(self, name: str) -> None:
        """Take a recipe off the shelf; nothing happens where there is none. Raises ConfigError, DataError."""
        check_name(name)
        try:
            self._path(name).unlink(missing_ok=True)
        except OSError as error:
            raise DataError(f"The recipe “{name}” could not be removed: {error.strerror}.") from error

    def _path(self, name: str) -> Path:
        """Return the file of a name; a name that differs in capitals alone has the same file."""
        for path in self._files():
            if path.stem.casefold() == name.casefold():
                return path
        return self.folder / f"{name}{SUFFIX}"

    def _files(self) -> list[Path]:
        try:
            files = [path for path in self.folder.iterdir() if path.suffix == SUFFIX and not path.name.startswith(".")]
        except OSError:
            return []
        return sorted(files, key=lambda path: path.stem.casefold())


def check_name(name: str) -> None:
    """Refuse what cannot be a name of a user's recipe. Raises ConfigError, a sentence that says why."""
    if name.casefold() in RECIPES:
        raise ConfigError(f"“{name}” is a recipe that came with the program. Choose another name.")
    if not name.strip():
        raise ConfigError("The recipe needs a name.")
    if len(name) > LONGEST_NAME:
        raise ConfigError(f"The name is longer than {LONGEST_NAME} letters. Choose a shorter one.")
    if not _NAME.fullmatch(name) or _TAKEN.fullmatch(name):
        raise ConfigError(
            f"“{printable(name)}” cannot be a name. Use letters, digits, spaces and . ( ) + - _, beginning with a "
            "letter or a digit."
        )


def _named(recipe: Recipe, name: str) -> Recipe:
    """Name a recipe after its file, so that two files never hold recipes of one name."""
    check_name(name)
    return Recipe(name=name, steps=recipe.steps)
