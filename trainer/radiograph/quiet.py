"""Keeps the libraries that read files from warning and logging: they quote headers, which name patients."""

from __future__ import annotations

import logging
import warnings


def silence(library: str) -> None:
    """Silence the warnings and log of one library, by its import name.

    Called before every read, not once: whoever restores the warning filters in between (a test, a debugger)
    brings the warnings back. Setting a filter is safe among threads; catching and restoring is not.
    """
    warnings.filterwarnings("ignore", module=rf"{library}(\.|$)")
    logging.getLogger(library).setLevel(logging.CRITICAL + 1)
