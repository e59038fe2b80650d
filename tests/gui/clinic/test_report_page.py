"""The page of a report: what stands on it fits, and does not contradict itself."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from boneage_gui.clinic import report
from boneage_gui.clinic.reading import LONGEST_REASON, Decision, Reading
from tests.factories import hand
from tests.gui.clinic.drawn_readings import reading
from trainer.figures.fonts import families
from trainer.figures.look import PRINT
from trainer.figures.paper import blank

REASON = ("carpal and phalangeal ages differ widely " * 14)[:LONGEST_REASON]
CAUTIONS = (
    "The radiograph gives no sex.",
    "The hand lay on its side and was turned upright for reading; check it.",
    "The image is small: 100 pixels; the answer is less exact than on full size.",
)


def _page(made: Reading, **changes: Any) -> Figure:
    page = blank(PRINT, date(2026, 3, 1), 1, 1)
    FigureCanvasAgg(page)
    values: dict[str, Any] = {"file_name": "hand.dcm", "picture": hand(1200, 900), "earlier": (made,)}
    report._draw(page, PRINT, report.Report(reading=made, **(values | changes)))
    return page


def _height(page: Figure, thing: Text | Axes) -> tuple[float, float]:
    box = thing.get_tightbbox() if isinstance(thing, Axes) else thing.get_window_extent()
    assert box is not None
    return box.y0 / page.bbox.height, box.y1 / page.bbox.height


def _bare(text: str) -> str:
    """A text without the places where it may break into lines."""
    return "".join(text.split())


def _modified(reason: str) -> Reading:
    return reading(9, decision=Decision.MODIFIED, clinician_months=111.0, reason=reason, chronological_months=120.0)


@pytest.mark.parametrize("before", [0, 3, 9])
@pytest.mark.parametrize("cautions", [(), CAUTIONS, CAUTIONS * 2, CAUTIONS * 5])
@pytest.mark.parametrize("reason", ["Phalanges read otherwise", REASON, "W" * LONGEST_REASON])
def test_the_words_end_above_the_chart(reason: str, cautions: tuple[str, ...], before: int) -> None:
    made = _modified(reason)
    cautions = tuple(f"{number}. {said}" for number, said in enumerate(cautions))
    earlier = tuple(reading(number, chronological_months=12.0 * (number + 1)) for number in range(before))
    page = _page(made, cautions=cautions, earlier=(*earlier, made))
    words = next(text for text in page.texts if "Modified by" in text.get_text())
    assert _height(page, words)[0] >= _height(page, page.axes[-1])[1]
    said = _bare(words.get_text())
    assert _bare("Research use, not a medical device.") in said
    if len(cautions) <= 6:
        assert all(_bare(caution) in said for caution in cautions)
    if len(cautions) <= 3:
        assert _bare(reason) in said
    assert ("…" in said) != all(_bare(line) in said for line in (reason, *cautions))


def test_without_a_chart_the_words_have_the_page() -> None:
    page = _page(_modified(REASON), earlier=(reading(chronological_months=None),), cautions=CAUTIONS)
    words = next(text for text in page.texts if "Modified by" in text.get_text())
    assert words.get_fontsize() == 9
    assert _height(page, words)[0] > 0.05


@pytest.mark.parametrize(
    ("birth", "months", "born"),
    [
        (date(2016, 3, 1), 120.0, True),
        (date(2014, 3, 1), 120.0, False),  # the clinician corrected it
        (date(2016, 3, 1), None, False),
        (None, 120.0, False),
    ],
)
def test_a_birth_date_is_on_the_page_where_it_makes_the_age(
    birth: date | None, months: float | None, born: bool
) -> None:
    page = _page(reading(chronological_months=months), birth_date=birth)
    whose = next(text.get_text() for text in page.texts if "examined 2026-03-01" in text.get_text())
    assert ("born" in whose) == born


def test_a_name_is_written_in_the_first_font_that_has_its_letters() -> None:
    """Fonts differ from computer to computer; the words name every one that is there."""
    from matplotlib.font_manager import fontManager

    page = _page(reading(0), patient_name="山田, 太郎")
    (whose,) = [text for text in page.findobj(Text) if "山田" in text.get_text()]
    own, *others = whose.get_fontfamily()
    assert own == "DejaVu Sans"
    assert set(others) <= set(fontManager.get_font_names())
    assert others == families()[1:]
