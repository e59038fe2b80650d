"""Echo: whether a node answers at all (C-ECHO)."""

from __future__ import annotations

import time

from pynetdicom import build_context
from pynetdicom.sop_class import Verification  # type: ignore[attr-defined]

from boneage_gui.clinic.dicom_node.association import associated, lost
from boneage_gui.clinic.dicom_node.node import OUR_TITLE, Node, NodeError
from boneage_gui.clinic.dicom_node.patience import Patience


def echo(node: Node, *, ae_title: str = OUR_TITLE, patience: Patience | None = None) -> float:
    """Return how many seconds connection, association and answer took. Raises NodeError."""
    began = time.monotonic()
    with associated(node, [build_context(Verification)], ae_title=ae_title, patience=patience) as association:
        status = association.send_c_echo().get("Status")
        if status is None:
            raise lost(node)
        if status != 0x0000:
            raise NodeError(f"{node.in_words} answered, but refused the echo (status {status:04X}).")
        return time.monotonic() - began
