"""The models in the menu Model: the shipped ones, under them the user's own, which come and go."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction

from boneage_gui import assets
from boneage_gui.actions import ActionInfo
from boneage_gui.jobs import Job, NewestOnly
from boneage_gui.widgets.text import plain_tooltip
from boneage_gui.windows.live_entries import KEYED, MODEL_ENTRY, add_models
from boneage_gui.windows.menus import Menus
from boneage_gui.work import models
from boneage_gui.work.models import OwnModel


class ModelEntries(QObject):
    """Keeps the menu as the folder of the user's own models is; what is damaged there is left out."""

    changed = Signal()  # the list is new
    failed = Signal(object)  # the exception

    def __init__(
        self, menus: Menus, folder: Path, choose: Callable[[str], None], parent: QObject | None = None
    ) -> None:
        """``choose`` is told a shipped model's name or a file's path."""
        super().__init__(parent)
        self.folder = folder
        self.own: list[OwnModel] = []
        self.shipped = tuple(assets.model_names())
        self._menus, self._choose = menus, choose
        self._line: QAction | None = None
        self._reading = NewestOnly(self)
        self._removing = NewestOnly(self)
        add_models(menus, self.shipped, choose)

    def refresh(self) -> None:
        """Look into the folder; ``changed`` follows where it is there or was."""
        if self.own or self.folder.is_dir():
            self._reading.start(Job(models.own_models, self.folder), result=self._show, failed=self.failed.emit)

    def check(self, path: Path | None) -> None:
        """Mark the model in use; none, where its file is not in the menu."""
        self._menus.uncheck_group("model")
        for name in self.shipped:
            if assets.model_file(name) == path:
                self._menus.check(MODEL_ENTRY + name)
        for model in self.own:
            if model.path == path:
                self._menus.check(_entry(model))

    def remove(self, path: Path) -> None:
        """Delete a model; the list follows."""
        job = Job(models.remove_model, path)
        self._removing.start(job, result=lambda _none: self.refresh(), failed=self._not_removed)

    def forget(self) -> None:
        """Ask for nothing more."""
        self._reading.drop()
        self._removing.drop()

    def _not_removed(self, error: BaseException) -> None:
        self.failed.emit(error)
        self.refresh()

    def _show(self, found: list[OwnModel]) -> None:
        menu = self._menus.menus["Model"]
        for model in self.own:
            menu.removeAction(self._menus.actions[_entry(model)])
            self._menus.remove(_entry(model))
        if self._line is not None:
            menu.removeAction(self._line)
            self._line = None
        self.own = found
        before = self._menus.actions["open_model"]
        for number, model in enumerate(found, start=len(self.shipped) + 1):
            mnemonic = f"&{number}  " if number <= KEYED else ""
            info = ActionInfo(
                name=_entry(model),
                menu="Model",
                text=mnemonic + model.name.replace("&", "&&"),
                tip=f"Read the bone age with your model {model.name}",
                keys=(f"Alt+{number}",) if number <= KEYED else (),
                group="model",
            )
            action = self._menus.add(info, partial(self._choose, str(model.path)), menu, before=before)
            keys = f" ({action.shortcut().toString()})" if info.keys else ""
            told = f"{info.tip}{keys}\n{model.card.accuracy_line()}\n{model.path}"
            action.setToolTip(plain_tooltip(told))
        if found:
            self._line = menu.insertSeparator(before)
        self.changed.emit()


def _entry(model: OwnModel) -> str:
    return f"{MODEL_ENTRY}{model.path}"
