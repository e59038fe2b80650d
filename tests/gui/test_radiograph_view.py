"""The radiograph viewer as hands use it: drags, wheel, keys, drops, and what is then on the screen."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from boneage_gui.widgets.radiograph_view import Probe, RadiographView
from tests.gui.view_gestures import (
    FULL,
    LEFT,
    MIDDLE,
    RIGHT,
    drag,
    grey,
    near,
    radiograph,
    send,
    under,
    wheel,
)
from trainer.radiograph import SpacingFrom


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
    assert probe.row_mm == pytest.approx(6.0)
    assert probe.column_mm == pytest.approx(1.2)
    QApplication.sendEvent(view, QEvent(QEvent.Type.Leave))
    assert seen[-1] is None


@pytest.mark.parametrize("change", ["one_to_one", "flip_horizontal", "rotate_right", "zoom_in", "reset"])
def test_the_probe_follows_what_comes_under_a_pointer_that_rests(view: RadiographView, change: str) -> None:
    seen: list[Probe | None] = []
    view.probed.connect(seen.append)
    view.zoom_by(1.5, at=QPointF(0, 0))
    here = QPointF(130, 90)
    send(view, QEvent.Type.MouseMove, here)
    before = seen[-1]
    getattr(view, change)()
    point = under(view, here)
    probe = seen[-1]
    inside = 0 <= point.x() < 80 and 0 <= point.y() < 60
    assert (probe is not None) == inside
    assert probe != before
    if probe is not None:
        assert (probe.row, probe.column) == (int(point.y()), int(point.x()))


def test_the_next_radiograph_is_probed_under_a_pointer_that_rests(view: RadiographView) -> None:
    seen: list[Probe | None] = []
    view.probed.connect(seen.append)
    send(view, QEvent.Type.MouseMove, QPointF(200, 150))
    view.show_radiograph(radiograph(np.full((60, 80), 0.25, dtype=np.float32)))
    assert seen[-1] is not None
    assert seen[-1].value == pytest.approx(0.25)
    QApplication.sendEvent(view, QEvent(QEvent.Type.Leave))
    view.fit()
    assert seen[-1] is None


def test_without_spacing_the_probe_has_no_millimetres(view: RadiographView) -> None:
    view.show_radiograph(radiograph(spacing_mm=(0.2, 0.1), spacing_from=SpacingFrom.NONE))
    seen: list[Probe] = []
    view.probed.connect(seen.append)
    send(view, QEvent.Type.MouseMove, QPointF(200, 150))
    assert seen[-1].row_mm is None
    assert seen[-1].column_mm is None
