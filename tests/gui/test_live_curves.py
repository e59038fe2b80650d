"""Curves of a run: read by mouse and keys, linear or logarithmic, saved, laid over each other."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from boneage_gui import jobs, theme
from boneage_gui.widgets import figure_view
from boneage_gui.widgets.live_curves import LiveCurves
from boneage_gui.work.curves import curves_csv, draw_histories
from boneage_gui.work.figures import DrawnAxes, DrawnFigure
from tests.trainer.drawings import a_history
from tests.window_fixtures import LONG_MS
from trainer.config import config_for
from trainer.figures import LIGHT
from trainer.history import History, history_of

RUN = a_history([30.0, 20.0, 12.0, 14.0], training=[31.0, 22.0, 15.0, 9.0], name="first")
OTHER = a_history([28.0, 18.0, 13.0], name="second", loss="l1")


@pytest.fixture(autouse=True)
def dark(qapp: QApplication) -> None:
    theme.apply(qapp, theme.DARK)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What was asked to be drawn; in the place of matplotlib two plots of known place."""
    calls: list[Any] = []

    def draw(draw_function: Any, **choices: Any) -> DrawnFigure:
        calls.append(draw_function)
        axes = tuple(
            DrawnAxes(
                left_px=left_px, right_px=left_px + 200, top_px=10, bottom_px=210, x_low=0.5, x_high=4.5, y_low=0,
                y_high=y_high,
            )
            for left_px, y_high in ((50, 40), (300, 1000))
        )  # fmt: skip
        shape = (choices["height_px"], choices["width_px"], 4)
        return DrawnFigure(pixels=np.zeros(shape, np.uint8), scale=1.0, axes=axes)

    monkeypatch.setattr(figure_view, "draw_figure", draw)
    return calls


@pytest.fixture
def curves(qtbot: QtBot) -> Iterator[LiveCurves]:
    made = LiveCurves()
    qtbot.addWidget(made)
    made.resize(700, 360)
    made.show()
    yield made
    made.hide()
    jobs.close_all()  # whatever is still being drawn


def show(curves: LiveCurves, qtbot: QtBot, history: History, *more: History) -> None:
    with qtbot.waitSignal(curves.view.drawn, timeout=LONG_MS):
        curves.show_history(history, more)


def test_before_the_first_epoch_it_says_so(curves: LiveCurves) -> None:
    curves.show_history(a_history([]))
    assert "first epoch" in curves.view.sentence
    assert not curves.save_picture_button.isEnabled()
    assert not curves.save_numbers_button.isEnabled()


def test_pointing_at_a_real_plot_reads_the_nearest_epoch(curves: LiveCurves, qtbot: QtBot) -> None:
    show(curves, qtbot, RUN)
    figure = curves.view.figure
    assert figure is not None
    mae, loss = figure.axes
    for axes, value in ((mae, 12.0), (loss, 144.0)):
        place = axes.pixel_of(3, value)
        assert place is not None
        QTest.mouseMove(curves.view, QPoint(round(place[0]) + 3, round(place[1])))
        assert curves.view.reading == [
            "Epoch 3, best",
            "training: 15.00 months, loss 225",
            "validation: 12.00 months, loss 144",
        ]
    assert "Epoch 3" in curves.view.accessibleDescription()
    QTest.mouseMove(curves.view, QPoint(2, 2))
    assert curves.view.reading == []


def test_keys_alone_read_every_epoch(curves: LiveCurves, asked: list[Any], qtbot: QtBot) -> None:
    show(curves, qtbot, RUN)
    curves.view.setFocus()
    read = []
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Left, Qt.Key.Key_Home, Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_End):
        QTest.keyClick(curves.view, key)
        read.append(curves.view.epoch)
    assert read == [4, 3, 1, 1, 2, 4]
    before = curves.view.grab().toImage()
    QTest.keyClick(curves.view, Qt.Key.Key_Escape)
    assert curves.view.epoch is None
    assert curves.view.grab().toImage() != before, "the values are still painted"


def test_two_runs_are_read_together(curves: LiveCurves, asked: list[Any], qtbot: QtBot) -> None:
    show(curves, qtbot, RUN, OTHER)
    QTest.keyClick(curves.view, Qt.Key.Key_Home)
    assert [line for line in curves.view.reading if not line.startswith(("training", "validation"))] == [
        "Epoch 1",
        "first",
        "second",
    ]
    QTest.keyClick(curves.view, Qt.Key.Key_End)
    assert "second" not in curves.view.reading, "it has no epoch 4"


def test_only_what_is_new_is_drawn(curves: LiveCurves, asked: list[Any], qtbot: QtBot) -> None:
    show(curves, qtbot, RUN)
    for _ in range(5):
        curves.show_history(RUN)  # as after a report of a step
    qtbot.wait(500)
    assert len(asked) == 1
    show(curves, qtbot, a_history([30.0, 20.0, 12.0, 14.0, 11.0], name="first"))
    assert len(asked) == 2


def test_the_axes_are_linear_or_logarithmic(curves: LiveCurves, asked: list[Any], qtbot: QtBot) -> None:
    show(curves, qtbot, RUN)
    with qtbot.waitSignal(curves.view.drawn, timeout=LONG_MS):
        QTest.keyClick(curves, Qt.Key.Key_G, Qt.KeyboardModifier.AltModifier)
    assert [draw.keywords["log"] for draw in asked] == [False, True]
    assert all(draw.func is draw_histories for draw in asked)


def test_an_epoch_that_went_is_no_longer_read(curves: LiveCurves, asked: list[Any], qtbot: QtBot) -> None:
    show(curves, qtbot, RUN)
    QTest.keyClick(curves.view, Qt.Key.Key_End)
    show(curves, qtbot, OTHER)
    assert curves.view.reading == []


def test_the_numbers_are_saved_with_their_units(
    curves: LiveCurves, asked: list[Any], qtbot: QtBot, tmp_path: Path
) -> None:
    show(curves, qtbot, RUN)
    path = tmp_path / "run.csv"
    curves.save_numbers(path)
    head, *rows = csv.reader(path.read_text(encoding="utf-8").splitlines())
    assert "training loss (MSE, months²)" in head
    assert "validation MAE (months)" in head
    assert "time since the start (s)" in head
    third = dict(zip(head, rows[2], strict=True))
    assert (third["epoch"], third["validation MAE (months)"], third["best"]) == ("3", "12.0", "1")
    assert [row[-1] for row in rows] == ["0", "0", "1", "0"]
    assert "run.csv" in curves.hint
    show(curves, qtbot, RUN, OTHER)
    curves.save_numbers(path)
    head, *rows = csv.reader(path.read_text(encoding="utf-8").splitlines())
    assert {row[0] for row in rows} == {"first", "second"}
    assert "training loss (in the unit of its run)" in head


def test_the_numbers_of_an_ensemble_are_those_of_all_its_models() -> None:
    records = [replace(record, member=member) for member in (1, 2) for record in RUN.epochs[:2]]
    config = config_for("baseline", members=2)
    head, *rows = csv.reader(curves_csv([history_of(RUN.folder, config, records, held=False)]).splitlines())
    columns = [dict(zip(head, row, strict=True)) for row in rows]
    assert [(row["member"], row["epoch"], row["best"]) for row in columns] == [
        ("1", "1", "0"), ("1", "2", "1"), ("2", "1", "0"), ("2", "2", "1"),
    ]  # fmt: skip


def test_numbers_that_cannot_be_saved_say_so(
    curves: LiveCurves, asked: list[Any], qtbot: QtBot, tmp_path: Path
) -> None:
    show(curves, qtbot, RUN)
    (tmp_path / "file").touch()
    with qtbot.waitSignal(curves.told) as told:
        curves.save_numbers(tmp_path / "file" / "run.csv")
    assert told.args[0] == curves.hint
    assert "saved in" not in curves.hint


@pytest.mark.parametrize("size", [(9.0, 4.0), (4.5, 6.0)])
def test_plots_stand_beside_each_other_where_there_is_room(size: tuple[float, float]) -> None:
    from matplotlib.figure import Figure

    from trainer.figures import DARK

    figure = Figure(figsize=size)
    draw = partial(draw_histories, histories=[RUN], log=False)
    draw(figure, DARK)
    mae, loss = (axes.get_position() for axes in figure.axes)
    assert bool(loss.x0 > mae.x1) is (size[0] > 6.6)
    assert bool(loss.y1 < mae.y0) is (size[0] < 6.6)


@pytest.mark.parametrize("size_px", [(834, 436), (742, 348), (500, 600)])
@pytest.mark.parametrize("histories", [[RUN], [RUN, OTHER]], ids=["one", "two"])
def test_one_legend_stands_beside_the_curves_not_on_them(size_px: tuple[int, int], histories: list[History]) -> None:
    figure = Figure(figsize=(size_px[0] / 96, size_px[1] / 96), dpi=96, layout="constrained")
    draw_histories(figure, LIGHT, histories=histories, log=False)
    figure.canvas.draw()
    (legend,) = figure.legends
    for axes in figure.axes:
        assert axes.get_legend() is None
        assert legend.get_window_extent().y0 >= axes.get_window_extent().y1
        assert axes.get_window_extent().height > 0.15 * size_px[1]
    assert len(legend.get_texts()) == (3 if len(histories) == 1 else 2)
