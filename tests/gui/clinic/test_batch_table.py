"""The table of a folder: what somebody else made of it is refused with a sentence, and left as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from boneage_gui.clinic.batch_row import COLUMNS, BatchRow
from boneage_gui.clinic.batch_table import BatchTable
from trainer.errors import DataError

HEAD = ",".join(COLUMNS)


@pytest.mark.parametrize(
    "content",
    [
        b"file\n1.dcm\n",
        HEAD.encode() + b"\n1.dcm,two\n",
        b"file\rname\n",  # a line break of old Macs inside a line
        b'"' + b"x" * 200_000 + b'"\n',
        b"\xff\xfe\n",
        b"\0\n",
    ],
)
def test_a_foreign_table_is_refused_and_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bone-age.csv"
    path.write_bytes(content)
    with pytest.raises(DataError, match="this program did not write"):
        BatchTable(tmp_path)
    assert path.read_bytes() == content


def test_rows_come_back_without_the_half_line_of_a_kill(tmp_path: Path) -> None:
    table = BatchTable(tmp_path)
    row = BatchRow(file="1.dcm", file_sha256="ab" * 32, refused="1.dcm is empty.")
    table.add(row)
    table.path.write_bytes(table.path.read_bytes() + b"2.dcm,half")
    assert [found.file for found in BatchTable(tmp_path).rows] == ["1.dcm"]
