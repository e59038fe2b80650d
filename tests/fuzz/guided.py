"""``python -m tests.fuzz.guided dicom --seconds 60``: a target with atheris, which follows the code that files reach.

For whoever has it (``pip install atheris``, Apache-2.0; Linux and Mac): it is no dependency. It ends at the first
finding, whose bytes it keeps in the folder it is started in.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any

from tests.fuzz.seeds import seeds_of

FOLLOWED = ("trainer", "boneage_gui", "pydicom", "PIL", "openpyxl")


def main() -> None:
    """Hunt until the time is over or something is found."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.guided", description=__doc__)
    parser.add_argument("target")
    parser.add_argument("--seconds", type=int, default=60)
    options = parser.parse_args()
    try:
        atheris: Any = import_module("atheris")
    except ImportError:
        sys.exit("atheris is not installed: pip install atheris")
    with atheris.instrument_imports(include=list(FOLLOWED)):
        targets = import_module("tests.fuzz.targets")
        for name in ("pydicom", "PIL.Image", "trainer.radiograph.dicom", "trainer.radiograph.picture", "trainer.cases"):
            import_module(name)
    target = targets.TARGETS[options.target]
    refusal = import_module("trainer.errors").BoneAgeError
    with tempfile.TemporaryDirectory() as place:
        corpus, room = Path(place) / "corpus", Path(place) / "room"
        corpus.mkdir()
        room.mkdir()
        for number, data in enumerate(seeds_of(options.target, Path(place) / "seeds")):
            (corpus / str(number)).write_bytes(data)

        def read(data: bytes) -> None:
            (room / target.file).write_bytes(data)
            try:
                target.read(room / target.file)
            except (refusal, MemoryError):
                return

        limits = [f"-max_total_time={options.seconds}", "-timeout=5", "-rss_limit_mb=2048", "-max_len=20000"]
        atheris.Setup([sys.argv[0], str(corpus), *limits, "-verbosity=0", "-print_final_stats=1"], read)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
