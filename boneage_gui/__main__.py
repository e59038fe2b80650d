"""`boneage-gui [FILE ...]`: the command."""

from __future__ import annotations

import sys

from boneage_gui import haste


def main() -> None:
    """Open the window; ends the process with its status."""
    if sys.platform == "win32":
        _load_torch_before_qt()
    haste.begin()
    from boneage_gui.app import run

    sys.exit(run(sys.argv[1:]))


def _load_torch_before_qt() -> None:
    """On Windows torch's first library must come before Qt's (pytorch issues 166628, 169429); torch itself waits."""
    import ctypes
    from importlib.util import find_spec
    from pathlib import Path

    found = find_spec("torch")
    for folder in (found.submodule_search_locations or []) if found else []:
        library = Path(folder) / "lib" / "c10.dll"
        if library.is_file():
            ctypes.CDLL(str(library))


if __name__ == "__main__":
    main()
