"""What the tests of the verdict play with: a run, a model in use, a child that says what is written down, the page."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from boneage_gui import jobs
from boneage_gui.widgets.verdict_page import VerdictPage
from boneage_gui.work import child
from tests.gui import fake_comparison
from tests.trainer import small
from tests.trainer.drawings import a_comparison
from tests.window_fixtures import LONG_MS
from trainer.card import read_card
from trainer.comparison import Compared, Comparison, compare
from trainer.config import config_for
from trainer.measured import Measured


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A finished run of a small network, as far as a verdict looks at it, and the page."""

    qtbot: QtBot
    page: VerdictPage  # keeps models in folder / "models"
    run: Path
    used: Path
    folder: Path

    def script(self, **commands: dict[str, Any]) -> None:
        """Tell the child what it says."""
        (self.folder / "script.json").write_text(json.dumps(commands))

    def judge(self, used: Path | None) -> None:
        """Have the run judged."""
        with self.qtbot.waitSignal(self.page.shown, timeout=LONG_MS):
            self.page.show_run(self.run, used)


@pytest.fixture
def scene(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    """All of it; every network stands on a few convolutions instead of ResNet18."""
    monkeypatch.setattr("torchvision.models.resnet18", small.backbone)
    monkeypatch.setattr(child, "PROGRAM", (sys.executable, str(Path(fake_comparison.__file__).resolve())))
    monkeypatch.setenv(fake_comparison.SCRIPT, str(tmp_path / "script.json"))
    run = tmp_path / "runs" / "my run"
    run.mkdir(parents=True)
    small.write_model(run / "best.safetensors", members=1, name="new")
    (run / "config.json").write_text(json.dumps(config_for("improved-sex").to_json()))
    (run / "split.csv").write_text("id,part\n" + "".join(f"{index},test\n" for index in range(60)))
    used = small.write_model(tmp_path / "used.safetensors", "baseline", members=1, name="used")
    page = VerdictPage(models_folder=tmp_path / "models")
    qtbot.addWidget(page)
    page.resize(1280, 800)
    page.show()
    yield Scene(qtbot=qtbot, page=page, run=run, used=used, folder=tmp_path)
    page.leave()
    assert jobs.close_all(), "jobs that do not end"


def answers(run: Path, used: Path, *, spreads: tuple[float, float] = (9, 14)) -> Comparison:
    """Return a comparison of these two files."""
    drawn = a_comparison(spreads=spreads)
    cards = [read_card(path) for path in (run / "best.safetensors", used)]
    new, other = (
        Compared(name=card.name, sha256=card.weights_sha256, predicted=side.predicted, interval_covered=0.9)
        for card, side in zip(cards, (drawn.new, drawn.used), strict=True)
    )
    return compare(case_ids=drawn.case_ids, actual=drawn.actual, sexes=drawn.sexes, new=new, used=other, data="a tenth")


def said(answer: Comparison | Measured) -> dict[str, Any]:
    """Return the answer as the command prints it."""
    return {"event": type(answer).__name__, **answer.to_json()}
