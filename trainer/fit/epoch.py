"""One epoch of a member: every training case once."""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import closing
from typing import Final

from trainer.batches import Batch
from trainer.device import gpu_memory_mb, is_memory_full
from trainer.distributed import seed_step
from trainer.errors import RunError
from trainer.events import CheckpointSaved, Note, StepReport, TrainingEvent
from trainer.fit.learner import NO_MEMORY
from trainer.fit.member import Member

REPORT_EVERY_S: Final = 1.0
# The others wait in the midst of the same step: none of them can be told to begin it anew.
NO_MEMORY_TOGETHER: Final = (
    "The memory of a GPU does not hold its share of a batch. Several processes cannot split it further; choose a "
    "smaller batch_size. The last checkpoint is kept."
)


def train_epoch(member: Member) -> Generator[TrainingEvent]:
    """Take the steps of an epoch that are left; report, save and obey between them.

    Raises Ordered, and RunError for a loss that is no number or a memory too small for one case.
    """
    progress, learner = member.progress, member.learner
    learner.network.train()
    begun = reported = saved = time.perf_counter()
    before, last = (progress.elapsed_s, progress.training_s), (progress.seen, progress.loss_sum)
    with closing(member.batches.epoch(progress.epoch, first_step=progress.step)) as batches:
        for batch in batches:
            member.leave_if_ordered()
            yield from _step(member, batch)
            now = time.perf_counter()
            progress.elapsed_s, progress.training_s = (passed + now - begun for passed in before)
            due, saves = member.group.any_of(
                now - reported > REPORT_EVERY_S, now - saved > member.config.checkpoint_every_s
            )
            if due or learner.device.type == "cpu":  # a GPU is not made to wait for every number
                member.settle()
            if due:
                seen = progress.seen - last[0]
                yield _report(member, (progress.loss_sum - last[1]) / seen, seen / (now - reported))
                reported, last = now, (progress.seen, progress.loss_sum)
            if saves:
                member.save_last()
                saved = time.perf_counter()
                yield CheckpointSaved(epoch=progress.epoch, path=member.run.last_path.name, is_best=False)
    member.settle()


def _step(member: Member, batch: Batch) -> Generator[Note]:
    """Take one step; where the memory does not hold the batch, in smaller and smaller parts."""
    progress = member.progress
    seed_step(member.config.seed, epoch=progress.epoch, step=progress.step, group=member.group)
    while True:
        try:
            member.learner.step(batch, learning_rate=member.learning_rate, at_once=progress.at_once)
        except RuntimeError as error:  # torch.OutOfMemoryError is one; what it holds must be gone before memory can be
            if not is_memory_full(error):
                raise
        else:
            break
        member.learner.forget_step()
        if member.group.size > 1:
            raise RunError(NO_MEMORY_TOGETHER)
        yield _halve(member, len(batch))
    progress.step += 1
    progress.seen += batch.of_step


def _halve(member: Member, count: int) -> Note:
    progress = member.progress
    full = min(progress.at_once or count, count)
    if full == 1:
        raise RunError(NO_MEMORY)
    progress.at_once = full // 2
    return Note(
        message=f"The GPU's memory does not hold {full} cases at a time: from here on, every batch is computed "
        f"{progress.at_once} at a time and their gradients are added up. The size of a step stays the same; only "
        "batch normalisation then looks at the smaller parts."
    )


def _report(member: Member, loss: float, images_per_s: float) -> StepReport:
    progress = member.progress
    return StepReport(
        epoch=progress.epoch,
        step=progress.step,
        steps_per_epoch=member.batches.steps_per_epoch,
        loss=loss,
        images_per_s=images_per_s,
        elapsed_s=progress.elapsed_s,
        gpu_memory_mb=gpu_memory_mb(member.learner.device),
        member=member.number,
    )
