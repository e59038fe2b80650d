"""Callers of our receiver for tests: what dcmtk would not send."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

from pynetdicom import build_context
from pynetdicom.association import Association
from pynetdicom.dimse_primitives import C_STORE

from boneage_gui.clinic.dicom_node.association import associated
from tests.factories import CR_IMAGE
from tests.gui.clinic.pacs.peers import PATIENT, node


@contextmanager
def calling(port: int, **more: Any) -> Iterator[Association]:
    """Our own caller, for what dcmtk would not send."""
    contexts = [build_context(CR_IMAGE)]
    with associated(node(port, "BONEAGE"), contexts, ae_title="STORESCU", patience=PATIENT, **more) as association:
        yield association


def offer(association: Association, data: bytes, instance: str = "1.2.3", sop_class: str = CR_IMAGE) -> int | None:
    """Send bytes as an object; return the status, or None where it was never answered."""
    request = C_STORE()
    request.MessageID, request.Priority = 1, 2
    request.AffectedSOPClassUID, request.AffectedSOPInstanceUID = sop_class, instance
    request.DataSet = BytesIO(data)
    (context,) = association.accepted_contexts
    association._reactor_checkpoint.clear()
    assert context.context_id is not None
    association.dimse.send_msg(request, context.context_id)
    _, answer = association.dimse.get_msg(block=True)
    association._reactor_checkpoint.set()
    status: int | None = getattr(answer, "Status", None)
    return status


def contents(folder: Path) -> list[Path]:
    """Every file below a folder but the lock."""
    return [path for path in folder.rglob("*") if path.is_file() and path.name != ".inbox.lock"]
