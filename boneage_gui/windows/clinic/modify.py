"""Patient, Modify reading: the clinician's own bone age, with its reason."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QComboBox, QDialog, QHBoxLayout, QLabel, QSpinBox, QVBoxLayout, QWidget

from boneage_gui.clinic.reading import LONGEST_REASON
from boneage_gui.widgets.buttons import DialogButtons
from boneage_gui.widgets.text import label
from trainer.prediction import years_and_months

REASONS = ("", "Carpal bones read otherwise", "Phalanges read otherwise", "Hand badly placed", "Skeletal dysplasia")
NO_REASON = "Give the reason for your own value; it is kept beside both."


class ModifyDialog(QDialog):
    """Asks for years, months and a reason; says at once how the own value stands."""

    chosen = Signal(float, str)  # months, reason

    def __init__(
        self, model_months: float, own_months: float, standing: Callable[[float], str], parent: QWidget | None = None
    ) -> None:
        """``standing`` says in words how a bone age in months stands beside the chronological age."""
        super().__init__(parent)
        self.setWindowTitle("Modify reading")
        self._standing = standing
        whole = max(0, min(round(own_months), 239))
        self.years = _spin(19, whole // 12, " years", "Years of your own bone age")
        self.months = _spin(11, whole % 12, " months", "Months of your own bone age")
        self.reason = QComboBox()
        self.reason.setEditable(True)
        self.reason.addItems(REASONS)
        self.reason.setAccessibleName("Reason")
        self.reason.setToolTip("Why the model’s bone age does not stand; choose one or write your own")
        edit = self.reason.lineEdit()
        if edit is not None:
            edit.setMaxLength(LONGEST_REASON)
            edit.setPlaceholderText("Reason")
        self._stands = label(rank="muted")
        self._missing = label(rank="wrong")
        self._missing.hide()
        for spin in (self.years, self.months):
            spin.valueChanged.connect(self._show)
        self._lay_out(model_months)
        self._show()
        self.years.setFocus()
        self.years.selectAll()

    def sizeHint(self) -> QSize:
        """Wide enough for a reason."""
        return super().sizeHint().expandedTo(QSize(440, 0))

    @property
    def own_months(self) -> int:
        """What is typed."""
        return self.years.value() * 12 + self.months.value()

    def _lay_out(self, model_months: float) -> None:
        buttons = DialogButtons("&Keep", "Keep this reading (Enter)", "Change nothing (Esc)")
        self.buttons = buttons
        buttons.accepted.connect(self._keep)
        buttons.rejected.connect(self.reject)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.years, 1)
        row.addWidget(self.months, 1)
        caption = QLabel("&Reason")
        caption.setProperty("rank", "small")
        caption.setBuddy(self.reason)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 16)
        column.setSpacing(10)
        column.addWidget(label("Your own bone age", rank="state"))
        column.addWidget(label(f"The model read {years_and_months(model_months)}. Both are kept.", rank="muted"))
        column.addLayout(row)
        column.addWidget(self._stands)
        column.addWidget(caption)
        column.addWidget(self.reason)
        column.addWidget(self._missing)
        column.addSpacing(6)
        column.addWidget(buttons)

    def _show(self) -> None:
        self._stands.setText(self._standing(float(self.own_months)))

    def _keep(self) -> None:
        reason = self.reason.currentText().strip()
        if not reason:
            self._missing.setText(NO_REASON)
            self._missing.show()
            self.reason.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        self.chosen.emit(float(self.own_months), reason)
        self.accept()


def _spin(most: int, value: int, suffix: str, name: str) -> QSpinBox:
    spin = QSpinBox()
    spin.setRange(0, most)
    spin.setValue(value)
    spin.setSuffix(suffix)
    spin.setAccessibleName(name)
    spin.setToolTip(name)
    return spin
