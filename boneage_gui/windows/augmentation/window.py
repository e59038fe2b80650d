"""The augmentation lab: what training does to the open radiograph, and what the models make of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent, QGuiApplication, QImage, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMainWindow, QScrollArea, QVBoxLayout, QWidget

from boneage_gui import assets
from boneage_gui.errors import ErrorDoor
from boneage_gui.inference import Inference
from boneage_gui.jobs import Job, NewestOnly
from boneage_gui.widgets.augmentation.face import Face
from boneage_gui.widgets.augmentation.lab_bar import LabBar
from boneage_gui.widgets.augmentation.recipe_editor import RecipeEditor
from boneage_gui.widgets.augmentation.sheet import as_png, draw_sheet
from boneage_gui.widgets.banner import Banner
from boneage_gui.widgets.first_size import open_at, room_for
from boneage_gui.widgets.shortcut_help import ShortcutHelp
from boneage_gui.widgets.text import scrolled
from boneage_gui.windows import dialogs
from boneage_gui.windows.augmentation import files
from boneage_gui.windows.augmentation.desk import LabDesk
from boneage_gui.windows.augmentation.gallery import Gallery
from trainer.augment import PAPERS, RECIPES, Recipe, Shelf, offered_recipes, read_recipe, write_recipe
from trainer.errors import BoneAgeError, printable
from trainer.radiograph import Radiograph, Sex, shown_name
from trainer.whole_file import write_whole

TITLE = "Augmentations"
SIZE_PX = (1280, 800)
SCROLL_BAR_PX = 10  # as the theme has it
STATUS_PX = 28  # the status bar below the desk
TOLD_MS = 4000
NO_RADIOGRAPH = "No radiograph is open. Open one in the main window to see its augmentations."


class AugmentationWindow(QMainWindow):
    """Composes the lab: bar above, recipe left, pictures and their summary right."""

    def __init__(self, *, inference: Inference, door: ErrorDoor, recipes_folder: Path, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.desk = LabDesk(inference, self)
        self.gallery = Gallery(self.desk)
        self.bar = LabBar()
        self.editor = RecipeEditor()
        self.banner = Banner()
        self.doing = QLabel()
        self.doing.setAccessibleName("What is being done")
        self._door = door
        self._shelf = Shelf(recipes_folder)
        self._writing = NewestOnly(self)
        self._keys: list[tuple[str, str]] = []
        self._lay_out()
        self._wire()
        self._add_keys()
        self.banner.close_before(self)
        self.bar.offer_models(assets.model_names())
        self.bar.count.setValue(self.desk.count)
        self.desk.show_model()

    # -- what the main window tells

    def show_radiograph(self, radiograph: Radiograph | None, sex: Sex | None) -> None:
        """Follow the main window to another radiograph."""
        self.banner.hide()
        if radiograph is None:
            self.setWindowTitle(TITLE)
            self.gallery.clear()
            self.banner.say(NO_RADIOGRAPH)
        else:
            self.setWindowTitle(f"{shown_name(radiograph.source)} — {TITLE}")
            case_id = printable(radiograph.source.stem)  # as the RSNA's tables name their cases; others name files
            self.bar.show_case(case_id, printable(radiograph.source.name))
            self.desk.case_id = case_id
        self.desk.show_radiograph(radiograph, sex)

    def show_sex(self, sex: Sex | None) -> None:
        """The child's sex was told."""
        self.desk.show_sex(sex)

    def show_model(self) -> None:
        """Another model is in use, or it has loaded."""
        self.desk.show_model()

    # -- recipes

    def save_recipe(self, recipe: Recipe) -> None:
        """Keep a recipe on the shelf; trainings are offered it from now on."""
        if self._tried(lambda: self._shelf.save(recipe)):
            offered = offered_recipes(self._shelf.folder)
            self.editor.offer(offered)
            self.editor.show_recipe(offered.get(recipe.name, recipe))
            self.tell(f"The recipe “{recipe.name}” is saved; trainings are offered it.")

    def remove_recipe(self, name: str) -> None:
        """Take a recipe of the user's off the shelf; the paper's takes its place."""
        if self._tried(lambda: self._shelf.remove(name)):
            self.editor.offer(offered_recipes(self._shelf.folder))
            self.editor.show_recipe(RECIPES[PAPERS])
            self.tell(f"The recipe “{name}” is removed.")

    def import_recipe(self) -> None:
        """Read a recipe from a file and show it; it is not saved yet."""
        path = files.ask_recipe(self)
        if path is not None:
            self._tried(lambda: self.editor.show_recipe(read_recipe(path)))

    def export_recipe(self, recipe: Recipe) -> None:
        """Write a recipe to a file."""
        path = files.ask_where_recipe(self, recipe.name)
        if path is not None and self._tried(lambda: write_recipe(path, recipe)):
            self.tell(f"The recipe is in “{shown_name(path)}”.")

    # -- the grid as a picture

    def copy_sheet(self) -> None:
        """Put the grid on the clipboard."""
        self._draw_sheet(self._copied)

    def save_sheet(self) -> None:
        """Write the grid as PNG."""
        radiograph = self.desk.radiograph
        path = files.ask_where_sheet(self, radiograph.source.stem if radiograph else "")
        if path is not None:
            self._draw_sheet(lambda made: self._saved(path, made[1]))

    def _draw_sheet(self, then: Callable[[tuple[QImage, bytes]], None]) -> None:
        if not self.gallery.grid.faces:
            self.banner.say(NO_RADIOGRAPH)
            return
        job = Job(
            _sheet, list(self.gallery.grid.faces), self._heading(), self.gallery.summary.texts(), self.gallery.bands
        )
        self._writing.start(job, result=then, failed=self._fail)

    def _heading(self) -> list[str]:
        name = shown_name(self.desk.radiograph.source) if self.desk.radiograph else ""
        changed = ", changed" if self.editor.is_changed else ""
        recipe = f"Recipe {self.desk.recipe.name}{changed}, seed {self.desk.seed}, case {self.desk.case_id}"
        under = {0: "", 1: "Under each picture: ", 2: "Under each picture, from above: "}[self.gallery.bands]
        models = " and ".join(name for name in self.gallery.model_names if name)
        shift = "the model’s age and its shift from the original in months"
        return [f"{name}: augmentations", f"{recipe}. {under}{f'{shift}, of {models}.' if under else ''}"]

    def _copied(self, made: tuple[QImage, bytes]) -> None:
        image, _png = made
        QGuiApplication.clipboard().setImage(image)  # data of Python's would outlive it: a crash after the end
        self.tell("The pictures are on the clipboard.")

    def _saved(self, path: Path, png: bytes) -> None:
        if self._tried(lambda: write_whole(path, png)):
            self.tell(f"The pictures are in “{shown_name(path)}”.")

    # -- seeds, models, words

    def choose_second(self, name: str) -> None:
        """Put a second model beside the one in use, by name or file; empty: none."""
        self.desk.compare_with(assets.model_file(name) if name else None)

    def open_second(self) -> None:
        """Ask for a second model's file."""
        path = dialogs.ask_model(self, None)
        if path is not None:
            self.bar.show_second(str(path))
            self.choose_second(str(path))

    def tell(self, sentence: str) -> None:
        """Say something for a while."""
        self.statusBar().showMessage(sentence, TOLD_MS)

    def restyle(self) -> None:
        """Follow the theme."""
        self.banner.restyle()

    def _tried(self, do: Callable[[], None]) -> bool:
        try:
            do()
        except BoneAgeError as error:
            self._fail(error)
            return False
        self.banner.hide()
        return True

    def _fail(self, error: BaseException) -> None:
        self.banner.say(self._door.note(error))

    def _second_failed(self, error: BaseException) -> None:
        self.bar.show_second("")
        self.gallery.show_models()
        self._fail(error)

    def _offer_recipes(self) -> None:
        """The editor is there: what can be chosen, and the recipe that the desk began with."""
        self.editor.offer(offered_recipes(self._shelf.folder))
        self.editor.show_recipe(self.desk.recipe)
        broken = self._shelf.broken()
        if broken:
            self.banner.say(" ".join(broken))

    def _show_doing(self, words: str) -> None:
        self.doing.setText(words)
        self.bar.stop.setEnabled(bool(words))

    # -- composition

    def _lay_out(self) -> None:
        right = QVBoxLayout()
        right.setSpacing(0)
        right.addWidget(self.banner)
        right.addWidget(self.gallery.pages, 1)
        right.addWidget(self.gallery.summary)
        across = QHBoxLayout()
        across.setSpacing(0)
        across.addWidget(self.editor)
        across.addLayout(right, 1)
        whole = QVBoxLayout()
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self._moving_bar())
        whole.addLayout(across, 1)
        desk = QWidget()
        desk.setObjectName("desk")
        desk.setLayout(whole)
        self.setCentralWidget(desk)
        self.statusBar().setSizeGripEnabled(False)
        self.statusBar().addPermanentWidget(self.doing)
        self.setWindowTitle(TITLE)
        open_at(self, SIZE_PX, (self.bar.minimumSizeHint().width(), desk.minimumSizeHint().height() + STATUS_PX))
        self.gallery.grid.setFocus()

    def _moving_bar(self) -> QScrollArea:
        """On a screen narrower than the bar it is moved, not squeezed."""
        area = scrolled(self.bar, across=True)
        least = self.bar.minimumSizeHint()
        area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFixedHeight(least.height() + (SCROLL_BAR_PX if room_for(self).width() < least.width() else 0))
        return area

    def _wire(self) -> None:
        desk, bar, editor = self.desk, self.bar, self.editor
        bar.count_changed.connect(lambda count: desk.change(count=count))
        bar.seed_changed.connect(lambda seed: desk.change(seed=seed))
        bar.case_changed.connect(lambda case_id: desk.change(case_id=case_id))
        bar.side_changed.connect(self.gallery.grid.set_side)
        bar.second_chosen.connect(self.choose_second)
        bar.open_model_wanted.connect(self.open_second)
        bar.stop_wanted.connect(desk.stop)
        bar.copy_wanted.connect(self.copy_sheet)
        bar.save_wanted.connect(self.save_sheet)
        editor.grown.connect(self._offer_recipes)
        editor.changed.connect(lambda recipe: desk.change(recipe=recipe))
        editor.step_chosen.connect(lambda step: desk.change(strip_step=step))
        editor.save_wanted.connect(self.save_recipe)
        editor.remove_wanted.connect(self.remove_recipe)
        editor.import_wanted.connect(self.import_recipe)
        editor.export_wanted.connect(self.export_recipe)
        desk.busy_changed.connect(self._show_doing)
        desk.refused.connect(self._fail)
        desk.second.failed.connect(self._second_failed)

    def _add_keys(self) -> None:
        gallery = self.gallery
        for keys, what, do in (
            ("Ctrl+R", "Draw again, with the next seed", self.bar.next_seed),
            ("Ctrl+.", "Stop what is being computed", self.desk.stop),
            ("Ctrl+C", "Copy the grid as a picture", self.copy_sheet),
            ("Ctrl+S", "Save the grid as PNG", self.save_sheet),
            ("Ctrl+B", "The marked picture large, before and after", gallery.open_detail),
            ("PgDown", "The next picture, large", lambda: gallery.step(1)),
            ("PgUp", "The picture before, large", lambda: gallery.step(-1)),
            ("Esc", "Back to the grid; there, close", self._escape),
            ("F1", "This list", self._help),
        ):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.activated.connect(do)
            self._keys.append((keys, what))

    def _escape(self) -> None:
        if self.gallery.in_detail:
            self.gallery.show_grid()
        else:
            self.close()

    def _help(self) -> None:
        arrows = [("Arrows", "Walk through the pictures; Enter shows one large"), ("Space", "A slider’s other end")]
        dialogs.show(ShortcutHelp([("Augmentations", [*self._keys, *arrows])], self))

    def closeEvent(self, event: QCloseEvent) -> None:
        """Nothing goes on behind a closed window."""
        if self.desk.second.loading:  # its name must not stand there at the next opening, with no model behind it
            self.bar.show_second("")
            self.choose_second("")
        self.desk.close()
        self._writing.drop()
        event.accept()


def _sheet(faces: list[Face], heading: list[str], lines: list[str], bands: int) -> tuple[QImage, bytes]:
    image = draw_sheet(faces, heading=heading, lines=lines, bands=bands)
    return image, as_png(image)
