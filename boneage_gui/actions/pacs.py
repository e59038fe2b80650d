"""Entries of the menu DICOM."""

from __future__ import annotations

from boneage_gui.actions.info import ActionInfo, action

PACS: tuple[ActionInfo, ...] = (
    action(
        "DICOM",
        "pacs_find",
        "&Find in PACS…",
        "Search other DICOM systems for studies, fetch them, and say which systems there are",
        "Ctrl+F",
        icon="pacs",
    ),
    action(
        "DICOM",
        "pacs_send",
        "&Send report to PACS…",
        "Send structured report, picture and page of the confirmed reading into the radiograph’s study",
        "Ctrl+Shift+D",
        icon="send",
        needs_picture=True,
    ),
    action(
        "DICOM",
        "pacs_receive",
        "&Receive radiographs",
        "Listen for radiographs that other systems send; each is read and waits in the worklist",
        "Ctrl+Shift+I",
        icon="receive",
        checkable=True,
        separated=True,
    ),
)
