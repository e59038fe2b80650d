"""In the place of ``python -m trainer``: a training that only tells, in the words of the real one, and obeys.

FAKE_TRAINER says how it behaves: ``plain``, ``slow`` (an epoch lasts until it is told something), ``dies``,
``deaf`` (obeys nothing), ``refuses``, ``breaks`` (before its first
checkpoint), ``prepares`` (without end, until it is told something), ``minds`` (has a caution on the data).
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import sys
import threading
import time
from pathlib import Path

from trainer.events import (
    EpochRecord,
    Preparing,
    RunFinished,
    RunStarted,
    StepReport,
    TrainingEvent,
    from_json,
    to_json,
)

CASES = 80
APART = "Patients in more than one part of the split: 7. A test on them may flatter the model."


def main() -> int:
    """Be the command that was asked for."""
    behaviour = os.environ.get("FAKE_TRAINER", "plain")
    if behaviour == "refuses":
        print("boneage: There is no table of ages in “data”.", file=sys.stderr)
        return 1
    if sys.argv[1] == "clean":
        return look_at_data(notes=(APART,) if behaviour == "minds" else ())
    return Training(sys.argv, behaviour).run()


class Training:
    """One run of two epochs of three steps, or what was chosen."""

    def __init__(self, arguments: list[str], behaviour: str) -> None:
        self.folder = Path(arguments[arguments.index("--run-dir") + 1])
        self.resumes = "--resume" in arguments
        self.behaviour = behaviour
        self.orders: queue.SimpleQueue[str] = queue.SimpleQueue()
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self) -> None:
        """Hear orders; the end of the input is one."""
        for line in sys.stdin:
            self.orders.put(line.strip())
        self.orders.put("pause")

    def run(self) -> int:
        """Tell the whole story."""
        say(Preparing(what="reading radiographs", done=CASES // 2, total=CASES))
        if self.behaviour == "prepares":
            self.orders.get(timeout=60)
            begun = (self.folder / "config.json").is_file()
            say(finished("paused", 0, "The run can be resumed." if begun else "Nothing is kept; begin again."))
            return 0
        config = json.loads((self.folder / ("config.json" if self.resumes else "choices.json")).read_text())
        (self.folder / "config.json").write_text(json.dumps(config))
        if not self.resumes:
            (self.folder / "data.json").write_text(json.dumps({"data": sys.argv[2]}))
        first = len(self.told("EpochRecord")) + 1
        self.tell(
            RunStarted(
                run_name=self.folder.name,
                first_epoch=first,
                epochs=config["epochs"],
                training_cases=CASES,
                validation_cases=10,
                steps_per_epoch=3,
                device="cpu float32",
                config=config,
            )
        )
        if self.behaviour == "breaks":
            self.tell(finished("failed", 0, "The loss is no number any more."))
            print("boneage: The loss is no number any more.", file=sys.stderr)
            return 1
        (self.folder / "last.safetensors").touch()
        for epoch in range(first, config["epochs"] + 1):
            order = self.epoch(epoch)
            if order:
                message = f"{order.capitalize()}ped." if order == "stop" else "Paused; the run can be resumed."
                self.tell(finished({"stop": "stopped", "pause": "paused"}[order], epoch - 1, message))
                return 0
        self.tell(finished("finished", config["epochs"], "Finished; the last epoch is best."))
        return 0

    def epoch(self, epoch: int) -> str | None:
        """Train an epoch; return the order that ended it."""
        for step in (1, 2, 3):
            self.tell(
                StepReport(
                    epoch=epoch, step=step, steps_per_epoch=3, loss=1 / epoch, images_per_s=40.0, elapsed_s=2.0 * epoch
                )
            )
            if self.behaviour == "dies" and epoch == 2:
                os.kill(os.getpid(), signal.SIGKILL)
            order = self.order()
            if order and self.behaviour != "deaf":
                return order
        self.tell(
            EpochRecord(
                epoch=epoch,
                training_loss=900.0 / epoch,
                training_mae_months=24.0 / epoch,
                validation_loss=1000.0 / epoch,
                validation_mae_months=26.0 / epoch,
                learning_rate=1e-3,
                images_per_s=40.0,
                elapsed_s=2.0 * epoch,
                is_best=True,
            )
        )
        return None

    def order(self) -> str | None:
        """What was ordered; a slow one waits for it."""
        try:
            if self.behaviour == "deaf":
                time.sleep(0.05)
            return self.orders.get(timeout=60 if self.behaviour == "slow" else 0.01)
        except queue.Empty:
            return None

    def tell(self, event: TrainingEvent) -> None:
        """Record and say."""
        with (self.folder / "events.jsonl").open("a") as file:
            file.write(json.dumps(to_json(event)) + "\n")
        say(event)

    def told(self, kind: str) -> list[TrainingEvent]:
        """What was recorded before."""
        path = self.folder / "events.jsonl"
        lines = path.read_text().splitlines() if path.is_file() else []
        events = [from_json(json.loads(line)) for line in lines]
        return [event for event in events if type(event).__name__ == kind]


def finished(reason: str, best: int, message: str) -> RunFinished:
    """The last word."""
    mae = 26.0 / best if best else None
    return RunFinished(reason=reason, best_epoch=best, best_validation_mae_months=mae, message=message)


def look_at_data(notes: tuple[str, ...]) -> int:
    """Tell of the data."""
    say(Preparing(what="reading radiographs", done=CASES, total=CASES))
    from trainer.data_summary import DataSummary

    ages = tuple(float(age) for age in range(12, 212, 5))
    summary = DataSummary(
        data="data",
        rows=CASES + 3,
        kept=CASES,
        dropped={"no label": 2, "unreadable": 1},
        dropped_rows=(("7", "The age is missing."), ("8", "The age is missing."), ("9", "It is no picture.")),
        ages_by_sex={"female": ages, "male": ages, "unknown": ()},
        training=64,
        validation=8,
        test=8,
        split_sha256="5" * 64,
        patients=None,
        samples=(),
        notes=notes,
    )
    print(json.dumps(summary.to_json()), flush=True)
    return 0


def say(event: TrainingEvent) -> None:
    """One line; whoever listened may be gone, and then the end of the input is the order."""
    with contextlib.suppress(BrokenPipeError):
        print(json.dumps(to_json(event)), flush=True)


if __name__ == "__main__":
    sys.exit(main())
