"""The radiograph viewer as hands use it: drags, wheel, keys, drops, and what is then on the screen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, QRectF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QImage, QKeyEvent, QMouseEvent, QPalette, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from boneage_gui.widgets.radiograph_view import PRESETS, Preset, Probe, RadiographView, Tool, Window, preset_window
from trainer.radiograph import Radiograph, SpacingFrom

LEFT, MIDDLE, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton, Qt.MouseButton.RightButton
NONE = Qt.MouseButton.NoButton
PLAIN = Qt.KeyboardModifier.NoModifier
WIDTH, HEIGHT = 400, 300
FULL = Window(centre=0.5, width=1.0)


def radiograph(pixels: npt.NDArray[np.float32] | None = None, **facts: Any) -> Radiograph:
    """A radiograph whose every pixel has its own value, 60 rows by 80 columns, unless pixels are given."""
    if pixels is None:
        pixels = (np.arange(60 * 80, dtype=np.float32) / (60 * 80 - 1)).reshape(60, 80)
    return Radiograph(pixels=pixels, source=Path("hand.png"), **facts)


@pytest.fixture
def view(qtbot: QtBot) -> RadiographView:
    made = RadiographView()
    qtbot.addWidget(made)
    made.resize(WIDTH, HEIGHT)
    made.show()
    made.show_radiograph(radiograph())
    return made


def send(
    view: RadiographView,
    kind: QEvent.Type,
    at: QPointF,
    button: Qt.MouseButton = NONE,
    modifiers: Qt.KeyboardModifier = PLAIN,
) -> None:
    QApplication.sendEvent(view, QMouseEvent(kind, at, view.mapToGlobal(at), button, button, modifiers))


def drag(
    view: RadiographView,
    start: QPointF,
    *by: QPointF,
    button: Qt.MouseButton = LEFT,
    modifiers: Qt.KeyboardModifier = PLAIN,
) -> None:
    send(view, QEvent.Type.MouseButtonPress, start, button, modifiers)
    for step in by:
        start = start + step
        send(view, QEvent.Type.MouseMove, start, NONE, modifiers)
    send(view, QEvent.Type.MouseButtonRelease, start, button, modifiers)


def wheel(view: RadiographView, at: QPointF, notches: float) -> None:
    angle = QPoint(0, round(120 * notches))
    event = QWheelEvent(at, view.mapToGlobal(at), QPoint(), angle, NONE, PLAIN, Qt.ScrollPhase.NoScrollPhase, False)
    QApplication.sendEvent(view, event)


def under(view: RadiographView, at: QPointF) -> QPointF:
    return view.picture_to_view().inverted()[0].map(at)


def grey(image: QImage, x: float, y: float) -> int:
    """The grey of a snapshot's pixel at a logical position."""
    ratio = image.devicePixelRatio()
    colour = image.pixelColor(int(x * ratio), int(y * ratio))
    assert colour.red() == colour.green() == colour.blue()
    return colour.red()


def near(point: QPointF, other: QPointF, within: float = 1e-6) -> bool:
    away = point - other
    return abs(away.x()) < within and abs(away.y()) < within


def test_a_left_drag_widens_to_the_right_and_brightens_upwards(view: RadiographView) -> None:
    drag(view, QPointF(200, 150), QPointF(40, -20), QPointF(24, -12))
    assert view.display_window().width == pytest.approx(1 + 64 / 512)
    assert view.display_window().centre == pytest.approx(0.5 - 32 / 512)


def test_shift_makes_the_window_drag_five_times_finer(view: RadiographView) -> None:
    drag(view, QPointF(200, 150), QPointF(0, 80), modifiers=Qt.KeyboardModifier.ShiftModifier)
    assert view.display_window().centre == pytest.approx(0.5 + 80 / 512 / 5)


def test_a_trembling_click_leaves_the_window_alone(view: RadiographView) -> None:
    drag(view, QPointF(200, 150), QPointF(1, -1), QPointF(-1, 1))
    assert view.display_window() == FULL


def test_a_double_click_resets_the_window(view: RadiographView) -> None:
    view.set_window(centre=0.3, width=0.2)
    send(view, QEvent.Type.MouseButtonDblClick, QPointF(100, 100), LEFT)
    assert view.display_window() == FULL


def test_a_window_cannot_be_lost(view: RadiographView) -> None:
    view.drag_window(right_px=-5000, down_px=9000)
    assert view.display_window().width > 0
    assert view.display_window().centre == 1


@pytest.mark.parametrize("turn", ["fit", "rotate_right", "flip_horizontal"])
@pytest.mark.parametrize("notches", [3, -2, 0.4])
def test_the_wheel_keeps_what_is_under_the_cursor(view: RadiographView, turn: str, notches: float) -> None:
    getattr(view, turn)()
    cursor = QPointF(137, 88)
    held, before = under(view, cursor), view.zoom()
    wheel(view, cursor, notches)
    assert near(under(view, cursor), held)
    assert (view.zoom() > before) == (notches > 0)


def test_a_right_drag_zooms_where_it_began(view: RadiographView) -> None:
    start = QPointF(90, 210)
    held, before = under(view, start), view.zoom()
    drag(view, start, QPointF(0, -30), QPointF(0, -50), button=RIGHT)
    assert view.zoom() == pytest.approx(before * np.exp(80 / 160))
    assert near(under(view, start), held)


def test_middle_drag_and_space_with_left_drag_carry_the_radiograph(view: RadiographView, qtbot: QtBot) -> None:
    view.zoom_in()
    held = under(view, QPointF(200, 150))
    drag(view, QPointF(200, 150), QPointF(30, 0), QPointF(10, -20), button=MIDDLE)
    assert near(under(view, QPointF(240, 130)), held)
    qtbot.keyPress(view, Qt.Key.Key_Space)
    drag(view, QPointF(240, 130), QPointF(-40, 20))
    qtbot.keyRelease(view, Qt.Key.Key_Space)
    assert near(under(view, QPointF(200, 150)), held)
    assert view.display_window() == FULL


def test_a_radiograph_cannot_be_pushed_out_of_sight(view: RadiographView) -> None:
    view.move_by(QPointF(90_000, -90_000))
    shown = view.picture_to_view().mapRect(QRectF(0, 0, 80, 60))
    assert shown.intersects(view.rect().toRectF())


TURNS: dict[str, Callable[[npt.NDArray[np.float32]], npt.NDArray[np.float32]]] = {
    "rotate_right": lambda pixels: np.rot90(pixels, -1),
    "rotate_left": np.rot90,
    "flip_horizontal": np.fliplr,
    "flip_vertical": np.flipud,
}


@pytest.mark.parametrize(
    "steps",
    [
        ("rotate_right",),
        ("rotate_left",),
        ("flip_horizontal",),
        ("flip_vertical",),
        ("rotate_right", "flip_horizontal"),
        ("flip_vertical", "rotate_left", "flip_vertical"),
        ("rotate_left", "rotate_left", "flip_horizontal", "rotate_right"),
    ],
)
def test_turning_shows_the_picture_turned_and_probes_the_pixel_seen(
    view: RadiographView, steps: tuple[str, ...]
) -> None:
    pixels = np.repeat(np.repeat(np.array([[0, 0.2, 0.4], [0.6, 0.8, 1]], np.float32), 50, axis=0), 50, axis=1)
    view.show_radiograph(radiograph(pixels))
    seen: list[Probe] = []
    view.probed.connect(seen.append)
    for step in steps:
        getattr(view, step)()
        pixels = TURNS[step](pixels)
    shown = view.picture_to_view().mapRect(QRectF(0, 0, 150, 100))
    snapshot = view.snapshot()
    for row in (1, 3):
        for column in (1, 3):
            expected = float(pixels[pixels.shape[0] * row // 4, pixels.shape[1] * column // 4])
            at = QPointF(shown.left() + shown.width() * column / 4 + 0.5, shown.top() + shown.height() * row / 4 + 0.5)
            assert grey(snapshot, at.x(), at.y()) == pytest.approx(expected * 255, abs=1)
            send(view, QEvent.Type.MouseMove, at)
            assert seen[-1].value == pytest.approx(expected)


def test_four_quarter_turns_or_two_flips_change_nothing(view: RadiographView) -> None:
    before = view.picture_to_view()
    for _ in range(4):
        view.rotate_right()
    for flip in (view.flip_vertical, view.flip_horizontal) * 2:
        flip()
    assert view.picture_to_view() == before


def test_the_probe_says_row_column_value_and_millimetres(view: RadiographView) -> None:
    view.show_radiograph(radiograph(spacing_mm=(0.2, 0.1), spacing_from=SpacingFrom.CALIBRATED))
    seen: list[Probe | None] = []
    view.probed.connect(seen.append)
    send(view, QEvent.Type.MouseMove, view.picture_to_view().map(QPointF(12.5, 30.5)))
    probe = seen[-1]
    assert probe is not None
    assert (probe.row, probe.column) == (30, 12)
    assert probe.value == pytest.approx((30 * 80 + 12) / 4799)
    assert (probe.row_mm, probe.column_mm) == (pytest.approx(6.0), pytest.approx(1.2))
    QApplication.sendEvent(view, QEvent(QEvent.Type.Leave))
    assert seen[-1] is None


def test_without_spacing_the_probe_has_no_millimetres(view: RadiographView) -> None:
    view.show_radiograph(radiograph(spacing_mm=(0.2, 0.1), spacing_from=SpacingFrom.NONE))
    seen: list[Probe] = []
    view.probed.connect(seen.append)
    send(view, QEvent.Type.MouseMove, QPointF(200, 150))
    assert seen[-1].row_mm is None
    assert seen[-1].column_mm is None


def test_one_to_one_shows_every_pixel_exactly(view: RadiographView) -> None:
    pixels = np.random.default_rng(7).integers(0, 256, (101, 203)).astype(np.float32) / 255
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
