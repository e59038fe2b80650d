"""A picture's memory goes with the picture, also after glibc has learned to keep large blocks."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MIB = 1 << 20
# A block that is freed teaches glibc to keep all up to its size in its heaps; a second one tells whether it did.
LEARNED = """
import sys
sys.path.insert(0, {root!r})
from boneage_gui.work import heap
from tests.soak.gauge import heap_told
if {mapped}:
    heap.keep_small()
large = bytearray(20 << 20)
del large
before = heap_told().hblkhd
picture = bytearray(8 << 20)
print(heap_told().hblkhd - before)
heap.hand_back()
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc")
@pytest.mark.parametrize("mapped", [True, False])
def test_pictures_have_pages_of_their_own(mapped: bool) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LEARNED.format(root=str(ROOT), mapped=mapped)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    grown = int(done.stdout)
    assert grown >= 8 * MIB if mapped else grown == 0
