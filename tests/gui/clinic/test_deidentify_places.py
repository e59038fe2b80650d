"""De-identified export where a name leads to what is no file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from boneage_gui.clinic.deidentify import secret_of_file
from boneage_gui.clinic.deidentify.picture import is_picture
from trainer.errors import DataError


def test_what_is_no_file_is_neither_waited_on_nor_read_without_end(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.png"
    os.mkfifo(pipe)
    assert not is_picture(pipe)
    with pytest.raises(DataError, match="no file"):
        secret_of_file(Path("/dev/zero"))
