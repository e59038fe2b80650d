"""A run's data.json, whoever wrote it: what names no place that can be is a sentence, not a traceback."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.trainer import small
from trainer.__main__ import main

TINY = [f"--{name.replace('_', '-')}={value}" for name, value in small.SMALL_CHOICES.items() if name != "epochs"]
LONG = "a" * 5_000
TOO_LONG = "a" * 300  # for a name on any disk
WRONG: list[dict[str, Any]] = [
    {name: path} for name in ("data", "pictures", "split") for path in ("a\0b", "\ud800", LONG)
]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small.write_data_set(tmp_path_factory.mktemp("data"), count=20)


@pytest.fixture(scope="module")
def run(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of one epoch."""
    folder = tmp_path_factory.mktemp("runs") / "run"
    assert main(["fit", str(data), "--run-dir", str(folder), "--epochs=1", *TINY]) == 0
    return folder


def resumed(data: Path | None, run: Path, wrong: dict[str, Any]) -> int:
    """Go on with a run whose data.json says something else; return the status."""
    file = run / "data.json"
    sound = file.read_text(encoding="utf-8")
    file.write_text(json.dumps({**json.loads(sound), **wrong}), encoding="utf-8")
    try:
        return main(["fit", *([] if data is None else [str(data)]), "--run-dir", str(run), "--resume"])
    finally:
        file.write_text(sound, encoding="utf-8")


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: repr(wrong)[:30])
@pytest.mark.parametrize("named", [True, False])
def test_what_can_be_no_path_is_a_sentence(
    data: Path, run: Path, wrong: dict[str, Any], named: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert resumed(data if named else None, run, wrong) == 1
    assert "does not say where the radiographs lie" in small.sentence(capsys)


def test_a_place_whose_name_is_too_long_is_one_that_is_gone(
    data: Path, run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert resumed(None, run, {"data": TOO_LONG, "pictures": TOO_LONG}) == 1
    assert "no longer where they were" in small.sentence(capsys)
    assert resumed(data, run, {"data": TOO_LONG}) == 0, "known again by its table"


@pytest.mark.parametrize("option", [[], ["--pictures"]])
def test_a_name_too_long_for_the_disk_is_a_sentence(
    data: Path, tmp_path: Path, option: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    named = [*([str(data)] if option else []), *option, TOO_LONG]
    assert main(["fit", *named, "--run-dir", str(tmp_path / "run")]) == 1
    assert "cannot be looked into" in small.sentence(capsys)
