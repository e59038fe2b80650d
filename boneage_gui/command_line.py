"""``boneage``: the commands of the science, and those of the clinic beside them."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from boneage_gui.commands import deidentify, receive, report
from trainer import __main__ as science


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit status."""
    return science.main(arguments, more=(report, deidentify, receive))


if __name__ == "__main__":
    sys.exit(main())
