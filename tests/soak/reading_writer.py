"""One process that writes readings until it is killed, and says on standard output what it tries and what is kept.

``python -m tests.soak.reading_writer STORE NUMBER``. Lines: ``try ID ...``, then ``kept`` or ``refused SENTENCE``.
"""

from __future__ import annotations

import sys
from itertools import count
from pathlib import Path

from boneage_gui.clinic.reading import Reading, ReadingError, amended
from boneage_gui.clinic.readings import ReadingStore
from tests.gui.clinic.drawn_readings import reading

READINGS_EVERY = 1000  # numbers between two writers
SEVERAL_EVERY, AMENDS_EVERY = 5, 7


def main() -> None:
    """Write for ever."""
    store = ReadingStore(Path(sys.argv[1]))
    store.open()
    before: Reading | None = None
    for number in count(int(sys.argv[2]) * READINGS_EVERY):
        several = 3 if number % SEVERAL_EVERY == 0 else 1
        batch = [reading(number % READINGS_EVERY) for _ in range(several)]
        if before is not None and number % AMENDS_EVERY == 0:
            batch[0] = amended(before, by=batch[0])
        _say("try", *(made.reading_id for made in batch))
        try:
            store.add_all(batch)
        except ReadingError as error:
            _say("refused", str(error))
        else:
            _say("kept")
            before = batch[0]


def _say(*words: str) -> None:
    print(*words, flush=True)


if __name__ == "__main__":
    main()
