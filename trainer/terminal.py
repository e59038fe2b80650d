"""Terminal: what is printed there, or into a file, never fails at a letter that its encoding lacks."""

from __future__ import annotations

import io
import sys


def take_every_letter() -> None:
    """Let standard output and error replace what they cannot write: names of files, minus signs, quotation marks.

    Windows writes into files and pipes in a code page of the country; Linux may be set to plain ASCII.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # None without a console, and whatever tests put in its place
            stream.reconfigure(errors="replace")
