"""An archive of ours for tests, which gives one study by C-GET and may hang up or fall silent in the middle."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydicom import Dataset, dcmread
from pynetdicom import AE, evt
from pynetdicom.dimse_messages import C_STORE_RSP
from pynetdicom.sop_class import (  # type: ignore[attr-defined]
    StudyRootQueryRetrieveInformationModelFind,
    StudyRootQueryRetrieveInformationModelGet,
)

from boneage_gui.clinic.dicom_node.association import silence
from boneage_gui.clinic.dicom_node.node import Node
from tests.factories import CR_IMAGE
from tests.gui.clinic.pacs.peers import LONGEST_START_S, STUDY_UID, node

PLAIN = ["1.2.840.10008.1.2.1", "1.2.840.10008.1.2"]


@dataclass
class Giver:
    """What it gives, and where in the middle it stops."""

    paths: list[Path]
    hangs_up_after: int | None = None  # so many were taken, before it says so: nobody need tell while it gives
    waits_before: int | None = None  # the number of a radiograph, from 0
    goes_on: threading.Event = field(default_factory=threading.Event)
    taken: int = 0

    def give(self, _event: Any) -> Iterator[Any]:
        """Answer C-GET."""
        self.taken = 0
        yield len(self.paths)
        for number, path in enumerate(self.paths):
            if number == self.waits_before:
                self.goes_on.wait(LONGEST_START_S)
            if number == self.hangs_up_after:
                return
            yield 0xFF00, dcmread(path)

    def hear(self, event: Any) -> None:
        """Hear that a radiograph was taken."""
        if isinstance(event.message, C_STORE_RSP):
            self.taken += 1
            if self.taken == self.hangs_up_after:
                event.assoc.dimse.send_msg = lambda *_: None  # whoever hung up has no more to say
                event.assoc.abort(block=False)

    def tell_series(self, _event: Any) -> Iterator[Any]:
        """Answer C-FIND for the series of the study."""
        series = Dataset()
        series.QueryRetrieveLevel, series.StudyInstanceUID, series.SeriesInstanceUID = "SERIES", STUDY_UID, "1.2"
        series.Modality = "CR"
        yield 0xFF00, series
        yield 0x0000, None


@contextmanager
def giving(giver: Giver) -> Iterator[Node]:
    """Let it listen."""
    silence()
    entity = AE("GIVER")
    entity.add_supported_context(StudyRootQueryRetrieveInformationModelGet)
    entity.add_supported_context(StudyRootQueryRetrieveInformationModelFind)
    entity.add_supported_context(CR_IMAGE, PLAIN, scu_role=True, scp_role=True)
    handlers: list[Any] = [
        (evt.EVT_C_GET, giver.give),
        (evt.EVT_C_FIND, giver.tell_series),
        (evt.EVT_DIMSE_RECV, giver.hear),
    ]
    server = entity.start_server(("127.0.0.1", 0), block=False, evt_handlers=handlers)
    assert server is not None
    try:
        yield node(int(server.server_address[1]), "GIVER")
    finally:
        giver.goes_on.set()
        server.shutdown()
        for association in entity.active_associations:
            association.kill()
            association.join()
