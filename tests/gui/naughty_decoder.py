"""In the place of ``python -m boneage_gui.work.decoder_process``: a file's name says what happens while it is read."""

from __future__ import annotations

import ctypes
import json
import os
import re
import signal
import time
from pathlib import Path
from typing import IO, Any

import numpy as np

from boneage_gui.work import decoder_process
from trainer.errors import RadiographError
from trainer.radiograph import Radiograph, read


def misbehave(path: Path) -> Radiograph:
    """Do what the file's name says, or read it."""
    match path.stem:
        case "segfault":
            ctypes.string_at(0)
        case "aborts":
            os.abort()
        case "hangs":
            time.sleep(1000)
        case "hangs for ever":  # inside a library that holds Python's lock: no thread of ours runs any more
            re.match(r"(a+)+$", "a" * 64 + "b")
        case "swallows":
            kept = [np.empty(512 << 20, np.uint8) for _ in range(8)]  # untouched, but asked for
            raise RadiographError(f"nothing stopped {len(kept)} pieces")
        case "killed once" if not (mark := path.with_name("mark")).exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        case "bug":
            raise ZeroDivisionError("SECRET^PATIENT")
        case "prints":
            os.write(1, b'{"shape": [1, 1]}\n')
            os.write(2, b"SECRET^PATIENT")
    return read(path)


def misbehave_again(source: Path, **bare: Any) -> dict[str, Any]:
    """Write a radiograph without its patient, or do what the file's name says at the second reading."""
    if source.stem == "aborts the second time":
        os.abort()
    return WRITE_BARE(source, **bare)


def lie(answers: IO[bytes], words: dict[str, Any]) -> None:
    """Say something about a picture that cannot be."""
    lies = os.environ.get("NAUGHTY_LIE")
    if "facts" in words and lies:
        words = {**words, **json.loads(lies)}
    SAY(answers, words)


SAY = decoder_process._say
WRITE_BARE = decoder_process._write_bare

if __name__ == "__main__":
    ways = {"read": misbehave, "_write_bare": misbehave_again, "_say": lie, "SPARE_S": 0.5}
    for name, value in ways.items():
        setattr(decoder_process, name, value)
    decoder_process.main()
