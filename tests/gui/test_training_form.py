"""The form that is a TrainingConfig: whole, typed, with presets, marks and keys."""

from __future__ import annotations

import json
from dataclasses import Field, dataclass, fields
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from boneage_gui.widgets.training_form import TrainingForm, training_form
from trainer.augment import RECIPES
from trainer.config import DEFAULT_RECIPES, TrainingConfig, _choice, config_for
from trainer.errors import ConfigError


@pytest.fixture
def form(qtbot: QtBot) -> TrainingForm:
    made = TrainingForm()
    qtbot.addWidget(made)
    made.resize(480, 700)
    with qtbot.waitActive(made):
        made.show()
        made.activateWindow()
    return made


def type_into(form: TrainingForm, name: str, text: str) -> None:
    line = form.rows[name].editor.field
    assert isinstance(line, QLineEdit)
    line.selectAll()
    QTest.keyClicks(line, text)


def choose(form: TrainingForm, name: str, index: int) -> None:
    combo = form.rows[name].editor.field
    assert isinstance(combo, QComboBox)
    combo.setCurrentIndex(index)
    combo.activated.emit(index)


def another(entry: Field[Any]) -> Any:
    """A right value of a field that is not its default."""
    if entry.name == "recipe":
        return RECIPES["gentle"]
    if entry.metadata["choices"]:
        return next(choice for choice in entry.metadata["choices"] if choice != entry.default)
    if isinstance(entry.default, bool):
        return not entry.default
    if isinstance(entry.default, (int, float)):
        low, high = entry.metadata["low"], entry.metadata["high"]
        return type(entry.default)(low if entry.default != low else min(high, low + 64))
    return {"initial_weights": "imagenet", "device": "cpu"}.get(entry.name, "something")


def test_every_field_of_the_config_is_there_with_words_of_its_own(form: TrainingForm) -> None:
    for entry in fields(TrainingConfig):
        if entry.name == "model":
            continue
        row = form.rows[entry.name]
        said = row.editor.field.accessibleDescription()
        assert str(entry.metadata["meaning"])[1:] in said
        assert "Preset:" in said
        assert entry.name not in row.caption.text() or "_" not in entry.name
        assert row.editor.field.accessibleName() == row.caption.text()
        assert row.unit.text() == entry.metadata["unit"]
        if entry.metadata.get("high") is not None:
            assert f"{entry.metadata['low']:g}" in said
        assert sum(row in group.rows for group in form.groups) == 1


def test_a_field_that_is_new_appears_by_itself(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    @dataclass(frozen=True, slots=True, kw_only=True)
    class More(TrainingConfig):
        dropout_share: float = _choice(0.3, "share of units that rest", low=0.0, high=0.9, unit="share")
        keep_all: bool = _choice(False, "keep every checkpoint")

    for module in ("trainer.config", "boneage_gui.widgets.training_form.training_form"):
        monkeypatch.setattr(f"{module}.TrainingConfig", More)
    form = TrainingForm()
    qtbot.addWidget(form)
    assert form.rows["dropout_share"].caption.text() == "Dropout share"
    type_into(form, "dropout_share", "0,5")
    QTest.keyClick(form.rows["keep_all"].editor.field, Qt.Key.Key_Space)
    config: Any = form.config()
    assert (config.dropout_share, config.keep_all) == (0.5, True)
    type_into(form, "dropout_share", "2")
    assert form.problem.startswith("Dropout share must lie between 0 and 0.9 share")


def test_the_paper_is_what_it_begins_with(form: TrainingForm) -> None:
    assert form.config() == config_for("improved")
    assert form.problem == ""
    assert not any(row.changed for row in form.rows.values())
    assert [group.is_open for group in form.groups] == [True, False, False, False]


@pytest.mark.parametrize("alone", ["members", "progressive_from_px"])
def test_a_config_comes_out_as_it_went_in(form: TrainingForm, alone: str) -> None:
    """Of two choices that exclude each other, either."""
    values = {entry.name: another(entry) for entry in fields(TrainingConfig) if entry.name not in ("model", alone)}
    config = config_for("improved-sex", **{**values, "network_px": 96})
    form.set_config(config)
    assert form.config() == config
    assert all(row.changed for name, row in form.rows.items() if name != alone)
    assert form.presets["improved-sex"].isChecked()


@pytest.mark.parametrize("model", list(DEFAULT_RECIPES))
def test_a_preset_sets_model_and_recipe_and_leaves_the_rest(form: TrainingForm, model: str) -> None:
    type_into(form, "epochs", "3")
    QTest.mouseClick(form.presets[model], Qt.MouseButton.LeftButton)
    assert form.config() == config_for(model, epochs=3)
    assert form.presets[model].isChecked()
    assert sum(button.isChecked() for button in form.presets.values()) == 1


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("epochs", "0", "Epochs must lie between 1 and 1000 epochs"),
        ("epochs", "2.5", "Epochs must lie between"),
        ("epochs", "many", "Epochs must lie between"),
        ("learning_rate", "5", "Learning rate must lie between 1e-07 and 1"),
        ("learning_rate", "", "Learning rate must lie between"),
        ("learning_rate", "nan", "Learning rate must lie between"),
        ("side_px", "8", "Canvas side must lie between 32 and 1024 px"),
    ],
)
def test_a_wrong_value_is_named_as_it_is_typed(form: TrainingForm, name: str, text: str, sentence: str) -> None:
    line = form.rows[name].editor.field
    assert isinstance(line, QLineEdit)
    line.selectAll()
    QTest.keyClick(line, Qt.Key.Key_Delete)
    QTest.keyClicks(line, text)
    assert form.problem.startswith(sentence)
    assert form.rows[name].message.text() == form.problem
    assert line.property("wrong") is True
    with pytest.raises(ConfigError, match=sentence):
        form.config()
    type_into(form, name, "64" if name.endswith("px") else "1")
    assert form.problem == ""
    assert line.property("wrong") is False


def test_values_that_do_not_go_together_are_named_by_their_labels(form: TrainingForm) -> None:
    type_into(form, "members", "3")
    type_into(form, "progressive_from_px", "96")
    assert "“Growing from”" in form.problem
    assert "_" not in form.problem
    type_into(form, "members", "1")
    assert form.problem == ""
    type_into(form, "network_px", "64")
    assert form.problem.startswith("Growing from must be 0, or smaller than “")


def test_numbers_may_be_typed_as_people_write_them(form: TrainingForm) -> None:
    type_into(form, "learning_rate", "5e-4")
    assert form.config().learning_rate == 5e-4
    type_into(form, "learning_rate", "0,002")
    assert form.config().learning_rate == 0.002


def test_what_differs_from_the_preset_is_marked_and_can_be_put_back(form: TrainingForm) -> None:
    row = form.rows["epochs"]
    assert row.reset.isHidden()
    type_into(form, "epochs", "12")
    assert not row.reset.isHidden()
    assert "30" in row.reset.toolTip()
    assert "1 changed" in form.groups[0].heading.text()
    QTest.mouseClick(row.reset, Qt.MouseButton.LeftButton)
    assert form.config().epochs == 30
    assert row.reset.isHidden()
    assert "changed" not in form.groups[0].heading.text()


def test_everything_can_be_put_back_at_once(form: TrainingForm) -> None:
    assert not form.reset_button.isEnabled()
    form.set_config(config_for("baseline", epochs=3, seed=9, loss="l1"))
    QTest.mouseClick(form.reset_button, Qt.MouseButton.LeftButton)
    assert form.config() == config_for("baseline")


def test_every_edit_is_announced(form: TrainingForm, qtbot: QtBot) -> None:
    with qtbot.waitSignal(form.changed):
        type_into(form, "seed", "7")
    with qtbot.waitSignal(form.changed):
        choose(form, "loss", 1)
    assert form.config().loss == "l1"


def test_a_wrong_value_in_a_folded_group_is_pointed_at(form: TrainingForm) -> None:
    form.groups[1].open(True)
    type_into(form, "ema_decay", "7")
    form.groups[1].open(False)
    assert "look here" in form.groups[1].heading.text()


def test_keys_alone_reach_every_field(form: TrainingForm, qapp: QApplication) -> None:
    for group in form.groups[1:]:
        group.heading.setFocus()
        QTest.keyClick(group.heading, Qt.Key.Key_Space)
        assert group.is_open
    wanted = {row.editor.field for row in form.rows.values()} | set(form.presets.values())
    form.presets["baseline"].setFocus()
    met: set[QWidget | None] = set()
    for _ in range(2 * len(form.rows) + 20):
        met.add(qapp.focusWidget())
        QTest.keyClick(qapp.focusWidget() or form, Qt.Key.Key_Tab)
    met |= set(form.presets.values()) if met & set(form.presets.values()) else set()  # arrows go on inside the group
    assert wanted <= met


def test_presets_have_keys(form: TrainingForm, qtbot: QtBot) -> None:
    for key, model in ((Qt.Key.Key_B, "baseline"), (Qt.Key.Key_X, "improved-sex")):
        QTest.keyClick(form, key, Qt.KeyboardModifier.AltModifier)
        qtbot.waitUntil(lambda model=model: form.config().model == model)  # type: ignore[misc]


def test_a_recipe_comes_from_a_file(form: TrainingForm, tmp_path: Path) -> None:
    editor: Any = form.rows["recipe"].editor
    path = tmp_path / "mine.json"
    path.write_text(json.dumps({"name": "mine", "steps": [{"transform": "flip", "low": 1, "high": 1}]}))
    editor.open(path)
    assert form.config().recipe.name == "mine"
    assert "own" in editor.combo.currentText()
    assert "flip" in form.rows["recipe"].editor.field.accessibleDescription()
    path.write_text("{")
    editor.open(path)
    assert "mine.json" in form.rows["recipe"].message.text()
    assert form.config().recipe.name == "mine", "the last good one stays"


def test_recipes_of_the_user_are_offered(qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "hard.json").write_text(json.dumps({"name": "hard", "steps": []}))
    form = TrainingForm(tmp_path)
    qtbot.addWidget(form)
    combo = form.rows["recipe"].editor.field
    assert isinstance(combo, QComboBox)
    assert combo.findText("hard") > 0


def test_first_weights_may_be_a_file(form: TrainingForm, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = "boneage_gui.widgets.training_form.editors.QFileDialog.getOpenFileName"
    monkeypatch.setattr(asked, lambda *_: ("/models/first.safetensors", ""))
    choose(form, "initial_weights", 2)
    assert form.config().initial_weights == "/models/first.safetensors"
    combo = form.rows["initial_weights"].editor.field
    assert isinstance(combo, QComboBox)
    monkeypatch.setattr(asked, lambda *_: ("", ""))
    choose(form, "initial_weights", combo.count() - 1)
    assert form.config().initial_weights == "/models/first.safetensors", "thought better of it"
    choose(form, "initial_weights", 1)
    assert form.config().initial_weights == "imagenet"


def test_a_wheel_on_the_way_down_the_page_changes_nothing(form: TrainingForm) -> None:
    combo = form.rows["loss"].editor.field
    none = QPoint(), QPoint(0, -120)
    at = QPointF(5, 5)
    wheel = QWheelEvent(
        at, at, *none, Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False
    )
    QApplication.sendEvent(combo, wheel)
    assert form.config().loss == "mse"


def test_a_wide_form_stands_in_two_columns(form: TrainingForm) -> None:
    for width, beside in ((training_form.TWO_COLUMNS_PX + 100, True), (480, False)):
        form.resize(width, 700)
        QApplication.processEvents()
        first, second = (group.mapTo(form, QPoint()) for group in form.groups[:2])
        assert (second.x() > first.x()) is beside
        assert (second.y() == first.y()) is beside


def test_a_recipe_saved_meanwhile_is_offered_too(qtbot: QtBot, tmp_path: Path) -> None:
    """The lab saves recipes while the training window is open."""
    form = TrainingForm(tmp_path)
    qtbot.addWidget(form)
    form.show()
    combo = form.rows["recipe"].editor.field
    assert isinstance(combo, QComboBox)
    before, chosen = combo.count(), combo.currentText()
    (tmp_path / "hard.json").write_text(json.dumps({"name": "hard", "steps": []}))
    combo.showPopup()
    combo.hidePopup()
    assert combo.count() == before + 1
    assert combo.findText("hard") > 0
    assert combo.currentText() == chosen
