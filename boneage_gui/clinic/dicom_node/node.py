"""Node: another DICOM system that this one may talk to, and what its address must look like."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from trainer.errors import BoneAgeError

OUR_TITLE: Final = "BONEAGE"
LONGEST_TITLE: Final = 16
GREATEST_PORT: Final = 65_535


class NodeError(BoneAgeError):
    """Another DICOM system that cannot be talked to, or an address that cannot be one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """Another DICOM system. Raises NodeError, which names the field, for what cannot be an address."""

    name: str  # as people call it
    ae_title: str  # as it is called
    host: str
    port: int
    tls: bool = False
    ca_file: str = ""  # who vouches for the other side; empty: whom the computer trusts
    cert_file: str = ""  # our own certificate, where the other side asks for one
    key_file: str = ""

    def __post_init__(self) -> None:
        """Check the fields."""
        if not self.name.strip():
            raise NodeError("The name is missing. Give the system a name.")
        check_title(self.ae_title, "The AE title")
        check_host(self.host)
        check_port(self.port, least=1)

    @property
    def in_words(self) -> str:
        """Return how a sentence names it."""
        return f"“{self.name}” ({self.ae_title} at {self.host}:{self.port})"


def check_title(title: str, what: str) -> None:
    """Raise NodeError for what cannot be an AE title (PS3.5, value representation AE)."""
    if not 1 <= len(title) <= LONGEST_TITLE:
        raise NodeError(f"{what} must have 1 to {LONGEST_TITLE} letters.")
    if title != title.strip():
        raise NodeError(f"{what} must neither begin nor end with a space.")
    if not all(" " <= letter <= "~" and letter != "\\" for letter in title):
        raise NodeError(f"{what} may hold plain letters, digits and signs only, and no backslash.")


def check_host(host: str) -> None:
    """Raise NodeError for what cannot be a computer's name or address."""
    if not host or any(letter.isspace() or not letter.isprintable() for letter in host) or "/" in host:
        raise NodeError("The host must be a computer's name or address, for example pacs.hospital.example or 10.0.0.5.")


def check_port(port: int, *, least: int) -> None:
    """Raise NodeError for what cannot be a port."""
    if not least <= port <= GREATEST_PORT:
        raise NodeError(f"The port must be a number from {least} to {GREATEST_PORT}.")
