"""The summary of the radiographs: counts, ages, what was left out, what the network will see."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from boneage_gui import jobs, theme
from boneage_gui.widgets.data_summary import NOTHING_DROPPED, DataSummaryView
from tests.factories import hand, write_png
from tests.window_fixtures import LONG_MS
from trainer.data_summary import DataSummary, Sample
from trainer.prediction import RESEARCH_USE
from trainer.preprocess import Preprocessing
from trainer.radiograph import Sex

SMALL = Preprocessing(side_px=48, network_px=48)


def summary(folder: Path, *, dropped: int = 3, patients: int | None = None) -> DataSummary:
    good, bad = write_png(folder / "a.png", hand()), folder / "b.png"
    bad.write_bytes(b"no picture")
    rows = tuple((f"x{number}", "no picture") for number in range(min(dropped, 2)))
    return DataSummary(
        data="a set",
        rows=1200 + dropped,
        kept=1200,
        dropped={"no picture": dropped} if dropped else {},
        dropped_rows=rows,
        ages_by_sex={"female": (24.0, 60.0, 120.0), "male": (36.0,), "unknown": ()},
        training=960,
        validation=120,
        test=120,
        split_sha256="0" * 64,
        patients=patients,
        samples=(
            Sample(case_id="a", path=good, age_months=150.0, sex=Sex.FEMALE),
            Sample(case_id="b", path=bad, age_months=12.0, sex=None),
        ),
    )


@pytest.fixture
def view(qtbot: QtBot) -> Iterator[DataSummaryView]:
    made = DataSummaryView()
    qtbot.addWidget(made)
    made.resize(860, 620)
    yield made
    made.hide()
    jobs.close_all()  # whatever is still being drawn


def settle(view: DataSummaryView, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: len(view.tiles.images) == 2 and not jobs.alive(), timeout=LONG_MS)


def test_the_counts_are_shown(view: DataSummaryView, tmp_path: Path, qtbot: QtBot) -> None:
    view.show_summary(summary(tmp_path, patients=800), SMALL)
    shown = {key: view.count(key) for key in ("kept", "training", "validation", "test", "dropped", "patients")}
    assert shown == {
        "kept": "1,200", "training": "960", "validation": "120", "test": "120", "dropped": "3", "patients": "800",
    }  # fmt: skip
    settle(view, qtbot)


def test_what_was_left_out_is_counted_and_listed(view: DataSummaryView, tmp_path: Path, qtbot: QtBot) -> None:
    view.show_summary(summary(tmp_path), SMALL)
    assert view.reasons == "no picture 3. The first 2 of them:"
    assert view.dropped.isVisibleTo(view)
    assert view.dropped.rowCount() == 2
    cells = [view.dropped.item(1, column) for column in range(2)]
    assert [cell.text() for cell in cells if cell is not None] == ["x1", "no picture"]
    settle(view, qtbot)
    view.show_summary(summary(tmp_path, dropped=0), SMALL)
    assert view.reasons == NOTHING_DROPPED
    assert not view.dropped.isVisibleTo(view)
    settle(view, qtbot)


@pytest.mark.parametrize(("look", "ink"), [(theme.DARK, "#4cc2d6"), (theme.LIGHT, "#0b6f84")])
def test_ages_are_drawn_by_sex_in_both_themes(
    look: theme.Theme, ink: str, view: DataSummaryView, tmp_path: Path, qtbot: QtBot
) -> None:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    theme.apply(application, look)
    view.show()
    with qtbot.waitSignal(view.histogram.drawn, timeout=LONG_MS):
        view.show_summary(summary(tmp_path), SMALL)
    picture = view.histogram.picture()
    colours = {picture.pixelColor(x, y).name() for x in range(picture.width()) for y in range(0, picture.height(), 3)}
    assert ink in colours
    assert "3 girls, 2.0 to 10.0 years; 1 boys" in view.histogram.accessibleDescription()
    settle(view, qtbot)
    theme.apply(application, theme.DARK)


def test_samples_are_what_the_network_will_see(view: DataSummaryView, tmp_path: Path, qtbot: QtBot) -> None:
    view.show_summary(summary(tmp_path), SMALL)
    settle(view, qtbot)
    first = view.tiles.images[0]
    assert first is not None
    assert (first.width(), first.height()) == (48, 48)
    assert view.tiles.images[1] is None, "it cannot be read"
    assert view.tiles.caption(0) == ("12 y 6 m", "girl")
    assert view.tiles.caption(1) == ("1 y", "sex not given")


def test_a_newer_preprocessing_shows_the_samples_again(view: DataSummaryView, tmp_path: Path, qtbot: QtBot) -> None:
    data = summary(tmp_path)
    view.show_summary(data, Preprocessing(side_px=512, network_px=64))
    view.show_samples(data, SMALL)
    settle(view, qtbot)
    first = view.tiles.images[0]
    assert first is not None
    assert first.width() == 48


def test_samples_can_be_heard_by_keys(view: DataSummaryView, tmp_path: Path, qtbot: QtBot) -> None:
    view.show_summary(summary(tmp_path), SMALL)
    settle(view, qtbot)
    QTest.keyClick(view.tiles, Qt.Key.Key_Right)
    assert view.tiles.accessibleDescription() == "Case a: 12 years 6 months, girl"


def test_ages_carry_the_research_line(view: DataSummaryView) -> None:
    assert any(RESEARCH_USE in part.text() for part in view.findChildren(QLabel))


def test_cleared_it_knows_nothing(view: DataSummaryView, tmp_path: Path, qtbot: QtBot) -> None:
    view.show_summary(summary(tmp_path), SMALL)
    settle(view, qtbot)
    view.clear()
    assert view.count("kept") == "–"
    assert view.dropped.rowCount() == 0
    assert view.tiles.samples == ()
    assert view.histogram.sentence
