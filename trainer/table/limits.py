"""How large a table may be: far beyond any list of patients, and small enough to be read in any case."""

from __future__ import annotations

from typing import Final

LARGEST_BYTES: Final = 256 << 20  # of a file
LARGEST_UNPACKED_BYTES: Final = 64 << 20  # of an Excel file: half a million rows of four columns
# What shrinks more says next to nothing: it is empty cells, or made to fill memory. Sheets shrink to a tenth.
MOST_SHRUNK: Final = 100
UNPACKED_ANYWAY_BYTES: Final = 4 << 20
LARGEST_TEXT_BYTES: Final = 64 << 20  # of a CSV file: a million rows; in memory it takes ten times as much
MOST_ROWS: Final = 1_048_576  # what an Excel sheet can hold
MOST_COLUMNS: Final = 1_000
