"""Menus and toolbar, made from the table of actions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import QSize
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu, QSizePolicy, QToolBar, QToolButton, QWidget

from boneage_gui import assets, theme
from boneage_gui.actions import ACTIONS, MENUS, ActionInfo, tooltip

Handler = Callable[[], None]

# macOS moves entries into the application's menu by their words, "About this model…" too, unless each says what it is.
ROLES = {"about": QAction.MenuRole.AboutRole, "quit": QAction.MenuRole.QuitRole}


class Menus:
    """The window's QActions by name, in menus and on the toolbar."""

    def __init__(self, window: QMainWindow) -> None:
        """Make every entry of the table; ``bind`` says what they do."""
        self._window = window
        self._handlers: dict[str, Handler] = {}
        self._picture_is_there = False
        self.infos: list[ActionInfo] = []
        self.actions: dict[str, QAction] = {}
        self.menus: dict[str, QMenu] = {}
        self._groups: dict[str, QActionGroup] = {}
        self.toolbar = QToolBar("Tools", window)
        self.toolbar.setObjectName("toolbar")
        self.toolbar.setMovable(False)
        self.toolbar.setIconSize(QSize(assets.ICON_SIDE_PX, assets.ICON_SIDE_PX))
        window.addToolBar(self.toolbar)
        for title in MENUS:
            menu = window.menuBar().addMenu(f"&{title}")
            menu.setToolTipsVisible(True)
            self.menus[title] = menu
        for info in ACTIONS:
            self._make(info, self.menus[info.menu])
        self._make_toolbar()
        self.restyle()

    def bind(self, handlers: Mapping[str, Handler]) -> None:
        """Say what each entry of the table does. Raises ValueError where one is left out, or not in the table."""
        unknown = {info.name for info in ACTIONS} ^ set(handlers)
        if unknown:
            raise ValueError(f"Actions and handlers differ: {sorted(unknown)}")
        self._handlers.update(handlers)

    def add(self, info: ActionInfo, handler: Handler, menu: QMenu, *, before: QAction | None = None) -> QAction:
        """Make an entry that is known only at run time: a model, a preset."""
        self._handlers[info.name] = handler
        return self._make(info, menu, before=before)

    def remove(self, name: str) -> None:
        """Take out an entry that was added at run time."""
        self.infos = [info for info in self.infos if info.name != name]
        self._handlers.pop(name)
        action = self.actions.pop(name)
        action.deleteLater()

    def enable_for_picture(self, there: bool) -> None:
        """Grey out what needs a radiograph while none is open."""
        self._picture_is_there = there
        for info in self.infos:
            if info.needs_picture:
                self.actions[info.name].setEnabled(there)

    def enable(self, names: Sequence[str], able: bool) -> None:
        """Grey out entries, or not."""
        for name in names:
            self.actions[name].setEnabled(able)

    def check(self, name: str, checked: bool = True) -> None:
        """Show a checkable action's state without doing it."""
        self.actions[name].setChecked(checked)

    def uncheck_group(self, group: str) -> None:
        """No action of a group is the chosen one."""
        members = self._group(group)
        members.setExclusive(False)
        for action in members.actions():
            action.setChecked(False)
        members.setExclusive(True)

    def restyle(self) -> None:
        """Tint the icons with the theme in use."""
        look = theme.current()
        for info in self.infos:
            if info.icon:
                checked = look.accent if self.actions[info.name].isCheckable() else None
                drawn = assets.icon(info.icon, colour=look.text, disabled=look.disabled, checked=checked)
                self.actions[info.name].setIcon(drawn)

    def shortcuts(self) -> list[tuple[str, Sequence[tuple[str, str]]]]:
        """Sections of (keys, what they do) for the help."""
        sections: list[tuple[str, Sequence[tuple[str, str]]]] = []
        for title in dict.fromkeys(info.menu for info in self.infos):
            rows = [
                (_first_keys(self.actions[info.name]), info.tip)
                for info in self.infos
                if info.menu == title and info.keys
            ]
            if rows:
                sections.append((title, rows))
        return sections

    def _make(self, info: ActionInfo, menu: QMenu, *, before: QAction | None = None) -> QAction:
        action = QAction(info.text, self._window)
        action.setShortcuts([QKeySequence(keys) for keys in info.keys])
        action.setCheckable(info.checkable or info.group is not None)
        shown = QKeySequence(info.keys[0]).toString(QKeySequence.SequenceFormat.NativeText) if info.keys else ""
        action.setToolTip(tooltip(info, shown_keys=shown))
        action.setStatusTip("")
        action.setMenuRole(ROLES.get(info.name, QAction.MenuRole.NoRole))
        action.triggered.connect(lambda _checked=False: self._handlers[info.name]())
        action.setIconVisibleInMenu(not action.isCheckable())  # there the check mark says more
        if info.group is not None:
            self._group(info.group).addAction(action)
        if info.separated and not menu.isEmpty():
            menu.insertSeparator(before) if before else menu.addSeparator()
        menu.insertAction(before, action) if before else menu.addAction(action)
        action.setEnabled(self._picture_is_there or not info.needs_picture)
        self.infos.append(info)
        self.actions[info.name] = action
        return action

    def _group(self, name: str) -> QActionGroup:
        if name not in self._groups:
            self._groups[name] = QActionGroup(self._window)
        return self._groups[name]

    def _make_toolbar(self) -> None:
        for info in ACTIONS:
            if info.toolbar == "left":
                self._add_button(info)
        gap = QWidget()
        gap.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.toolbar.addWidget(gap)
        for info in ACTIONS:
            if info.toolbar == "right":
                self._add_button(info)

    def _add_button(self, info: ActionInfo) -> None:
        if info.separated and info.toolbar == "left":
            self.toolbar.addSeparator()
        action = self.actions[info.name]
        self.toolbar.addAction(action)
        button = self.toolbar.widgetForAction(action)
        if isinstance(button, QToolButton):
            button.setAccessibleName(info.text.replace("&", "").replace("…", ""))
            button.setAccessibleDescription(info.tip)


def _first_keys(action: QAction) -> str:
    return action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
