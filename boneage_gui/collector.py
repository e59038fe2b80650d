"""Python's collector of garbage, told what it need never look at."""

from __future__ import annotations

import atexit
import gc


def keep_what_is_here() -> None:
    """Leave out of every later collection what there is by now: it lives as long as the program."""
    gc.freeze()
    atexit.register(gc.unfreeze)  # or libraries complain at the end that they were never cleared
