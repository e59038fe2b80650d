"""Another DICOM system’s address, to be typed."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from boneage_gui.clinic.dicom_node.node import Node, NodeError
from boneage_gui.widgets.pacs.address_form import AddressForm, enable_row, port_number

EXPLANATION = "What the other system's administrator calls these. That side must know this computer too."


class NodeForm(AddressForm):
    """Asks for a new system, or for another one's fields."""

    chosen = Signal(object)  # Node

    def __init__(self, node: Node | None, taken: Collection[str], parent: QWidget | None = None) -> None:
        """``taken`` are names that other systems have."""
        super().__init__("New system" if node is None else "Change system", EXPLANATION, parent)
        self._taken = set(taken)
        self.name = self.text("&Name", node.name if node else "", "As you call it", hint="Archive of the clinic")
        self.title = self.text("&AE title", node.ae_title if node else "", "What it is called by, 1 to 16 letters")
        self.host = self.text("&Host", node.host if node else "", "Name or address of the computer")
        self.port = self.text("&Port", str(node.port) if node else "104", "Where it listens, 1 to 65535")
        self.tls = self.switch("&Encrypted (TLS)", node.tls if node else False, "Speak TLS; the other side must too")
        self.authority = self.file(
            "A&uthority",
            node.ca_file if node else "",
            "Who vouches for the other side; none: whom we trust",
        )
        self.certificate = self.file(
            "&Certificate", node.cert_file if node else "", "Ours, where the other side asks for one"
        )
        self.key = self.file("Ke&y", node.key_file if node else "", "The key of our certificate")
        self.tls.toggled.connect(self._show)
        self.on_keep(self._emit)
        self._show(self.tls.isChecked())

    def node(self) -> Node:
        """Return what is typed. Raises NodeError."""
        if self.name.text().strip() in self._taken:
            raise NodeError(f"Another system is named “{self.name.text().strip()}”. Give this one its own name.")
        return Node(
            name=self.name.text().strip(),
            ae_title=self.title.text().strip(),
            host=self.host.text().strip(),
            port=port_number(self.port),
            tls=self.tls.isChecked(),
            ca_file=self.authority.text().strip(),
            cert_file=self.certificate.text().strip(),
            key_file=self.key.text().strip(),
        )

    def _emit(self) -> None:
        self.chosen.emit(self.node())

    def _show(self, encrypted: bool) -> None:
        for field in (self.authority, self.certificate, self.key):
            enable_row(field, encrypted)
