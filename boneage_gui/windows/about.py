"""Help, About: what this is, what it is not for, and the terms of code, weights and samples."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QTextBrowser, QVBoxLayout, QWidget

from boneage_gui import assets
from boneage_gui.widgets.buttons import CloseButton
from boneage_gui.widgets.text import label
from trainer.prediction import RESEARCH_USE

PURPOSE = (
    "Reads the bone age of a child from one hand radiograph, with an interval, and shows the radiograph beside it. "
    "It is made for research and teaching. It is not for diagnosis, and no decision about a patient may rest on it."
)


class About(QDialog):
    """Name, version, purpose, notice."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("About Bone Age")
        terms = self.terms = QTextBrowser()
        terms.setOpenLinks(False)
        terms.setMarkdown(assets.notice())
        terms.setAccessibleName("Licence and terms")
        terms.setToolTip("Licence and terms")
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 16)
        column.setSpacing(10)
        column.addWidget(label(f"Bone Age {_version()}", rank="title"))
        column.addWidget(label(RESEARCH_USE, rank="caution"))
        column.addWidget(label(PURPOSE))
        column.addWidget(label("The code is under the Apache License 2.0. Weights and samples have their own terms:"))
        column.addWidget(terms, 1)
        column.addWidget(CloseButton(self))
        self.resize(640, 560)


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version  # 20 ms that the first paint need not wait for

    try:
        return version("boneage")
    except PackageNotFoundError:  # run from a folder that was never installed
        return ""
