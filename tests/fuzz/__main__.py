"""``python -m tests.fuzz --count 20000 --seed 1 --jobs 2``: every reader against files that were changed by chance.

Counts crashes, hangs (over 5 s of processor time, or 10 s of waiting), memory over 1 GB, files written elsewhere,
tracebacks, and refusals that are no sentence. The bytes of each finding are kept. The status is 1 where there are any.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("NO_ALBUMENTATIONS_UPDATE", "1")

from tests.fuzz.hunt import Tally, hunt
from tests.fuzz.targets import TARGETS

KINDS = ("read", "refused", "crash", "hang", "memory", "elsewhere", "traceback", "no sentence")


def main() -> int:
    """Hunt in every target and print a table."""
    options = _options()
    chosen = options.only or list(TARGETS)
    shares = sum(TARGETS[name].share for name in chosen)
    counts = {name: max(1, round(options.count * TARGETS[name].share / shares)) for name in chosen}
    begun = time.monotonic()

    def run(name: str) -> Tally:
        tally = hunt(name, count=counts[name], seed=options.seed, keep=options.keep)
        print(f"{name}: {dict(tally.outcomes)}", file=sys.stderr, flush=True)
        return tally

    with ThreadPoolExecutor(options.jobs) as pool:
        tallies = dict(zip(chosen, pool.map(run, chosen), strict=True))
    print(as_table(tallies))
    findings = [finding for tally in tallies.values() for finding in tally.findings]
    for finding in findings:
        print(f"{finding.target}: {finding.kind}: {finding.words[:400]} [{options.keep / finding.file}]")
    files = sum(tally.count for tally in tallies.values())
    print(f"{files:,} files, {len(findings)} findings, seed {options.seed}, {time.monotonic() - begun:.0f} s")
    return 1 if findings else 0


def as_table(tallies: dict[str, Tally]) -> str:
    """Return the outcomes by target as Markdown."""
    lines = [f"| target | files | {' | '.join(KINDS)} | slowest, s | most, MB |", "|---" * (len(KINDS) + 4) + "|"]
    for name, tally in tallies.items():
        cells = " | ".join(str(tally.outcomes[kind]) for kind in KINDS)
        lines.append(f"| {name} | {tally.count} | {cells} | {tally.slowest_s:.1f} | {tally.largest_mb} |")
    return "\n".join(lines)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--count", type=int, default=20_000, help="files in all")
    parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same files")
    parser.add_argument("--jobs", type=int, default=2, help="targets at once")
    parser.add_argument("--keep", type=Path, default=Path("out/fuzz"), help="folder for what was found")
    parser.add_argument("--only", nargs="*", choices=list(TARGETS), help="targets")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
