"""Read by every Python that starts with this folder on its path: writes down what it asks of the network.

The file to write into is named by BONEAGE_NETWORK_WATCH. The call is refused as well.
"""

from __future__ import annotations

import os
import socket
import sys
from typing import Any

_LOOKUPS = ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo")
_CALLS = ("socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg")


def watch(event: str, values: tuple[Any, ...]) -> None:
    """Write down and refuse a call to the network; sockets between processes of this computer pass."""
    file = os.environ.get("BONEAGE_NETWORK_WATCH")
    if file is None or not event.startswith("socket."):
        return
    if event in _CALLS and values[0].family not in (socket.AF_INET, socket.AF_INET6):
        return
    if event in _CALLS or event in _LOOKUPS:
        line = f"{event} {values[1:] if event in _CALLS else values} by {' '.join(sys.argv[:3])}\n"
        descriptor = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(descriptor, line.encode(errors="replace"))
        os.close(descriptor)
        raise PermissionError(f"A test forbids the network: {event}")


sys.addaudithook(watch)
