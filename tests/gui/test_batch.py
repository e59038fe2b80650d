"""A folder to a table and reports: every file has its row, nothing is overwritten, a stop loses nothing."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom import dcmread

from boneage_gui import work
from boneage_gui.clinic.batch_row import COLUMNS, BatchRow
from boneage_gui.clinic.batch_table import BatchTable
from boneage_gui.clinic.report import UNCONFIRMED, report_pdf
from boneage_gui.work import batch_reports
from boneage_gui.work.batch import BatchOptions, radiographs_below, read_folder
from boneage_gui.work.painter import painter
from tests.factories import hand, write_dicom, write_png
from tests.gui.clinic.radiograph_folder import HEADER, folder, table_in
from tests.gui.fakes import FakePredictor, card, expected_months
from trainer.errors import DataError, RadiographError
from trainer.radiograph import Sex, read

__all__ = ["folder"]

BARE = BatchOptions(pdf=False)


@pytest.fixture
def predictor() -> FakePredictor:
    """A model without torch."""
    return FakePredictor(card())


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """In the place of the process that draws: the reports it was given, and a page of a few bytes."""
    reports: list[Any] = []

    def ask(function: Any, *given: Any) -> Any:
        if function is not report_pdf:
            return function(*given)
        reports.append(given[0])
        return b"%PDF-1.4 drawn"

    monkeypatch.setattr(painter, "ask", ask)
    return reports


def test_a_folder_is_looked_through_to_its_depth_and_in_the_order_of_its_names(folder: Path) -> None:
    names = [path.relative_to(folder).as_posix() for path in radiographs_below(folder)]
    assert names == ["a/1.2.840.7", "a/b/9.tif", "a/b/10.jpg", "a/hand.png", "a/IM000001", "broken.dcm", "hand.dcm"]


def test_a_folder_without_radiographs_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(RadiographError, match="holds no radiographs"):
        radiographs_below(tmp_path / "home")
    with pytest.raises(RadiographError, match="is not there"):
        radiographs_below(tmp_path / "gone")


def test_every_file_has_its_row_and_a_bad_one_its_reason(
    folder: Path, tmp_path: Path, predictor: FakePredictor
) -> None:
    rows = list(read_folder(predictor, folder, tmp_path / "out", BARE))
    assert [(row.number, row.total) for row in rows] == [(number, 7) for number in range(1, 8)]
    table = {row["file"]: row for row in table_in(tmp_path / "out")}
    assert [row.file for row in rows] == list(table)
    broken = table.pop("broken.dcm")
    assert "damaged" in broken["refused"] or "without a picture" in broken["refused"]
    assert (broken["age_months"], broken["standing"], broken["model"]) == ("", "", "improved-sex")
    assert all(row["age_months"] and not row["refused"] for row in table.values())
    assert all(row["note"] == "Research use, not a medical device" for row in table.values())


def test_a_row_holds_the_number_its_reference_and_where_it_comes_from(
    folder: Path, tmp_path: Path, predictor: FakePredictor
) -> None:
    rows = {row.file: row for row in read_folder(predictor, folder, tmp_path / "out", BARE)}
    row, age = rows["hand.dcm"], expected_months(read(folder / "hand.dcm"), Sex.MALE)
    assert (row.sex, row.sex_from, row.chronological_months) == ("male", "file", 108.0)
    assert (row.age_months, row.low_months, row.high_months) == pytest.approx((age, age - 20, age + 18))
    assert row.sd_months == pytest.approx(9.0)  # Brush, boys, nine years
    assert row.sds == pytest.approx((age - 108) / 9.0)
    assert (row.band_low_months, row.band_high_months) == pytest.approx((90.0, 126.0))
    assert row.standing == ("normal" if abs(age - 108) <= 18 else "advanced")
    assert (row.reference, row.model_sha256) == ("Brush Foundation", predictor.card.weights_sha256)
    png = rows["a/hand.png"]
    assert (png.sex, png.sds, png.standing, png.chronological_months) == ("", None, "", None)
    assert any("Sex was not given" in caution for caution in png.cautions)
    assert list(table_in(tmp_path / "out")[0]) == list(COLUMNS)


def test_the_told_sex_is_for_files_that_do_not_say(folder: Path, tmp_path: Path, predictor: FakePredictor) -> None:
    told = BatchOptions(pdf=False, told_sex=Sex.FEMALE)
    rows = {row.file: row for row in read_folder(predictor, folder, tmp_path / "out", told)}
    assert (rows["hand.dcm"].sex, rows["hand.dcm"].sex_from) == ("male", "file")
    assert (rows["a/hand.png"].sex, rows["a/hand.png"].sex_from) == ("female", "told")


def test_a_delayed_child_is_called_delayed_by_the_reference_that_was_chosen(
    tmp_path: Path, predictor: FakePredictor
) -> None:
    (tmp_path / "in").mkdir()
    write_dicom(tmp_path / "in" / "x.dcm", hand(), **(HEADER | {"PatientBirthDate": "20040310"}))
    chosen = BatchOptions(pdf=False, reference_key="greulich-pyle")
    (row,) = read_folder(predictor, tmp_path / "in", tmp_path / "out", chosen)
    assert (row.standing, row.sd_months) == ("delayed", 14.2)
    assert "not verified" in row.reference


def test_reports_have_names_of_their_own_and_say_that_nobody_confirmed_them(
    folder: Path, tmp_path: Path, predictor: FakePredictor, drawn: list[Any]
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "10-report.pdf").write_bytes(b"somebody's")
    options = BatchOptions(pdf=True, dicom=True)
    rows = {row.file: row for row in read_folder(predictor, folder, out, options)}
    assert (out / "10-report.pdf").read_bytes() == b"somebody's"
    assert rows["a/b/10.jpg"].reports == ("10-2-report.pdf",)
    assert rows["a/hand.png"].reports == ("hand-report.pdf",)
    objects = ("hand-2-report.pdf", "hand-2-report.dcm", "hand-2-picture.dcm", "hand-2-document.dcm")
    assert rows["hand.dcm"].reports == objects
    structured, picture, document = (dcmread(out / name) for name in objects[1:])
    assert (structured.VerificationFlag, structured.StudyInstanceUID) == ("UNVERIFIED", "1.2.3.1")
    assert UNCONFIRMED in picture.DerivationDescription
    assert bytes(document.EncapsulatedDocument).startswith(b"%PDF-1.4 drawn")
    from boneage_gui.clinic.report import report_lines

    assert len(drawn) == 6  # a page of each, which is its document as well
    assert all(UNCONFIRMED in report_lines(report) for report in drawn)


def test_a_page_is_drawn_by_the_real_painter(tmp_path: Path, predictor: FakePredictor) -> None:
    (tmp_path / "in").mkdir()
    write_dicom(tmp_path / "in" / f"{'x' * 240}.dcm", hand(), **HEADER)  # a name that leaves no room for an ending
    (row,) = read_folder(predictor, tmp_path / "in", tmp_path / "out", BatchOptions())
    assert row.cautions == ()
    assert (tmp_path / "out" / row.reports[0]).read_bytes().startswith(b"%PDF-")


def test_a_file_of_no_study_has_its_page_and_says_why_it_has_no_objects(
    tmp_path: Path, predictor: FakePredictor, drawn: list[Any]
) -> None:
    (tmp_path / "in").mkdir()
    write_dicom(tmp_path / "in" / "x.dcm", hand())
    (row,) = read_folder(predictor, tmp_path / "in", tmp_path / "out", BatchOptions(dicom=True))
    assert row.reports == ("x-report.pdf",)
    assert any("names no study" in caution for caution in row.cautions)
    assert not row.refused


# -- stopped, killed, run again


def test_a_stop_leaves_whole_rows_and_the_next_run_goes_on(
    folder: Path, tmp_path: Path, predictor: FakePredictor, drawn: list[Any]
) -> None:
    out = tmp_path / "out"
    seen: list[BatchRow] = []
    for row in read_folder(predictor, folder, out, BatchOptions(excel=True), stopped=lambda: len(seen) == 3):
        seen.append(row)
    assert len(table_in(out)) == len(seen) == 3
    assert (out / "bone-age.xlsx").is_file()
    asked = len(predictor.asked)
    again = list(read_folder(predictor, folder, out, BatchOptions()))
    assert [row.known for row in again] == [True] * 3 + [False] * 4
    assert len(predictor.asked) == asked + 3  # one of the four is refused before
    assert len(table_in(out)) == 7
    assert [row.age_months for row in again[:3]] == pytest.approx([row.age_months for row in seen], abs=0.01)
    assert sorted(path.name for path in out.glob("*.pdf")) == sorted(name for row in again for name in row.reports)


def test_a_closed_generator_lets_go_of_the_folder(folder: Path, tmp_path: Path, predictor: FakePredictor) -> None:
    rows = read_folder(predictor, folder, tmp_path / "out", BARE)
    next(rows)
    with pytest.raises(DataError, match="Another program"):
        next(read_folder(predictor, folder, tmp_path / "out", BARE))
    rows.close()
    assert len(table_in(tmp_path / "out")) == 1
    assert len(list(read_folder(predictor, folder, tmp_path / "out", BARE))) == 7


def test_half_a_line_of_a_killed_program_is_read_again(folder: Path, tmp_path: Path, predictor: FakePredictor) -> None:
    out = tmp_path / "out"
    list(read_folder(predictor, folder, out, BARE))
    whole = (out / "bone-age.csv").read_bytes()
    (out / "bone-age.csv").write_bytes(whole[:-30])
    again = list(read_folder(predictor, folder, out, BARE))
    assert [row.known for row in again] == [True, True, True, True, True, False, False]  # broken ones are tried again
    assert sorted(row["file"] for row in table_in(out)) == sorted(row.file for row in again)


def test_another_question_adds_rows_and_takes_none_away(folder: Path, tmp_path: Path, predictor: FakePredictor) -> None:
    out = tmp_path / "out"
    list(read_folder(predictor, folder, out, BARE))
    list(read_folder(predictor, folder, out, BatchOptions(pdf=False, reference_key="greulich-pyle")))
    list(read_folder(predictor, folder, out, BatchOptions(pdf=False, told_sex=Sex.MALE)))
    table = table_in(out)
    assert len([row for row in table if row["file"] == "hand.dcm"]) == 2
    assert len([row for row in table if row["file"] == "a/hand.png"]) == 3
    assert len([row for row in table if row["file"] == "broken.dcm"]) == 1
    write_png(folder / "a" / "hand.png", hand(100, 80))
    assert sum(not row.known for row in read_folder(predictor, folder, out, BARE)) == 2  # the new one and the broken
    assert len([row for row in table_in(out) if row["file"] == "a/hand.png"]) == 4


def test_a_report_that_was_taken_away_is_made_again(tmp_path: Path, predictor: FakePredictor, drawn: list[Any]) -> None:
    (tmp_path / "in").mkdir()
    write_png(tmp_path / "in" / "x.png", hand())
    (row,) = read_folder(predictor, tmp_path / "in", tmp_path / "out", BatchOptions())
    (tmp_path / "out" / row.reports[0]).unlink()
    (again,) = read_folder(predictor, tmp_path / "in", tmp_path / "out", BatchOptions())
    assert not again.known
    assert (tmp_path / "out" / again.reports[0]).is_file()
    assert len(table_in(tmp_path / "out")) == 1


def test_our_own_reports_are_not_read_as_radiographs(
    folder: Path, tmp_path: Path, predictor: FakePredictor, drawn: list[Any]
) -> None:
    for _ in range(2):
        rows = list(read_folder(predictor, folder, folder / "reports", BatchOptions(dicom=True)))
        assert len(rows) == 7
    with pytest.raises(DataError, match="another folder"):
        next(read_folder(predictor, folder, folder, BARE))


@pytest.mark.parametrize("what", ["mine\n1\n", "file,sex\nx,y\n", "\xff\xfe"])
def test_a_strange_table_is_left_alone(folder: Path, tmp_path: Path, predictor: FakePredictor, what: str) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "bone-age.csv").write_bytes(what.encode("latin-1"))
    with pytest.raises(DataError, match="Choose another folder"):
        next(read_folder(predictor, folder, out, BARE))
    assert (out / "bone-age.csv").read_bytes() == what.encode("latin-1")


def test_a_fault_of_our_own_is_one_row_too(
    folder: Path, tmp_path: Path, predictor: FakePredictor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def odd(path: Path) -> Any:
        raise {"hand.dcm": MemoryError, "IM000001": KeyError}.get(path.name, RadiographError)("no")

    monkeypatch.setattr(work, "read", odd)
    rows = {row.file: row.refused for row in read_folder(predictor, folder, tmp_path / "out", BARE)}
    assert "memory" in rows["hand.dcm"]
    assert "KeyError" in rows["a/IM000001"]
    assert len(rows) == 7


def test_a_file_that_is_too_large_is_not_read_through(
    tmp_path: Path, predictor: FakePredictor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("boneage_gui.work.batch.MAX_BYTES", 10)
    (tmp_path / "large.png").write_bytes(b"x" * 11)
    (large,) = read_folder(predictor, tmp_path, tmp_path / "out", BARE)
    assert (large.file_sha256, bool(large.refused)) == ("", True)


def test_a_folder_that_cannot_be_written_ends_the_batch_with_a_sentence(
    folder: Path, tmp_path: Path, predictor: FakePredictor
) -> None:
    (tmp_path / "out").write_text("in the way")
    with pytest.raises(DataError, match="cannot be used"):
        next(read_folder(predictor, folder, tmp_path / "out", BARE))


# -- the table's cells


@pytest.mark.parametrize(
    "name", ["=1+1.png", "+a.png", "-b.png", "@c.png", "'=d.png", 'e;f,"g.png', "h\nij.png", "#REF!"]
)
def test_a_name_is_never_a_formula(tmp_path: Path, predictor: FakePredictor, name: str) -> None:
    import openpyxl

    (tmp_path / "in").mkdir()
    write_png(tmp_path / "in" / name, hand())
    options = BatchOptions(pdf=False, excel=True)
    list(read_folder(predictor, tmp_path / "in", tmp_path / "out", options))
    (again,) = read_folder(predictor, tmp_path / "in", tmp_path / "out", options)
    assert again.known
    (row,) = table_in(tmp_path / "out")
    assert not re.match(r"[=+\-@\t\r]", row["file"])
    sheet = openpyxl.load_workbook(tmp_path / "out" / "bone-age.xlsx").active
    assert sheet is not None
    cells = {head.value: cell for head, cell in zip(sheet[1], sheet[2], strict=True)}
    assert {cell.data_type for cell in sheet[2]}.isdisjoint({"f", "e"})  # no formula, no error
    assert cells["file"].value == row["file"]
    assert cells["age_months"].value == pytest.approx(float(row["age_months"]))


def test_a_row_that_cannot_be_written_whole_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = BatchTable(tmp_path)
    table.add(BatchRow(file="a.png", age_months=1.0))
    before = table.path.read_bytes()
    real_open = Path.open

    def full(path: Path, mode: str = "r", **options: Any) -> Any:
        if mode == "ab":
            with real_open(path, "ab") as file:
                file.write(b"half of a li")
            raise OSError(28, "No space left on device")
        return real_open(path, mode, **options)

    monkeypatch.setattr(Path, "open", full)
    with pytest.raises(DataError, match="No space left"):
        table.add(BatchRow(file="b.png", age_months=2.0))
    assert table.path.read_bytes() == before


def test_pixels_of_a_report_are_small_and_whole(tmp_path: Path) -> None:
    wide = read(write_png(tmp_path / "x.png", hand(3000, 90)))
    small = work.thumbnail(wide, side_px=batch_reports.PICTURE_SIDE_PX)
    assert max(small.shape) <= batch_reports.PICTURE_SIDE_PX
    assert np.ptp(small) > 100
