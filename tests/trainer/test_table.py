"""Tables of every kind, and files that only pretend to be one."""

from __future__ import annotations

import zipfile
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from trainer.cases import read_cases
from trainer.columns import Columns
from trainer.errors import DataError
from trainer.radiograph import Sex
from trainer.table import columns_of, limits, opened


def _workbook(path: Path, **sheets: list[list[Any]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def _rows(path: Path, sheet: str | None = None) -> list[tuple[str, ...]]:
    with opened(path, sheet) as table:
        return [table.names, *table.rows]


def test_an_excel_table_reads_as_its_csv_would(tmp_path: Path) -> None:
    rows: list[list[Any]] = [
        ["id", "boneage", "male", None],
        [1, 60, True],
        ["007", 70.5, "F"],
        [None, None, None],
        [3.0, None, 0],
    ]
    path = _workbook(tmp_path / "labels.xlsx", Sheet1=[[], *rows])
    names, *read = _rows(path)
    assert names == ("id", "boneage", "male")
    assert read == [("1", "60", "True"), ("007", "70.5", "F"), ("3", "", "0")]
    for picture in ("1.png", "007.png", "3.png"):
        (tmp_path / picture).touch()
    for data in (path, tmp_path):
        table = read_cases(data)
        assert [(case.case_id, case.age_months, case.sex) for case in table.cases] == [
            ("1", 60.0, Sex.MALE),
            ("007", 70.5, Sex.FEMALE),
        ]
        assert [(row.case_id, row.reason) for row in table.dropped] == [("3", "no age")]


def test_the_sheet_that_fits_is_found_or_named(tmp_path: Path) -> None:
    head = ["id", "boneage", "male"]
    path = _workbook(
        tmp_path / "t.xlsx", Notes=[["written by"], [datetime(2020, 1, 2)]], First=[head, ["a"]], Second=[head, ["b"]]
    )
    assert _rows(path)[1][0] == "a"
    assert _rows(path, "second ")[1][0] == "b"
    assert _rows(path, "Notes")[1][0] == "2020-01-02T00:00:00"
    with pytest.raises(DataError, match=r"no sheet named Third.*Notes, First, Second"):
        _rows(path, "Third")
    found = columns_of(path)
    assert found.sheets == ("Notes", "First", "Second")
    assert found.proposed.sheet == "First"


def test_remarks_beside_a_sheets_columns_are_no_cells_of_a_row(tmp_path: Path) -> None:
    rows: list[list[Any]] = [["id", "boneage", "male"], ["a", 60, "F", None, "seen twice"], ["b"]]
    path = _workbook(tmp_path / "t.xlsx", Sheet=rows)
    assert _rows(path)[1:] == [("a", "60", "F"), ("b", "", "")]


def test_a_stray_cell_far_away_costs_next_to_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book = openpyxl.Workbook()
    for _ in range(30):
        sheet = book.create_sheet()
        sheet["A1048576"] = " "
    sheet = book.create_sheet("ages")
    sheet.append(["id", "boneage", "male"])
    sheet.append(["a", 60, "F"])
    sheet["XFD1"] = " "
    sheet["A1048576"] = " "
    book.save(tmp_path / "t.xlsx")
    taken: list[object] = []

    def text(value: object) -> str:
        taken.append(value)
        return str(value)

    monkeypatch.setattr("trainer.table.workbook._text", text)
    assert _rows(tmp_path / "t.xlsx") == [("id", "boneage", "male"), ("a", "60", "F")]
    assert len(taken) < 20
    assert columns_of(tmp_path / "t.xlsx").proposed.sheet == "ages"


def test_sheets_that_do_not_show_are_left_alone(tmp_path: Path) -> None:
    path = _workbook(tmp_path / "t.xlsx", Old=[["id", "boneage", "male"], ["a"]], New=[["id", "boneage"], ["b"]])
    book = openpyxl.load_workbook(path)
    book["Old"].sheet_state = "hidden"
    book.save(path)
    assert columns_of(path).sheets == ("New",)
    assert _rows(path)[1][0] == "b"


def test_a_formula_counts_by_its_last_result_and_is_never_run(tmp_path: Path) -> None:
    rows = [["id", "boneage", "male"], ["=1+1", "=60", '=HYPERLINK("http://x")']]
    path = _workbook(tmp_path / "t.xlsx", Sheet=rows)
    assert len(_rows(path)) == 1  # openpyxl stores no results: the row is as good as blank


def test_columns_are_proposed_from_the_head_alone(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("Case ID;file;Age;Sex;Patient;weight;weight\n1;2;3;4;5;6;7;8\n")
    found = columns_of(path)
    assert found.table == path
    assert found.names == ("Case ID", "file", "Age", "Sex", "Patient", "weight")
    assert found.proposed == Columns(id="Case ID", path="file", age="Age", sex="Sex", patient="Patient")
    path.write_text("Nr,Alter (years),male\n")
    assert columns_of(tmp_path).proposed == Columns(sex="male")
    path.write_text("id,age_years\n")
    assert columns_of(path).proposed == Columns(id="id", age="age_years", age_unit="years")


def test_columns_survive_their_file() -> None:
    columns = Columns(id="a", age="b", age_unit="years", sex="", sheet="S")
    assert Columns.from_json(columns.to_json()) == columns
    assert Columns.from_json({}) == Columns()
    for bad in ({"id": 3}, {"age_unit": "weeks"}, {"colour": "x"}, [1], None):
        with pytest.raises(DataError):
            Columns.from_json(bad)  # type: ignore[arg-type]


def _zip(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, data in members.items():
            zipped.writestr(name.replace("__", "/"), data)
    return path


def _replaced(path: Path, member: str, data: bytes) -> Path:
    """Put other bytes into the place of one part of an Excel file."""
    with zipfile.ZipFile(path) as zipped:
        parts = {name: zipped.read(name) for name in zipped.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, old in parts.items():
            zipped.writestr(name, data if name == member else old)
    return path


@pytest.mark.parametrize("name", ["t.csv", "t.xlsx", "t.tsv"])
@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "holds no text", id="a picture"),
        pytest.param(b"\0" * 128 + b"DICM", "holds no text", id="DICOM"),
        pytest.param(b"\xff\xfea", "holds no text", id="half of UTF-16"),
        pytest.param(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "before 2007 or under a password", id="old Excel"),
        pytest.param(b"PK\x03\x04 and nothing", "damaged", id="broken zip"),
        pytest.param(b"", "empty", id="empty"),
        pytest.param(b"\n\n,,,\n", "empty", id="blank"),
        pytest.param(b'id,boneage,male\n"1,60,True\n', "damaged", id="a quote that never ends"),
        pytest.param(b"id,boneage,male\n" + b"x," * 2_000 + b"\n", "damaged", id="a row of thousands of cells"),
        pytest.param(b"x," * 2_000 + b"\n", "more than 1,000 columns", id="thousands of columns"),
    ],
)
def test_what_is_no_table_is_one_sentence(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=words) as caught:
        _rows(tmp_path / name)
    assert str(caught.value).isprintable()
    assert str(caught.value).endswith(".")


def test_a_zip_bomb_is_refused_before_it_goes_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _workbook(tmp_path / "t.xlsx", Sheet=[["id"]])
    monkeypatch.setattr(limits, "LARGEST_UNPACKED_BYTES", 1 << 20)
    sheet = b"<worksheet><sheetData>" + b" " * (limits.LARGEST_UNPACKED_BYTES + 1) + b"</sheetData></worksheet>"
    _replaced(path, "xl/worksheets/sheet1.xml", sheet)
    assert path.stat().st_size < 20_000
    monkeypatch.setattr(openpyxl, "load_workbook", lambda *_, **__: pytest.fail("it was opened"))
    with pytest.raises(DataError, match="unpacks to more than 1 MB"):
        _rows(path)


def test_millions_of_empty_cells_are_refused_before_they_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _workbook(tmp_path / "t.xlsx", Sheet=[["id"]])
    sheet = b"<worksheet><sheetData>" + b'<row r="3"/>' * 1_000_000 + b"</sheetData></worksheet>"
    _replaced(path, "xl/worksheets/sheet1.xml", sheet)
    monkeypatch.setattr(openpyxl, "load_workbook", lambda *_, **__: pytest.fail("it was opened"))
    with pytest.raises(DataError, match="empty cells"):
        _rows(path)


def test_a_list_of_patients_does_not_shrink_like_empty_cells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "UNPACKED_ANYWAY_BYTES", 1000)
    rows: list[list[Any]] = [["id", "boneage", "male"], *([name, name % 228, name % 2] for name in range(2_000))]
    assert len(_rows(_workbook(tmp_path / "t.xlsx", Sheet=rows))) == 2_001


def test_an_entity_bomb_is_a_sentence(tmp_path: Path) -> None:
    path = _workbook(tmp_path / "t.xlsx", Sheet=[["id", "boneage", "male"], ["x", 60, 1]])
    names = [f"e{index}" for index in range(12)]
    entities = '<!ENTITY e0 "lollollollollollollollollollol">' + "".join(
        f'<!ENTITY {new} "{f"&{old};" * 10}">' for old, new in pairwise(names)
    )
    bomb = f'<!DOCTYPE x [{entities}]><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    bomb += f'<sheetData><row r="1"><c r="A1" t="str"><v>&{names[-1]};</v></c></row></sheetData></worksheet>'
    _replaced(path, "xl/worksheets/sheet1.xml", bomb.encode())
    with pytest.raises(DataError, match="damaged"):
        _rows(path)


@pytest.mark.parametrize(
    "cell",
    [
        '<row r="9999999999"><c r="A9999999999" t="str"><v>x</v></c></row>',
        '<row r="1"><c r="ZZZ1" t="str"><v>x</v></c></row>',
        '<row r="1"><c r="A1" t="s"><v>77</v></c></row>',  # a shared text that is not there
        '<row r="1"><c r="A1"><v>not a number</v></c></row>',
        "<row",
    ],
)
def test_cells_in_impossible_places_are_a_sentence(tmp_path: Path, cell: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_ROWS", 1_000)
    path = _workbook(tmp_path / "t.xlsx", Sheet=[["id"]])
    sheet = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    _replaced(path, "xl/worksheets/sheet1.xml", f"{sheet}{cell}</sheetData></worksheet>".encode())
    with pytest.raises(DataError) as caught:
        _rows(path)
    assert str(caught.value).endswith(".")


def test_another_zip_file_is_no_table(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="not a table but another kind of file"):
        _rows(_zip(tmp_path / "t.xlsx", word__document=b"<x/>"))


def test_rows_of_any_length_and_quotes_stay_rows(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(
        b'id,"a, ""b""",male,\n1\n"2\n3", 4 ,\nNA,None,nan,,,x\n 007 ,1e3,TRUE\n' + b"9" * 200_000 + b",1,2\n"
    )
    names, *rows = _rows(path)
    assert names == ("id", 'a, "b"', "male", "")
    assert [row[:3] for row in rows] == [
        ("1", "", ""),
        ("2\n3", "4", ""),
        ("NA", "None", "nan"),
        ("007", "1e3", "TRUE"),
        ("9" * 200_000, "1", "2"),
    ]
    assert rows[2][5] == "x"  # beyond the columns, and still seen


def test_lines_may_end_as_on_any_computer_and_begin_with_a_word_for_excel(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    rows = [("id", "boneage", "male"), *((str(number), "60", "F") for number in range(600))]
    for end in ("\r", "\n", "\r\n"):
        path.write_bytes(end.join(["sep=;", *(";".join(row) for row in rows), ""]).encode())
        assert _rows(path) == rows


def test_rows_beyond_the_limit_are_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "t.csv"
    path.write_text("id\n" + "1\n" * 20)
    monkeypatch.setattr(limits, "MOST_ROWS", 20)
    assert len(_rows(path)) == 21
    monkeypatch.setattr(limits, "MOST_ROWS", 19)
    with pytest.raises(DataError, match="more than 19 rows"):
        _rows(path)
    monkeypatch.setattr(limits, "LARGEST_BYTES", 10)
    with pytest.raises(DataError, match="too large"):
        _rows(path)
