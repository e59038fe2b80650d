"""The house stands as drawn: who may know whom, what stays unloaded, how large a file may grow.

The contracts themselves are in pyproject.toml. Here they are run, and every one of them is shown to break
when somebody does what it forbids.
"""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("boneage_gui", "trainer", "resources")
ROOMS = (*PACKAGES, "tests")
MOST_LINES = 320
NAMELESS = {"utils", "util", "common", "core", "helpers", "helper", "base", "manager", "misc", "tools"}
HEAVY = ("torch", "torchvision", "albumentations", "pandas", "matplotlib", "pydicom", "scipy", "cv2", "PIL")
WANTED_LATER = ("sqlite3", "multiprocessing", "highdicom", "pynetdicom", "openpyxl")  # by a first paint that hurries
GUI_FLOORS = "The floors of boneage_gui"
TRAINER_FLOORS = "The floors of trainer"
PACKAGE_ORDER = "The window stands on the science, the science on nothing but its own"
ONE_READER = "Shipped files have one reader in the window and one in the commands"
NO_SCREEN = "The science knows no screen"
TORCH_FLOOR = "Torch lives on the torch floor alone"
TORCH_BY_WORK = "The window reaches torch through work alone"
WORK_NO_QT = "What jobs run knows no Qt"
CLINIC_NO_QT = "The clinic and its commands know no Qt"
NO_CIRCLES = "No circles"
DOORS = "No door knows the main window"


def _sources(rooms: tuple[str, ...] = ROOMS) -> list[Path]:
    return [path for room in rooms for path in sorted((ROOT / room).rglob("*.py"))]


def _lint_imports(root: Path) -> tuple[int, str]:
    """The exit status and the words of import-linter over the packages under ``root``."""
    command = "from importlinter.cli import lint_imports_command as run; run(['--no-logo', '--no-cache'])"
    ended = subprocess.run(
        [sys.executable, "-c", command],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root), "COLUMNS": "400", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return ended.returncode, ended.stdout + ended.stderr


def _loaded_by(statements: str) -> set[str]:
    """The top-level modules that a fresh interpreter has loaded after ``statements``."""
    ended = subprocess.run(
        [sys.executable, "-c", f"{statements}\nimport json, sys\nprint(json.dumps(list(sys.modules)))"],
        cwd=ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ended.returncode == 0, ended.stderr
    return {name.partition(".")[0] for name in json.loads(ended.stdout.splitlines()[-1])}


def test_everyone_keeps_the_contracts() -> None:
    status, words = _lint_imports(ROOT)
    assert status == 0, words


@pytest.fixture(scope="module")
def sources_alone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the packages' Python files, nothing else."""
    copy = tmp_path_factory.mktemp("house")
    shutil.copy(ROOT / "pyproject.toml", copy)
    for path in _sources(PACKAGES):
        goal = copy / path.relative_to(ROOT)
        goal.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, goal)
    return copy


@pytest.mark.parametrize(
    ("contract", "module", "line"),
    [
        pytest.param(TRAINER_FLOORS, "trainer.oddment", "import json", id="a file of the trainer on no floor"),
        pytest.param(GUI_FLOORS, "boneage_gui.oddment", "import json", id="a file of the window on no floor"),
        pytest.param(TRAINER_FLOORS, "trainer.errors", "from trainer import split", id="up the trainer's stairs"),
        pytest.param(TRAINER_FLOORS, "trainer.metrics", "from trainer import events", id="next door"),
        pytest.param(GUI_FLOORS, "boneage_gui.jobs", "from boneage_gui import widgets", id="up the window's stairs"),
        pytest.param(PACKAGE_ORDER, "trainer.split", "import boneage_gui.errors", id="trainer knows the window"),
        pytest.param(PACKAGE_ORDER, "resources", "import trainer.errors", id="resources know the trainer"),
        pytest.param(ONE_READER, "boneage_gui.widgets", "import resources", id="a second reader of resources"),
        pytest.param(NO_SCREEN, "trainer.events", "from PySide6.QtCore import QObject", id="trainer knows Qt"),
        pytest.param(TORCH_FLOOR, "trainer.metrics", "import torch", id="torch on the ground floor"),
        pytest.param(TORCH_FLOOR, "trainer.split", "def f():\n    import torchvision", id="torch inside a function"),
        pytest.param(TORCH_BY_WORK, "boneage_gui.widgets", "import torch", id="a widget knows torch"),
        pytest.param(TORCH_BY_WORK, "boneage_gui.jobs", "from trainer import networks", id="torch by a back door"),
        pytest.param(WORK_NO_QT, "boneage_gui.work", "import PySide6", id="work knows Qt"),
        pytest.param(WORK_NO_QT, "boneage_gui.work", "from boneage_gui import settings", id="work by a back door"),
        pytest.param(CLINIC_NO_QT, "boneage_gui.clinic", "from PySide6 import QtGui", id="the clinic knows Qt"),
        pytest.param(NO_CIRCLES, "trainer.fit.member", "from trainer.fit import training", id="two files, each other"),
        pytest.param(NO_CIRCLES, "boneage_gui.windows.clinic", "from ..pacs import desk", id="two rooms, each other"),
        pytest.param(DOORS, "boneage_gui.windows.pacs.desk", "from .. import main_window", id="the main window known"),
    ],
)
def test_a_planted_fault_breaks_its_contract(
    contract: str, module: str, line: str, sources_alone: Path, tmp_path: Path
) -> None:
    shutil.copytree(sources_alone, tmp_path, dirs_exist_ok=True)
    file = tmp_path / Path(*module.split("."))
    file = file / "__init__.py" if file.is_dir() else file.with_suffix(".py")
    with file.open("a", encoding="utf-8") as source:
        source.write(f"\n{line}\n")
    status, words = _lint_imports(tmp_path)
    assert status == 1
    assert f"{contract} BROKEN" in words
    told = words.partition("Broken contracts")[2]
    among_siblings = f"- .{module.rpartition('.')[2]} -> ."
    assert module in told or among_siblings in told, "broken, but not by the fault planted here"


def test_every_contract_has_a_planted_fault() -> None:
    options = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    names = [contract["name"] for contract in options["contracts"]]
    assert sorted(names) == sorted(
        [
            GUI_FLOORS,
            TRAINER_FLOORS,
            PACKAGE_ORDER,
            ONE_READER,
            NO_SCREEN,
            TORCH_FLOOR,
            TORCH_BY_WORK,
            WORK_NO_QT,
            CLINIC_NO_QT,
            NO_CIRCLES,
            DOORS,
        ]
    )


def test_the_window_is_imported_without_the_heavy_libraries() -> None:
    loaded = _loaded_by("import boneage_gui.app, boneage_gui.__main__")
    assert "PySide6" in loaded
    assert not loaded.intersection({*HEAVY, *WANTED_LATER})


def test_the_ground_floor_is_imported_without_torch() -> None:
    modules = {path.stem for path in (ROOT / "trainer").iterdir() if path.suffix == ".py" or path.is_dir()}
    options = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    (contract,) = [contract for contract in options["contracts"] if contract["name"] == TORCH_FLOOR]
    above = {words.removeprefix("trainer.").removesuffix(" -> *") for words in contract["ignore_imports"]}
    ground = sorted(modules - above - {"__init__", "__pycache__"})
    assert {"prediction", "radiograph", "split"} <= set(ground)
    loaded = _loaded_by("\n".join(f"import trainer.{module}" for module in ground))
    assert not loaded.intersection({"torch", "torchvision", "PySide6"})


def test_the_command_line_asks_for_help_without_torch_or_qt() -> None:
    loaded = _loaded_by("import boneage_gui.command_line")
    assert not loaded.intersection({"torch", "torchvision", "albumentations", "matplotlib", "PySide6"})


@pytest.mark.parametrize("path", _sources(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_file_holds_one_noun_and_stays_small(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MOST_LINES
    assert not NAMELESS.intersection(path.relative_to(ROOT).with_suffix("").parts)


@pytest.mark.parametrize(
    "line",
    [
        "import pickle",
        "from pickle import loads",
        "import torch\ntorch.load('x')",
        "from torch import save\nsave(1, 'x')",
    ],
)
def test_lint_bans_whatever_pickles(line: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--no-cache", "--stdin-filename", "trainer/planted.py", "-"],
        cwd=ROOT,
        input=line + "\n",
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ended.returncode == 1
    assert "TID251" in ended.stdout


def test_no_keyword_lets_a_pickle_in() -> None:
    """numpy and torch read pickles where a keyword says so: allow_pickle=True, weights_only=False."""
    unsafe = {"allow_pickle": True, "weights_only": False}
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in _sources(PACKAGES)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg in unsafe
        and isinstance(keyword.value, ast.Constant)
        and keyword.value.value is unsafe[keyword.arg]
    ]
    assert found == []
