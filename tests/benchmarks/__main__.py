"""``make bench``: speed and memory as a table, each figure beside the plain way of the same run.

Every figure is the median of several rounds; the ratio is the plain way's median over ours, so above 1 is faster.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("NO_ALBUMENTATIONS_UPDATE", "1")

from tests.benchmarks import augmentation, explanation, gate, memory, opening, stall, start, training, worklist
from tests.benchmarks.table import Row, as_markdown


def main() -> int:
    """Run all of them, in child processes where a fresh start matters."""
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        os.environ["BONEAGE_HOME"] = folder  # neither a user's settings nor their recent files take part
        for part in (start, opening, gate, memory, worklist, augmentation, explanation, stall, training):
            print(f"{part.__name__} ...", file=sys.stderr, flush=True)
            rows += part.measure(Path(folder))
    print(as_markdown(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
