"""The bone age beside the radiograph: the number, its interval, its context and its limits."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from boneage_gui.clinic.dictation import HASH_LETTERS, has_interval, interval_in_words
from boneage_gui.widgets.cautions import Cautions
from boneage_gui.widgets.decision import Decision
from boneage_gui.widgets.interval_bar import IntervalBar
from boneage_gui.widgets.patient_dates import PatientDates
from boneage_gui.widgets.sex_choice import SexChoice
from boneage_gui.widgets.standing_lines import StandingLines
from boneage_gui.widgets.text import Column, label, research_use_line, rule, scrolled
from trainer.prediction import Prediction, years_and_months
from trainer.radiograph import Radiograph, Sex, Study

if TYPE_CHECKING:
    from trainer.card import ModelCard

WIDTH_PX = 356
NO_MODEL = "No model is installed. The radiograph can be viewed and measured; choose a model file in the menu Model."


class PredictionPanel(QFrame):
    """Shows a Prediction, or in words why there is none yet."""

    sex_chosen = Signal(object)  # Sex | None
    anyway_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setFixedWidth(WIDTH_PX)
        self.setAccessibleName("Bone age")
        self.prediction: Prediction | None = None
        self._whose = label(selectable=True)
        self._whose.setContentsMargins(0, 0, 0, 8)
        self._whose.setAccessibleName("Patient")
        self._whose.setToolTip("Whose radiograph this is, as its header says; it is not part of a saved picture")
        self._headline = label(rank="headline", selectable=True)
        self._headline.setTextFormat(Qt.TextFormat.RichText)
        self._headline.setWordWrap(False)
        self._state = label(rank="state")
        self._detail = label(rank="muted", selectable=True)
        self._range = label(selectable=True)
        self._source = label(rank="small", selectable=True)
        self.anyway = QPushButton("Read it anyway")
        self.anyway.setToolTip("Give a bone age all the same; the result is marked (Ctrl+Shift+G)")
        self.anyway.hide()
        self.anyway.clicked.connect(self.anyway_wanted)
        self._busy = QProgressBar()
        self._busy.setRange(0, 0)
        self._busy.setTextVisible(False)
        self._busy.setFixedHeight(3)
        self._busy.setAccessibleName("Working")
        self.interval_bar = IntervalBar()
        self.sex = SexChoice()
        self.dates = PatientDates()
        self.standing = StandingLines()
        self.decision = Decision()
        self.cautions = Cautions()
        self._model = label(selectable=True)
        self._accuracy = label(rank="muted", selectable=True)
        self._training = label(rank="small", selectable=True)
        self._time = label(rank="small")
        self._lay_out()
        self.sex.chosen.connect(self.sex_chosen)
        self.dates.changed.connect(self.interval_bar.show_chronological)
        self.show_no_file()

    def show_no_file(self) -> None:
        """Nothing is open."""
        self._whose.hide()
        self.sex.clear()
        self.dates.clear()
        self._say("No radiograph", "Open one to read its bone age.")

    def show_reading(self, name: str) -> None:
        """A file is being read."""
        self._say("Opening…", name, busy=True)

    def show_radiograph(self, radiograph: Radiograph) -> None:
        """A radiograph is on screen: what its header says about the patient. The number comes later."""
        whose = _whose(radiograph.study)
        self._whose.setText(whose)
        self._whose.setVisible(bool(whose))
        self.sex.show_header(radiograph.sex)
        self.dates.show_study(radiograph.study)
        self._say("Estimating…", "", busy=True)
        self.cautions.show_lines(radiograph.cautions)

    def show_estimating(self) -> None:
        """The model is at work."""
        self._say("Estimating…", "", busy=True, keep_cautions=True)

    def show_model_loading(self) -> None:
        """The radiograph waits for the model."""
        self._say("Loading the model…", "The bone age follows in a few seconds.", busy=True, keep_cautions=True)

    def show_no_model(self) -> None:
        """There is no model to ask."""
        self._say("No bone age", NO_MODEL, keep_cautions=True)

    def show_refusal(self, sentence: str, *, anyway: bool = False) -> None:
        """The model, or what comes before it, gives no answer; ``anyway``: a number can be had all the same."""
        self._say("No bone age", sentence, keep_cautions=True)
        self.cautions.show_lines(tuple(line for line in self.cautions.lines if line not in sentence))  # said once
        self.anyway.setVisible(anyway)

    def show_prediction(self, prediction: Prediction, *, more_cautions: tuple[str, ...] = ()) -> None:
        """The number, its interval and its origin; more_cautions come from the radiograph."""
        self.prediction = prediction
        self._state.hide()
        self._busy.hide()
        self.anyway.hide()
        self._headline.setText(_large(prediction.age_months))
        self._headline.setAccessibleName(f"Bone age: {years_and_months(prediction.age_months)}")
        self._headline.show()
        caption, _, span = interval_in_words(prediction).partition(": ")
        self._detail.setText(caption)
        self._detail.show()
        self._range.setText(span)
        self._range.setVisible(bool(span))
        self._source.setText(f"Read by {prediction.model_name}  ·  {prediction.model_sha256[:HASH_LETTERS]}")
        self._source.show()
        if has_interval(prediction):
            self.interval_bar.show_interval(
                age_months=prediction.age_months,
                low_months=prediction.low_months,
                high_months=prediction.high_months,
            )
        self.dates.show_bone_age(prediction.age_months)
        self.cautions.show_lines(tuple(dict.fromkeys((*prediction.cautions, *more_cautions))))
        self._time.setText(f"Read in {prediction.elapsed_s:.2f} s")
        self._time.show()

    def show_model(self, card: ModelCard | None, *, loading: bool) -> None:
        """Name, hash and accuracy of the model in use; from the file's header, so known before the weights."""
        self._time.hide()
        self._accuracy.setVisible(card is not None)
        self._training.setVisible(card is not None)
        if card is None:
            self._model.setText("Loading…" if loading else "None installed")
            return
        weights = f"  ·  {card.weights_sha256[:HASH_LETTERS]}" if card.weights_sha256 else ""
        self._model.setText(card.name + (", loading…" if loading else weights))
        self._accuracy.setText(card.accuracy_line())
        sexless = "" if card.uses_sex else " It does not use the child’s sex."
        self._training.setText(f"{card.training_line()}.{sexless}")

    @property
    def whose(self) -> str:
        """The line that says whose radiograph it is."""
        return self._whose.text()

    @property
    def model(self) -> str:
        """The lines about the model."""
        return "\n".join(part.text() for part in (self._model, self._accuracy, self._training))

    @property
    def state(self) -> str:
        """The words in the place of the number, or the number in words."""
        return self._headline.accessibleName() if self.prediction else self._state.text()

    @property
    def detail(self) -> str:
        """The sentence under the state, or the interval under the number."""
        return " ".join(part for part in (self._detail.text(), self._range.text()) if part)

    def choose_sex(self, sex: Sex | None) -> None:
        """As if its button were pressed."""
        self.sex.choose(sex)

    def _say(self, state: str, detail: str, *, busy: bool = False, keep_cautions: bool = False) -> None:
        self.prediction = None
        self._headline.hide()
        self.anyway.hide()
        self._range.hide()
        self._range.clear()
        self._source.hide()
        self._state.setText(state)
        self._state.show()
        self._detail.setText(detail)
        self._detail.setVisible(bool(detail))
        self._busy.setVisible(busy)
        self._time.hide()
        self.interval_bar.clear()
        self.dates.show_bone_age(None)
        if not keep_cautions:
            self.cautions.show_lines(())

    def _lay_out(self) -> None:
        content = Column()
        column = QVBoxLayout(content)
        column.setContentsMargins(20, 16, 20, 10)
        column.setSpacing(7)
        column.addWidget(self._whose)
        top = (self._headline, self._state, self._busy, self._detail, self._range, self._source, self.anyway)
        _add_section(column, "BONE AGE", *top, self.interval_bar, first=True)
        column.addWidget(self.cautions)
        _add_section(column, "REFERENCE", self.standing)
        _add_section(column, "READING", self.decision)
        _add_section(column, "SEX", self.sex)
        _add_section(column, "CHRONOLOGICAL AGE", self.dates)
        _add_section(column, "MODEL", self._model, self._accuracy, self._training, self._time)
        column.addStretch(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(scrolled(content), 1)
        whole.addWidget(research_use_line())


def _add_section(column: QVBoxLayout, title: str, *parts: QWidget | QLayout, first: bool = False) -> None:
    if not first:
        column.addSpacing(7)
        column.addWidget(rule())
        column.addSpacing(5)
    column.addWidget(label(title, rank="section"))
    for part in parts:
        if isinstance(part, QWidget):
            column.addWidget(part)
        else:
            column.addLayout(part)


def _whose(study: Study) -> str:
    """Name, number, side and view as far as the header gives them."""
    known = (study.patient_name, study.patient_number, study.laterality, study.view)
    return " · ".join(part for part in known if part)


def _large(months: float) -> str:
    """An age with large figures and small units, as rich text."""
    words = years_and_months(months).split()
    pairs = zip(words[::2], words[1::2], strict=True)
    return "&nbsp; ".join(
        f'<span style="font-size:40px; font-weight:600">{escape(figure)}</span>'
        f'<span style="font-size:17px">&nbsp;{escape(unit)}</span>'
        for figure, unit in pairs
    )
