"""What the radiograph viewer shows: grey levels, shape, presets, drops and keys."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, QRectF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeyEvent, QPalette
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from boneage_gui.widgets.radiograph_view import PRESETS, Preset, Probe, RadiographView, Tool, preset_window
from tests.gui.view_gestures import (
    FULL,
    HEIGHT,
    LEFT,
    MIDDLE,
    PLAIN,
    RIGHT,
    WIDTH,
    drag,
    grey,
    near,
    radiograph,
    send,
    under,
    wheel,
)
from trainer.radiograph import SpacingFrom


def test_one_to_one_shows_every_pixel_exactly(view: RadiographView) -> None:
    pixels = np.random.default_rng(7).integers(0, 256, (101, 203)).astype(np.float32) / np.float32(255)
    view.show_radiograph(radiograph(pixels))
    view.one_to_one()
    ratio = view.devicePixelRatioF()
    assert view.zoom() == 1
    corner = view.picture_to_view().map(QPointF(0, 0)) * ratio
    image = view.snapshot()
    left, top = round(corner.x()), round(corner.y())
    row = [image.pixelColor(left + column, top + 50).red() for column in range(203)]
    assert row == np.rint(pixels[50] * 255).astype(int).tolist()


def test_a_fine_pattern_shrinks_to_its_mean(view: RadiographView) -> None:
    pixels = (np.indices((1200, 1600)).sum(axis=0) % 2).astype(np.float32)
    view.show_radiograph(radiograph(pixels))
    image = view.snapshot()
    greys = {grey(image, x, y) for x in range(150, 260, 7) for y in range(90, 200, 5)}
    assert min(greys) >= 126
    assert max(greys) <= 129


def test_invert_and_window_change_the_screen_not_the_values(view: RadiographView) -> None:
    view.show_radiograph(radiograph(np.full((60, 80), 0.25, np.float32)))
    assert grey(view.snapshot(), 200, 150) == 64
    view.invert()
    assert grey(view.snapshot(), 200, 150) == 191
    view.invert()
    view.set_window(centre=0.25, width=0.1)
    assert grey(view.snapshot(), 200, 150) in (127, 128)
    view.set_window(centre=0.75, width=0.5)
    assert grey(view.snapshot(), 200, 150) == 0
    seen: list[Probe] = []
    view.probed.connect(seen.append)
    send(view, QEvent.Type.MouseMove, QPointF(200, 150))
    assert seen[-1].value == 0.25


def test_reset_undoes_everything_but_measurements(view: RadiographView) -> None:
    fitted = view.picture_to_view()
    view.set_tool(Tool.LENGTH)
    drag(view, QPointF(100, 100), QPointF(60, 30))
    for change in (view.invert, view.rotate_left, view.flip_vertical, view.zoom_in, view.zoom_in):
        change()
    view.set_window(centre=0.1, width=0.1)
    view.reset()
    assert view.picture_to_view() == fitted
    assert view.display_window() == FULL
    assert not view.is_inverted()
    assert len(view.measurements()) == 1


def test_a_fitted_radiograph_stays_fitted_and_a_zoomed_one_keeps_its_zoom(view: RadiographView) -> None:
    view.resize(800, 600)
    assert view.zoom() == pytest.approx(10 * view.devicePixelRatioF())
    view.zoom_by(1.5, at=QPointF(400, 300))
    view.resize(400, 300)
    assert view.zoom() == pytest.approx(15 * view.devicePixelRatioF())


def test_a_view_folded_away_and_back_is_as_before(view: RadiographView) -> None:
    view.rotate_right()
    before = view.picture_to_view()
    view.setMinimumSize(0, 0)
    view.resize(0, 0)
    for change in (view.zoom_in, view.one_to_one, view.fit, view.rotate_left, view.rotate_right):
        change()
    drag(view, QPointF(0, 0), QPointF(9, 9), button=MIDDLE)
    view.fit()
    view.resize(WIDTH, HEIGHT)
    assert view.picture_to_view() == before


def test_pixels_that_are_not_square_are_shown_in_their_true_shape(view: RadiographView) -> None:
    view.show_radiograph(radiograph(spacing_mm=(0.2, 0.1), spacing_from=SpacingFrom.DETECTOR))
    shown = view.picture_to_view().mapRect(QRectF(0, 0, 80, 60))
    assert shown.height() / shown.width() == pytest.approx(60 * 0.2 / (80 * 0.1))


def test_a_new_radiograph_starts_afresh(view: RadiographView) -> None:
    view.set_tool(Tool.LENGTH)
    drag(view, QPointF(100, 100), QPointF(60, 30))
    view.set_window(centre=0.2, width=0.2)
    view.rotate_right()
    view.zoom_in()
    view.show_radiograph(radiograph())
    assert view.display_window() == FULL
    assert view.zoom() == pytest.approx(5 * view.devicePixelRatioF())
    assert view.measurements() == []
    assert view.tool() is Tool.LENGTH


def test_an_empty_view_answers_every_gesture_with_nothing(view: RadiographView, qtbot: QtBot) -> None:
    view.show_radiograph(None)
    before = view.snapshot()
    for button in (LEFT, MIDDLE, RIGHT):
        drag(view, QPointF(50, 50), QPointF(30, 30), button=button)
    wheel(view, QPointF(50, 50), 2)
    for act in (view.fit, view.one_to_one, view.reset, view.zoom_in, view.invert, view.rotate_left):
        act()
    for key in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Delete, Qt.Key.Key_Left):
        qtbot.keyClick(view, key)
    assert not view.has_radiograph()
    assert view.snapshot() == before


def test_a_film_lies_on_black_whatever_the_palette(view: RadiographView) -> None:
    view.show_radiograph(radiograph(np.ones((60, 20), np.float32)))
    for colour in ("white", "#15181d"):
        palette = view.palette()
        palette.setColor(QPalette.ColorRole.Window, colour)
        view.setPalette(palette)
        image = view.snapshot()
        assert grey(image, 40, 150) == 0
        assert grey(image, 200, 150) == 255


def drop(view: RadiographView, mime: QMimeData) -> bool:
    copy = Qt.DropAction.CopyAction
    entered = QDragEnterEvent(QPoint(50, 50), copy, mime, LEFT, PLAIN)
    entered.ignore()
    QApplication.sendEvent(view, entered)
    if not entered.isAccepted():
        return False
    QApplication.sendEvent(view, QDropEvent(QPointF(50, 50), copy, mime, LEFT, PLAIN))
    return True


def test_dropped_files_and_folders_are_handed_on(view: RadiographView, qtbot: QtBot, tmp_path: Path) -> None:
    hand = tmp_path / "hand with space.dcm"
    hand.touch()
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(hand)), QUrl("https://example.org/a.png"), QUrl.fromLocalFile(str(tmp_path))])
    with qtbot.waitSignal(view.files_dropped, timeout=1000) as dropped:
        assert drop(view, mime)
    assert dropped.args == [[hand, tmp_path]]


def test_text_is_not_taken_for_a_file(view: RadiographView, qtbot: QtBot) -> None:
    mime = QMimeData()
    mime.setText("hand.dcm")
    with qtbot.assertNotEmitted(view.files_dropped):
        assert not drop(view, mime)


@pytest.mark.parametrize(
    ("key", "tool", "claimed"),
    [
        (Qt.Key.Key_Space, Tool.WINDOW, True),
        (Qt.Key.Key_Left, Tool.WINDOW, True),
        (Qt.Key.Key_Escape, Tool.WINDOW, False),
        (Qt.Key.Key_Escape, Tool.LENGTH, True),
        (Qt.Key.Key_Return, Tool.WINDOW, False),
        (Qt.Key.Key_Return, Tool.ANGLE, True),
        (Qt.Key.Key_Delete, Tool.WINDOW, False),
        (Qt.Key.Key_F, Tool.WINDOW, False),
        (Qt.Key.Key_PageDown, Tool.LENGTH, False),
    ],
)
def test_the_view_claims_its_own_keys_and_no_others(
    view: RadiographView, key: Qt.Key, tool: Tool, claimed: bool
) -> None:
    view.set_tool(tool)
    event = QKeyEvent(QEvent.Type.ShortcutOverride, key, PLAIN)
    event.ignore()
    QApplication.sendEvent(view, event)
    assert event.isAccepted() == claimed


def test_arrows_pan_and_with_control_change_the_window(view: RadiographView, qtbot: QtBot) -> None:
    view.one_to_one()
    view.zoom_by(9.3, at=QPointF(200, 150))
    held = under(view, QPointF(200, 150))
    qtbot.keyClick(view, Qt.Key.Key_Right)
    assert near(under(view, QPointF(140, 150)), held)
    qtbot.keyClick(view, Qt.Key.Key_Up, Qt.KeyboardModifier.ControlModifier)
    assert view.display_window().centre < 0.5


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_presets_fit_the_radiograph(preset: Preset) -> None:
    rng = np.random.default_rng(3)
    tissues = np.concatenate([rng.normal(mean, 0.02, 40_000) for mean in (0.1, 0.1, 0.4, 0.7)])
    hand = radiograph(np.clip(tissues, 0, 1).astype(np.float32).reshape(400, 400))
    window = preset_window(preset, hand)
    assert window.low < 0.4 < window.high  # soft tissue is neither black nor white
    assert window.high >= 0.69  # bone is not lost
    if preset is not PRESETS[0]:
        assert window.width < 0.75


@pytest.mark.parametrize("value", [0.0, 0.37, 1.0])
def test_presets_survive_a_flat_picture(value: float) -> None:
    flat = radiograph(np.full((30, 40), value, np.float32))
    for preset in PRESETS:
        window = preset_window(preset, flat)
        assert window.width > 0
        assert 0 <= window.centre <= 1
