"""Lengths and angles: hand-worked numbers, their labels, and measuring by mouse and by keys alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from boneage_gui.widgets.radiograph_view import RadiographView, Tool
from trainer.radiograph import Radiograph, SpacingFrom

Point = tuple[float, float]


def radiograph(
    spacing_mm: tuple[float, float] | None = None, spacing_from: SpacingFrom = SpacingFrom.NONE
) -> Radiograph:
    """60 rows by 80 columns of black."""
    return Radiograph(
        pixels=np.zeros((60, 80), np.float32),
        source=Path("hand.png"),
        spacing_mm=spacing_mm,
        spacing_from=spacing_from,
    )


@pytest.fixture
def view(qtbot: QtBot) -> RadiographView:
    made = RadiographView()
    qtbot.addWidget(made)
    made.resize(400, 300)
    made.show()
    made.show_radiograph(radiograph())
    return made


def on_view(view: RadiographView, point: Point) -> QPointF:
    return view.picture_to_view().map(QPointF(*point))


def mouse(view: RadiographView, kind: QEvent.Type, at: QPointF) -> None:
    button = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseMove else Qt.MouseButton.LeftButton
    plain = Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(view, QMouseEvent(kind, at, view.mapToGlobal(at), button, button, plain))


def click(view: RadiographView, point: Point) -> None:
    at = on_view(view, point)
    mouse(view, QEvent.Type.MouseMove, at)
    mouse(view, QEvent.Type.MouseButtonPress, at)
    mouse(view, QEvent.Type.MouseButtonRelease, at)


def drag(view: RadiographView, start: Point, end: Point) -> None:
    mouse(view, QEvent.Type.MouseButtonPress, on_view(view, start))
    mouse(view, QEvent.Type.MouseMove, on_view(view, end))
    mouse(view, QEvent.Type.MouseButtonRelease, on_view(view, end))


# From (10, 5) to (40, 45): 30 columns right and 40 rows down.
@pytest.mark.parametrize(
    ("spacing_mm", "spacing_from", "label"),
    [
        (None, SpacingFrom.NONE, "50 px"),
        ((0.2, 0.2), SpacingFrom.CALIBRATED, "10.0 mm (calibrated)"),
        ((0.1, 0.2), SpacingFrom.DETECTOR, "7.2 mm (at detector)"),  # 6 mm and 4 mm: the root of 52
        ((0.2, 0.1), SpacingFrom.DETECTOR, "8.5 mm (at detector)"),  # 3 mm and 8 mm: the root of 73
        ((0.15 / 1.25, 0.15 / 1.25), SpacingFrom.DETECTOR, "6.0 mm (at detector)"),  # magnified 1.25 times
        ((0.2, 0.2), SpacingFrom.NONE, "50 px"),  # a spacing of unknown origin is none
        ((0.0, 0.2), SpacingFrom.DETECTOR, "50 px"),
        ((float("nan"), 0.2), SpacingFrom.DETECTOR, "50 px"),
    ],
)
def test_a_dragged_length_says_what_its_millimetres_rest_on(
    view: RadiographView,
    qtbot: QtBot,
    spacing_mm: tuple[float, float] | None,
    spacing_from: SpacingFrom,
    label: str,
) -> None:
    view.show_radiograph(radiograph(spacing_mm, spacing_from))
    view.set_tool(Tool.LENGTH)
    with qtbot.waitSignal(view.measured, timeout=1000) as measured:
        drag(view, (10, 5), (40, 45))
    assert measured.args == [label]
    assert view.measurements() == [label]


@pytest.mark.parametrize(
    ("points", "spacing_mm", "label"),
    [
        (((10, 40), (10, 10), (50, 10)), None, "90.0°"),
        (((50, 10), (10, 10), (50, 50)), None, "45.0°"),
        (((10, 30), (40, 30), (70, 30)), None, "180.0°"),
        (((20, 10), (30, 30), (60, 20)), None, "98.1°"),  # legs (-10, -20) and (30, -10): acos(-1 / sqrt(50))
        # Rows 0.1 mm, columns 0.2 mm apart: the diagonal leg is 8 mm right and 4 mm down, atan(1/2)
        (((50, 10), (10, 10), (50, 50)), (0.1, 0.2), "26.6°"),
    ],
)
def test_three_clicks_make_an_angle(
    view: RadiographView, points: tuple[Point, ...], spacing_mm: tuple[float, float] | None, label: str
) -> None:
    view.show_radiograph(radiograph(spacing_mm, SpacingFrom.DETECTOR if spacing_mm else SpacingFrom.NONE))
    view.set_tool(Tool.ANGLE)
    for point in points:
        click(view, point)
    assert view.measurements() == [label]


def test_two_clicks_make_a_length_like_a_drag(view: RadiographView) -> None:
    view.set_tool(Tool.LENGTH)
    click(view, (10, 5))
    assert view.measurements() == []
    click(view, (40, 45))
    assert view.measurements() == ["50 px"]


def test_a_second_click_on_the_same_spot_is_no_measurement(view: RadiographView) -> None:
    view.set_tool(Tool.LENGTH)
    click(view, (10, 5))
    mouse(view, QEvent.Type.MouseButtonDblClick, on_view(view, (10, 5)))
    mouse(view, QEvent.Type.MouseButtonRelease, on_view(view, (10, 5)))
    assert view.measurements() == []


def test_a_measurement_stays_with_the_picture(view: RadiographView) -> None:
    view.show_radiograph(radiograph((0.1, 0.2), SpacingFrom.DETECTOR))
    view.set_tool(Tool.LENGTH)
    drag(view, (10, 30), (70, 30))
    for change in (view.rotate_right, view.flip_vertical, view.zoom_in, view.flip_horizontal):
        change()
        assert view.measurements() == ["12.0 mm (at detector)"]
        middle = on_view(view, (40, 30))
        image = view.snapshot()
        ratio = image.devicePixelRatio()
        assert image.pixelColor(int(middle.x() * ratio), int(middle.y() * ratio)).lightness() > 100


def test_points_outside_the_film_are_set_on_its_edge(view: RadiographView) -> None:
    view.show_radiograph(radiograph())
    view.resize(800, 300)  # black on both sides now
    view.set_tool(Tool.LENGTH)
    drag(view, (-20, 30), (95, 30))
    assert view.measurements() == ["80 px"]


def test_keys_alone_measure(view: RadiographView, qtbot: QtBot) -> None:
    view.zoom_by(1 / view.zoom() * view.devicePixelRatioF(), at=QPointF(200, 150))  # one pixel a logical one
    view.set_tool(Tool.LENGTH)
    qtbot.keyClick(view, Qt.Key.Key_Return)  # brings the crosshair
    qtbot.keyClick(view, Qt.Key.Key_Return)  # the first point
    for _ in range(3):
        qtbot.keyClick(view, Qt.Key.Key_Right)
    for _ in range(4):
        qtbot.keyClick(view, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    with qtbot.waitSignal(view.measured, timeout=1000) as measured:
        qtbot.keyClick(view, Qt.Key.Key_Enter)
    assert measured.args == ["34 px"]


def test_the_crosshair_probes(view: RadiographView, qtbot: QtBot) -> None:
    view.set_tool(Tool.ANGLE)
    with qtbot.waitSignal(view.probed, timeout=1000) as probed:
        qtbot.keyClick(view, Qt.Key.Key_Up)
    assert probed.args[0].row == 28  # the middle is row 30, ten of the view's pixels are two of the picture's
    assert probed.args[0].column == 40


def test_escape_cancels_then_puts_the_tool_away(view: RadiographView, qtbot: QtBot) -> None:
    view.set_tool(Tool.LENGTH)
    click(view, (10, 5))
    qtbot.keyClick(view, Qt.Key.Key_Escape)
    assert view.tool() is Tool.LENGTH
    with qtbot.waitSignal(view.tool_changed, timeout=1000) as changed:
        qtbot.keyClick(view, Qt.Key.Key_Escape)
    assert changed.args == [Tool.WINDOW]
    assert view.measurements() == []


def test_delete_removes_the_selected_and_m_walks_through_them(view: RadiographView, qtbot: QtBot) -> None:
    view.set_tool(Tool.LENGTH)
    for length in (10, 20, 30):
        drag(view, (10, length), (10 + length, length))
    qtbot.keyClick(view, Qt.Key.Key_M)  # after the last comes the first
    qtbot.keyClick(view, Qt.Key.Key_Delete)
    assert view.measurements() == ["20 px", "30 px"]
    qtbot.keyClick(view, Qt.Key.Key_Delete)
    qtbot.keyClick(view, Qt.Key.Key_Delete)
    qtbot.keyClick(view, Qt.Key.Key_Delete)
    assert view.measurements() == []


def test_an_end_can_be_dragged_elsewhere_with_the_window_tool(view: RadiographView, qtbot: QtBot) -> None:
    view.set_tool(Tool.LENGTH)
    drag(view, (10, 5), (40, 45))
    view.set_tool(Tool.WINDOW)
    with qtbot.waitSignal(view.measured, timeout=1000) as measured:
        drag(view, (40, 45), (70, 5))
    assert measured.args == ["60 px"]
    assert view.display_window().width == 1


@pytest.mark.parametrize("key", ["remove_selected", "undo_measuring", "clear_measurements"])
@pytest.mark.parametrize("others", [0, 1])
def test_an_end_that_is_held_moves_nothing_once_its_measurement_is_gone(
    view: RadiographView, key: str, others: int
) -> None:
    view.set_tool(Tool.LENGTH)
    drag(view, (10, 5), (40, 45))
    for _ in range(others):
        drag(view, (60, 5), (60, 15))
    view.set_tool(Tool.WINDOW)
    view.select(0)
    mouse(view, QEvent.Type.MouseButtonPress, on_view(view, (40, 45)))
    getattr(view, key)()
    left = view.measurements()
    mouse(view, QEvent.Type.MouseMove, on_view(view, (70, 50)))
    mouse(view, QEvent.Type.MouseMove, on_view(view, (75, 50)))
    mouse(view, QEvent.Type.MouseButtonRelease, on_view(view, (75, 50)))
    assert view.measurements() == left


def test_changing_the_tool_drops_what_was_begun(view: RadiographView) -> None:
    view.set_tool(Tool.ANGLE)
    click(view, (10, 5))
    click(view, (20, 5))
    view.set_tool(Tool.LENGTH)
    click(view, (30, 5))
    assert view.measurements() == []
    click(view, (50, 5))
    assert view.measurements() == ["20 px"]


def test_a_snapshot_shows_measurements_but_not_the_crosshair(view: RadiographView, qtbot: QtBot) -> None:
    clean = view.snapshot()
    view.set_tool(Tool.LENGTH)
    qtbot.keyClick(view, Qt.Key.Key_Right)
    assert view.snapshot() == clean
    drag(view, (10, 5), (40, 45))
    assert view.snapshot() != clean
    view.clear_measurements()
    assert view.snapshot() == clean


def test_steps_of_measuring_are_taken_back_one_by_one(view: RadiographView) -> None:
    view.set_tool(Tool.LENGTH)
    drag(view, (10, 5), (40, 45))
    drag(view, (0, 0), (30, 0))
    view.set_tool(Tool.WINDOW)
    drag(view, (40, 45), (70, 5))
    click(view, (10, 5))  # taken, and moved nowhere
    view.clear_measurements()
    seen = []
    for _ in range(5):
        view.undo_measuring()
        seen.append(view.measurements())
    assert seen == [["60 px", "30 px"], ["50 px", "30 px"], ["50 px"], [], []]


def test_of_an_unfinished_measurement_the_last_point_is_taken_back_first(view: RadiographView) -> None:
    view.set_tool(Tool.ANGLE)
    for point in ((10, 5), (20, 5), (40, 40)):
        click(view, point)
    view.undo_measuring()
    assert view.measurements() == []
    for point in ((10, 5), (20, 5), (60, 50)):
        click(view, point)
        view.undo_measuring()
    for point in ((10, 5), (20, 5), (20, 25)):
        click(view, point)
    assert view.measurements() == ["90.0°"]


def test_another_radiograph_brings_nothing_of_the_former_back(view: RadiographView) -> None:
    view.set_tool(Tool.LENGTH)
    drag(view, (10, 5), (40, 45))
    view.show_radiograph(radiograph())
    view.undo_measuring()
    assert view.measurements() == []
