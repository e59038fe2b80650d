"""The canvases of some cases, wherever they lie."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import overload

import numpy as np
import numpy.typing as npt

from trainer.canvases.shelf import Shelf
from trainer.cases import SAME_PICTURE, Case, Dropped
from trainer.preprocess import Canvas


class Canvases:
    """Canvases in an order of their own, read from their shelves when they are asked for."""

    def __init__(self, shelves: Sequence[Shelf], places: npt.NDArray[np.intp], side_px: int) -> None:
        """Hold the shelves and, for each canvas, shelf and row: intp[n, 2]."""
        self._shelves, self._places, self._side_px = tuple(shelves), places, side_px

    @property
    def shape(self) -> tuple[int, int, int]:
        """As of one array: how many, rows, columns."""
        return (len(self._places), self._side_px, self._side_px)

    def __len__(self) -> int:
        """Count them."""
        return len(self._places)

    def __iter__(self) -> Iterator[Canvas]:
        """Yield them in order."""
        return (self[index] for index in range(len(self)))

    @overload
    def __getitem__(self, index: int) -> Canvas: ...
    @overload
    def __getitem__(self, index: slice) -> npt.NDArray[np.uint8]: ...

    def __getitem__(self, index: int | slice) -> npt.NDArray[np.uint8]:
        """Return one canvas, uint8[side, side], read-only; or a copy of several, uint8[n, side, side]."""
        if isinstance(index, slice):
            chosen = [self._canvas(place) for place in self._places[index]]
            return np.stack(chosen) if chosen else np.empty((0, *self.shape[1:]), dtype=np.uint8)
        return self._canvas(self._places[index])

    def __array__(self, dtype: npt.DTypeLike | None = None, copy: bool | None = None) -> npt.NDArray[np.uint8]:
        """Return a copy of all of them."""
        return np.asarray(self[:], dtype=dtype)

    def chosen(self, indices: Sequence[int]) -> Canvases:
        """Return some of them, in another order; nothing is read."""
        places = self._places[np.asarray(indices, dtype=np.intp)]
        numbers = sorted(set(places[:, 0].tolist()))
        renumbered = np.searchsorted(numbers, places[:, 0])
        shelves = [self._shelves[number] for number in numbers]
        return Canvases(shelves, np.column_stack([renumbered, places[:, 1]]), self._side_px)

    def _canvas(self, place: npt.NDArray[np.intp]) -> Canvas:
        return self._shelves[int(place[0])].canvas(int(place[1]))


@dataclass(frozen=True, slots=True, kw_only=True)
class CanvasCache:
    """Every case's canvas, decoded once."""

    canvases: Canvases
    cases: tuple[Case, ...]  # in the same order
    pixels: tuple[str, ...]  # SHA-256 of each case's picture as decoded, in the same order
    dropped: tuple[Dropped, ...]
    note: str | None = None  # a sentence, where the canvases could not be kept for the next time

    def of(self, cases: Sequence[Case]) -> CanvasCache:
        """Return the canvases of some of the cases, in their order; what was dropped of them stays dropped."""
        index_of = {case.case_id: index for index, case in enumerate(self.cases)}
        wanted = {case.case_id for case in cases}
        indices = [index_of[case.case_id] for case in cases if case.case_id in index_of]
        return replace(self._chosen(indices), dropped=tuple(row for row in self.dropped if row.case_id in wanted))

    def without_same_pictures(self) -> CanvasCache:
        """Drop every case whose pixels are those of a case before it."""
        first: dict[str, str] = {}
        kept: list[int] = []
        dropped = list(self.dropped)
        for index, (case, pixels) in enumerate(zip(self.cases, self.pixels, strict=True)):
            if pixels in first:
                dropped.append(Dropped(case_id=case.case_id, reason=f"{SAME_PICTURE} {first[pixels]}"))
            else:
                first[pixels] = case.case_id
                kept.append(index)
        return replace(self._chosen(kept), dropped=tuple(dropped))

    def _chosen(self, indices: Sequence[int]) -> CanvasCache:
        return replace(
            self,
            canvases=self.canvases.chosen(indices),
            cases=tuple(self.cases[index] for index in indices),
            pixels=tuple(self.pixels[index] for index in indices),
        )
