"""``boneage``: the commands of the science, and those of the clinic beside them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from boneage_gui.commands import deidentify, receive, report
from trainer import __main__ as science

if TYPE_CHECKING:
    from trainer.radiograph import Radiograph


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit status."""
    return science.main(arguments, more=(report, deidentify, receive), reader=_read)


def _read(path: Path) -> Radiograph:
    """Read one radiograph where a file that ends its decoder is one file of many. Raises RadiographError."""
    from boneage_gui import work

    return work.read(path)


if __name__ == "__main__":
    sys.exit(main())
