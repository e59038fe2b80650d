"""Held out: whether a model has seen, in its training, the cases on which it is to be compared. Knows no torch."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from trainer.canvases import known_pixels
from trainer.card import ModelCard
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
    seen = seen_by(card, path, cases=cases, data=data, split=split)
    if seen is None:
        return (
            f"It is not known which radiographs {name} was trained on; if some of these are among them, its error is "
            "larger on others.",
        )
    trained = seen.count("training", compared)
    if trained and seen.same_data:
        raise DataError(
            f"{name[0].upper()}{name[1:]} was trained on {trained:,} of these {len(compared):,} radiographs, so a "
            "comparison on them says nothing. Compare on radiographs that neither model has seen."
        )
    return _in_words(name, seen, compared)


def cautions_on_score(
    name: str, card: ModelCard, path: Path, *, cases: Sequence[Case], scored: Sequence[Case], data: Path
) -> tuple[str, ...]:
    """Return what must be said beside a score on the ``scored`` of all ``cases``; nothing where nothing is known.

    Whoever asks for a score on what the model was trained on gets it, with that sentence; a comparison is refused.
    """
    seen = seen_by(card, path, cases=cases, data=data, split=None)
    return () if seen is None else _in_words(name, seen, scored)


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
