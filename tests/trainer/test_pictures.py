"""Which file a table means by a name."""

from __future__ import annotations

from pathlib import Path

from trainer.cases import read_cases


def test_names_with_accents_are_found_however_they_are_written(tmp_path: Path) -> None:
    """macOS writes an accent as a character of its own."""
    composed, apart = "M\u00fcller_1", "Mu\u0308ller_1"
    (tmp_path / f"{apart}.png").touch()
    (tmp_path / "M\u00fcller_2.png").touch()
    labels = [f"{composed},60,F", "Mu\u0308ller_2,60,F"]
    (tmp_path / "t.csv").write_text("\n".join(["id,boneage,male", *labels]), encoding="utf-8")
    table = read_cases(tmp_path)
    assert [case.image_path.name for case in table.cases] == [f"{apart}.png", "M\u00fcller_2.png"]
    (tmp_path / f"{composed}.png").touch()  # beside the other, on a disk that tells them apart
    assert read_cases(tmp_path).cases[0].image_path.name == f"{composed}.png"
