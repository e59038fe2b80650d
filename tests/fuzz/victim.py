"""The process that reads what may be harmful: told a target and a file in a line, it answers how that went in another.

``python -m tests.fuzz.victim [TARGET]``: the target whose libraries are imported before the clock runs.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
import traceback
import warnings
from importlib import import_module
from pathlib import Path
from typing import IO, Any, Final

from tests.fuzz.targets import TARGETS
from trainer.errors import BoneAgeError

MOST_MEMORY_BYTES: Final = 3 << 30  # so that a bomb meets its end here and not the machine's
WRITES: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
CHANGES: Final = ("os.rename", "os.mkdir", "os.link", "os.symlink", "os.truncate", "os.remove", "shutil.move")
LONGEST_SENTENCE: Final = 600


class Writes:
    """An audit hook that notes what is written outside one folder."""

    def __init__(self) -> None:
        self.room: str | None = None
        self.elsewhere: list[str] = []
        sys.addaudithook(self._note)

    def _note(self, event: str, values: tuple[Any, ...]) -> None:
        if self.room is None:
            return
        if event == "open":
            paths = [values[0]] if isinstance(values[2], int) and values[2] & WRITES else []
        elif event in CHANGES:
            paths = [value for value in values[:2] if isinstance(value, (str, bytes, os.PathLike))]
        else:
            return
        for path in paths:
            name = "" if isinstance(path, int) else os.fsdecode(path)
            # The import of torch makes an empty folder of that name, whatever is read afterwards.
            if name in ("", os.devnull) or "torchinductor_" in name:
                continue
            if not os.path.realpath(name).startswith(self.room):
                self.elsewhere.append(f"{event} {name}")


def main() -> None:
    """Read file after file until nobody asks any more."""
    answers = os.fdopen(os.dup(1), "w")
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    _limit()
    for name in TARGETS[sys.argv[1]].imports if len(sys.argv) > 1 else ():
        import_module(name)
    warnings.simplefilter("ignore")  # the window shows none; what is said to users is what counts here
    tempfile.gettempdir()  # tries by writing where one can
    writes = Writes()
    _say(answers, {"ready": True})
    for line in sys.stdin:
        target, path = json.loads(line)
        _say(answers, _outcome(TARGETS[target].read, Path(path), writes))


def _outcome(read: Any, path: Path, writes: Writes) -> dict[str, Any]:
    writes.elsewhere.clear()
    _forget_peak()
    had_mb = _peak_mb()
    begun, begun_waiting_s = time.process_time(), _waiting_s()
    writes.room = os.path.realpath(path.parent)
    try:
        read(path)
        kind, words = "read", ""
    except BoneAgeError as error:
        kind, words = "refused", str(error)
    except MemoryError:
        kind, words = "out of memory", ""
    except BaseException as error:
        kind, words = "traceback", _place(error)
    writes.room = None
    spent_s, waited_s = time.process_time() - begun, _waiting_s() - begun_waiting_s
    if kind == "refused" and not (words.isprintable() and len(words) <= LONGEST_SENTENCE):
        kind = "no sentence"
    return {
        "kind": kind,
        "words": words,
        "spent_s": spent_s,
        "waited_s": waited_s,
        "peak_mb": _peak_mb() - had_mb,
        "elsewhere": writes.elsewhere,
    }


def _place(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "site-packages" not in frame.filename and "/fuzz/" not in frame.filename]
    at = (ours or frames)[-1]
    return f"{type(error).__name__} at {'/'.join(Path(at.filename).parts[-3:])}:{at.lineno} ({str(error)[:120]!r})"


def _limit() -> None:
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (MOST_MEMORY_BYTES, MOST_MEMORY_BYTES))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _waiting_s() -> float:
    """Return a clock that runs while we neither compute nor wait for a processor that others keep busy."""
    try:
        delayed_ns = int(Path("/proc/self/schedstat").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):  # another system: there is no telling
        return 0.0
    return time.monotonic() - time.process_time() - delayed_ns / 1e9


def _forget_peak() -> None:
    try:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    except OSError:  # another system: the peak is then that of all files so far
        return


def _peak_mb() -> int:
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
        return int(status.partition("VmHWM:")[2].split()[0]) // 1024
    except (OSError, ValueError, IndexError):
        return 0


def _say(answers: IO[str], words: dict[str, Any]) -> None:
    answers.write(json.dumps(words) + "\n")
    answers.flush()


if __name__ == "__main__":
    main()
