"""Reading and cleaning tables: every dropped row has its reason."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from trainer.cases import CaseTable, read_cases
from trainer.columns import NONE, Columns
from trainer.errors import DataError
from trainer.radiograph import Sex


def _folder(tmp_path: Path, table: str | bytes, *pictures: str, name: str = "boneage-training-dataset.csv") -> Path:
    (tmp_path / "boneage-training-dataset").mkdir()
    for picture in pictures:
        (tmp_path / picture).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / picture).touch()
    data = table if isinstance(table, bytes) else table.encode()
    (tmp_path / name).write_bytes(data)
    return tmp_path


def _reasons(table: CaseTable) -> dict[str, str]:
    return {row.case_id: row.reason for row in table.dropped}


def test_every_row_is_kept_or_dropped_with_a_reason(tmp_path: Path) -> None:
    rows = (
        "id,boneage,male\n1,60,True\n2,70.5,False\n3,,True\n4,abc,True\n5,0,True\n6,229,False\n7,80,True\n1,61,True\n"
        ",50,True\n8,nan,True\n9,90,\n1.png,60,True\n3,75,True\n"
    )
    pictures = [f"boneage-training-dataset/{number}.png" for number in (1, 2, 3, 4, 5, 6, 8, 9)]
    table = read_cases(_folder(tmp_path, rows, *pictures))
    assert [(case.case_id, case.age_months, case.sex) for case in table.cases] == [
        ("1", 60.0, Sex.MALE),
        ("2", 70.5, Sex.FEMALE),
        ("9", 90.0, None),
        ("3", 75.0, Sex.MALE),  # the row without an age does not stand in the way of the good one
    ]
    assert [(row.case_id, row.reason) for row in table.dropped] == [
        ("3", "no age"),
        ("4", "age is not a number"),
        ("5", "age outside 0 to 19 years"),
        ("6", "age outside 0 to 19 years"),
        ("7", "no picture"),
        ("1", "duplicate id"),
        ("", "no id"),
        ("8", "no age"),
        ("1.png", "duplicate id"),
    ]
    assert all(case.image_path.is_file() for case in table.cases)


@pytest.mark.parametrize(
    ("text", "sex"),
    [("True", Sex.MALE), ("false", Sex.FEMALE), ("1", Sex.MALE), ("0", Sex.FEMALE), ("M", Sex.MALE), ("?", None)],
)
def test_sex_in_the_words_of_many_tables(tmp_path: Path, text: str, sex: Sex | None) -> None:
    folder = _folder(tmp_path, f"id,boneage,male\n1,60,{text}\n", "1.png")
    assert read_cases(folder).cases[0].sex == sex


@pytest.mark.parametrize(
    "table",
    [
        b"\xef\xbb\xbfid,boneage,male\n1,60,True\n",  # as Excel writes it
        b"id,boneage,male\r\n1,60,True\r\n",
        b" ID , BoneAge , Male \n 1 , 60 , True \n",
        b"id,boneage,male\n1,60,True,\n",  # a comma too many must not make the id an index
        b"male,extra,id,boneage\nTrue,x,1,60\n",
        b"id,boneage,male,id\n1,60,True,2\n",
        b"id;boneage;male\n1;60,0;True\n",  # as a German Excel writes it
        b"id\tboneage\tmale\n1\t60\tTrue\n",
        b'"id"|"boneage"|"male"\n"1"|"60"|"True"\n',
        "id,boneage,male,größe\n1,60,True,ü\n".encode("latin-1"),
        "id,boneage,male\n1,60,True\n".encode("utf-16"),
        b"\n,,\nid,boneage,male\n\n1,60,True\n,,\n",
        b"Image ID,male,Bone Age (months)\n1,TRUE,60\n",  # the RSNA's validation set
    ],
)
def test_tables_as_programs_write_them(tmp_path: Path, table: bytes) -> None:
    (case,) = read_cases(_folder(tmp_path, table, "boneage-training-dataset/1.png")).cases
    assert (case.case_id, case.age_months, case.sex) == ("1", 60.0, Sex.MALE)


def test_ids_keep_their_zeros_and_stay_inside_the_folder(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "secret.png").touch()
    rows = "id,boneage,male\n007,60,True\n../secret,60,True\n../secret.png,60,True\n/etc/passwd,60,True\n"
    table = read_cases(_folder(tmp_path / "data", rows, "007.png"))
    assert [case.case_id for case in table.cases] == ["007"]
    assert len(table.dropped) == 3


@pytest.mark.parametrize("suffix", [".png", ".dcm", ".jpg", ".JPEG", ".tif"])
def test_pictures_of_every_format_beside_a_table(tmp_path: Path, suffix: str) -> None:
    folder = _folder(tmp_path, "id,boneage,male\n1,60,True\n", f"1{suffix}", name="labels.csv")
    for data in (folder, folder / "labels.csv"):
        assert read_cases(data).cases[0].image_path.name == f"1{suffix}"


def test_the_nested_folder_of_kaggles_archive(tmp_path: Path) -> None:
    folder = _folder(
        tmp_path, "id,boneage,male\n1,60,True\n", "boneage-training-dataset/boneage-training-dataset/1.png"
    )
    assert len(read_cases(folder).cases) == 1


@pytest.mark.parametrize(
    ("table", "named"),
    [
        ("", "table"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\xff\xfe", "table"),
        ("id,boneage,male\n", "No row"),
        ("id,boneage,male\n1,60,True\n", "No row"),
        ('id,boneage,male\n"1,60,True\n', "table|No row"),
    ],
)
def test_a_table_that_cannot_be_used_is_one_sentence(tmp_path: Path, table: str | bytes, named: str) -> None:
    with pytest.raises(DataError, match=named) as caught:
        read_cases(_folder(tmp_path, table))
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)


def test_a_folder_without_a_table_or_with_several_says_so(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no folder or table"):
        read_cases(tmp_path / "nowhere")
    with pytest.raises(DataError, match="no table"):
        read_cases(tmp_path)
    for name in ("a.csv", "b.xlsx", ".hidden.csv", "~$b.xlsx"):
        (tmp_path / name).write_text("id,boneage,male\n")
    with pytest.raises(DataError, match=r"2 tables \(a\.csv, b\.xlsx\)"):
        read_cases(tmp_path)


@pytest.mark.parametrize(
    ("table", "columns", "words"),
    [
        ("number,boneage,male\n1,60,1\n", {}, ["number, boneage, male", "--id-column", "--path-column"]),
        ("id,years,male\n1,6,1\n", {}, ["id, years, male", "--age-column"]),
        ("id,age,male\n1,60,1\n", {}, ["age", "--age-unit months", "--age-unit years"]),
        ("id,boneage,whom\n1,60,1\n", {}, ["id, boneage, whom", "--sex-column none"]),
        ("id,boneage,male\n1,60,1\n", {"sex": "boy"}, ["boy", "id, boneage, male", "--sex-column"]),
        ("id,boneage,male\n1,60,1\n", {"patient": "who"}, ["who", "--patient-column"]),
        ("id,boneage,sex\n1,60,1\n", {}, ["sex", "holds 1", "male (1 or true: male)"]),
        ("id,boneage,sex\n1,60,true\n", {}, ["sex", "holds true"]),
        ("id,boneage,male\n1,60,1\n", {"sheet": "Data"}, ["no sheets"]),
    ],
)
def test_what_a_table_does_not_say_is_asked_for(
    tmp_path: Path, table: str, columns: dict[str, str], words: list[str]
) -> None:
    with pytest.raises(DataError) as caught:
        read_cases(_folder(tmp_path, table, "1.png"), Columns(**columns))  # type: ignore[arg-type]
    assert all(word in str(caught.value) for word in words), caught.value
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize(
    ("table", "columns", "expected"),
    [
        (
            "Nr;Alter;Geschlecht\n1;5,5;W\n",
            {"id": "nr", "age": "Alter", "age_unit": "years", "sex": "Geschlecht"},
            66.0,
        ),
        ("id,bone age (years),sex\n1,5.5,female\n", {}, 66.0),
        ("id,boneage,sex\n1,66,F\n", {}, 66.0),
        ("id,TW3 months,sex\n1,66,F\n", {"age": "TW3 months"}, 66.0),  # the unit is in the name
        ("id,TW3 years,sex\n1,5.5,F\n", {"age": "TW3 years"}, 66.0),
        ("id,age_years,boneage,sex\n1,7,66,f\n", {}, 66.0),
        ("id,age,gender\n1,5.5,GIRL\n", {"age_unit": "years"}, 66.0),
        ("file,age_months,is_female\n1.png,66,TRUE\n", {}, 66.0),
        ("id,boneage,female\n1,66,1\n", {}, 66.0),
        ("id,boneage,sex\n1,66,2\n", {}, 66.0),  # ISO/IEC 5218
        ("id,boneage,sex,male\n1,66,?,false\n", {}, 66.0),
    ],
)
def test_columns_of_any_name_unit_and_words(
    tmp_path: Path, table: str, columns: dict[str, str], expected: float
) -> None:
    (case,) = read_cases(_folder(tmp_path, table, "1.png"), Columns(**columns)).cases  # type: ignore[arg-type]
    assert (case.age_months, case.sex) == (expected, Sex.FEMALE)


def test_a_table_may_have_no_sex_where_that_is_said(tmp_path: Path) -> None:
    folder = _folder(tmp_path, "id,boneage,weight\n1,66,30\n", "1.png")
    (case,) = read_cases(folder, Columns(sex=NONE)).cases
    assert case.sex is None


def test_years_taken_for_months_are_noticed(tmp_path: Path) -> None:
    rows = "".join(f"{index},{index}.5,True\n" for index in range(12))
    folder = _folder(tmp_path, "id,boneage,male\n" + rows, *(f"{index}.png" for index in range(12)))
    with pytest.raises(DataError, match=r"boneage.*look like years.*--age-unit"):
        read_cases(folder)
    assert read_cases(folder, Columns(age_unit="months")).cases[3].age_months == 3.5
    assert read_cases(folder, Columns(age_unit="years")).cases[3].age_months == 42


def test_a_comma_too_many_does_not_move_the_labels(tmp_path: Path) -> None:
    folder = _folder(tmp_path, "id,note,boneage,male\n1,left, good,60,True\n2,ok,70,True\n", "1.png", "2.png")
    table = read_cases(folder)
    assert [case.case_id for case in table.cases] == ["2"]
    assert _reasons(table) == {"1": "more cells than columns"}


def test_patients_are_kept_and_never_shown(tmp_path: Path) -> None:
    folder = _folder(tmp_path, "id,boneage,male,Patient ID\n1,60,1,Anna\n2,61,0,\n", "1.png", "2.png")
    first, second = read_cases(folder).cases
    assert (first.patient_key, second.patient_key) == ("Anna", None)
    assert "Anna" not in repr(first)
    assert read_cases(folder, Columns(patient=NONE)).cases[0].patient_key is None


def test_a_path_column_is_from_the_table_or_from_the_pictures(tmp_path: Path) -> None:
    (tmp_path / "tables").mkdir()
    for picture in ("films/a/1.png", "films/b/1.png", "films/b/2.dcm", "outside.png"):
        (tmp_path / picture).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / picture).touch()
    films = tmp_path / "films"
    rows = (
        "id,path,boneage,male\nfirst,a/1.png,60,1\nsecond,../films/b/1.png,60,1\nthird,b\\2,60,1\n"
        f"fourth,{films}/a/1,60,1\nfifth,../outside.png,60,1\nsixth,{tmp_path}/outside.png,60,1\nseventh,a/2.png,60,1\n"
        "eighth,,60,1\n"
    )
    (tmp_path / "tables" / "t.csv").write_text(rows)
    table = read_cases(tmp_path / "tables" / "t.csv", pictures=films)
    assert {case.case_id: case.image_path.relative_to(films).as_posix() for case in table.cases} == {
        "first": "a/1.png",
        "second": "b/1.png",
        "third": "b/2.dcm",
        "fourth": "a/1.png",
    }
    outside = "picture outside the folder"
    assert _reasons(table) == {"fifth": outside, "sixth": outside, "seventh": "no picture", "eighth": "no picture"}


def test_an_id_alone_is_looked_for_at_any_depth(tmp_path: Path) -> None:
    folder = _folder(
        tmp_path,
        "id,boneage,male\n1,60,1\n2,60,1\n3,60,1\nb/3,60,1\n4,60,1\n4.dcm,60,1\n",
        "a/b/c/1.png",
        "a/2.png",
        "boneage-training-dataset/2.png",
        "a/3.png",
        "b/3.png",
        "4.png",
        "._4.dcm",
        "__MACOSX/3.png",
    )
    table = read_cases(folder)
    assert {case.case_id: case.image_path.relative_to(folder).as_posix() for case in table.cases} == {
        "1": "a/b/c/1.png",
        "2": "boneage-training-dataset/2.png",  # where the RSNA's layout has it
        "b/3": "b/3.png",
        "4": "4.png",
    }
    assert _reasons(table) == {"3": "several pictures", "4.dcm": "duplicate id"}


def test_an_ending_tells_two_pictures_of_one_name_apart(tmp_path: Path) -> None:
    table = read_cases(_folder(tmp_path, "id,boneage,male\n1.jpg,60,1\n2,60,1\n", "1.png", "1.jpg", "2.png", "2.jpg"))
    assert [case.image_path.name for case in table.cases] == ["1.jpg"]
    assert _reasons(table) == {"2": "several pictures"}


def test_a_table_cannot_make_anything_be_read_from_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "secret.png").touch()
    (tmp_path / "data").mkdir()
    texts = [
        "../secret", "..\\secret.png", "/etc/passwd", "/etc/hostname.png", "a/../../secret.png", "~/secret.png",
        "file:///etc/passwd", "C:\\secret.png", "//host/share/1.png", "=HYPERLINK(1)", "@cmd", "1\n2", "%00",
        ".", "..", "/",
    ]  # fmt: skip
    table = tmp_path / "data" / "t.csv"
    with table.open("w", newline="") as file:
        csv.writer(file).writerows([("id", "boneage", "male"), *((text, 60, 1) for text in texts), ("good", 60, 1)])
    (tmp_path / "data" / "good.png").touch()
    found = read_cases(table)
    assert [case.case_id for case in found.cases] == ["good"]
    assert {row.reason for row in found.dropped} == {"no picture", "picture outside the folder"}
    assert len(found.dropped) == len(texts)


def test_a_huge_id_is_dropped_and_not_repeated(tmp_path: Path) -> None:
    folder = _folder(tmp_path, f"id,boneage,male\n{'9' * 5000},60,1\n1,60,1\n", "1.png")
    (row,) = read_cases(folder).dropped
    assert row.reason == "id too long"
    assert len(row.case_id) == 200


def test_folders_that_lead_back_to_themselves_end(tmp_path: Path) -> None:
    folder = _folder(tmp_path, "id,boneage,male\n1,60,1\n", "a/b/1.png")
    (folder / "a" / "b" / "again").symlink_to(folder, target_is_directory=True)
    (folder / "a" / "pipe.png").symlink_to("/dev/null")
    (folder / "circle").symlink_to(folder / "circle")
    assert [case.image_path for case in read_cases(folder).cases] == [folder / "a" / "b" / "1.png"]


def test_a_folder_of_half_a_million_files_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trainer.pictures.MOST_ENTRIES", 5)
    folder = _folder(tmp_path, "id,boneage,male\n1,60,1\n", *(f"a/{index}.png" for index in range(2, 9)))
    with pytest.raises(DataError, match=r"more than 5 files.*--pictures"):
        read_cases(folder)


@pytest.mark.parametrize("column", ["Male/Female", "male_or_female", "sex (male=1, female=0)"])
def test_a_column_that_names_both_sexes_says_of_neither_which_is_1(tmp_path: Path, column: str) -> None:
    """Taken for a column named female, it turned every sex over."""
    folder = _folder(tmp_path, f'id,boneage,"{column}"\n1,100,1\n2,110,0\n', "1.png", "2.png", name="t.csv")
    with pytest.raises(DataError, match="without saying which sex"):
        read_cases(folder, Columns(sex=column))
