"""How this computer listens for radiographs, to be typed."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from boneage_gui.clinic.dicom_node.node import NodeError
from boneage_gui.clinic.dicom_node.receiver_settings import GIB, LOOPBACK, ReceiverSettings
from boneage_gui.widgets.pacs.address_form import AddressForm, enable_row, port_number

EXPLANATION = (
    "Other systems send radiographs here; each is read and waits in the worklist. Only the callers named below are "
    "heard, and only from this computer unless another address is given."
)
EVERY_ADDRESS = "0.0.0.0"  # noqa: S104 - a user may choose it, we do not
MOST_GIB = 10_000


class ReceiverForm(AddressForm):
    """Asks for our own address, for who may call, and for how much is taken."""

    chosen = Signal(object)  # ReceiverSettings

    def __init__(self, settings: ReceiverSettings, parent: QWidget | None = None) -> None:
        super().__init__("Receiving radiographs", EXPLANATION, parent)
        self._before = settings
        self.title = self.text("Our &AE title", settings.ae_title, "What others call this program by, 1 to 16 letters")
        self.callers = self.text(
            "Who may &call", ", ".join(settings.allowed), "AE titles, with commas between them", hint="nobody"
        )
        self.host = self.text(
            "&Listen at",
            settings.host,
            f"{LOOPBACK[0]}: this computer alone. {EVERY_ADDRESS}: every network this computer is in",
        )
        self.port = self.text("&Port", str(settings.port), "1024 or more needs no special rights")
        self.room = self.text(
            "&Room, GB", str(max(1, settings.max_bytes // GIB)), "What was received may take this much of the disk"
        )
        self.tls = self.switch("&Encrypted (TLS)", settings.tls, "Hear TLS alone; needs a certificate and its key")
        self.certificate = self.file("Cer&tificate", settings.cert_file, "What we prove with who we are")
        self.key = self.file("Ke&y", settings.key_file, "The key of our certificate")
        self.authority = self.file(
            "A&uthority", settings.ca_file, "Who vouches for callers; none: they are not asked for a certificate"
        )
        self.tls.toggled.connect(self._show)
        self.on_keep(self._emit)
        self._show(self.tls.isChecked())

    def settings(self) -> ReceiverSettings:
        """Return what is typed. Raises NodeError."""
        encrypted = self.tls.isChecked()
        if encrypted and not (self.certificate.text().strip() and self.key.text().strip()):
            raise NodeError("TLS needs both the certificate and its key.")
        room = self.room.text().strip()
        if not room.isascii() or not room.isdecimal() or not 1 <= int(room[:6]) <= MOST_GIB:
            raise NodeError(f"The room must be a whole number of gigabytes from 1 to {MOST_GIB:,}.")
        return replace(
            self._before,
            ae_title=self.title.text().strip(),
            host=self.host.text().strip(),
            port=port_number(self.port),
            allowed=tuple(title for part in self.callers.text().split(",") if (title := part.strip())),
            max_bytes=int(room) * GIB,
            cert_file=self.certificate.text().strip() if encrypted else "",
            key_file=self.key.text().strip() if encrypted else "",
            ca_file=self.authority.text().strip() if encrypted else "",
        )

    def _emit(self) -> None:
        self.chosen.emit(self.settings())

    def _show(self, encrypted: bool) -> None:
        for field in (self.authority, self.certificate, self.key):
            enable_row(field, encrypted)
