"""A command ``compare`` and ``evaluate`` that says what a test wrote down; run as a program."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

SCRIPT = "FAKE_COMPARISON"  # names a JSON file: command -> lines, sentence, hang


def main() -> int:
    """Say the lines of the command; then hang, fail with a sentence, or end."""
    said = json.loads(Path(os.environ[SCRIPT]).read_text(encoding="utf-8"))[sys.argv[1]]
    for line in said.get("lines", ()):
        print(json.dumps(line), flush=True)
    if said.get("hang"):
        time.sleep(120)
    if said.get("sentence"):
        print(f"boneage: {said['sentence']}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
