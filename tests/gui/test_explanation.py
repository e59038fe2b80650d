"""The explanation's parts: the glaze goes where the radiograph goes, colours say which way, the desk asks in order."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QImage, QPolygonF, QTransform
from PySide6.QtWidgets import QAbstractButton, QAbstractSlider, QComboBox, QWidget
from pytestqt.qtbot import QtBot

from boneage_gui import jobs
from boneage_gui.images import colour_image
from boneage_gui.widgets.explanation.case_tile import CaseTile
from boneage_gui.widgets.explanation.colours import OLDER, YOUNGER
from boneage_gui.widgets.explanation.pane import ExplanationPane
from boneage_gui.widgets.radiograph_view import Glaze, Outline, RadiographView
from boneage_gui.windows.explanation.desk import ExplanationDesk
from boneage_gui.work import explaining
from boneage_gui.work.explaining import HeatMap, Progress, Shift, coloured
from tests.factories import hand
from tests.window_fixtures import LONG_MS
from trainer.errors import DataError
from trainer.radiograph import Radiograph, Sex

RED = QColor(255, 0, 0)


def _heat(older: float = 0.0, younger: float = 0.0) -> HeatMap:
    values = [np.full((4, 4), value, dtype=np.float32) for value in (older, younger)]
    return HeatMap(
        older=values[0],
        younger=values[1],
        placed=(1, 0, 0, 1, 0, 0),
        cells=(5, 5),
        views=2,
        all_views=8,
        model_name="m",
        elapsed_s=0.1,
    )


# -- on the radiograph


@pytest.fixture
def film(qtbot: QtBot) -> RadiographView:
    """A dark radiograph, 60 x 40, without noise."""
    view = RadiographView()
    qtbot.addWidget(view)
    view.resize(300, 400)
    view.show()
    view.show_radiograph(Radiograph(pixels=np.full((60, 40), 0.2, dtype=np.float32), source=Path("film")))
    return view


def _spot(film: RadiographView, *, outlines: tuple[Outline, ...] = (), opacity: float = 1.0) -> None:
    """Lay one red cell of a 10 x 10 canvas on the picture: column 7, row 2, that is the pixels 28..32, 12..18."""
    picture = np.zeros((10, 10, 4), dtype=np.uint8)
    picture[2, 7] = (255, 0, 0, 255)
    film.show_glaze(
        Glaze(
            note="glazed",
            image=colour_image(picture),
            placed=QTransform.fromScale(4, 6),
            opacity=opacity,
            outlines=outlines,
        )
    )


def _redness(film: RadiographView, x: float, y: float) -> int:
    point = film.picture_to_view().map(QPointF(x, y)).toPoint()
    colour = film.snapshot().pixelColor(point)
    return colour.red() - colour.blue()


def test_the_glaze_follows_zoom_pan_turn_flip_and_inversion(film: RadiographView) -> None:
    _spot(film)
    steps: list[Any] = [
        lambda: None,
        film.rotate_right,
        film.flip_horizontal,
        film.flip_vertical,
        film.rotate_left,
        lambda: film.zoom_by(1.7, at=film.picture_to_view().map(QPointF(30, 15))),
        lambda: film.move_by(QPointF(-12, 18)),
        film.invert,
    ]
    for step in steps:
        step()
        assert _redness(film, 30, 15) > 100, step
        for x, y in ((23, 15), (37, 15), (30, 6), (30, 24)):
            assert abs(_redness(film, x, y)) < 30, (step, x, y)


def test_opacity_lets_the_radiograph_through_and_nothing_falls_beside_it(film: RadiographView) -> None:
    seen = []
    for opacity in (0.2, 0.6, 1.0):
        _spot(film, opacity=opacity)
        seen.append(_redness(film, 30, 15))
    assert seen == sorted(seen)
    assert seen[0] < seen[-1] / 2
    picture = np.full((10, 10, 4), 255, dtype=np.uint8)
    film.show_glaze(
        Glaze(note="wide", image=colour_image(picture), placed=QTransform(20, 0, 0, 20, -80, -70), opacity=1.0)
    )
    shot = film.snapshot()
    outside = film.picture_to_view().map(QPointF(-6, 30)).toPoint()
    assert shot.pixelColor(outside).lightness() == 0, "padding of the canvas is no part of the film"


def test_outlines_are_drawn_and_a_new_radiograph_has_none(film: RadiographView) -> None:
    square = QPolygonF([QPointF(5, 30), QPointF(20, 30), QPointF(20, 50), QPointF(5, 50)])
    _spot(film, outlines=(Outline(name="wrist", polygons=(square,), colour=RED),), opacity=0.0)
    assert _redness(film, 12, 30) > 100, "an edge"
    assert abs(_redness(film, 12, 36)) < 30, "within"
    film.show_radiograph(Radiograph(pixels=np.full((60, 40), 0.2, dtype=np.float32), source=Path("next")))
    assert film.glaze() is None
    assert abs(_redness(film, 12, 30)) < 30


def test_a_glaze_without_a_radiograph_is_nothing(qtbot: QtBot) -> None:
    view = RadiographView()
    qtbot.addWidget(view)
    view.show_glaze(Glaze(note="x", image=QImage(), placed=QTransform()))
    assert view.glaze() is None


# -- colours and words


def test_colours_say_which_way_and_how_much() -> None:
    strong, weak = (coloured(_heat(older=value), older=OLDER, younger=YOUNGER)[0, 0] for value in (0.5, 0.3))
    assert tuple(strong[:3]) == OLDER
    assert strong[3] > weak[3] > 0
    down = coloured(_heat(younger=0.5), older=OLDER, younger=YOUNGER)[0, 0]
    assert tuple(down[:3]) == YOUNGER
    assert coloured(_heat(), older=OLDER, younger=YOUNGER)[0, 0, 3] == 0, "what counts little veils nothing"


def test_a_tile_says_age_and_sex(qtbot: QtBot) -> None:
    tile = CaseTile(2)
    qtbot.addWidget(tile)
    tile.show_case(hand(80, 60), age_months=100.4, sex=Sex.FEMALE)
    assert (tile.age, tile.sex) == ("8 y 4 m", "girl")
    assert tile.accessibleName() == "Case 2: 8 years 4 months, girl"
    tile.show_case(None, age_months=7, sex=None)
    assert tile.age == "7 m"
    assert "cannot be read any more" in tile.toolTip()
    tile.grab()


def test_every_control_of_the_pane_has_a_name_a_tooltip_and_is_reached_by_tab(qtbot: QtBot) -> None:
    pane = ExplanationPane()
    qtbot.addWidget(pane)
    controls: list[QWidget] = [
        *pane.findChildren(QAbstractButton),
        *(slider for slider in pane.findChildren(QAbstractSlider) if slider is pane.heat.opacity),
        *pane.findChildren(QComboBox),
    ]
    assert len(controls) == 6
    for control in controls:
        name = control.accessibleName() or (control.text() if isinstance(control, QAbstractButton) else "")
        assert name, control
        assert control.toolTip(), control
        assert control.focusPolicy() & Qt.FocusPolicy.TabFocus, control


def test_the_window_starts_without_it() -> None:
    code = (
        "import boneage_gui.windows.main_window, sys\n"
        "late = [name for name in sys.modules if 'explanation.' in name and not name.endswith('.door')"
        " or name.endswith('explaining')]\n"
        "assert not late, late"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60, cwd=Path(__file__).parents[2])


# -- the desk


class Asked:
    """In the place of the work: notes what was asked."""

    def __init__(self) -> None:
        self.explained: list[tuple[str, Sex | None]] = []
        self.opened: list[Path | None] = []
        self.compared: list[str] = []

    def explain(self, _predictor: Any, radiograph: Radiograph, sex: Sex | None) -> Iterator[Shift]:
        """One shift that names its radiograph."""
        self.explained.append((radiograph.source.name, sex))
        yield Shift(name="wrist", months=1.0, sentence=radiograph.source.name)

    def open_cases(self, _predictor: Any, data: Path | None, _folder: Path) -> Generator[Progress, None, str]:
        """An index that is its own source's name."""
        self.opened.append(data)
        yield Progress(what="drawing hands", done=1, total=2)
        if data is not None and data.name == "broken":
            raise DataError("There is no table.")
        return str(data)

    def alike_cases(self, _predictor: Any, index: str, radiograph: Radiograph) -> list[str]:
        """Which radiograph was held against which index."""
        self.compared.append(radiograph.source.name)
        return [f"{radiograph.source.name} in {index}"]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    stand_in = Asked()
    for name in ("explain", "open_cases", "alike_cases"):
        monkeypatch.setattr(explaining, name, getattr(stand_in, name))
    return stand_in


def _radiograph(name: str) -> Radiograph:
    return Radiograph(pixels=np.zeros((8, 8), dtype=np.float32), source=Path(name))


def test_an_index_is_made_once_and_the_newest_radiograph_is_compared(
    qtbot: QtBot, asked: Asked, tmp_path: Path
) -> None:
    desk = ExplanationDesk(tmp_path)
    said: list[Shift] = []
    desk.explained.connect(said.append)
    first, second = object(), object()
    with qtbot.waitSignal(desk.compared, timeout=LONG_MS):
        desk.explain(first, _radiograph("a"), Sex.MALE)
        desk.explain(first, _radiograph("b"), None)
    assert [shift.sentence for shift in said] == ["b"], "the first was dropped"
    with qtbot.waitSignal(desk.compared, timeout=LONG_MS) as compared:
        desk.explain(first, _radiograph("c"), None)
    assert compared.args == [["c in None"]]
    assert asked.opened == [None]
    with qtbot.waitSignal(desk.compared, timeout=LONG_MS):
        desk.explain(second, _radiograph("c"), None)
    assert asked.opened == [None, None], "another model has other features"
    with qtbot.waitSignal(desk.compared, timeout=LONG_MS) as compared:
        desk.choose_data(tmp_path)
    assert compared.args == [[f"c in {tmp_path}"]]
    desk.leave()
    qtbot.waitUntil(lambda: not jobs.alive(), timeout=LONG_MS)


def test_a_folder_without_cases_is_said_and_phantoms_are_there_again(
    qtbot: QtBot, asked: Asked, tmp_path: Path
) -> None:
    desk = ExplanationDesk(tmp_path)
    with qtbot.waitSignal(desk.compared, timeout=LONG_MS):
        desk.explain(object(), _radiograph("a"), None)
    with qtbot.waitSignal(desk.no_cases, timeout=LONG_MS) as no_cases:
        desk.choose_data(Path("broken"))
    assert str(no_cases.args[0]) == "There is no table."
    with qtbot.waitSignal(desk.compared, timeout=LONG_MS):
        desk.choose_data(None)
    desk.leave()
    desk.choose_data(None)
    assert asked.compared == ["a", "a"], "a desk without a radiograph compares nothing"
    qtbot.waitUntil(lambda: not jobs.alive(), timeout=LONG_MS)
