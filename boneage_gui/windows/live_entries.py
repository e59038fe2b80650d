"""Menu entries known only at run time: presets, shipped models, recent files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from boneage_gui.actions import ActionInfo
from boneage_gui.widgets.radiograph_view import PRESETS, Preset
from boneage_gui.widgets.text import plain_tooltip
from boneage_gui.windows.menus import Menus
from trainer.radiograph import shown_name

MODEL_ENTRY = "model:"
KEYED = 9  # as many entries have a digit key


def add_presets(menus: Menus, choose: Callable[[Preset], None]) -> None:
    """Put the window presets into View; Ctrl+1 is the first."""
    before = menus.actions["show_thumbnails"]
    menu = QMenu("Window pr&esets", menus.menus["View"])
    menu.setToolTipsVisible(True)
    menus.menus["View"].insertMenu(before, menu)
    for number, preset in enumerate(PRESETS, start=1):
        info = ActionInfo(
            name=f"preset:{preset.name}",
            menu="Window presets",
            text=f"&{number}  {preset.name}",
            tip=f"{preset.name}: {preset.tip[0].lower()}{preset.tip[1:]}",
            keys=(f"Ctrl+{number}",),
            needs_picture=True,
        )
        menus.add(info, partial(choose, preset), menu)


def add_models(menus: Menus, names: Sequence[str], choose: Callable[[str], None]) -> None:
    """Put the shipped models at the head of Model; Alt+1 is the first."""
    menu = menus.menus["Model"]
    before = menus.actions["open_model"]
    for number, name in enumerate(names, start=1):
        info = ActionInfo(
            name=MODEL_ENTRY + name,
            menu="Model",
            text=f"&{number}  {name}",
            tip=f"Read the bone age with the model {name}",
            keys=(f"Alt+{number}",) if number <= KEYED else (),
            group="model",
        )
        menus.add(info, partial(choose, name), menu, before=before)
    if names:
        menu.insertSeparator(before)


class RecentFiles:
    """The submenu of files opened lately."""

    def __init__(self, menus: Menus, open_file: Callable[[Path], None], forget: Callable[[], None]) -> None:
        file_menu = menus.menus["File"]
        self.menu = QMenu("&Recent files", file_menu)
        self.menu.setToolTipsVisible(True)
        file_menu.insertMenu(menus.actions["open_sample"], self.menu)
        self._open_file, self._forget = open_file, forget

    def show_paths(self, paths: Sequence[Path]) -> None:
        """List these files; greyed out when there are none."""
        self.menu.clear()
        for number, path in enumerate(paths, start=1):
            mnemonic = f"&{number}  " if number <= KEYED else ""
            action = QAction(mnemonic + shown_name(path).replace("&", "&&"), self.menu)
            action.setToolTip(plain_tooltip(str(path)))
            action.triggered.connect(lambda _checked=False, path=path: self._open_file(path))
            self.menu.addAction(action)
        self.menu.addSeparator()
        clear = self.menu.addAction("&Clear this list")
        clear.setToolTip("Forget the names of these files; the files stay where they are")
        clear.triggered.connect(lambda _checked=False: self._forget())
        self.menu.setEnabled(bool(paths))
