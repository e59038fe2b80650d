"""fit: one run from its first event to its last, member by member and epoch by epoch."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import closing, nullcontext, suppress
from dataclasses import fields, replace
from typing import Any, Final

from trainer.canvases import CanvasCache
from trainer.config import OF_THE_MACHINE, TrainingConfig
from trainer.counted import counted
from trainer.device import GPU_LOST, is_gpu_lost, is_memory_full
from trainer.distributed import ALONE, Group
from trainer.errors import BoneAgeError, RunError
from trainer.events import CheckpointSaved, Note, RunFinished, RunStarted, TrainingEvent
from trainer.fit.epoch import train_epoch
from trainer.fit.learner import NO_MEMORY
from trainer.fit.member import Member
from trainer.fit.recorder import Recorder
from trainer.fit.saving import save_best, save_ensemble
from trainer.fit.validation import validate
from trainer.orders import Order, Ordered, Orders
from trainer.run import Progress, Run

MEMORY_FULL: Final = (
    "The memory of the computer is full; the last checkpoint is kept. Close other programs and resume the run, or "
    "begin one with a smaller batch_size, network_px or backbone."
)
BUG: Final = (
    "An error of the program ended the training; the last checkpoint is kept. Resume the run, and report the error if "
    "it comes again."
)
APART_MONTHS: Final = 1000.0  # of error on the validation cases: no age is that far from another
APART: Final = (
    f"The error on the validation cases is above {APART_MONTHS:,.0f} months: the training has come apart. Stop it, and "
    "begin one with a lower learning rate."
)
_NO_CPU_MEMORY: Final = "DefaultCPUAllocator"  # in the RuntimeErrors that torch makes where there is none left


def fit(
    config: TrainingConfig,
    training: CanvasCache,
    validation: CanvasCache,
    run: Run,
    *,
    data: dict[str, Any],
    notes: Sequence[str] = (),
    orders: Orders | None = None,
    group: Group = ALONE,
) -> Generator[TrainingEvent]:
    """Train, or go on training, in a run folder; yield and record every event.

    Pause by an order, or by no longer asking: closing the generator keeps the state. A stopped run stays stopped.
    ``data`` is what the card says of the data; ``notes`` were said of it before and are recorded once. Raises RunError
    on a loss that is no number, a full disk, a GPU lost or too small for one case, or a folder that was begun with
    other choices or that another process trains in. However it ends, ``events.jsonl`` says so.

    In a group, every process calls this with the same; all yield the events, one writes. It must be asked to the end.
    """
    with run.held() if group.writes else nullcontext():
        _refuse_other_choices(run, config)
        current = _Training(config, training, validation, run, data=data, orders=orders or Orders(), group=group)
        recorder = Recorder(run, config, group)
        event: TrainingEvent | None = None
        try:
            with closing(current.events()) as events:
                for event in events:
                    recorder.record(event)
                    if isinstance(event, RunStarted):  # not before: what lay behind the last checkpoint is forgotten
                        recorder.record_notes(notes)
                    yield event
        except GeneratorExit:
            if not isinstance(event, RunFinished):
                recorder.record(current.progress.ended("paused", "Paused; the run can be resumed."))
            raise
        except Exception as error:  # torch's own, of memory and of the GPU, among them; and bugs
            failure = _in_words(error)
            with suppress(Exception):  # what keeps the last word from being written must not hide what went wrong
                recorder.record(current.progress.ended("failed", str(failure or BUG)))
            if failure is None:
                raise
            raise failure from error.__cause__
        finally:
            current.close()
            recorder.close()


class _Training:
    """A run, and the member of it that is being trained."""

    def __init__(
        self,
        config: TrainingConfig,
        training: CanvasCache,
        validation: CanvasCache,
        run: Run,
        *,
        data: dict[str, Any],
        orders: Orders,
        group: Group,
    ) -> None:
        self.group = group
        self.config, self.training, self.validation = config, training, validation
        self.run, self.data, self.orders = run, data, orders
        self.progress = Progress()
        self.member: Member | None = None

    def events(self) -> Generator[TrainingEvent]:
        """Train member by member, from top to bottom; a run of one network has one member."""
        state = self.run.load_last() if self.group.writes else self.run.read_last()
        self.group.wait()  # or the first would write a new state while another still reads
        if state is not None and state[1].stopped:
            self.progress = state[1]
            yield self.progress.ended("stopped", self.progress.stopped_sentence(self.config.members))
            return
        member = self._member(state)
        if len(self.progress.former) < self.config.members:  # or there is nothing left to begin
            yield self._started(member)
        try:
            while len(self.progress.former) < self.config.members:
                member = self.member or self._next_member()
                if self.config.members > 1 and (self.progress.epoch, self.progress.step) == (1, 0):
                    yield Note(message=f"Member {member.number} of {self.config.members}: seed {member.config.seed}.")
                yield from _train(member)
                yield from self._end(member)
        except GeneratorExit:
            if self.group.size == 1:  # the others would not know
                self._save_last()
            raise
        except Ordered as ordered:
            yield from self._obey(ordered.order)
            return
        yield self.progress.ended("finished", self._finished_sentence())

    def close(self) -> None:
        """End what the member in hand keeps running beside the training."""
        if self.member is not None:
            self.member.close()
            self.member = None

    def _member(self, state: tuple[Any, Progress] | None = None) -> Member:
        """Make the member that is to be trained now, where a state says or from its beginning."""
        number = len((state[1] if state else self.progress).former) + 1
        self.member = Member(
            config=replace(self.config, seed=self.config.seed + min(number, self.config.members) - 1),
            number=min(number, self.config.members),
            training=self.training,
            validation=self.validation,
            run=self.run,
            data=self.data,
            orders=self.orders,
            group=self.group,
            state=state or (None, self.progress),
        )
        self.progress = self.member.progress
        return self.member

    def _next_member(self) -> Member:
        self.progress = self.progress.of_next_member()
        member = self._member()
        self._save_last()  # or a kill would give it the former one's weights
        return member

    def _end(self, member: Member) -> Generator[TrainingEvent]:
        """Keep a member that is done in the ensemble so far, and the last one in the state.

        The state of the others stays what it is, a member at its end, until the next one has weights: killed in
        between, the run comes here again.
        """
        if self.config.members > 1:
            yield from save_ensemble(member)
        self.progress.end_member()
        if len(self.progress.former) < self.config.members:
            self.close()
        else:
            self._save_last()

    def _obey(self, order: Order) -> Generator[TrainingEvent]:
        self.progress.stopped = order == "stop"
        self._save_last()
        if order == "stop":
            yield self.progress.ended("stopped", self.progress.stopped_sentence(self.config.members))
        else:
            yield self.progress.ended("paused", "Paused; the run can be resumed.")

    def _save_last(self) -> None:
        if self.member is not None:
            self.member.save_last()

    def _finished_sentence(self) -> str:
        best = self.progress.former
        epochs = ", ".join(str(int(epoch)) for epoch, _ in best)
        if self.config.members > 1:
            return f"Finished {counted(len(best), 'member')}; of each its best epoch is kept: {epochs}."
        epoch, mae_months = best[0]
        done = self.progress.epoch - 1
        early = "" if done == self.config.epochs else f" of {self.config.epochs}, since none became better any more"
        return (
            f"Finished {counted(done, 'epoch')}{early}; epoch {epoch} is best, with {mae_months:.2f} months on the "
            "validation cases."
        )

    def _started(self, member: Member) -> RunStarted:
        return RunStarted(
            run_name=self.run.folder.name,
            first_epoch=self.progress.epoch,
            epochs=self.config.epochs,
            training_cases=len(self.training.cases),
            validation_cases=len(self.validation.cases),
            steps_per_epoch=member.batches.steps_per_epoch,
            device=member.learner.device_line,
            config=self.config.to_json(),
            member=member.number,
        )


def _train(member: Member) -> Generator[TrainingEvent]:
    """Train one network epoch by epoch, until the last one or until patience ends."""
    progress = member.progress
    while not member.is_done:
        yield from train_epoch(member)
        reading = yield from validate(member)
        if reading.record.is_best:
            save_best(member, reading)
            progress.best_epoch, progress.best_mae_months = progress.epoch, reading.record.validation_mae_months
        progress.begin_epoch(progress.epoch + 1)
        yield reading.record
        if reading.record.validation_mae_months > APART_MONTHS:
            yield Note(message=APART)
        member.save_last()
        yield CheckpointSaved(
            epoch=reading.record.epoch, path=member.run.last_path.name, is_best=reading.record.is_best
        )


def _in_words(error: Exception) -> BoneAgeError | None:
    """Return what a user is told of an error; None for a bug."""
    if isinstance(error, BoneAgeError):
        return error
    if is_memory_full(error):
        return RunError(NO_MEMORY)
    if isinstance(error, MemoryError) or (isinstance(error, RuntimeError) and _NO_CPU_MEMORY in str(error)):
        return RunError(MEMORY_FULL)
    return RunError(GPU_LOST) if is_gpu_lost(error) else None


def _refuse_other_choices(run: Run, config: TrainingConfig) -> None:
    if not run.exists:
        return
    begun = run.config()
    for entry in fields(config):
        was, wanted = getattr(begun, entry.name), getattr(config, entry.name)
        if was != wanted and entry.name not in OF_THE_MACHINE:
            raise RunError(f"This run was begun with another {entry.name}; begin another run folder to change it.")
