"""The recipe: which one, its name, and every transform with its switch, range and probability."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from boneage_gui.widgets.augmentation.step_row import CHANCE_PX, END_PX, NAME_PX, StepRow
from boneage_gui.widgets.text import label
from boneage_gui.work.augmenting import first_step
from trainer.augment import PAPERS, RECIPES, TRANSFORMS, Recipe, Step

WIDTH_PX = 408
ROWS_AT_ONCE = 3
SHIPPED = {
    "baseline": "baseline: no augmentation",
    PAPERS: f"{PAPERS}: the paper’s",
    "steady": "steady: improved-sex, first epochs",
    "gentle": "gentle: improved-sex, middle epochs",
    "sturdy": "sturdy: improved-sex, last epochs",
}


class RecipeEditor(QFrame):
    """Edits one recipe. A step that is switched off stays in the recipe with probability 0: the draws of the others
    then stay as they are, here as in a training."""

    grown = Signal()  # every row is there; before, no recipe can be shown
    changed = Signal(object)  # Recipe
    step_chosen = Signal(object)  # Step of the strip
    save_wanted = Signal(object)  # Recipe, under the name typed
    remove_wanted = Signal(str)
    import_wanted = Signal()
    export_wanted = Signal(object)  # Recipe

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("recipe")
        self.setFixedWidth(WIDTH_PX)
        self.setAccessibleName("Recipe of augmentations")
        self._offered: Mapping[str, Recipe] = {}
        self._kept: tuple[str, ...] = ()  # transforms of the recipe as it was chosen, in its order
        self._chosen = ""
        self.rows: dict[str, StepRow] = {}
        self.choice = QComboBox()
        self.choice.setAccessibleName("Recipe")
        self.choice.setToolTip("The recipe on show: shipped ones, then your own")
        self.name = QLineEdit()
        self.name.setAccessibleName("Name to save the recipe under")
        self.name.setToolTip("A name for your recipe; Enter saves it, and trainings are offered it")
        self.name.setPlaceholderText("Name to save it under")
        self.save = self._button("Save", "Save the recipe under this name (Enter in the name)")
        self.reset = self._button("Reset", "Take back what was changed since this recipe was chosen")
        self.papers = self._button("Paper’s", "Back to the paper’s augmentations and ranges")
        self.import_file = self._button("Import…", "Read a recipe from a JSON file, a run’s config.json too")
        self.export_file = self._button("Export…", "Write this recipe to a JSON file")
        self.remove = self._button("Remove", "Remove this recipe of yours; shipped ones stay")
        self.state = label(rank="small")
        self._column = QVBoxLayout()
        self._lay_out()
        self._wire()
        self._growth = QTimer(self)
        self._growth.setInterval(0)
        self._growth.timeout.connect(self._grow)
        self._growth.start()

    # -- what the window asks of it

    def offer(self, recipes: Mapping[str, Recipe]) -> None:
        """List these recipes; the one on show stays on show."""
        self._offered = dict(recipes)
        self.choice.blockSignals(True)
        self.choice.clear()
        for name in recipes:
            self.choice.addItem(SHIPPED.get(name, name), name)
        self.choice.setCurrentIndex(self.choice.findData(self._chosen))
        self.choice.blockSignals(False)
        self._show_state()

    def show_recipe(self, recipe: Recipe) -> None:
        """Show a recipe, in its own order, then what it does not have; tells that it changed."""
        self._chosen = recipe.name
        self._kept = tuple(step.transform for step in recipe.steps)
        steps = {step.transform: step for step in recipe.steps}
        for name, row in self.rows.items():
            row.show_step(steps.get(name, replace(first_step(name), probability=0.0)))
            self._column.removeWidget(row)
        for name in (*self._kept, *(other for other in TRANSFORMS if other not in steps)):
            self._column.insertWidget(self._column.count() - 1, self.rows[name])
        self.choice.blockSignals(True)
        self.choice.setCurrentIndex(self.choice.findData(recipe.name))
        self.choice.blockSignals(False)
        self.name.setText("" if recipe.name in RECIPES else recipe.name)
        self.choose_step(next((step.transform for step in recipe.steps), "rotation"))
        self._tell()

    @property
    def recipe(self) -> Recipe:
        """The recipe as it stands."""
        steps: list[Step] = []
        for name in self._kept:
            row = self.rows[name]
            steps.append(row.step if row.on else replace(row.step, probability=0.0))
        for name, row in self.rows.items():
            if name not in self._kept and row.on:
                steps.append(row.step)
        return Recipe(name=self._chosen, steps=tuple(steps))

    @property
    def is_changed(self) -> bool:
        """Whether the recipe differs from the one of its name."""
        offered = self._offered.get(self._chosen)
        return offered is None or _alike(offered) != _alike(self.recipe)

    def choose_step(self, transform: str) -> None:
        """Mark a row: the strip is its transform's."""
        for name, row in self.rows.items():
            if bool(row.property("marked")) != (name == transform):
                row.mark(name == transform)
        self.step_chosen.emit(self.rows[transform].step)

    # -- making and wiring

    def _button(self, text: str, tip: str) -> QPushButton:
        made = QPushButton(text)
        made.setToolTip(tip)
        made.setAccessibleName(text.rstrip("…") + " recipe")
        made.setProperty("small", True)
        return made

    def _lay_out(self) -> None:
        buttons = QGridLayout()
        buttons.setSpacing(6)
        buttons.addWidget(self.name, 0, 0, 1, 2)
        buttons.addWidget(self.save, 0, 2)
        five = QHBoxLayout()
        five.setSpacing(6)
        for button in (self.papers, self.reset, self.remove, self.import_file, self.export_file):
            five.addWidget(button, 1)
        buttons.addLayout(five, 1, 0, 1, 3)
        for column in range(3):
            buttons.setColumnStretch(column, 1)
        head = QHBoxLayout()
        head.setContentsMargins(10, 0, 10, 0)
        head.setSpacing(6)
        for text, width in (("TRANSFORM", NAME_PX), ("FROM", END_PX), ("", 0), ("TO", END_PX), ("CHANCE", CHANCE_PX)):
            title = label(text, rank="section")
            if width:
                title.setFixedWidth(width)
            title.setAlignment(Qt.AlignmentFlag.AlignRight if width == END_PX else Qt.AlignmentFlag.AlignLeft)
            head.addWidget(title, 0 if width else 1)
        content = QWidget()
        content.setLayout(self._column)
        self._column.setContentsMargins(0, 0, 0, 8)
        self._column.setSpacing(0)
        self._column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(content)
        top = QVBoxLayout()
        top.setContentsMargins(14, 12, 14, 0)
        top.setSpacing(8)
        top.addWidget(label("RECIPE", rank="section"))
        top.addWidget(self.choice)
        top.addLayout(buttons)
        top.addWidget(self.state)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(6)
        whole.addLayout(top)
        whole.addLayout(head)
        whole.addWidget(scroll, 1)

    def _grow(self) -> None:
        """Make a few rows: all at once would stall the window."""
        missing = [name for name in TRANSFORMS if name not in self.rows]
        for name in missing[:ROWS_AT_ONCE]:
            self._make_row(name)
        if len(missing) <= ROWS_AT_ONCE:
            self._growth.stop()
            application = QApplication.instance()
            if isinstance(application, QApplication):
                application.focusChanged.connect(self._focus_moved)
            self.grown.emit()

    def _focus_moved(self, _left: QWidget | None, now: QWidget | None) -> None:
        """Whoever comes to a part of a row is at the row."""
        row = now.parentWidget() if now is not None else None
        if isinstance(row, StepRow) and self.isAncestorOf(row):
            self.choose_step(row.step.transform)

    def _make_row(self, name: str) -> None:
        row = StepRow(replace(first_step(name), probability=0.0))
        row.changed.connect(self._tell)
        row.changed.connect(lambda: self._follow(name))
        row.chosen.connect(self.choose_step)
        self.rows[name] = row
        self._column.insertWidget(self._column.count() - 1, row)

    def _follow(self, name: str) -> None:
        if self.rows[name].property("marked"):
            self.step_chosen.emit(self.rows[name].step)

    def _wire(self) -> None:
        self.choice.activated.connect(lambda _row: self._choose(self.choice.currentData()))
        self.papers.clicked.connect(lambda: self._choose(PAPERS))
        self.reset.clicked.connect(lambda: self._choose(self._chosen))
        self.save.clicked.connect(self._save)
        self.name.returnPressed.connect(self._save)
        self.name.textChanged.connect(lambda _text: self._show_state())
        self.import_file.clicked.connect(self.import_wanted)
        self.export_file.clicked.connect(lambda: self.export_wanted.emit(self._under_typed_name()))
        self.remove.clicked.connect(lambda: self.remove_wanted.emit(self._chosen))

    def _choose(self, name: str) -> None:
        if name in self._offered:
            self.show_recipe(self._offered[name])

    def _save(self) -> None:
        self.save_wanted.emit(self._under_typed_name())

    def _under_typed_name(self) -> Recipe:
        typed = self.name.text().strip()
        return Recipe(name=typed or self._chosen, steps=self.recipe.steps)

    def _tell(self) -> None:
        self._show_state()
        self.changed.emit(self.recipe)

    def _show_state(self) -> None:
        own = self._chosen in self._offered and self._chosen not in RECIPES
        changed = self.is_changed
        self.remove.setEnabled(own)
        self.reset.setEnabled(changed and self._chosen in self._offered)
        if not self._chosen:
            words = ""
        elif changed:
            words = f"{self._chosen}, changed. Save it under a name to train with it."
        else:
            words = f"{self._chosen}, as {'it was saved' if own else 'shipped'}."
        self.state.setText(words)


def _alike(recipe: Recipe) -> list[tuple[str, float, float, float]]:
    """What a recipe does; a step that never happens does not count, but for the draws of those after it."""
    return [(step.transform, float(step.low), float(step.high), float(step.probability)) for step in recipe.steps]
