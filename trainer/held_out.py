"""Held out: whether a model has seen, in its training, the cases on which it is to be compared. Knows no torch."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from trainer.canvases import known_pixels
from trainer.card import ModelCard, read_card
from trainer.cases import Case
from trainer.data_source import read_source
from trainer.errors import BoneAgeError, DataError
from trainer.history import BEST
from trainer.split import PARTS, Part, Split, split_cases


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Which case is in which part of a model's own split."""

    parts: dict[str, Part]  # by case id
    same_data: bool  # whether they are known to be of the data at hand; else other cases may bear the same ids

    def count(self, part: Part, cases: Sequence[Case]) -> int:
        """Count the cases that are in a part of the split."""
        return sum(self.parts.get(case.case_id) == part for case in cases)


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstWeights:
    """The model that a training began from, and what of the radiographs held out from the training it had learnt."""

    name: str
    trained_on: str
    seen: int | None  # of those that chose the epoch or test; None: not known

    def to_json(self) -> dict[str, Any]:
        """Return plain values, for the data in a card."""
        return asdict(self)

    @staticmethod
    def from_json(values: object) -> FirstWeights | None:
        """Rebuild; None for what is none."""
        if not isinstance(values, Mapping):
            return None
        seen = values.get("seen")
        return FirstWeights(
            name=str(values.get("name", "")),
            trained_on=str(values.get("trained_on", "")),
            seen=seen if isinstance(seen, int) else None,
        )

    def caution(self, name: str) -> str | None:
        """Return what must be said beside every score of the model ``name`` that came of it; None for nothing."""
        if self.seen == 0:
            return None
        if self.seen is None:
            return (
                f"{name[0].upper()}{name[1:]} began from {self.name}, which was trained on {self.trained_on}. If some "
                "of these radiographs are among those, its error is larger on others."
            )
        return (
            f"{name[0].upper()}{name[1:]} began from {self.name}, which was trained on {self.seen:,} of the "
            "radiographs held out here: its error is larger on others."
        )


def begun_from(path: Path, *, split: Split, cases: Sequence[Case], data: Path) -> FirstWeights | None:
    """Return what the model that first weights are of had learnt of a new split; None where they are of no model."""
    try:
        card = read_card(path)
    except BoneAgeError:
        return None
    seen = seen_by(card, path, cases=cases, data=data, split=split)
    known = seen is not None and seen.same_data
    count = seen.count("training", (*split.validation, *split.test)) if seen is not None and known else None
    former = FirstWeights.from_json(card.data.get("first_weights"))
    if former is not None and count == 0:  # what that one began from counts as well
        count = former.seen if card.data.get("split_sha256") == split.fingerprint else None
    trained_on = str(card.data.get("description") or "radiographs that its card does not name")
    return FirstWeights(name=card.name, trained_on=trained_on, seen=count)


def cautions_on(
    name: str,
    card: ModelCard,
    path: Path,
    *,
    cases: Sequence[Case],
    compared: Sequence[Case],
    data: Path,
    split: Split | None,
) -> tuple[str, ...]:
    """Return what must be said beside a score of the model at ``path`` on the ``compared`` of all ``cases``.

    ``name`` stands in the middle of sentences: "the new model (improved)".
    Nothing, where it is known that it saw none of them. ``split`` is the split they were chosen by, if any. Raises
    DataError where it was trained on some of them.
    """
    began = _began(name, card)
    seen = seen_by(card, path, cases=cases, data=data, split=split)
    if seen is None:
        return (
            f"It is not known which radiographs {name} was trained on; if some of these are among them, its error is "
            "larger on others.",
            *began,
        )
    trained = seen.count("training", compared)
    if trained and seen.same_data:
        raise DataError(
            f"{name[0].upper()}{name[1:]} was trained on {trained:,} of these {len(compared):,} radiographs, so a "
            "comparison on them says nothing. Compare on radiographs that neither model has seen."
        )
    return (*_in_words(name, seen, compared), *began)


def cautions_on_score(
    name: str, card: ModelCard, path: Path, *, cases: Sequence[Case], scored: Sequence[Case], data: Path
) -> tuple[str, ...]:
    """Return what must be said beside a score on the ``scored`` of all ``cases``; nothing where nothing is known.

    Whoever asks for a score on what the model was trained on gets it, with that sentence; a comparison is refused.
    """
    seen = seen_by(card, path, cases=cases, data=data, split=None)
    return (*(() if seen is None else _in_words(name, seen, scored)), *_began(name, card))


def _began(name: str, card: ModelCard) -> tuple[str, ...]:
    first = FirstWeights.from_json(card.data.get("first_weights"))
    caution = first.caution(name) if first is not None else None
    return () if caution is None else (caution,)


def _in_words(name: str, seen: Seen, cases: Sequence[Case]) -> tuple[str, ...]:
    trained, chosen = seen.count("training", cases), seen.count("validation", cases)
    if trained and seen.same_data:
        known = f"{name[0].upper()}{name[1:]} was trained on {trained:,} of these {len(cases):,} radiographs"
        return (f"{known}: its error is larger on others.",)
    if trained:
        return (
            f"{trained:,} of these radiographs bear the ids of some that {name} was trained on, from another folder; "
            "if they are the same, its error is larger on others.",
        )
    if chosen:
        return (f"{chosen:,} of these radiographs chose the best epoch of {name}: its error is larger on others.",)
    return ()


def seen_by(card: ModelCard, path: Path, *, cases: Sequence[Case], data: Path, split: Split | None) -> Seen | None:
    """Return a model's own split: that of the run folder it lies in, or one that its card's fingerprint proves."""
    folder = path.parent
    if path.name == BEST and (folder / "split.csv").is_file():
        parts = _parts(folder / "split.csv")
        return None if parts is None else Seen(parts=parts, same_data=_is_of(folder, data))
    wanted, seed = card.data.get("split_sha256"), card.data.get("split_seed")
    given = [split] if split is not None else []
    for candidate in chain(given, _drawn(cases, seed) if isinstance(seed, int) else ()):
        if candidate.fingerprint == wanted:
            parts = {case.case_id: part for part in PARTS for case in candidate.part(part)}
            return Seen(parts=parts, same_data=True)
    return None


def _drawn(cases: Sequence[Case], seed: int) -> Iterator[Split]:
    """Yield the splits that a training on these cases may have drawn: of all of them, and of those it kept.

    It drops pictures that cannot be read and those it has met before. Which they are is known without decoding
    anything, if this computer has read them before.
    """
    with suppress(DataError):
        yield split_cases(cases, seed=seed)
    kept: dict[str, Case] = {}
    for case, pixels in zip(cases, known_pixels(cases), strict=True):
        if pixels is not None:
            kept.setdefault(pixels, case)
    if len(kept) < len(cases):
        with suppress(DataError):
            yield split_cases(tuple(kept.values()), seed=seed)


def _parts(path: Path) -> dict[str, Part] | None:
    try:
        with path.open(newline="", encoding="utf-8") as file:
            parts: dict[str, Part] = {row["id"]: row["part"] for row in csv.DictReader(file)}  # type: ignore[misc]
    except (OSError, KeyError, ValueError, csv.Error):
        return None
    return parts if parts and set(parts.values()) <= set(PARTS) else None


def _is_of(folder: Path, data: Path) -> bool:
    """Say whether a run was trained on the data at hand."""
    try:
        return read_source(folder).found_at(data) is not None
    except BoneAgeError:
        return False
