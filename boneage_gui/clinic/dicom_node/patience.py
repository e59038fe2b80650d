"""Patience: how long another system may take before it counts as lost."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """Seconds to wait for each kind of answer."""

    tcp_s: float = 5.0  # until a connection stands, TLS included
    acse_s: float = 10.0  # until an association is accepted or refused, or released
    dimse_s: float = 60.0  # until a request is answered: a search in a large archive takes its time
    network_s: float = 60.0  # until the rest of what was begun has arrived, and of silence in between
