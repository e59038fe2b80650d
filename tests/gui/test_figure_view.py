"""Figures in the window: drawn elsewhere, sharp, in the theme's colours, the newest, few at a time."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtGui import QColor, QGuiApplication, QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from boneage_gui import jobs, theme
from boneage_gui.widgets import figure_view
from boneage_gui.widgets.figure_view import FigureView
from boneage_gui.work.figures import DrawnAxes, DrawnFigure, draw_figure
from boneage_gui.work.painter import FigureError, painter
from tests.conftest import LogWatch
from tests.gui import drawn
from tests.window_fixtures import LONG_MS

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def dark(qapp: QApplication) -> Iterator[None]:
    """Begin and end in the dark."""
    theme.apply(qapp, theme.DARK)
    yield
    theme.apply(qapp, theme.DARK)


@pytest.fixture
def view(qtbot: QtBot) -> Iterator[FigureView]:
    made = FigureView("Something drawn")
    qtbot.addWidget(made)
    made.resize(400, 260)
    made.show()
    yield made
    made.hide()
    jobs.close_all()  # whatever is still being drawn


class FakeDrawing:
    """In the place of draw_figure: remembers what was asked; how many drew at once."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.at_once = self.most_at_once = 0
        self._lock = threading.Lock()

    def __call__(self, draw: Any, **choices: Any) -> DrawnFigure:
        with self._lock:
            self.asked.append({"draw": draw, **choices})
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        time.sleep(0.05)
        with self._lock:
            self.at_once -= 1
        height, width = (round(choices[side] * choices["scale"]) for side in ("height_px", "width_px"))
        return DrawnFigure(pixels=np.zeros((height, width, 4), np.uint8), scale=choices["scale"], axes=())


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeDrawing:
    made = FakeDrawing()
    monkeypatch.setattr(figure_view, "draw_figure", made)
    return made


def colours_of(image: QImage) -> set[str]:
    return {image.pixelColor(x, y).name() for x in range(0, image.width(), 2) for y in range(0, image.height(), 2)}


@pytest.mark.parametrize(("look", "ink"), [(theme.DARK, "#4cc2d6"), (theme.LIGHT, "#0b6f84")])
def test_a_figure_is_drawn_in_the_colours_of_the_theme(
    look: theme.Theme, ink: str, view: FigureView, qtbot: QtBot, qapp: QApplication
) -> None:
    theme.apply(qapp, look)
    with qtbot.waitSignal(view.drawn, timeout=LONG_MS):
        view.show_figure(drawn.line, "a line that rises")
    picture = view.picture()
    assert (picture.width(), picture.height()) == (400, 260)
    assert {look.surface, ink} <= colours_of(picture)
    assert ink in colours_of(view.grab().toImage())
    assert view.accessibleName() == "Something drawn"
    assert view.accessibleDescription() == "a line that rises"
    assert "a line that rises" in view.toolTip()


def test_twice_the_pixels_make_the_same_figure_sharper() -> None:
    once = draw_figure(drawn.line, width_px=300, height_px=200)
    twice = draw_figure(drawn.line, width_px=300, height_px=200, scale=2.0)
    assert once.pixels.shape == (200, 300, 4)
    assert twice.pixels.shape == (400, 600, 4)
    for side in ("left_px", "top_px", "right_px", "bottom_px"):
        assert getattr(twice.axes[0], side) == pytest.approx(getattr(once.axes[0], side), abs=4)


@pytest.mark.parametrize("log", [False, True])
def test_a_value_is_found_where_it_was_drawn(log: bool) -> None:
    figure = draw_figure(partial(drawn.line, log=log), width_px=400, height_px=300)
    (axes,) = figure.axes
    assert axes.y_log is log
    place = axes.pixel_of(2, 100 if log else 505)
    assert place is not None
    assert axes.value_at(*place) == pytest.approx((2, 100 if log else 505))
    colour = QColor(*(int(level) for level in figure.pixels[round(place[1]), round(place[0])][:3])).name()
    assert colour == "#4cc2d6"


def test_what_lies_off_the_axes_has_no_pixel() -> None:
    axes = DrawnAxes(left_px=0, top_px=0, right_px=9, bottom_px=9, x_low=0, x_high=1, y_low=1, y_high=100, y_log=True)
    assert axes.pixel_of(2, 10) is None
    assert axes.pixel_of(0.5, 0) is None
    assert axes.pixel_of(0.5, float("nan")) is None
    assert axes.pixel_of(0.5, 10) == pytest.approx((4.5, 4.5))


def test_of_many_figures_few_are_drawn_one_at_a_time_and_the_newest_stays(
    view: FigureView, fake: FakeDrawing, qtbot: QtBot
) -> None:
    draws = [partial(drawn.line, log=bool(number % 2)) for number in range(40)]
    for draw in draws:
        view.show_figure(draw)
        qtbot.wait(10)
    qtbot.waitUntil(lambda: bool(fake.asked) and fake.asked[-1]["draw"] is draws[-1], timeout=LONG_MS)
    assert fake.most_at_once == 1
    assert len(fake.asked) < len(draws) / 2
    qtbot.waitUntil(lambda: not jobs.alive(), timeout=LONG_MS)
    assert not view.picture().isNull()


def test_another_size_and_another_theme_draw_again_and_the_last_picture_stays_meanwhile(
    view: FigureView, fake: FakeDrawing, qtbot: QtBot, qapp: QApplication
) -> None:
    view.show_figure(drawn.line)
    qtbot.waitUntil(lambda: not view.picture().isNull(), timeout=LONG_MS)
    view.resize(500, 300)
    assert not view.picture().isNull(), "nothing is shown meanwhile"
    qtbot.waitUntil(lambda: view.picture().width() == 500, timeout=LONG_MS)
    theme.apply(qapp, theme.LIGHT)
    qtbot.waitUntil(lambda: fake.asked[-1]["look_name"] == "light", timeout=LONG_MS)
    count = len(fake.asked)
    view.update()
    qtbot.wait(600)
    assert len(fake.asked) == count, "drawn again though nothing changed"


def test_a_hidden_figure_is_not_drawn(view: FigureView, fake: FakeDrawing, qtbot: QtBot) -> None:
    view.hide()
    view.show_figure(drawn.line)
    qtbot.wait(500)
    assert fake.asked == []
    with qtbot.waitSignal(view.drawn, timeout=LONG_MS):
        view.show()


def test_why_there_is_no_figure_is_said_in_its_place(view: FigureView, qtbot: QtBot) -> None:
    view.show_figure(drawn.refused)
    qtbot.waitUntil(lambda: view.sentence == "There is nothing to draw here.", timeout=LONG_MS)
    view.clear("Nothing yet.")
    assert view.sentence == view.accessibleDescription() == "Nothing yet."


def test_a_bug_in_a_drawing_is_named_and_logged(view: FigureView, qtbot: QtBot, log_watch: LogWatch) -> None:
    view.show_figure(drawn.broken)
    qtbot.waitUntil(lambda: "ZeroDivisionError" in view.sentence, timeout=LONG_MS)
    log_watch.expect("a figure could not be drawn")


def test_a_figure_is_saved_for_print_on_white(view: FigureView, qtbot: QtBot, tmp_path: Path) -> None:
    with qtbot.waitSignal(view.drawn, timeout=LONG_MS):
        view.show_figure(drawn.line)
    png, pdf = tmp_path / "figure.png", tmp_path / "figure.pdf"
    for path in (png, pdf):
        with qtbot.waitSignal(view.saved, timeout=LONG_MS) as saved:
            view.save(path)
        assert saved.args == [path]
    picture = QImage(str(png))
    assert picture.width() == pytest.approx(400 / 96 * 300, abs=2)
    assert picture.pixelColor(1, 1).name() == "#ffffff"
    assert pdf.read_bytes().startswith(b"%PDF")


def test_a_figure_that_cannot_be_saved_says_so(view: FigureView, qtbot: QtBot, tmp_path: Path) -> None:
    with qtbot.waitSignal(view.failed, timeout=LONG_MS) as failed:
        view.save(tmp_path / "figure.png")
    assert "no figure" in failed.args[0]
    view.show_figure(drawn.line)
    with qtbot.waitSignal(view.failed, timeout=LONG_MS) as failed:
        (tmp_path / "file").touch()
        view.save(tmp_path / "file" / "figure.png")
    assert failed.args[0].endswith(".")


def test_the_picture_goes_to_the_clipboard(view: FigureView, fake: FakeDrawing, qtbot: QtBot) -> None:
    with qtbot.waitSignal(view.drawn, timeout=LONG_MS):
        view.show_figure(drawn.line)
    view.copy()
    assert QGuiApplication.clipboard().image().size() == view.picture().size()


def test_a_drawing_process_that_is_killed_says_so_and_the_next_figure_is_drawn() -> None:
    draw_figure(drawn.line, width_px=200, height_px=150)
    number = painter.process_id
    assert number is not None
    threading.Timer(0.5, os.kill, (number, signal.SIGKILL)).start()
    with pytest.raises(FigureError, match="try again"):
        draw_figure(drawn.slowly, width_px=200, height_px=150)
    assert draw_figure(drawn.line, width_px=200, height_px=150).axes
    assert painter.process_id != number


def test_the_window_never_loads_matplotlib_and_its_death_ends_the_drawing_process() -> None:
    """A window that is killed has no time to tidy up; the process sees the end of the line."""
    program = (
        "import sys, time\n"
        "if __name__ == '__main__':\n"
        "    import boneage_gui.app\n"
        "    from boneage_gui.work.figures import draw_figure\n"
        "    from boneage_gui.work.painter import painter\n"
        "    from tests.gui import drawn\n"
        "    draw_figure(drawn.line, width_px=200, height_px=150)\n"
        "    print(painter.process_id, 'matplotlib' in sys.modules, flush=True)\n"
        "    time.sleep(60)\n"
    )
    window = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert window.stdout is not None
    number, loaded = window.stdout.readline().split()
    window.kill()
    window.communicate()
    assert loaded == "False"
    for _ in range(200):
        if not Path(f"/proc/{number}").exists():
            break
        time.sleep(0.1)
    assert not Path(f"/proc/{number}").exists()
