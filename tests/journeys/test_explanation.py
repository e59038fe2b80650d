"""Why this number, through the real window: heat, a number without a region, the cases most alike."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRectF, Qt
from pytestqt.qtbot import QtBot

from boneage_gui import settings, work
from boneage_gui.windows import dialogs
from boneage_gui.windows.explanation.beside import Beside
from boneage_gui.windows.main_window import MainWindow
from boneage_gui.windows.radiograph_window import LEAST_SIZE_PX
from boneage_gui.work import explaining
from boneage_gui.work.explaining import HeatMap, Outlined, Shift, Unclear
from boneage_gui.work.importing import import_captum
from tests.factories import hand, write_png
from tests.gui.fakes import FakeModels
from tests.window_fixtures import LONG_MS, MakeWindow
from trainer import rsna
from trainer.explain import phantom_cases
from trainer.phantom import draw, write_dataset
from trainer.radiograph import Sex

DRAWN = 6
LONGEST_HOLD_S = 20.0


@pytest.fixture(scope="module", autouse=True)
def captum_is_there() -> None:
    """It takes long on a busy machine, longer than a test may hold a stand-in."""
    import_captum()


@pytest.fixture(autouse=True)
def few_phantoms(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(phantom_cases, "COUNT", DRAWN)


@pytest.fixture(scope="module")
def clear_hand(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A drawn hand with spread fingers on an even ground."""
    phantom = draw(age_months=140, male=True, seed=44, height_px=500)
    return write_png(tmp_path_factory.mktemp("clear") / "clear.png", np.rint(phantom.levels * 255).astype(np.uint8))


def _read(qtbot: QtBot, window: MainWindow, path: Path) -> None:
    with qtbot.waitSignal(window.answered, timeout=LONG_MS):
        window.open_paths([path])


def _opened(qtbot: QtBot, window: MainWindow) -> Beside:
    window.menus.actions["explain"].trigger()
    qtbot.waitUntil(lambda: window.explanation.beside is not None, timeout=LONG_MS)
    beside = window.explanation.beside
    assert beside is not None
    return beside


def _compared(qtbot: QtBot, beside: Beside) -> None:
    qtbot.waitUntil(lambda: bool(beside.pane.cases.tiles[-1].age), timeout=LONG_MS)


@pytest.fixture
def real(make_window: MakeWindow, untrained_model: Path) -> MainWindow:
    """A window whose model is a real network."""
    window = make_window(with_model=False)
    window.choose_model(str(untrained_model))
    return window


def test_heat_regions_and_cases_come_by_themselves(qtbot: QtBot, real: MainWindow, clear_hand: Path) -> None:
    _read(qtbot, real, clear_hand)
    assert real.view.glaze() is None
    beside = _opened(qtbot, real)
    qtbot.waitUntil(lambda: real.view.glaze() is not None, timeout=LONG_MS)
    _compared(qtbot, beside)
    pane = beside.pane
    assert "Grad-CAM of untrained on a coarse grid of 2\u00a0×\u00a02 cells" in pane.heat.what.text()
    assert len(pane.regions.sentences) == 3
    assert all("the model would read" in sentence for sentence in pane.regions.sentences)
    assert {tile.sex for tile in pane.cases.tiles} == {"girl", "boy"}
    glaze = real.view.glaze()
    assert glaze is not None
    assert glaze.opacity == 0.6
    assert not glaze.outlines
    assert real.radiograph is not None
    height, width = real.radiograph.pixels.shape
    side = float(max(height, width))  # this model pads
    lies = glaze.placed.mapRect(QRectF(0, 0, glaze.image.width(), glaze.image.height()))
    assert (lies.width(), lies.height()) == pytest.approx((side, side))
    assert (lies.center().x(), lies.center().y()) == pytest.approx((width / 2, height / 2), abs=1)
    qtbot.keyClick(real, Qt.Key.Key_O, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClick(real, Qt.Key.Key_BracketRight)
    glaze = real.view.glaze()
    assert glaze is not None
    assert [outline.name for outline in glaze.outlines] == ["wrist", "metacarpals", "phalanges"]
    assert glaze.opacity == pytest.approx(0.7)
    qtbot.keyClick(real, Qt.Key.Key_H, Qt.KeyboardModifier.ShiftModifier)
    glaze = real.view.glaze()
    assert glaze is not None
    assert glaze.image.isNull(), "the outlines stay"
    pane.regions.outlined.click()
    assert real.view.glaze() is None
    assert (settings.cache_folder() / "explanations").is_dir()


def test_what_is_said_is_the_model_s_own(qtbot: QtBot, real: MainWindow, clear_hand: Path) -> None:
    _read(qtbot, real, clear_hand)
    beside = _opened(qtbot, real)
    _compared(qtbot, beside)
    predictor = real.inference.predictor
    radiograph = work.read(clear_hand)
    items = list(explaining.explain(predictor, radiograph, None))
    assert [type(item) for item in items] == [HeatMap, *[Outlined] * 3, *[Shift] * 3]
    shifts = [item for item in items if isinstance(item, Shift)]
    assert beside.pane.regions.sentences == [f"{shift.sentence}." for shift in shifts]


def test_a_hand_that_is_not_clear_gets_no_regions(qtbot: QtBot, real: MainWindow, tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (160, 120)).astype(np.uint8)
    _read(qtbot, real, write_png(tmp_path / "noise.png", noise))
    beside = _opened(qtbot, real)
    qtbot.waitUntil(lambda: "not clear enough" in beside.pane.regions.why.text(), timeout=LONG_MS)
    assert beside.pane.regions.sentences == []
    assert not beside.pane.regions.outlined.isEnabled()
    _compared(qtbot, beside)


def test_the_user_s_own_cases_are_shown_with_their_ages(
    qtbot: QtBot, real: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = write_dataset(tmp_path / "data", count=6, seed=2, height_px=160)
    rows = (data / rsna.TABLE).read_text(encoding="utf-8").splitlines()[1:]
    own = {round(float(row.split(",")[1])) for row in rows if not row.startswith("1,")}
    _read(qtbot, real, data / rsna.FOLDER / "1.png")
    beside = _opened(qtbot, real)
    _compared(qtbot, beside)
    monkeypatch.setattr(dialogs, "ask_folder", lambda *_: [data])
    beside.pane.cases.choose.click()
    assert beside.pane.cases.source.currentText() == "data"
    _compared(qtbot, beside)
    shown = {
        round(case.case.age_months) for case in beside.desk._index.nearest(real.inference.predictor, real.radiograph)
    }
    assert shown == own, "every case but the radiograph itself"
    monkeypatch.setattr(dialogs, "ask_folder", lambda *_: [tmp_path / "home"])
    beside.pane.cases.choose.click()
    qtbot.waitUntil(lambda: "table" in beside.pane.cases.says.text(), timeout=LONG_MS)
    assert not any(tile.age for tile in beside.pane.cases.tiles)
    beside.pane.cases.source_chosen.emit(None)
    _compared(qtbot, beside)


# -- with a stand-in for the science: who wins, and what is forgotten


class Held:
    """Explains by name, sex and model, and may be held."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.gate.set()
        self.begun: list[str] = []

    def explain(self, predictor: Any, radiograph: Any, sex: Sex | None) -> Iterator[HeatMap | Unclear]:
        """Heat, then a sentence that says of what."""
        name = f"{radiograph.source.name} {sex.value if sex else 'unknown'} {predictor.card.name}"
        self.begun.append(name)
        assert self.gate.wait(LONGEST_HOLD_S), "nobody opened the gate"
        level = np.ones((4, 4), dtype=np.float32)
        yield HeatMap(
            older=level,
            younger=level * 0,
            placed=(10, 0, 0, 10, 0, 0),
            cells=(4, 4),
            views=1,
            all_views=1,
            model_name=predictor.card.name,
            elapsed_s=0.0,
        )
        yield Unclear(sentence=name)


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Held:
    stand_in = Held()
    monkeypatch.setattr(explaining, "explain", stand_in.explain)
    monkeypatch.setattr(explaining, "open_cases", lambda *_: None)
    monkeypatch.setattr(explaining, "alike_cases", lambda *_: [])
    return stand_in


def _says(qtbot: QtBot, beside: Beside, words: str) -> None:
    qtbot.waitUntil(lambda: beside.pane.regions.why.text() == words, timeout=LONG_MS)


def test_it_follows_radiograph_sex_and_model(
    qtbot: QtBot, window: MainWindow, held: Held, hand_dicom: Path, hand_png: Path
) -> None:
    _read(qtbot, window, hand_dicom)
    beside = _opened(qtbot, window)
    _says(qtbot, beside, "hand.dcm male improved-sex")
    window.panel.choose_sex(Sex.FEMALE)
    _says(qtbot, beside, "hand.dcm female improved-sex")
    window.choose_model("baseline")
    _says(qtbot, beside, "hand.dcm female baseline")
    _read(qtbot, window, hand_png)
    _says(qtbot, beside, "hand.png unknown baseline")


def test_the_newest_radiograph_wins_and_what_was_shown_of_another_goes(
    qtbot: QtBot, window: MainWindow, held: Held, hand_dicom: Path, tmp_path: Path
) -> None:
    _read(qtbot, window, hand_dicom)
    beside = _opened(qtbot, window)
    _says(qtbot, beside, "hand.dcm male improved-sex")
    held.gate.clear()
    for name in ("one.png", "two.png"):
        _read(qtbot, window, write_png(tmp_path / name, hand(100, 80)))
        assert window.view.glaze() is None
        assert beside.pane.regions.why.text() == ""
    qtbot.waitUntil(lambda: len(held.begun) == 3, timeout=LONG_MS)
    held.gate.set()
    _says(qtbot, beside, "two.png unknown improved-sex")
    glaze = window.view.glaze()
    assert glaze is not None


def test_a_radiograph_without_a_number_is_not_explained(
    qtbot: QtBot, window: MainWindow, held: Held, hand_dicom: Path, fake_models: FakeModels
) -> None:
    _read(qtbot, window, hand_dicom)
    beside = _opened(qtbot, window)
    _says(qtbot, beside, "hand.dcm male improved-sex")
    fake_models.predictors["improved-sex"].refusal = "This does not look like a hand."
    with qtbot.waitSignal(window.refused, timeout=LONG_MS):
        window.panel.choose_sex(Sex.FEMALE)
    assert "nothing to explain" in beside.pane.heat.what.text()
    assert window.view.glaze() is None
    assert held.begun == ["hand.dcm male improved-sex"]


def test_in_the_smallest_window_it_covers_no_number(qtbot: QtBot, make_window: MakeWindow, tmp_path: Path) -> None:
    window = make_window()
    window.show()
    window.resize(window.minimumSize())
    paths = [write_png(tmp_path / f"{name}.png", hand()) for name in "ab"]
    with qtbot.waitSignal(window.answered, timeout=LONG_MS):
        window.open_paths(paths)
    assert window.strip.isVisible()
    beside = _opened(qtbot, window)
    qtbot.waitUntil(lambda: not window.strip.isVisible(), timeout=LONG_MS)
    qtbot.wait(20)
    number = window.panel.mapTo(window, QPoint(window.panel.width(), 0)).x()
    assert number <= beside.dock.geometry().left()
    assert beside.dock.geometry().right() < window.width()
    assert window.view.width() >= window.view.minimumSizeHint().width()
    window.resize(1400, 800)
    qtbot.waitUntil(window.strip.isVisible, timeout=LONG_MS)
    window.resize(window.minimumSize())
    qtbot.waitUntil(lambda: not window.strip.isVisible(), timeout=LONG_MS)
    beside.close()
    qtbot.waitUntil(window.strip.isVisible, timeout=LONG_MS)
    assert window.minimumWidth() == LEAST_SIZE_PX[0]


def test_closed_it_takes_its_heat_along_and_asks_for_nothing(
    qtbot: QtBot, window: MainWindow, held: Held, hand_dicom: Path, hand_png: Path
) -> None:
    _read(qtbot, window, hand_dicom)
    beside = _opened(qtbot, window)
    qtbot.waitUntil(lambda: window.view.glaze() is not None, timeout=LONG_MS)
    beside.pane.close_button.click()
    assert not beside.shown
    assert window.view.glaze() is None
    _read(qtbot, window, hand_png)
    assert held.begun == ["hand.dcm male improved-sex"]
    window.menus.actions["explain"].trigger()
    _says(qtbot, beside, "hand.png unknown improved-sex")
    window.menus.actions["explain"].trigger()
    assert not beside.shown


def test_it_closes_with_the_window_while_it_explains(
    qtbot: QtBot, window: MainWindow, held: Held, hand_dicom: Path
) -> None:
    held.gate.clear()
    _read(qtbot, window, hand_dicom)
    beside = _opened(qtbot, window)
    qtbot.waitUntil(lambda: held.begun != [], timeout=LONG_MS)
    window.close()
    held.gate.set()
    qtbot.wait(50)
    assert beside.pane.regions.why.text() == ""
    assert beside.desk.radiograph is None
