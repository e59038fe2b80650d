"""The explanation's desk: asks the model in jobs; the newest radiograph wins, and a hidden pane asks for nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from boneage_gui.jobs import Job, NewestOnly
from boneage_gui.work import explaining
from trainer.radiograph import Radiograph, Sex


class ExplanationDesk(QObject):
    """Explains one radiograph at a time, then finds the cases most alike; an index is made once for all of them."""

    explained = Signal(object)  # HeatMap, Outlined, Shift or Unclear, as they come
    refused = Signal(object)  # the exception: there is nothing to explain
    going_on = Signal(object)  # Progress of the cases
    compared = Signal(object)  # list[AlikeCase]
    no_cases = Signal(object)  # the exception: no cases to compare with

    def __init__(self, cache_folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.data: Path | None = None  # None: phantoms
        self.radiograph: Radiograph | None = None
        self._cache_folder = cache_folder
        self._predictor: Any = None
        self._index: Any = None
        self._explaining = NewestOnly(self)
        self._indexing = NewestOnly(self)
        self._comparing = NewestOnly(self)
        self._indexes = False

    def explain(self, predictor: Any, radiograph: Radiograph, sex: Sex | None) -> None:
        """Explain what a model reads from a radiograph; whatever was asked before is dropped."""
        self.forget()
        if predictor is not self._predictor:
            self.drop_cases()
        self._predictor, self.radiograph = predictor, radiograph
        self._explaining.start(
            Job(explaining.explain, predictor, radiograph, sex),
            item=self.explained.emit,
            result=lambda _nothing: self._find_cases(),
            failed=self.refused.emit,
        )

    def choose_data(self, data: Path | None) -> None:
        """Compare with the cases of this folder or table; None: with phantoms."""
        if data == self.data and self._index is not None:
            self._find_cases()
            return
        if data == self.data and self._indexes:
            return
        self.data = data
        self.drop_cases()
        self._find_cases()

    def forget(self) -> None:
        """The radiograph goes; the index stays, and may go on being made."""
        self.radiograph = None
        self._explaining.drop()
        self._comparing.drop()

    def drop_cases(self) -> None:
        """Want no index any more."""
        self._indexing.drop()
        self._comparing.drop()
        self._index, self._indexes = None, False

    def leave(self) -> None:
        """Ask for nothing more."""
        self.forget()
        if self._indexes:
            self.drop_cases()

    def _find_cases(self) -> None:
        if self._predictor is None or self._indexes:
            return
        if self._index is not None:
            self._compare()
            return
        self._indexes = True
        self._indexing.start(
            Job(explaining.open_cases, self._predictor, self.data, self._cache_folder),
            item=self.going_on.emit,
            result=self._indexed,
            failed=self._not_indexed,
        )

    def _indexed(self, index: Any) -> None:
        self._index, self._indexes = index, False
        self._compare()

    def _not_indexed(self, error: BaseException) -> None:
        self._indexes = False
        self.no_cases.emit(error)

    def _compare(self) -> None:
        if self.radiograph is not None:
            self._comparing.start(
                Job(explaining.alike_cases, self._predictor, self._index, self.radiograph),
                result=self.compared.emit,
                failed=self.no_cases.emit,
            )
