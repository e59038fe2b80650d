"""Model, About this model: its card in full, with every score by sex and age band."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QTextBrowser, QVBoxLayout, QWidget

from boneage_gui import theme
from boneage_gui.widgets.buttons import CloseButton
from boneage_gui.widgets.first_size import open_at
from boneage_gui.widgets.text import label
from trainer.card_text import WITHIN_MONTHS, as_text, facts, score_remark, shares_within
from trainer.counted import OF_ONE
from trainer.errors import printable
from trainer.prediction import RESEARCH_USE

if TYPE_CHECKING:
    from trainer.card import ModelCard

TITLES: Final = {
    "test": "On held-out radiographs",
    "test, sex not given": "On held-out radiographs, the sex not told",
    "validation": "On the radiographs that chose its best epoch",
    "originals": "On full-size originals",
    "phantoms": "On computer-made radiographs",
}
HEADS: Final = ("", "n", "MAE (95 % interval)", "RMSE", "Bias", *(f"Within {months} m" for months in WITHIN_MONTHS))
SIZE_PX: Final = (820, 720)


class ModelCardDialog(QDialog):
    """What a model says of itself; can be copied as text."""

    def __init__(self, card: ModelCard, path: Path | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("About this model")
        self.page = QTextBrowser()
        self.page.setOpenLinks(False)
        self.page.setHtml(as_html(card, path))
        self.page.setAccessibleName("The model’s card")
        self.page.setToolTip("The model’s card: data, accuracy, intended use, hash")
        buttons = CloseButton(self)
        self.copy_button = buttons.addButton("&Copy as text", QDialogButtonBox.ButtonRole.ActionRole)
        self.copy_button.setToolTip("Put the whole card on the clipboard (Alt+C)")
        self.copy_button.setAutoDefault(False)
        self.copy_button.clicked.connect(lambda: _copy(as_text(card)))
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 16)
        column.setSpacing(10)
        column.addWidget(label(card.name, rank="title", selectable=True))
        column.addWidget(label(RESEARCH_USE, rank="caution"))
        column.addWidget(self.page, 1)
        column.addWidget(buttons)
        open_at(self, SIZE_PX)


def as_html(card: ModelCard, path: Path | None) -> str:
    """Return a card as HTML in the theme's colours; foreign words are escaped."""
    look = theme.current()
    parts = [_paragraph(card.intended_use, look.muted)]
    for name in sorted(card.metrics, key=lambda name: list(TITLES).index(name) if name in TITLES else len(TITLES)):
        parts += _score(TITLES.get(name, f"On {name}"), card.metrics[name])
    if "test" not in card.metrics:
        parts.append(_paragraph("It was not measured on held-out radiographs.", look.caution))
    listed = [*facts(card), *([f"File: {path}"] if path is not None else [])]
    parts.append("<h3>Data, network, origin</h3>")
    parts += [_paragraph(line, look.text) for line in listed]
    return "".join(parts)


def _score(title: str, score: Mapping[str, Any]) -> list[str]:
    look = theme.current()
    cell = f'<td style="padding:3px 16px 3px 0; border-bottom:1px solid {look.line}">'
    head = "".join(f'<td style="padding:3px 16px 3px 0; color:{look.muted}">{escape(text)}</td>' for text in HEADS)
    rows = [("all", score), *score["by_sex"].items(), *score["by_age"].items()]
    lines = []
    for name, row in rows:
        cells = (
            f"<b>{escape(str(name)).replace('-', '–')}</b>",
            f"{row['n']:,}",
            f"{row['mae_months']:.2f} " + (_interval(row) if row["n"] > 1 else OF_ONE),
            f"{row['rmse_months']:.2f}",
            f"{row['bias_months']:+.2f}".replace("-", "−"),
            *(share.replace("%", " %") for share in shares_within(row)),
        )
        lines.append("<tr>" + "".join(f"{cell}{text}</td>" for text in cells) + "</tr>")
    table = f'<table cellspacing="0" cellpadding="0"><tr>{head}</tr>{"".join(lines)}</table>'
    return [f"<h3>{escape(printable(title))}</h3>", table, _paragraph(score_remark(score), look.muted)]


def _interval(row: Mapping[str, Any]) -> str:
    return f"({row['mae_low']:.2f} to {row['mae_high']:.2f})"


def _paragraph(text: str, colour: str) -> str:
    return f'<p style="color:{colour}; margin:4px 0">{escape(printable(text))}</p>'


def _copy(text: str) -> None:
    from PySide6.QtGui import QGuiApplication

    QGuiApplication.clipboard().setText(text)
