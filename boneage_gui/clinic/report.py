"""Report: one reading on one page, for people; its PDF and its text."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from textwrap import wrap
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from boneage_gui.clinic.chronology import age_on_study_day
from boneage_gui.clinic.growth import growth_in_words, growth_steps
from boneage_gui.clinic.growth_chart import draw_growth_on
from boneage_gui.clinic.reading import LONGEST_REASON, Decision, Reading, has_interval
from trainer.prediction import RESEARCH_USE, years_and_months

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from trainer.figures import Look

TITLE: Final = "Bone age report"
FOOTER, CHART_TITLE = 0.05, 0.03  # shares of the page's height
# Words beside the picture, the first way that fits: size of the letters, how many a line has, what parts paragraphs.
WAYS: Final = ((9.0, 41, "\n\n"), (8.0, 45, "\n\n"), (7.0, 50, "\n\n"), (7.0, 50, "\n"))
LONGEST_LINE: Final = LONGEST_REASON + 200
SAME_AGE_MONTHS: Final = 0.05
UNCONFIRMED: Final = "Read by the program alone. Nobody has confirmed it."


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What stands on the page. ``repr`` shows no patient."""

    reading: Reading
    file_name: str
    picture: npt.NDArray[np.uint8] = field(repr=False)  # [height, width] or [height, width, 3], as it was shown
    earlier: Sequence[Reading] = field(default=(), repr=False)  # the patient's readings that stand, this one with them
    patient_name: str | None = field(default=None, repr=False)
    patient_id: str | None = field(default=None, repr=False)
    birth_date: date | None = field(default=None, repr=False)
    cautions: tuple[str, ...] = ()  # of the radiograph; the reading has its own


def report_lines(report: Report) -> list[str]:
    """Return what the page says, a sentence or two a line."""
    steps = [
        f"From {years_and_months(step.earlier.chronological_months or 0)} to "
        f"{years_and_months(step.later.chronological_months or 0)}: {growth_in_words(step)}."
        for step in growth_steps(report.earlier)[-3:]
    ]
    return reading_lines(report.reading, report.cautions, steps)


def reading_lines(reading: Reading, cautions: Sequence[str], growth: Sequence[str] = ()) -> list[str]:
    """Return what is to be said of a reading; ``cautions`` are the radiograph's, the reading has its own."""
    lines = [bone_age_sentence(reading)]
    if reading.decision is Decision.MODIFIED:
        lines.append(
            f"Modified by {reading.user}: the model read {years_and_months(reading.age_months)}. "
            f"Reason: {reading.reason}."
        )
    elif reading.decision is Decision.ACCEPTED:
        lines.append(f"Accepted by {reading.user}.")
    else:
        lines.append(UNCONFIRMED)
    if has_interval(reading):
        low, high = years_and_months(reading.low_months), years_and_months(reading.high_months)
        lines.append(f"{reading.coverage:.0%} interval of the model: {low} to {high}.".replace("%", " %", 1))
    else:
        lines.append("The model's interval was not measured.")
    if reading.assessment is not None:
        lines.append(f"{reading.assessment.band_in_words}.")
    lines.extend(growth)
    lines.extend(reading.all_cautions(cautions))
    lines.append(f"Model {reading.model_name} ({reading.model_sha256[:12]}). {RESEARCH_USE}.")
    return lines


def bone_age_sentence(reading: Reading) -> str:
    """Return the sentence of the report: with the score, or with what is missing for one."""
    if reading.assessment is not None:
        return reading.assessment.sentence
    known = f"Bone age {years_and_months(reading.final_months)}"
    if reading.sex is None:
        return f"{known}. The sex is not known: no reference."
    if reading.chronological_months is None:
        return f"{known} ({reading.sex.value}). The chronological age is not known: no reference."
    age = years_and_months(reading.chronological_months)
    return f"{known} at a chronological age of {age} ({reading.sex.value}). No reference at this age."


def report_pdf(report: Report) -> bytes:
    """Return the report as a PDF of one page."""
    from matplotlib.backends.backend_pdf import PdfPages

    from trainer.figures.look import PRINT
    from trainer.figures.paper import blank

    page = blank(PRINT, report.reading.read_at.astimezone().date(), 1, 1)
    _draw(page, PRINT, report)
    content = io.BytesIO()
    with PdfPages(content, metadata={"Title": TITLE, "Creator": "Bone Age"}) as pdf:
        pdf.savefig(page, facecolor=page.get_facecolor())
    return content.getvalue()


def _draw(page: Figure, look: Look, report: Report) -> None:
    from trainer.figures.look import plain
    from trainer.figures.paper import LEFT, RIGHT, TOP, write

    reading = report.reading
    y = write(page, TOP, TITLE, look, size=16, weight="bold")
    y = write(page, y - 0.008, plain(_whose(report), 300), look, size=9)
    y = write(page, y - 0.014, plain(report_lines(report)[0], 400), look, size=12, weight="bold", letters=75)
    height = min(0.42, y - 0.48)
    axes = page.add_axes((LEFT, y - 0.02 - height, 0.5, height))
    picture = report.picture
    axes.imshow(picture, cmap="gray" if picture.ndim == 2 else None, vmin=0, vmax=255, interpolation="antialiased")
    axes.set_anchor("NW")
    axes.set_axis_off()
    bottom = FOOTER
    if any(reading.chronological_months is not None for reading in report.earlier):
        chart = page.add_axes((LEFT + 0.02, 0.09, RIGHT - LEFT - 0.04, max(0.2, y - 0.02 - height - 0.17)))
        bottom = chart.get_position().y1 + CHART_TITLE
        draw_growth_on(
            chart,
            look,
            readings=report.earlier,
            reference_key=reading.reference_key,
            current=reading.reading_id,
        )
    words = [plain(line, LONGEST_LINE) for line in report_lines(report)[1:]]
    _beside(page, look, words, left=LEFT + 0.52, top=y - 0.02, bottom=bottom)


def _beside(page: Figure, look: Look, words: Sequence[str], *, left: float, top: float, bottom: float) -> None:
    """Write beside the picture and no lower than ``bottom``: smaller and closer first, then the longest cut short."""
    from trainer.figures.fonts import families
    from trainer.figures.paper import A4_INCHES, LINE

    room_pt = (top - bottom) * A4_INCHES[1] * 72
    for size_pt, letters, between in WAYS:
        most = int(room_pt / (size_pt * LINE * 1.03))  # lines, as matplotlib sets them
        paragraphs = [wrap(line, letters) for line in words]
        if len(_joined(paragraphs, between).splitlines()) <= most:
            break
    while len(_joined(paragraphs, between).splitlines()) > most and max(map(len, paragraphs)) > 1:
        index = max(range(len(words)), key=lambda one: len(paragraphs[one]))
        shorter = len(paragraphs[index]) - 1
        paragraphs[index] = wrap(words[index], letters, max_lines=shorter, placeholder=" …")
    text = _joined(paragraphs, between)
    page.text(left, top, text, color=look.text, fontsize=size_pt, fontfamily=families(), va="top", linespacing=LINE)


def _joined(paragraphs: Sequence[Sequence[str]], between: str) -> str:
    return between.join("\n".join(lines) for lines in paragraphs)


def _whose(report: Report) -> str:
    reading = report.reading
    parts = [
        report.patient_name or "Patient not named",
        f"ID {report.patient_id}" if report.patient_id else "",
        f"born {report.birth_date.isoformat()}" if report.birth_date and _makes_the_age(report) else "",
        reading.sex.value if reading.sex else "sex not known",
        f"examined {reading.study_date.isoformat()}" if reading.study_date else "",
        f"read {reading.read_at.astimezone():%Y-%m-%d %H:%M} by {reading.user}",
        report.file_name,
    ]
    return "  ·  ".join(part for part in parts if part)


def _makes_the_age(report: Report) -> bool:
    """Whether the header's birth date makes the reading's age: the clinician may have corrected the dates."""
    months, _ = age_on_study_day(report.birth_date, report.reading.study_date)
    own_months = report.reading.chronological_months
    return months is not None and own_months is not None and abs(months - own_months) < SAME_AGE_MONTHS
