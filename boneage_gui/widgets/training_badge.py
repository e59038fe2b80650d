"""In the status bar: that a training goes on, how far it is, and the way to its window."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QSizePolicy, QWidget

BAR_PX = (96, 4)
THOUSAND = 1000


class TrainingBadge(QWidget):
    """A flat button with the words, a bar beside it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.button = QPushButton()
        self.button.setObjectName("badge")
        self.button.setFlat(True)
        self.button.setAccessibleName("Training")
        self.button.setToolTip("See the training that goes on (Ctrl+Shift+T)")
        self.button.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        self.bar = QProgressBar()
        self.bar.setFixedSize(*BAR_PX)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Progress of the training")
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 0, 10, 0)
        row.setSpacing(8)
        row.addWidget(self.button)
        row.addWidget(self.bar)
        self.clicked = self.button.clicked
        self.hide()

    def say(self, words: str, *, share: float | None) -> None:
        """Show words and how far it is, 0 to 1; None while that is not known."""
        self.button.setText(words)
        self.button.setToolTip(f"{words}. Click to see it (Ctrl+Shift+T)")
        self.button.setAccessibleDescription(words)
        self.bar.setToolTip(words)
        self.bar.setRange(0, 0 if share is None else THOUSAND)
        if share is not None:
            self.bar.setValue(round(THOUSAND * share))
        self.show()

    @property
    def text(self) -> str:
        """The words on show; empty when there are none."""
        return "" if self.isHidden() else self.button.text()
