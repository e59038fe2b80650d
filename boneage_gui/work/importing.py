"""Heavy libraries, imported in a job so that the window stays smooth meanwhile."""

from __future__ import annotations

import ctypes
import gc
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from boneage_gui import collector

_one_at_a_time = threading.RLock()


def import_torch() -> None:
    """Import torch and the predictor; seconds the first time, nothing later."""
    with _one_at_a_time:
        if "torch" in sys.modules:
            return
        with _collector_at_rest():
            _map_torch()
            import trainer.predictor  # noqa: F401


def import_albumentations() -> None:
    """Import what moves and changes pixels; seconds the first time (it brings torch along), nothing later."""
    with _one_at_a_time:
        if albumentations_is_there():
            return
        import_torch()
        with _collector_at_rest():
            from trainer.augment.painting import import_albumentations as import_them

            import_them()


def import_captum() -> None:
    """Import what looks into networks; half a second the first time (it brings matplotlib along), nothing later."""
    with _one_at_a_time:
        if "captum.attr" in sys.modules:
            return
        import_torch()
        with _collector_at_rest():
            import captum.attr  # noqa: F401


def albumentations_is_there() -> bool:
    """Whether pictures can be painted at once."""
    return "albumentations.pytorch" in sys.modules  # the last part of it


@contextmanager
def _collector_at_rest() -> Iterator[None]:
    """Let the collector rest.

    It would walk the million objects of the import again and again, a third of a second each, with Python's lock
    held. They live as long as the program, so it need never look at them.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        collector.keep_what_is_here()
        if collects:
            gc.enable()


def _map_torch() -> None:
    """Map torch's largest library without holding Python's lock, which an import holds: the window would freeze.

    A call through ctypes lets other threads run; the import finds the library mapped. Linux only, and harmless
    where it fails: the import then does all of it.
    """
    if not sys.platform.startswith("linux"):
        return
    found = find_spec("torch")
    for folder in (found.submodule_search_locations or []) if found else []:
        library = Path(folder) / "lib" / "libtorch_cpu.so"
        if library.is_file():
            dlopen = ctypes.CDLL(None).dlopen
            dlopen.argtypes, dlopen.restype = (ctypes.c_char_p, ctypes.c_int), ctypes.c_void_p
            dlopen(str(library).encode(), os.RTLD_LAZY)
