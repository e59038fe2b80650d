"""Held out: whether a model has seen, in its training, the cases on which it is to be compared. Knows no torch."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
from trainer.pictures import stem
from trainer.split import PARTS, RULES, Part, Split, split_cases


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Which of the cases at hand is in which part of a model's own split."""

    parts: dict[str, Part]  # by case id, as it is spelled at hand
    same_data: bool  # whether they are known to be of the data at hand; else other cases may bear the same ids
    same_pictures: frozenset[str] = frozenset()  # of other data: ids of those whose picture is one of the model's own

    def count(self, part: Part, cases: Sequence[Case]) -> int:
        """Count the cases that are in a part of the split."""
        return sum(self.parts.get(case.case_id) == part for case in cases)

    def count_certain(self, part: Part, cases: Sequence[Case]) -> int:
        """Count those of them that do not merely bear the same ids."""
        return self.count(part, [case for case in cases if self.same_data or case.case_id in self.same_pictures])

    def leaves_open(self, cases: Sequence[Case]) -> bool:
        """Say whether there are cases of which nobody knows whether the model has seen them."""
        return not self.same_data and any(case.case_id not in self.parts for case in cases)


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
    trained = seen.count_certain("training", compared)
    if trained:
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
    if known := seen.count_certain("training", cases):
        trained_on = f"{name[0].upper()}{name[1:]} was trained on {known:,} of these {len(cases):,} radiographs"
        return (f"{trained_on}: its error is larger on others.",)
    if trained := seen.count("training", cases):
        return (
            f"{trained:,} of these radiographs bear the ids of some that {name} was trained on, from another folder; "
            "if they are the same, its error is larger on others.",
        )
    said: list[str] = []
    if chosen := seen.count("validation", cases):
        said.append(f"{chosen:,} of these radiographs chose the best epoch of {name}: its error is larger on others.")
    if seen.leaves_open(cases):
        said.append(
            f"It is not known whether {name} was trained on some of these radiographs; if it was, its error is larger "
            "on others."
        )
    return tuple(said)


def seen_by(card: ModelCard, path: Path, *, cases: Sequence[Case], data: Path, split: Split | None) -> Seen | None:
    """Return a model's own split: that of the run folder it lies in, or one that its card's fingerprint proves."""
    folder = path.parent
    if path.name == BEST and (folder / "split.csv").is_file():
        return _seen_in(folder, cases, data)
    wanted, seed = card.data.get("split_sha256"), card.data.get("split_seed")
    given = [split] if split is not None else []
    for candidate in chain(given, _drawn(cases, seed) if isinstance(seed, int) else ()):
        if candidate.fingerprint == wanted:
            parts = {case.case_id: part for part in PARTS for case in candidate.part(part)}
            return Seen(parts=parts, same_data=True)
    return None


def _seen_in(folder: Path, cases: Sequence[Case], data: Path) -> Seen:
    """Return where the split of a run places the cases at hand, whose ids may be spelled otherwise than its own."""
    own = _parts(folder / "split.csv")
    if _is_of(folder, data):
        parts = {case.case_id: own[case.case_id] for case in cases if case.case_id in own} or _named_alike(own, cases)
        return Seen(parts=parts, same_data=bool(parts))
    pictured = _pictured(folder, own, cases)
    return Seen(parts={**_named_alike(own, cases), **pictured}, same_data=False, same_pictures=frozenset(pictured))


def _named_alike(own: Mapping[str, Part], cases: Iterable[Case]) -> dict[str, Part]:
    """Place cases by the names of their pictures: 1, 1.png and hands/1.png are taken for one.

    Where several of a split bear a name, the part that has seen most goes.
    """
    by_name: dict[str, Part] = {}
    for part in reversed(PARTS):
        by_name.update((_name(case_id), part) for case_id, placed in own.items() if placed == part)
    found = {case.case_id: own.get(case.case_id) or by_name.get(_name(case.case_id)) for case in cases}
    return {case_id: part for case_id, part in found.items() if part is not None}


def _name(case_id: str) -> str:
    return stem(case_id.replace("\\", "/").rpartition("/")[2])


def _pictured(folder: Path, own: Mapping[str, Part], cases: Sequence[Case]) -> dict[str, Part]:
    """Place cases by their pixels, as far as this computer has read them and the run's own before."""
    try:
        trained = read_source(folder).cases().cases
    except BoneAgeError:
        return {}
    placed = [case for case in trained if case.case_id in own]
    pixels = known_pixels([*placed, *cases])
    parts = {key: own[case.case_id] for key, case in zip(pixels, placed, strict=False) if key is not None}
    found = {case.case_id: key for case, key in zip(cases, pixels[len(placed) :], strict=True) if key is not None}
    return {case_id: parts[key] for case_id, key in found.items() if key in parts}


def _drawn(cases: Sequence[Case], seed: int) -> Iterator[Split]:
    """Yield the splits that a training on these cases may have drawn: of all of them, or of those it kept, by any rule.

    It drops pictures that cannot be read and those it has met before. Which they are is known without decoding
    anything, if this computer has read them before.
    """
    with suppress(DataError):
        yield from (split_cases(cases, seed=seed, rule=rule) for rule in RULES)
    kept: dict[str, Case] = {}
    for case, pixels in zip(cases, known_pixels(cases), strict=True):
        if pixels is not None:
            kept.setdefault(pixels, case)
    if len(kept) < len(cases):
        with suppress(DataError):
            yield from (split_cases(tuple(kept.values()), seed=seed, rule=rule) for rule in RULES)


def _parts(path: Path) -> dict[str, Part]:
    """Read the split of a run; nothing is placed by one that cannot be read."""
    try:
        with path.open(newline="", encoding="utf-8") as file:
            parts: dict[str, Part] = {row["id"]: row["part"] for row in csv.DictReader(file)}  # type: ignore[misc]
    except (OSError, KeyError, ValueError, csv.Error):
        return {}
    return parts if set(parts.values()) <= set(PARTS) else {}


def _is_of(folder: Path, data: Path) -> bool:
    """Say whether a run was trained on the data at hand."""
    try:
        return read_source(folder).found_at(data) is not None
    except BoneAgeError:
        return False
