"""TLS: whom we trust and who we are, as contexts of Python's ssl (PS3.15 annex B: TLS 1.2 and newer)."""

from __future__ import annotations

import ssl

from boneage_gui.clinic.dicom_node.node import Node, NodeError
from boneage_gui.clinic.dicom_node.receiver_settings import ReceiverSettings


def calling_context(node: Node) -> ssl.SSLContext | None:
    """Return how a node is called over TLS; None for one without. Raises NodeError for files that cannot be used."""
    if not node.tls:
        return None
    context = _made(ssl.Purpose.SERVER_AUTH, node.ca_file, f"that vouches for {node.in_words}")
    if node.cert_file:
        _prove(context, node.cert_file, node.key_file)
    return context


def answering_context(settings: ReceiverSettings) -> ssl.SSLContext | None:
    """Return how callers are answered over TLS; None where it is not spoken. Raises NodeError."""
    if not settings.tls:
        return None
    context = _made(ssl.Purpose.CLIENT_AUTH, settings.ca_file, "that vouches for callers")
    if settings.ca_file:
        context.verify_mode = ssl.CERT_REQUIRED
    _prove(context, settings.cert_file, settings.key_file)
    return context


def _made(purpose: ssl.Purpose, ca_file: str, whose: str) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(purpose, cafile=ca_file or None)
    except (OSError, ValueError) as error:
        raise NodeError(f"The certificate {ca_file} {whose} cannot be read. Choose a PEM file.") from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _prove(context: ssl.SSLContext, cert_file: str, key_file: str) -> None:
    def no_password() -> str:
        raise ValueError("the key is locked")  # instead of a question in the terminal, for which nobody waits

    try:
        context.load_cert_chain(cert_file, key_file or None, password=no_password)
    except (OSError, ValueError) as error:
        raise NodeError(
            f"The certificate {cert_file} and its key cannot be used. Choose two PEM files that belong together, the "
            "key without a password."
        ) from error
