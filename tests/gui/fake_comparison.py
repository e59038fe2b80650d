"""A command ``compare``, ``evaluate`` or ``likeness`` that says what a test wrote down; run as a program."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

SCRIPT = "FAKE_COMPARISON"  # names a JSON file: command -> lines, sentence, hang, and a file to write
UNWRITTEN = {"sentence": "nothing is written down for this command"}


def main() -> int:
    """Say the lines of the command; then hang, write a file, fail with a sentence, or end."""
    said = json.loads(Path(os.environ[SCRIPT]).read_text(encoding="utf-8")).get(sys.argv[1], UNWRITTEN)
    for line in said.get("lines", ()):
        print(json.dumps(line), flush=True)
    if said.get("hang"):
        time.sleep(120)
    if said.get("writes"):
        Path(said["writes"]).write_bytes(said["content"].encode())
    if said.get("sentence"):
        print(f"boneage: {said['sentence']}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
