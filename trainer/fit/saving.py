"""Saving: the best networks of a run as one model file, with a card of what was measured."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import replace
from pathlib import Path

import torch

from trainer.card import ModelCard
from trainer.checkpoint import load_checkpoint, save_checkpoint
from trainer.errors import RunError
from trainer.events import Note
from trainer.fit.member import Member
from trainer.fit.validation import Reading, actual_ages, ages_of
from trainer.intervals import grouped_quantiles
from trainer.metrics import Months, score_in_full
from trainer.networks import AgeNetwork, build
from trainer.predictor import Predictor


def save_best(member: Member, reading: Reading) -> None:
    """Write a member's network of this epoch with its card. Raises RunError when the disk is full.

    The first member's is also the run's best model, until an ensemble takes its place.
    """
    config = member.config
    said = f"Weights of epoch {reading.record.epoch} of {config.epochs}, the best on validation."
    card = _measured(member, member.card(), reading.predicted, reading.predicted_without_sex)
    copy = build(config.model, config.backbone)
    copy.load_state_dict(member.learner.chosen.state_dict())
    card = replace(card, notes=(*card.notes, said))
    if config.members > 1:
        _write(member, member.run.member_path(member.number), [copy.eval()], card)
    if member.number == 1:
        _write(member, member.run.best_path, [copy.eval()], card)


def save_ensemble(member: Member) -> Generator[Note]:
    """Write the best networks of this member and those before it as one model whose answers are averaged.

    Measured together on the validation cases. Raises RunError when the disk is full.
    """
    member.group.wait()  # until the last one is written
    loaded = [load_checkpoint(member.run.member_path(number)) for number in range(1, member.number + 1)]
    networks, first = [networks[0] for networks, _ in loaded], loaded[0][1]
    there = [network.to(member.learner.device, memory_format=torch.channels_last) for network in networks]  # type: ignore[call-overload]
    told = yield from ages_of(member, there, first)
    untold = (yield from ages_of(member, there, first, hide_sex=True)) if first.uses_sex else None
    epochs = [epoch for epoch, _ in member.progress.former] + [member.progress.best_epoch]
    seeds = [card.config["seed"] for _, card in loaded]
    said = (
        f"{len(networks)} networks trained with the seeds {_listed(seeds)}, whose answers are averaged; the weights "
        f"are those of epochs {_listed(epochs)}, each network's best on validation."
    )
    card = replace(_measured(member, first, told, untold), notes=(*first.notes[:-1], said))
    _write(member, member.run.best_path, [network.cpu() for network in there], card)


def _measured(member: Member, card: ModelCard, told: Months, untold: Months | None) -> ModelCard:
    actual = actual_ages(member)
    sexes = [case.sex for case in member.validation.cases]
    quantiles = grouped_quantiles(told, actual, sexes)
    if untold is not None:
        quantiles |= grouped_quantiles(untold, actual, sexes, hidden=True)
    return replace(
        card,
        residual_quantiles=quantiles,
        metrics={"validation": score_in_full(told, actual, sexes)},
    )


def _write(member: Member, path: Path, networks: Sequence[AgeNetwork], card: ModelCard) -> None:
    if not member.group.writes:
        return
    card = replace(card, self_test_months=Predictor(networks, card).self_test())
    kept = "the former one is kept" if path.is_file() else "there is none before it"
    try:
        save_checkpoint(path, networks, card)
    except OSError as error:
        raise RunError(
            f"The best model could not be written ({error.strerror}); {kept}. Make room and resume."
        ) from error


def _listed(values: Sequence[object]) -> str:
    return ", ".join(map(str, values))
