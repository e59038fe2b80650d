"""The pages on paper: whole, nothing over another, everything said that must be."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from matplotlib.transforms import BboxBase
from PIL import Image

from tests.trainer.drawings import a_comparison, a_history
from trainer import figures
from trainer.errors import DataError
from trainer.figures import DARK, LIGHT, PRINT
from trainer.measured import new_of
from trainer.score_rows import score_rows

DAY = date(2026, 1, 2)


@pytest.mark.parametrize("look", [DARK, LIGHT, PRINT], ids=["dark", "light", "print"])
@pytest.mark.parametrize(("histories", "spreads"), [(0, (9, 14)), (2, (9, 14)), (2, (60, 100))])
def test_nothing_on_the_pages_is_cut_off_or_lies_on_another(
    look: figures.Look, histories: int, spreads: tuple[float, float]
) -> None:
    runs = [a_history([30.0, 20.0], name="baseline"), a_history([25.0, 19.0], name="improved")][:histories]
    for page in figures.pages(a_comparison(spreads=spreads, cautions=["A caution."]), runs, look=look, day=DAY):
        page.canvas.draw()
        boxes = [text.get_window_extent() for text in page.texts]
        boxes += [box for axes in page.axes if (box := axes.get_tightbbox()) is not None]
        _check_apart(boxes, page.bbox)
        for axes in page.axes:
            _check_apart([text.get_window_extent() for text in axes.texts], page.bbox)


@pytest.mark.parametrize("notes", [0, 1, 4])
def test_the_page_of_one_model_is_whole(notes: int) -> None:
    measured = new_of(a_comparison(cautions=["A caution that is as long as one line of the page." * 2] * notes))
    page = figures.score_page(measured, day=DAY)
    page.canvas.draw()
    boxes = [text.get_window_extent() for text in page.texts]
    boxes += [box for axes in page.axes if (box := axes.get_tightbbox()) is not None]
    _check_apart(boxes, page.bbox)
    for axes in page.axes:
        _check_apart([text.get_window_extent() for text in axes.texts], page.bbox)
    text = " ".join(entry.get_text() for entry in page.texts)
    for words in (
        "improved, weights aaaaaaaaaaaa",
        "Radiographs: 60, held-out tenth of a set",
        "Research use",
        "2026-01-02",
    ):
        assert words in text


def test_the_pages_say_verdict_models_data_date_and_research_use() -> None:
    comparison = a_comparison(cautions=["A caution."])
    first, second = figures.pages(comparison, day=DAY)
    text = " ".join(entry.get_text().replace("\n", " ") for entry in first.texts)
    for words in (
        comparison.sentence,
        comparison.bootstrap_line,
        "New: improved, weights aaaaaaaaaaaa",
        "In use: baseline, weights bbbbbbbbbbbb",
        "Radiographs: 60, held-out tenth of a set",
        "Note: A caution.",
    ):
        assert words in text
    for page in (first, second):
        feet = " ".join(entry.get_text() for entry in page.texts)
        assert "Research use, not a medical device." in feet
        assert "2026-01-02" in feet


def test_the_table_holds_every_group_of_both_models() -> None:
    comparison = a_comparison()
    table = figures.pages(comparison, day=DAY)[1].axes[0]
    texts = [text.get_text() for text in table.texts]
    groups = ("all", "female", "male", "unknown", "0–5 y", "5–9 y", "9–12 y", "12–15 y", "15–19 y")
    assert [text for text in texts if text in groups] == list(groups)
    assert texts.count("In use") == texts.count("New") == len(groups)
    whole = comparison.score_of(comparison.new)
    assert f"{whole['mae_months']:.2f} ({whole['mae_low']:.2f} to {whole['mae_high']:.2f})" in texts


def test_one_case_alone_has_no_interval() -> None:
    rows = score_rows(np.array([100.0, 30.0]), ["male", "female"], {"": np.array([110.0, 33.0])})
    cells = {row.group: row.cells for row in rows}
    assert cells["all"][0] == "6.50 (3.00 to 10.00)"
    assert cells["male"][:3] == ("10.00 (of one)", "10.00 (of one)", "+10.0 (of one)")
    assert cells["female"][3] == "100 % (21 to 100)"


def test_saved_files_are_whole_or_not_there(tmp_path: Path) -> None:
    pages = figures.pages(a_comparison(), day=DAY)
    figures.save_pdf(tmp_path / "new" / "page.pdf", pages, title="Comparison")
    figures.save_png(tmp_path / "new" / "page.png", pages[0], dpi=50)
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["page.pdf", "page.png"]
    pdf = (tmp_path / "new" / "page.pdf").read_bytes()
    assert pdf.startswith(b"%PDF")
    assert pdf.count(b"/Type /Page ") == 2
    with Image.open(tmp_path / "new" / "page.png") as picture:
        assert picture.size == (413, 584)
    (tmp_path / "folder.png").mkdir()
    for path in (tmp_path / "new" / "page.pdf" / "below.png", tmp_path / "folder.png"):
        with pytest.raises(DataError, match=r"could not be written: .+\."):
            figures.save_png(path, pages[0], dpi=20)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder.png", "home", "new"]


def _check_apart(boxes: Sequence[BboxBase], whole: BboxBase) -> None:
    for index, box in enumerate(boxes):
        inside = box.x0 >= whole.x0 and box.y0 >= whole.y0 and box.x1 <= whole.x1 and box.y1 <= whole.y1
        assert inside, (box, whole)
        for other in boxes[:index]:
            apart = box.x0 >= other.x1 or other.x0 >= box.x1 or box.y0 >= other.y1 or other.y0 >= box.y1
            assert apart, (box, other)
