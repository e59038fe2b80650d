"""ReceiverSettings: where this computer listens for radiographs, whom it hears, and how much it takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from boneage_gui.clinic.dicom_node.node import OUR_TITLE, NodeError, check_host, check_port, check_title

GIB: Final = 1 << 30
MIB: Final = 1 << 20
LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiverSettings:
    """What a receiver goes by. Raises NodeError, which names the field."""

    ae_title: str = OUR_TITLE
    host: str = LOOPBACK[0]  # of this computer: other computers reach it only where its user says so
    port: int = 11_112  # 0: any that is free
    allowed: tuple[str, ...] = ()  # AE titles that may call; with none, nobody may
    max_bytes: int = 20 * GIB  # of all that is kept of what was received
    max_object_bytes: int = 256 * MIB
    max_associations: int = 4
    cert_file: str = ""  # with both, TLS alone is spoken
    key_file: str = ""
    ca_file: str = ""  # who vouches for callers; empty: their certificates are not asked for

    def __post_init__(self) -> None:
        """Check the fields."""
        check_title(self.ae_title, "Our own AE title")
        check_host(self.host)
        check_port(self.port, least=0)
        for title in self.allowed:
            check_title(title, f"The AE title “{title}” that may call")
        for name, value in (("max_bytes", self.max_bytes), ("max_object_bytes", self.max_object_bytes)):
            if value < 1:
                raise NodeError(f"{name} must be a number of bytes above 0.")
        if not 1 <= self.max_associations <= 100:
            raise NodeError("max_associations must be a number from 1 to 100.")
        if bool(self.cert_file) != bool(self.key_file):
            raise NodeError("TLS needs both the certificate and its key (cert_file and key_file).")
        if self.ca_file and not self.cert_file:
            raise NodeError("Callers can be asked for certificates only where cert_file and key_file are given too.")

    @property
    def is_loopback(self) -> bool:
        """Whether this computer alone can reach the receiver."""
        return self.host in LOOPBACK

    @property
    def tls(self) -> bool:
        """Whether TLS is spoken."""
        return bool(self.cert_file)
