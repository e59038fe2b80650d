"""Journey 2, through the real window: what training does to the open radiograph, and what the models make of it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QImage
from pytestqt.qtbot import QtBot

from boneage_gui import settings, work
from boneage_gui.windows.augmentation import files
from boneage_gui.windows.augmentation.window import AugmentationWindow
from boneage_gui.windows.main_window import MainWindow
from boneage_gui.work import augmenting
from boneage_gui.work.importing import import_albumentations
from tests.factories import hand, write_png
from tests.gui.fakes import FakeModels, FakePredictor
from tests.journeys.lab import aged, open_lab, settled
from tests.window_fixtures import LONG_MS, MakeWindow
from trainer.augment import RECIPES, apply, draw, offered_recipes, random_for
from trainer.radiograph import Sex


@pytest.fixture(scope="module", autouse=True)
def painting_is_ready() -> None:
    """The library takes long on a busy machine, longer than a fake model may be held."""
    import_albumentations()


def test_pictures_come_before_the_model_has_loaded_and_ages_follow(
    qtbot: QtBot, make_window: MakeWindow, fake_models: FakeModels, hand_dicom: Path
) -> None:
    fake_models.loading.clear()
    window = make_window()
    lab = open_lab(qtbot, window, hand_dicom)
    qtbot.waitUntil(lambda: len(lab.gallery.canvases) == lab.desk.count, timeout=LONG_MS)
    assert all(face.fresh and face.lines for face in lab.gallery.grid.faces[1:])
    assert lab.gallery.grid.faces[0].title == "Original"
    assert lab.gallery.months[0] == {}
    assert lab.gallery.summary.lines[0].name.text().startswith("improved-sex")
    fake_models.loading.set()
    aged(qtbot, lab)
    canvas = lab.gallery.canvases[0]
    assert lab.gallery.months[0][0] == pytest.approx(100 + 100 * canvas.mean() / 255 - 6)
    age = lab.gallery.grid.faces[3].ages[0]
    assert age is not None
    assert age.shift_months == pytest.approx(lab.gallery.months[0][3] - lab.gallery.months[0][0])


def test_the_same_seed_gives_the_pictures_of_a_training(qtbot: QtBot, lab: AugmentationWindow) -> None:
    lab.bar.seed.setValue(7)
    aged(qtbot, lab)
    canvas = lab.gallery.canvases[0]
    for epoch in (1, 5, 11):
        drawn = draw(RECIPES["improved"], random_for(seed=7, case_id="hand", epoch=epoch))
        np.testing.assert_array_equal(lab.gallery.canvases[epoch], apply(canvas, drawn))
        assert lab.gallery.grid.faces[epoch].lines == drawn.lines
    before = dict(lab.gallery.canvases)
    lab.bar.again.click()
    assert lab.bar.seed.value() == 8
    aged(qtbot, lab)
    assert (before[1] != lab.gallery.canvases[1]).any()
    lab.bar.seed.setValue(7)
    aged(qtbot, lab)
    np.testing.assert_array_equal(before[1], lab.gallery.canvases[1])


def test_every_number_says_whose_it_is_and_what_it_is_not_for(lab: AugmentationWindow) -> None:
    (line,) = lab.gallery.summary.texts()
    assert line.startswith("improved-sex · 01234567: bone age ")
    assert "90 %: " in line
    assert "11 drawn: mean" in line
    assert lab.gallery.summary.research.text() == "Research use, not a medical device"
    assert "shifts are of the model’s answer" in lab.gallery.summary.meaning.text().lower()
    worst = max(range(1, 12), key=lambda number: abs(lab.gallery.months[0][number] - lab.gallery.months[0][0]))
    lab.gallery.summary.lines[0].worst.click()
    assert lab.gallery.grid.marked == worst


def test_it_follows_radiograph_sex_and_model(
    qtbot: QtBot, window: MainWindow, lab: AugmentationWindow, fake_models: FakeModels, tmp_path: Path
) -> None:
    boy = lab.gallery.months[0][0]
    window.panel.choose_sex(Sex.FEMALE)
    qtbot.waitUntil(lambda: lab.gallery.months[0].get(0) == pytest.approx(boy + 12), timeout=LONG_MS)
    aged(qtbot, lab)
    window.open_paths([write_png(tmp_path / "1377.png", hand(120, 120))])
    qtbot.waitUntil(lambda: lab.windowTitle().startswith("1377.png"), timeout=LONG_MS)
    assert lab.bar.case.currentText() == "1377"
    aged(qtbot, lab)
    assert lab.desk.sex is None
    asked = len(fake_models.predictors["baseline"].batches)
    window.choose_model("baseline")
    qtbot.waitUntil(lambda: len(fake_models.predictors["baseline"].batches) > asked, timeout=LONG_MS)
    aged(qtbot, lab)
    assert lab.gallery.summary.lines[0].name.text().startswith("baseline")


def test_a_case_whose_id_has_an_ending_in_its_table_is_shown_as_its_training_sees_it(
    qtbot: QtBot, window: MainWindow, lab: AugmentationWindow, tmp_path: Path
) -> None:
    window.open_paths([write_png(tmp_path / "1377.png", hand(120, 120))])
    qtbot.waitUntil(lambda: lab.windowTitle().startswith("1377.png"), timeout=LONG_MS)
    aged(qtbot, lab)
    assert [lab.bar.case.itemText(row) for row in range(lab.bar.case.count())] == ["1377", "1377.png"]
    without = dict(lab.gallery.canvases)
    lab.bar.case.setCurrentIndex(1)
    qtbot.waitUntil(lambda: lab.desk.case_id == "1377.png", timeout=LONG_MS)
    aged(qtbot, lab)
    for epoch in (1, 2):
        drawn = draw(lab.desk.recipe, random_for(seed=lab.desk.seed, case_id="1377.png", epoch=epoch))
        assert lab.gallery.grid.faces[epoch].lines == drawn.lines
        assert (without[epoch] != lab.gallery.canvases[epoch]).any()


def test_64_pictures_are_asked_in_batches_and_stopped_at_any_moment(
    qtbot: QtBot, lab: AugmentationWindow, fake_models: FakeModels
) -> None:
    predictor: FakePredictor = fake_models.predictors["improved-sex"]
    predictor.batches.clear()
    lab.bar.count.setValue(64)
    aged(qtbot, lab)
    assert sum(predictor.batches) == 64 + augmenting.STRIP
    assert max(predictor.batches) > 1
    predictor.batches.clear()
    predictor.gate.clear()
    lab.bar.next_seed()
    qtbot.waitUntil(lambda: lab.desk.askings[0].busy, timeout=LONG_MS)
    lab.bar.stop.click()
    assert not lab.desk.busy
    predictor.gate.set()
    qtbot.wait(50)
    assert lab.gallery.months[0] == {}, "an answer came after the stop"
    assert len(predictor.batches) <= 1


def test_a_switch_and_a_range_change_the_pictures(qtbot: QtBot, lab: AugmentationWindow) -> None:
    before = dict(lab.gallery.canvases)
    for name in ("salt_pepper", "rotation"):
        lab.editor.rows[name].switch.click()
    aged(qtbot, lab)
    assert (before[1] != lab.gallery.canvases[1]).any()
    assert not any("rotation" in line for face in lab.gallery.grid.faces for line in face.lines)
    lab.editor.choose_step("brightness")
    lab.editor.rows["brightness"].high.setValue(200)
    settled(qtbot, lab)
    assert [face.title for face in lab.gallery.strip.faces][::6] == ["70 %", "200 %"]
    assert "BRIGHTNESS ALONE" in lab.gallery.strip_title.text()
    lab.editor.choose_step("hue")
    settled(qtbot, lab)
    assert "NOTHING CHANGES" in lab.gallery.strip_title.text()


def test_a_recipe_is_saved_offered_to_trainings_and_removed(qtbot: QtBot, lab: AugmentationWindow) -> None:
    lab.editor.rows["rotation"].high.setValue(5)
    lab.editor.name.setText("mild")
    qtbot.keyClick(lab.editor.name, Qt.Key.Key_Return)
    offered = offered_recipes(settings.recipes_folder())
    assert offered["mild"] == lab.editor.recipe
    assert not lab.editor.is_changed
    lab.editor.papers.click()
    assert lab.editor.recipe == RECIPES["improved"]
    lab.editor.show_recipe(offered["mild"])
    lab.editor.remove.click()
    assert "mild" not in offered_recipes(settings.recipes_folder())
    lab.editor.name.setText("improved")
    lab.editor.save.click()
    assert "came with the program" in lab.banner.text
    settled(qtbot, lab)


def test_recipes_go_out_and_come_in_as_json(
    qtbot: QtBot, lab: AugmentationWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "mine.json"
    monkeypatch.setattr(files, "ask_where_recipe", lambda _parent, _name: path)
    monkeypatch.setattr(files, "ask_recipe", lambda _parent: path)
    lab.editor.rows["blur"].chance.setValue(35)
    lab.editor.export_file.click()
    exported = lab.editor.recipe
    lab.editor.papers.click()
    lab.editor.import_file.click()
    assert lab.editor.recipe.steps == exported.steps
    values = json.loads(path.read_text())
    values["steps"][0]["high"] = "much"
    path.write_text(json.dumps(values))
    lab.editor.papers.click()
    lab.editor.import_file.click()
    assert "mine.json" in lab.banner.text
    assert "rotation: high must be a number" in lab.banner.text
    assert lab.editor.recipe == RECIPES["improved"], "what was there stays"
    settled(qtbot, lab)


def test_one_picture_large_with_its_difference(qtbot: QtBot, lab: AugmentationWindow) -> None:
    lab.gallery.grid.mark(4)
    qtbot.keyClick(lab.gallery.grid, Qt.Key.Key_Return)
    assert lab.gallery.in_detail
    detail = lab.gallery.detail
    assert detail.title.text() == "Epoch 4"
    assert "improved-sex: bone age" in detail.ages.text()
    assert not detail.difference.picture.isNull()
    share = detail.before_after.share
    qtbot.keyClick(detail.before_after, Qt.Key.Key_Left)
    assert detail.before_after.share < share
    lab.gallery.step(1)
    assert detail.title.text() == "Epoch 5"
    lab._escape()
    assert lab.gallery.grid.isVisible()
    assert lab.gallery.grid.marked == 5


def test_the_grid_is_copied_and_saved_with_captions(
    qtbot: QtBot, lab: AugmentationWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "sheet.png"
    monkeypatch.setattr(files, "ask_where_sheet", lambda _parent, _stem: path)
    lab.bar.save.click()
    qtbot.waitUntil(path.is_file, timeout=LONG_MS)
    assert QImage(str(path)).width() > 1000
    lab.bar.copy.click()
    clipboard = QGuiApplication.clipboard()
    qtbot.waitUntil(lambda: not clipboard.image().isNull(), timeout=LONG_MS)
    assert clipboard.mimeData().hasImage()
    monkeypatch.setattr(files, "ask_where_sheet", lambda _parent, _stem: tmp_path / "sheet.png" / "no.png")
    lab.bar.save.click()
    qtbot.waitUntil(lambda: "could not be written" in lab.banner.text, timeout=LONG_MS)


def test_a_broken_recipe_on_the_shelf_is_named_and_the_others_are_there(
    qtbot: QtBot, window: MainWindow, hand_png: Path
) -> None:
    folder = settings.recipes_folder()
    folder.mkdir(parents=True)
    (folder / "old.json").write_text('{"name": "old", "steps": [{"transform": "blur", "low": 3}]}')
    lab = open_lab(qtbot, window, hand_png)
    qtbot.waitUntil(lambda: "Step 1 of the recipe has no high" in lab.banner.text, timeout=LONG_MS)
    assert lab.editor.choice.count() == len(RECIPES)
    aged(qtbot, lab)


def test_what_the_model_refuses_is_said_and_the_pictures_stay(
    qtbot: QtBot, window: MainWindow, fake_models: FakeModels, hand_png: Path
) -> None:
    fake_models.predictors["improved-sex"].refusal = "This does not look like a hand."
    lab = open_lab(qtbot, window, hand_png)
    qtbot.waitUntil(lambda: "does not look like a hand" in lab.banner.text, timeout=LONG_MS)
    assert len(lab.gallery.canvases) == lab.desk.count
    assert lab.gallery.months[0] == {}


def test_the_lab_closes_with_the_main_window_while_everything_runs(
    qtbot: QtBot, window: MainWindow, lab: AugmentationWindow, fake_models: FakeModels
) -> None:
    fake_models.predictors["improved-sex"].gate.clear()
    lab.bar.next_seed()
    qtbot.waitUntil(lambda: lab.desk.askings[0].busy, timeout=LONG_MS)
    window.close()
    assert window.lab.window is None
    fake_models.predictors["improved-sex"].gate.set()


def test_a_real_model_reads_the_original_as_it_does_without_the_lab(
    qtbot: QtBot, make_window: MakeWindow, hand_dicom: Path, untrained_model: Path
) -> None:
    window = make_window(with_model=False)
    window.choose_model(str(untrained_model))
    lab = open_lab(qtbot, window, hand_dicom)
    aged(qtbot, lab)
    predictor = work.load_predictor(untrained_model)
    canvas = augmenting.canvas_of(work.read(hand_dicom), predictor.card.preprocessing)
    np.testing.assert_array_equal(lab.gallery.canvases[0], canvas)
    alone = predictor.ages_of_canvases([canvas], [Sex.MALE])[0]
    assert lab.gallery.months[0][0] == pytest.approx(alone, abs=0.01)
