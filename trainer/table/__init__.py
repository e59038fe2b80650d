"""Table: the rows of a CSV or Excel file as text, whoever wrote it."""

from __future__ import annotations

from trainer.table.opening import Table, TableColumns, columns_of, holds_table, is_same_table, opened, table_sha256

__all__ = ["Table", "TableColumns", "columns_of", "holds_table", "is_same_table", "opened", "table_sha256"]
