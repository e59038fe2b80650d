"""Through the real window: two models meet transformed radiographs, and the window says which is steadier."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

import resources
from boneage_gui.windows.main_window import MainWindow
from boneage_gui.windows.stress_window import NO_MODEL, StressWindow
from boneage_gui.work.stressing import StressReport, draw_curves
from tests.trainer.small import write_data_set, write_model
from tests.window_fixtures import LONG_MS, MakeWindow
from trainer.stress import TRANSFORMATIONS

LONGER_MS = 4 * LONG_MS  # two models read every radiograph 34 times, on a machine that may be busy


@pytest.fixture
def used(tmp_path: Path) -> Path:
    """A model whose networks never learned anything."""
    return write_model(tmp_path / "used.safetensors", "baseline", members=1, name="used", uses_sex=False)


@pytest.fixture
def stress(
    qtbot: QtBot, make_window: MakeWindow, used: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> StressWindow:
    """The window of the test, with a model in use, one beside it, and radiographs chosen."""
    other = write_model(tmp_path / "other.safetensors", "baseline", members=1, name="other", uses_sex=False)
    monkeypatch.setattr(resources, "model_names", lambda: ["other"])
    monkeypatch.setattr(resources, "model_path", lambda _name: other)
    window = make_window(with_model=False)
    window.inference.choose(used)
    return _opened(qtbot, window)


def _opened(qtbot: QtBot, window: MainWindow) -> StressWindow:
    window.menus.actions["stress"].trigger()
    qtbot.waitUntil(lambda: window.stress.window is not None, timeout=LONG_MS)
    opened = window.stress.window
    assert opened is not None
    return opened


def test_two_models_are_tried_and_compared(qtbot: QtBot, stress: StressWindow, tmp_path: Path) -> None:
    data = write_data_set(tmp_path / "data", count=10)
    stress.form.data.choose(data)
    stress.form.count.setCurrentIndex(0)
    stress.form.against.setCurrentIndex(1)
    with qtbot.waitSignal(stress.shown, timeout=LONGER_MS) as shown:
        stress.start.click()
        assert stress.stop.isEnabled()
        assert not stress.form.isEnabled()
    report = shown.args[0]
    assert isinstance(report, StressReport)
    assert [trial.name for trial in report.trials] == ["used", "other"]
    assert report.data == "all usable cases of data"
    assert "stead" in stress.verdict.text()
    assert stress.table.rowCount() == len(TRANSFORMATIONS)
    assert stress.table.columnCount() == 7
    assert stress.table.item(0, 0).text() == "rotation 5°"  # type: ignore[union-attr]
    qtbot.waitUntil(lambda: stress.figure.figure is not None, timeout=LONG_MS)
    qtbot.waitUntil(stress.save.isEnabled, timeout=LONG_MS)
    stress.save_to(tmp_path / "pages")
    qtbot.waitUntil((tmp_path / "pages.pdf").is_file, timeout=LONG_MS)
    assert (tmp_path / "pages.pdf").read_bytes().startswith(b"%PDF-")


def test_a_stopped_test_says_so_and_can_be_started_again(qtbot: QtBot, stress: StressWindow, tmp_path: Path) -> None:
    stress.form.data.choose(write_data_set(tmp_path / "data", count=10))
    with qtbot.waitSignal(stress.over, timeout=LONG_MS):
        stress.start.click()
        stress.stop.click()
    assert stress.message.text() == "Stopped."
    assert stress.start.isEnabled()
    assert stress.report is None


def test_data_that_are_none_are_a_sentence(qtbot: QtBot, stress: StressWindow, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    stress.form.data.choose(tmp_path / "empty")
    with qtbot.waitSignal(stress.over, timeout=LONGER_MS):
        stress.start.click()
    assert "empty" in stress.message.text()
    assert "Traceback" not in stress.message.text()


def test_without_a_model_the_window_says_so(qtbot: QtBot, make_window: MakeWindow) -> None:
    stress = _opened(qtbot, make_window(with_model=False))
    assert not stress.start.isEnabled()
    stress.begin()
    assert stress.message.text() == NO_MODEL


def test_curves_are_drawn_of_one_model_too() -> None:
    from matplotlib.figure import Figure

    from trainer.figures import LIGHT
    from trainer.stress import StressRow, Trial

    estimate = (1.0, 0.5, 1.5)
    rows = tuple(
        (
            change,
            StressRow(
                name=change.name,
                n=9,
                refused=0,
                shift_months=estimate,
                absolute_months=estimate,
                over_12=(0.1, 0.0, 0.2),
                mae_months=estimate,
                change_months=estimate,
            ),
        )
        for change in TRANSFORMATIONS
    )
    figure = Figure()
    draw_curves(figure, LIGHT, trials=(Trial(name="one", sha256="00", rows=rows),), kind="rotation")
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["one: rotation"]
