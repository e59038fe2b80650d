"""The lab's widgets: ranges by mouse and keys, a recipe edited without losing a digit, pictures and their sheet."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QLocale, QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QAbstractButton, QAbstractSpinBox, QApplication, QComboBox, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from boneage_gui.errors import ErrorDoor
from boneage_gui.images import grey_image
from boneage_gui.inference import Inference
from boneage_gui.widgets.augmentation.before_after import BeforeAfter
from boneage_gui.widgets.augmentation.colours import difference_table, ink_on, shift_colour
from boneage_gui.widgets.augmentation.face import Age, Face, short_age, signed
from boneage_gui.widgets.augmentation.range_slider import RangeSlider
from boneage_gui.widgets.augmentation.recipe_editor import RecipeEditor
from boneage_gui.widgets.augmentation.sheet import as_png, draw_sheet
from boneage_gui.widgets.augmentation.step_row import StepRow
from boneage_gui.widgets.augmentation.tile_grid import LEAST_SIDE_PX, TileGrid, fitting
from boneage_gui.windows.augmentation.window import AugmentationWindow
from tests.factories import hand
from trainer.augment import PAPERS, RECIPES, TRANSFORMS, Recipe, Step

ODD = Recipe(
    name="odd",
    steps=(
        Step(transform="gamma", low=81.23456, high=120.98765, probability=0.333),
        Step(transform="rotation", low=-1.05, high=2.07, probability=0.0),
    ),
)


@pytest.fixture
def slider(qtbot: QtBot) -> RangeSlider:
    """From -50 to 50, at -10 to 10."""
    made = RangeSlider("Shear", lowest=-50, highest=50, neutral=0, decimals=0)
    qtbot.addWidget(made)
    made.resize(214, 22)
    made.set_range(-10, 10)
    made.show()
    return made


@pytest.fixture
def editor(qtbot: QtBot) -> RecipeEditor:
    """The paper's recipe."""
    made = RecipeEditor()
    qtbot.addWidget(made)
    with qtbot.waitSignal(made.grown):
        made.show()
    made.offer({**RECIPES, "odd": ODD})
    made.show_recipe(RECIPES[PAPERS])
    return made


def test_each_end_of_a_range_is_dragged(qtbot: QtBot, slider: RangeSlider) -> None:
    for start, goal in ((10, 30), (-10, -40)):
        at = QPoint(round(slider.position(start)), 11)
        qtbot.mousePress(slider, Qt.MouseButton.LeftButton, pos=at)
        qtbot.mouseMove(slider, QPoint(round(slider.position(goal)), 11))
        qtbot.mouseRelease(slider, Qt.MouseButton.LeftButton)
    assert (slider.low, slider.high) == (-40, 30)


def test_an_end_pushes_the_other_along_and_stops_at_the_bounds(qtbot: QtBot, slider: RangeSlider) -> None:
    told: list[tuple[float, float]] = []
    slider.changed.connect(lambda low, high: told.append((low, high)))
    slider.setFocus()
    qtbot.keyClick(slider, Qt.Key.Key_Home)  # the high end
    assert (slider.low, slider.high) == (-50, -50)
    qtbot.keyClick(slider, Qt.Key.Key_Space)  # the low end
    qtbot.keyClick(slider, Qt.Key.Key_End)
    assert (slider.low, slider.high) == (50, 50)
    qtbot.keyClick(slider, Qt.Key.Key_Left)
    qtbot.keyClick(slider, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert (slider.low, slider.high) == (39, 50)
    assert told == [(-50, -50), (50, 50), (49, 50), (39, 50)]


@pytest.mark.parametrize("recipe", [*RECIPES.values(), ODD], ids=lambda recipe: recipe.name)
def test_a_recipe_that_is_only_looked_at_stays_exactly_what_it_is(editor: RecipeEditor, recipe: Recipe) -> None:
    editor.show_recipe(recipe)
    for name in TRANSFORMS:
        editor.choose_step(name)
    assert editor.recipe == recipe
    assert not editor.is_changed


def test_what_is_switched_off_stays_so_that_the_others_draw_as_before(editor: RecipeEditor) -> None:
    editor.rows["rotation"].switch.click()
    steps = {step.transform: step for step in editor.recipe.steps}
    assert list(steps) == [step.transform for step in RECIPES[PAPERS].steps]
    assert (steps["rotation"].low, steps["rotation"].high, steps["rotation"].probability) == (-15, 15, 0.0)
    assert editor.is_changed
    editor.rows["rotation"].switch.click()
    assert editor.recipe == RECIPES[PAPERS]


def test_what_is_switched_on_comes_last(editor: RecipeEditor) -> None:
    editor.rows["gamma"].switch.click()
    assert [step.transform for step in editor.recipe.steps][-1] == "gamma"
    editor.rows["gamma"].switch.click()
    assert editor.recipe == RECIPES[PAPERS]


def test_typed_numbers_are_taken_and_push_the_other_end(editor: RecipeEditor) -> None:
    row = editor.rows["rotation"]
    row.low.setValue(20)
    assert (row.step.low, row.step.high) == (20, 20)
    row.high.setValue(-5)
    assert (row.step.low, row.step.high) == (-5, -5)
    row.chance.setValue(40)
    assert row.step.probability == 0.4
    assert (row.slider.low, row.slider.high) == (-5, -5)


@pytest.mark.parametrize("country", ["de_DE", "en_US", "fr_FR", "ar_EG"])
@pytest.mark.parametrize("typed", ["1.5", "1,5"])
def test_a_point_and_a_comma_are_typed_alike_in_every_country(qtbot: QtBot, country: str, typed: str) -> None:
    before = QLocale()
    QLocale.setDefault(QLocale(country))
    try:
        row = StepRow(Step(transform="salt_pepper", low=0.5, high=8))
    finally:
        QLocale.setDefault(before)
    qtbot.addWidget(row)
    row.show()
    assert row.low.text() == "0.5 %"
    row.low.selectAll()
    qtbot.keyClicks(row.low, typed)
    qtbot.keyClick(row.low, Qt.Key.Key_Return)
    assert row.step.low == 1.5
    assert row.low.text() == "1.5 %"


def test_reset_and_the_papers_take_changes_back(editor: RecipeEditor) -> None:
    editor.show_recipe(ODD)
    editor.rows["gamma"].high.setValue(150)
    assert editor.is_changed
    editor.reset.click()
    assert editor.recipe == ODD
    editor.papers.click()
    assert editor.recipe == RECIPES[PAPERS]
    assert not editor.remove.isEnabled(), "what came with the program stays"


def test_the_strip_follows_the_row_and_its_range(editor: RecipeEditor) -> None:
    told: list[Step] = []
    editor.step_chosen.connect(told.append)
    editor.choose_step("contrast")
    editor.rows["contrast"].high.setValue(200)
    assert [(step.transform, step.high) for step in told] == [("contrast", 150), ("contrast", 200)]


@pytest.mark.parametrize("count", [4, 12, 16, 33, 64])
@pytest.mark.parametrize("bands", [0, 1, 2])
def test_pictures_are_as_large_as_all_fit_or_scroll(count: int, bands: int) -> None:
    from boneage_gui.widgets.augmentation.face import Shape

    side, columns = fitting(count, 880, 460, bands=bands)
    shape = Shape(side=side, bands=bands)
    assert columns * shape.width <= 880
    rows = -(-count // columns)
    assert side == LEAST_SIDE_PX or rows * shape.height <= 460
    assert fitting(4, 880, 460, bands=bands)[0] >= side


def test_words_of_a_face() -> None:
    face = Face(title="Epoch 3", lines=("rotation 4.0°",), ages=(Age(months=100.4, shift_months=-2.25), None))
    assert face.words == "Epoch 3: rotation 4.0°; bone age 8 years 4 months, −2.2 months from the original"
    assert (short_age(100.4), short_age(7), short_age(float("nan"))) == ("8 y 4 m", "7 m", "no answer")
    assert (signed(2.25), signed(-0.01), signed(-3.0), signed(float("nan"))) == ("+2.2", "±0.0", "−3.0", "")


def test_the_colours_of_shifts_are_told_apart_by_lightness_and_by_blue_and_orange() -> None:
    light = [shift_colour(months).lightnessF() for months in (0, 3, 6, 9, 12)]
    assert light == sorted(light, reverse=True)
    younger, older = shift_colour(-9), shift_colour(9)
    assert younger.blueF() > younger.redF() + 0.2
    assert older.redF() > older.blueF() + 0.2
    assert shift_colour(99) == shift_colour(12)
    for months in range(-12, 13):
        colour, ink = shift_colour(months), ink_on(shift_colour(months))
        assert abs(colour.lightnessF() - ink.lightnessF()) > 0.3
    table = difference_table()
    assert table.shape == (511, 3)
    assert table[0, 2] > table[0, 0]
    assert table[510, 0] > table[510, 2]


def test_a_grid_keeps_old_pictures_until_new_ones_come(qtbot: QtBot) -> None:
    grid = TileGrid("Pictures")
    qtbot.addWidget(grid)
    grid.resize(700, 400)
    grid.show()
    grid.show_captions([("Original", ()), ("Epoch 1", ("rotation 1.0°",))])
    grid.show_picture(1, grey_image(hand(32, 32)))
    grid.show_age(1, 1, Age(months=100.0, shift_months=1.0))
    assert grid.faces[1].ages[0] is None
    grid.show_captions([("Original", ()), ("Epoch 1", ("rotation 2.0°",))])
    assert not grid.faces[1].picture.isNull()
    assert not grid.faces[1].fresh
    assert grid.faces[1].ages == ()
    opened: list[int] = []
    grid.opened.connect(opened.append)
    grid.mark(0)
    qtbot.keyClick(grid, Qt.Key.Key_Right)
    qtbot.keyClick(grid, Qt.Key.Key_Return)
    assert opened == [1]


@pytest.mark.parametrize("size", [(872, 456), (1512, 740), (700, 900)])
@pytest.mark.parametrize("count", [4, 12, 25])
def test_fitted_pictures_all_lie_in_sight(qtbot: QtBot, size: tuple[int, int], count: int) -> None:
    grid = TileGrid("Pictures")
    qtbot.addWidget(grid)
    grid.resize(*size)
    grid.show()
    grid.set_bands(1)
    grid.show_captions([(f"Epoch {number}", ()) for number in range(count)])
    QApplication.processEvents()
    places = [grid.visualRect(grid.model().index(number, 0)) for number in range(count)]
    in_sight = all(grid.viewport().rect().contains(place) for place in places)
    if grid.shape_px.side > LEAST_SIDE_PX:
        assert in_sight, (grid.gridSize(), grid.viewport().size())
    else:
        assert in_sight or grid.verticalScrollBar().maximum() > 0
    grid.set_side(300)
    QApplication.processEvents()
    assert grid.verticalScrollBar().maximum() > 0 or count == 4


def test_the_line_between_before_and_after_moves_by_mouse_and_keys(qtbot: QtBot) -> None:
    view = BeforeAfter()
    qtbot.addWidget(view)
    view.resize(400, 400)
    view.show()
    black, white = np.zeros((40, 40), dtype=np.uint8), np.full((40, 40), 255, dtype=np.uint8)
    view.show_pictures(grey_image(black), grey_image(white), "Epoch 1")
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPoint(100, 200))
    assert view.share == pytest.approx(0.25, abs=0.01)
    seen = view.grab().toImage()
    assert seen.pixelColor(60, 300).lightness() < 20
    assert seen.pixelColor(300, 300).lightness() > 235
    qtbot.keyClick(view, Qt.Key.Key_Right)
    assert view.share == pytest.approx(0.27, abs=0.01)
    qtbot.keyClick(view, Qt.Key.Key_End)
    assert view.share == 1.0
    qtbot.keyClick(view, Qt.Key.Key_Home)
    assert view.share == 0.0


def test_a_sheet_holds_every_picture(qtbot: QtBot) -> None:
    picture = grey_image(np.full((20, 20), 200, dtype=np.uint8))
    faces = [Face(title=f"Epoch {number}", picture=picture, fresh=True) for number in range(7)]
    sheet = draw_sheet(faces, heading=["a", "b"], lines=["model"], bands=1)
    grey = sheet.convertToFormat(QImage.Format.Format_Grayscale8)
    bright = sum(grey.pixelColor(x, y).lightness() == 200 for x in range(0, grey.width(), 8)
                 for y in range(0, grey.height(), 8))  # fmt: skip
    assert bright == pytest.approx(7 * (168 * 2 / 8) ** 2, rel=0.1)
    again = QImage.fromData(as_png(sheet))
    assert again.size() == sheet.size()


def test_every_control_of_the_lab_has_a_name_a_tooltip_and_takes_the_focus(qtbot: QtBot, tmp_path: Path) -> None:
    lab = AugmentationWindow(inference=Inference(), door=ErrorDoor(), recipes_folder=tmp_path, parent=None)
    qtbot.addWidget(lab)
    with qtbot.waitSignal(lab.editor.grown):
        lab.show()
    kinds = (QAbstractButton, QLineEdit, QAbstractSpinBox, QComboBox, RangeSlider, TileGrid, BeforeAfter)
    found: list[QWidget] = [control for kind in kinds for control in lab.findChildren(kind)]
    controls = [control for control in found if not control.objectName().startswith("qt_")]
    assert len(controls) > 100
    for control in controls:
        name = control.accessibleName() or (control.text() if isinstance(control, QAbstractButton) else "")
        assert name, control
        assert control.toolTip(), name
        keyed = "(Ctrl+" in control.toolTip()
        assert keyed or control.focusPolicy() & Qt.FocusPolicy.TabFocus, name
    lab.close()
