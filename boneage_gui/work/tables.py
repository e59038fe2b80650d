"""Tables of labelled radiographs: their columns, read in a job."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trainer.table import TableColumns


def columns_of(data: Path, sheet: str | None = None) -> TableColumns:
    """Read the head of a table, or of the one table in a folder. Raises DataError."""
    from trainer.table import columns_of as read_columns

    return read_columns(data, sheet)
