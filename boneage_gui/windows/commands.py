"""What each entry of the menus does."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication

from boneage_gui import assets
from boneage_gui.clinic.dictation import reading_text
from boneage_gui.clinic.reference import BRUSH, GREULICH_PYLE
from boneage_gui.settings import ThemeName
from boneage_gui.widgets.radiograph_view import Preset, Tool, preset_window
from boneage_gui.windows import dialogs
from boneage_gui.windows.doors import Doors
from boneage_gui.windows.radiograph_window import RadiographWindow
from trainer.radiograph import Sex, shown_name

NO_SAMPLE = "This copy of the program came without samples. Open a radiograph with Ctrl+O."
COPIED_MS = 4000  # how long the status bar says so


class Commands:
    """The handlers of a window's actions, by the names in the table of actions."""

    def __init__(self, window: RadiographWindow, doors: Doors) -> None:
        self._window, self._doors = window, doors

    def handlers(self) -> dict[str, Callable[[], None]]:
        """One handler for every action."""
        window, view, doors, clinic = self._window, self._window.view, self._doors, self._doors.clinic
        return {
            "open_file": lambda: window.open_paths(dialogs.ask_files(window, window.settings.last_folder)),
            "open_folder": lambda: window.open_paths(dialogs.ask_folder(window, window.settings.last_folder)),
            "open_sample": self.open_sample,
            "save_picture": self.save_picture,
            "copy_reading": self.copy_reading,
            "report_pdf": clinic.reports.ask_pdf,
            "report_dicom": clinic.reports.ask_dicom,
            "deidentify": clinic.deidentify.ask,
            "read_folder": clinic.batch.open,
            "stress": doors.stress.open,
            "pacs_find": doors.pacs.open,
            "pacs_send": doors.pacs.sending.ask,
            "pacs_receive": doors.pacs.receive,
            "quit": self.quit,
            "fit": view.fit,
            "one_to_one": view.one_to_one,
            "zoom_in": view.zoom_in,
            "zoom_out": view.zoom_out,
            "reset": view.reset,
            "invert": view.invert,
            "rotate_left": view.rotate_left,
            "rotate_right": view.rotate_right,
            "flip_horizontal": view.flip_horizontal,
            "flip_vertical": view.flip_vertical,
            "augmentations": doors.lab.open,
            "explain": doors.explanation.toggle,
            "show_thumbnails": lambda: window.change(thumbnails_shown=self._checked("show_thumbnails")),
            "show_panel": lambda: window.change(panel_shown=self._checked("show_panel")),
            "light_theme": self.change_theme,
            "full_screen": lambda: window.setWindowState(window.windowState() ^ Qt.WindowState.WindowFullScreen),
            "tool_window": lambda: view.set_tool(Tool.WINDOW),
            "tool_length": lambda: view.set_tool(Tool.LENGTH),
            "tool_angle": lambda: view.set_tool(Tool.ANGLE),
            "undo_measuring": view.undo_measuring,
            "clear_measurements": view.clear_measurements,
            "accept_reading": clinic.readings.accept,
            "read_anyway": self.read_anyway,
            "modify_reading": clinic.readings.modify,
            "history": clinic.open_history,
            "worklist": clinic.open_worklist,
            "sex_female": lambda: window.panel.choose_sex(Sex.FEMALE),
            "sex_male": lambda: window.panel.choose_sex(Sex.MALE),
            "sex_not_given": lambda: window.panel.choose_sex(None),
            "type_dates": self.type_dates,
            "reference_brush": lambda: clinic.number.choose_reference(BRUSH),
            "reference_greulich_pyle": lambda: clinic.number.choose_reference(GREULICH_PYLE),
            "open_model": self.open_model,
            "models_folder": self.open_models_folder,
            "remove_model": self.remove_model,
            "about_model": self.about_model,
            "train": lambda: doors.training.open().show_beginning(),
            "past_runs": doors.training.open_past_runs,
            "previous": lambda: self._show(window.strip.previous()),
            "next": lambda: self._show(window.strip.next()),
            "shortcuts": self.shortcuts,
            "about": lambda: dialogs.show_about(window),
        }

    def open_sample(self) -> None:
        """Open the sample that ships with the program."""
        sample = assets.sample()
        if sample is None:
            self._window.tell(NO_SAMPLE)
            self._window.refused.emit(NO_SAMPLE)
        else:
            self._window.open_paths([sample])

    def copy_reading(self) -> None:
        """Put the reading on the clipboard as text."""
        text = self.reading_text()
        if text is None:
            self._window.tell("There is no bone age to copy yet.")
            return
        QGuiApplication.clipboard().setText(text)
        self._window.status_line.tell("The reading is on the clipboard", for_ms=COPIED_MS)

    def reading_text(self) -> str | None:
        """The reading in one line; None while there is no number."""
        window = self._window
        if window.prediction is None or window.radiograph is None:
            return None
        confirmed = self._doors.clinic.number.confirmed
        if confirmed is not None:  # what the clinician said, not what was overruled
            from boneage_gui.clinic.report import reading_lines

            lines = reading_lines(confirmed, window.radiograph.cautions)
            return " ".join((f"{shown_name(window.radiograph.source)}:", *lines))
        return reading_text(
            window.prediction,
            file_name=shown_name(window.radiograph.source),
            chronological_months=window.panel.dates.months,
            assessment=self._doors.clinic.number.assessment,
        )

    def save_picture(self) -> None:
        """Write what the view shows to a PNG."""
        window = self._window
        if window.radiograph is None:
            return
        picture = window.view.snapshot()  # while a place is asked for, another radiograph may come
        path = dialogs.ask_png(window, window.radiograph.source)
        if path is not None and not picture.save(str(path)):
            window.tell(f"The picture could not be written to “{shown_name(path)}”. Choose another folder.")

    def quit(self) -> None:
        """Close the window."""
        self._window.close()

    def change_theme(self) -> None:
        """Change between the two looks."""
        look = ThemeName.LIGHT if self._checked("light_theme") else ThemeName.DARK
        self._window.change(theme=look)
        self._window.restyle()

    def type_dates(self) -> None:
        """Put the cursor into the date that is missing."""
        self._window.change(panel_shown=True)
        self._window.panel.dates.ask()

    def open_model(self) -> None:
        """Ask for a model file and use it."""
        path = dialogs.ask_model(self._window, self._window.settings.last_folder)
        if path is not None:
            self._doors.model_choice.choose(str(path))

    def open_models_folder(self) -> None:
        """Show the folder of the user's own models, made where it is not there yet."""
        folder = self._doors.models.folder
        with suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
        if not (folder.is_dir() and QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))):
            self._window.tell(f"The folder of your models cannot be opened here. It is {folder}.")

    def read_anyway(self) -> None:
        """Read what the gate refused."""
        if self._window.panel.anyway.isVisible():
            self._window.inference.ask_anyway()
        else:
            self._window.tell("Nothing was refused that could be read anyway.")

    def shortcuts(self) -> None:
        """List every key."""
        from boneage_gui.widgets.shortcut_help import ShortcutHelp

        dialogs.show(ShortcutHelp(dialogs.help_sections(self._window.menus), self._window))

    def remove_model(self) -> None:
        """Ask which of the user's own models is to be removed."""
        window, own = self._window, self._doors.models.own
        if not own:
            self._window.tell("There are no models of your own. “Use this model” at the end of a training keeps one.")
            return
        from boneage_gui.windows.remove_model import RemoveModel

        dialog = RemoveModel(own, window.inference.path, window)
        dialog.remove.connect(self._remove_model)
        dialogs.show(dialog)

    def _remove_model(self, path: Path) -> None:
        """Delete a model of the user's own; where it is the one in use, the default one takes its place."""
        default = assets.default_model()
        if path == self._window.inference.path and default is not None:
            self._doors.model_choice.choose(default.stem)
        self._doors.models.remove(path)

    def about_model(self) -> None:
        """Show the card of the model in use."""
        inference = self._window.inference
        if inference.card is None:
            self._window.tell("No model is in use. Choose a model file in the menu Model.")
            return
        from boneage_gui.windows.model_card import ModelCardDialog  # what writes a card is not needed for a start

        dialogs.show(ModelCardDialog(inference.card, inference.path, self._window))

    def choose_preset(self, preset: Preset) -> None:
        """Set window and level to a preset of this radiograph."""
        if self._window.radiograph is not None:
            window = preset_window(preset, self._window.radiograph)
            self._window.view.set_window(centre=window.centre, width=window.width)

    def _checked(self, name: str) -> bool:
        return self._window.menus.actions[name].isChecked()

    def _show(self, path: Path | None) -> None:
        if path is not None:
            self._window.opening.show(path)
