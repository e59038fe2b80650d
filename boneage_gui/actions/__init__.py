"""Every menu entry and shortcut of the window, as one table."""

from __future__ import annotations

from boneage_gui.actions.info import ActionInfo, tooltip
from boneage_gui.actions.pacs import PACS
from boneage_gui.actions.picture import TOOLS, VIEW
from boneage_gui.actions.program import FILE, GO, HELP, MODEL, PATIENT

__all__ = ["ACTIONS", "MENUS", "ActionInfo", "tooltip"]

MENUS = ("File", "View", "Tools", "Patient", "Model", "DICOM", "Go", "Help")
ACTIONS: tuple[ActionInfo, ...] = (*FILE, *VIEW, *TOOLS, *PATIENT, *MODEL, *PACS, *GO, *HELP)
