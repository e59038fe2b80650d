"""The user's own models: kept under names of their own, in the menu now and at the next start, removed, described."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialogButtonBox
from pytestqt.qtbot import QtBot

import resources
from boneage_gui import settings
from boneage_gui.settings import SettingsFile
from boneage_gui.windows.main_window import MainWindow
from boneage_gui.windows.model_card import ModelCardDialog, as_html
from boneage_gui.windows.remove_model import RemoveModel
from boneage_gui.work import models
from tests.gui.fakes import FakeModels, FakePredictor, card
from tests.trainer import small
from tests.window_fixtures import LONG_MS, MakeWindow
from trainer.card import ModelCard, read_card
from trainer.errors import CheckpointError
from trainer.metrics import score_in_full


@pytest.fixture
def small_backbone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every network built in this test stands on a few convolutions instead of ResNet18."""
    monkeypatch.setattr("torchvision.models.resnet18", small.backbone)


@pytest.fixture
def run(small_backbone: None, tmp_path: Path) -> Path:
    """A run with a best model."""
    return best_in(tmp_path / "runs" / "first", "improved")


def best_in(folder: Path, architecture: str) -> Path:
    folder.mkdir(parents=True)
    small.write_model(folder / "best.safetensors", architecture, members=1)
    return folder


@pytest.fixture
def own(fake_models: FakeModels, run: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One model of the user's own, which a window can read with; beside it files that are none."""
    folder = settings.models_folder()
    path = models.keep_model(run, None, folder, name="mine & yours")
    monkeypatch.setattr(resources, "model_names", lambda: ["improved-sex", "baseline"])
    fake_models.predictors[path.stem] = FakePredictor(card("mine & yours"))
    (folder / "damaged.safetensors").write_bytes(b"\x10\0\0\0\0\0\0\0{")
    (folder / "notes.txt").write_text("not a model")
    return path


def entry(path: Path) -> str:
    return f"model:{path}"


def test_names_never_clash_and_the_same_model_is_kept_once(run: Path, tmp_path: Path) -> None:
    folder = tmp_path / "models"
    second = best_in(tmp_path / "other" / "first", "baseline")
    kept = models.keep_model(run, None, folder)
    assert kept.name == "first.safetensors"
    assert models.keep_model(run, None, folder) == kept
    before = kept.read_bytes()
    assert models.keep_model(second, None, folder).name == "first-2.safetensors"
    assert kept.read_bytes() == before
    assert read_card(folder / "first-2.safetensors").name == "first-2"
    third = best_in(tmp_path / "third", "improved-sex")
    assert models.keep_model(third, None, folder, name="FIRST", taken=("first-3",)).name == "FIRST-4.safetensors"
    assert [path.name for path in folder.iterdir() if path.name.endswith(".part")] == []


def test_a_kept_model_answers_as_the_run_did(run: Path, tmp_path: Path) -> None:
    from trainer.predictor import Predictor

    kept = models.keep_model(run, None, tmp_path / "models")
    assert kept.stat().st_size < (run / "best.safetensors").stat().st_size
    was, now = (Predictor.load(path).self_test() for path in (run / "best.safetensors", kept))
    assert now == pytest.approx(was, abs=0.1)
    assert "float16" in read_card(kept).notes[-1]


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("a/b\\c:d", "a-b-c-d"),
        ("..", "model"),
        ("", "model"),
        ("CON", "model-CON"),
        ("x" * 300, "x" * 60),
        ("Mädchen 7", "Mädchen 7"),
    ],
)
def test_a_name_is_made_safe_for_every_file_system(name: str, safe: str) -> None:
    assert models.safe_name(name) == safe


def test_a_full_disk_leaves_nothing_behind(run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("trainer.checkpoint.write_tensors", full)
    with pytest.raises(CheckpointError, match="No space left on device"):
        models.keep_model(run, None, tmp_path / "models")
    assert models.own_models(tmp_path / "models") == []
    assert [path.name for path in (tmp_path / "models").iterdir() if not path.name.startswith(".")] == []


def test_a_folder_that_is_not_there_or_no_folder_holds_no_models(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert models.own_models(tmp_path / "gone") == []
    assert models.own_models(tmp_path / "file") == []


def test_own_models_are_in_the_menu_after_a_start_and_can_be_used(
    qtbot: QtBot, make_window: MakeWindow, own: Path, hand_png: Path
) -> None:
    window = make_window(store=SettingsFile())
    qtbot.waitUntil(lambda: entry(own) in window.menus.actions, timeout=LONG_MS)
    action = window.menus.actions[entry(own)]
    assert action.text() == "&3  mine - yours"
    assert str(own) in action.toolTip()
    assert "Accuracy not measured" in action.toolTip()
    assert [name for name in window.menus.actions if "damaged" in name] == []
    with qtbot.waitSignal(window.answered, timeout=LONG_MS):
        window.open_paths([hand_png])
    with qtbot.waitSignal(window.answered, timeout=LONG_MS) as answered:
        QTest.keyClick(window.view, Qt.Key.Key_3, Qt.KeyboardModifier.AltModifier)
    assert answered.args[0].model_name == "mine & yours"
    qtbot.waitUntil(window.menus.actions[entry(own)].isChecked, timeout=LONG_MS)
    window.close()
    assert SettingsFile().load().model == str(own)


def test_a_model_used_after_a_training_reads_the_open_radiograph_at_once(
    qtbot: QtBot, window: MainWindow, fake_models: FakeModels, run: Path, hand_png: Path
) -> None:
    with qtbot.waitSignal(window.answered, timeout=LONG_MS):
        window.open_paths([hand_png])
    path = models.keep_model(run, None, settings.models_folder())
    fake_models.predictors[path.stem] = FakePredictor(card("first"))
    with qtbot.waitSignal(window.answered, timeout=LONG_MS) as answered:
        window.choose_model(str(path))
    assert answered.args[0].model_name == "first"
    qtbot.waitUntil(lambda: entry(path) in window.menus.actions, timeout=LONG_MS)
    assert window.menus.actions[entry(path)].isChecked()


def test_a_model_is_removed_after_asking_and_the_default_takes_its_place(
    qtbot: QtBot, window: MainWindow, own: Path
) -> None:
    window.choose_model(str(own))
    qtbot.waitUntil(lambda: entry(own) in window.menus.actions, timeout=LONG_MS)
    window.menus.actions["remove_model"].trigger()
    dialog = window.findChild(RemoveModel)
    assert dialog is not None
    assert "(in use)" in dialog.list.item(0).text()
    assert not dialog.remove_button.isEnabled()
    dialog.list.setCurrentRow(0)
    dialog.remove_button.click()
    qtbot.waitUntil(lambda: entry(own) not in window.menus.actions, timeout=LONG_MS)
    assert not own.exists()
    assert not own.with_suffix(".md").exists()
    qtbot.waitUntil(window.menus.actions["model:improved-sex"].isChecked, timeout=LONG_MS)
    window.menus.actions["remove_model"].trigger()
    assert "no models of your own" in window.banner.text


def test_a_model_that_vanished_meanwhile_is_no_error(qtbot: QtBot, window: MainWindow, own: Path) -> None:
    window.models.refresh()
    qtbot.waitUntil(lambda: entry(own) in window.menus.actions, timeout=LONG_MS)
    shutil.rmtree(own.parent)
    window.menus.actions[entry(own)].trigger()
    qtbot.waitUntil(lambda: "is not there" in window.banner.text, timeout=LONG_MS)
    window.models.remove(own)
    qtbot.waitUntil(lambda: entry(own) not in window.menus.actions, timeout=LONG_MS)


def test_the_folder_is_opened_or_named(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []

    def refuse(url: QUrl) -> bool:
        opened.append(url.toLocalFile())
        return False

    monkeypatch.setattr(QDesktopServices, "openUrl", refuse)
    window.menus.actions["models_folder"].trigger()
    assert [Path(name) for name in opened] == [settings.models_folder()]
    assert str(settings.models_folder()) in window.banner.text


@pytest.fixture
def full_card() -> ModelCard:
    """The card of a fake model, with whole scores as every real card has them."""
    rng = np.random.default_rng(0)
    actual = rng.uniform(1, 227, 300)
    score = score_in_full(actual + rng.normal(0, 9, 300), actual, ["male", "female", None] * 100)
    return replace(card(), metrics={"phantoms": score, "test": score})


def test_the_card_is_shown_in_full_and_copied(qtbot: QtBot, window: MainWindow, full_card: ModelCard) -> None:
    window.inference.card = full_card
    window.menus.actions["about_model"].trigger()
    dialog = window.findChild(ModelCardDialog)
    assert dialog is not None
    text = dialog.page.toPlainText()
    score = full_card.metrics["test"]
    row = f"{score['mae_months']:.2f} ({score['mae_low']:.2f} to {score['mae_high']:.2f})"
    for words in ("Not a medical device", row, "0123456789abcdef" * 4, "Trained on", "female", "unknown", "12–15 y"):
        assert words in text, words
    assert text.index("On held-out radiographs") < text.index("On computer-made radiographs")
    dialog.copy_button.click()
    assert QGuiApplication.clipboard().text().startswith("# improved-sex")
    buttons = dialog.findChild(QDialogButtonBox)
    assert buttons is not None
    assert all(button.toolTip() for button in buttons.buttons())


def test_a_foreign_card_cannot_bring_markup(full_card: ModelCard, tmp_path: Path) -> None:
    evil = replace(full_card, notes=("<img src=x>\x1b[2J",), intended_use="<u>all</u>")
    html = as_html(evil, tmp_path / "<i>.safetensors")
    for words in ("<img", "<u>", "<i>", "\x1b"):
        assert words not in html
    assert "not measured on held-out" in as_html(replace(full_card, metrics={}), None)
