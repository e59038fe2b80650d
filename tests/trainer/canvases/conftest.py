"""What tests of the cache of canvases share."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from trainer.canvases import reading
from trainer.cases import Case, read_cases
from trainer.radiograph import read


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where canvases are kept in this test."""
    return tmp_path / "canvases"


@pytest.fixture
def pictures(data_set: Path, tmp_path: Path) -> tuple[Case, ...]:
    """Six pictures of our own, which may be moved and changed."""
    copied = []
    for case in read_cases(data_set).cases[:6]:
        path = tmp_path / "pictures" / case.image_path.name
        path.parent.mkdir(exist_ok=True)
        shutil.copy(case.image_path, path)
        copied.append(Case(case_id=case.case_id, image_path=path, age_months=case.age_months, sex=case.sex))
    return tuple(copied)


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the pictures that were decoded."""
    names: list[str] = []

    def read_and_tell(path: Path) -> Any:
        names.append(path.name)
        return read(path)

    monkeypatch.setattr(reading, "read", read_and_tell)
    return names
