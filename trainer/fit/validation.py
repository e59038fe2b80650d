"""Validation: how well a member reads the cases it does not learn from, after every epoch."""

from __future__ import annotations

import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from trainer.card import ModelCard
from trainer.device import is_memory_full, tiny_as_zero
from trainer.errors import RunError
from trainer.events import EpochRecord, Note
from trainer.fit.learner import NO_MEMORY
from trainer.fit.member import Member
from trainer.metrics import Months
from trainer.networks import AgeNetwork, loss_of
from trainer.predictor import months_of_canvases


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """An epoch's record, and the answers it was made of."""

    record: EpochRecord
    predicted: Months
    predicted_without_sex: Months | None  # of a best epoch whose network is told the sex


def validate(member: Member) -> Generator[Note, None, Reading]:
    """Read the validation cases after an epoch; what was the best so far is not touched yet. Raises Ordered."""
    progress, labels, loss = member.progress, member.learner.labels, member.config.loss
    begun = time.perf_counter()
    networks, card = [member.learner.chosen.eval()], member.card()
    predicted = yield from ages_of(member, networks, card, obey=True)
    actual = actual_ages(member)
    scaled = torch.from_numpy((predicted - actual) / labels.std)
    mae_months = float(np.abs(predicted - actual).mean())
    is_best = mae_months < progress.best_mae_months
    untold = None
    if is_best and member.config.uses_sex:
        untold = yield from ages_of(member, networks, card, hide_sex=True)
    progress.elapsed_s += time.perf_counter() - begun
    unit = labels.std**2 if loss == "mse" else labels.std
    record = EpochRecord(
        epoch=progress.epoch,
        training_loss=progress.loss_sum / max(1, progress.seen) * unit,
        training_mae_months=progress.absolute_sum / max(1, progress.seen),
        validation_loss=float(loss_of(loss, scaled, torch.zeros_like(scaled))) * unit,
        validation_mae_months=mae_months,
        learning_rate=member.last_learning_rate,
        images_per_s=progress.seen / max(progress.training_s, 1e-9),
        elapsed_s=progress.elapsed_s,
        is_best=is_best,
        member=member.number,
    )
    return Reading(record=record, predicted=predicted, predicted_without_sex=untold)


def ages_of(
    member: Member, networks: Sequence[AgeNetwork], card: ModelCard, *, hide_sex: bool = False, obey: bool = False
) -> Generator[Note, None, Months]:
    """Read every validation case with the function that the predictor uses, as many at a time as memory holds.

    ``obey`` raises Ordered in between. In a group every process reads its share and gets all answers.
    """
    progress, group = member.progress, member.group
    own = group.share(np.arange(len(member.validation.cases)))
    answers: list[Months] = []
    done = 0
    if obey and group.size > 1:  # shares differ, and one may be empty: a group asks once
        member.leave_if_ordered()
    while done < len(own):
        if obey and group.size == 1:
            member.leave_if_ordered()
        count = progress.validation_at_once
        first = int(own[done])
        part = slice(first, min(first + count, int(own[-1]) + 1))
        try:
            answers.append(_ages(member, networks, card, part, hide_sex=hide_sex))
        except RuntimeError as error:  # torch.OutOfMemoryError is one; what it holds must be gone before memory can be
            if not is_memory_full(error):
                raise
        else:
            done += count
            continue
        member.learner.forget_step()
        if count == 1:
            raise RunError(NO_MEMORY)
        progress.validation_at_once = count // 2
        yield Note(
            message=f"The GPU's memory does not hold {count} validation cases at a time: from here on, they are read "
            f"{count // 2} at a time."
        )
    return group.joined(np.concatenate([np.empty(0), *answers]))


def actual_ages(member: Member) -> Months:
    """Return the labels of the validation cases, months."""
    return np.array([case.age_months for case in member.validation.cases])


def _ages(member: Member, networks: Sequence[AgeNetwork], card: ModelCard, part: slice, *, hide_sex: bool) -> Months:
    learner, validation = member.learner, member.validation
    cases, canvases = validation.cases[part], validation.canvases[part]
    sexes = [None if hide_sex else case.sex for case in cases]
    with tiny_as_zero(), torch.autocast(learner.device.type, dtype=torch.bfloat16, enabled=learner.bfloat16):
        return months_of_canvases(networks, list(canvases), sexes, card, batch_size=2 * len(cases))  # all their views
