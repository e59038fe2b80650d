"""Reading and cleaning tables: every dropped row has its reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from trainer.cases import CaseTable, read_cases
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
        ",50,True\n8,nan,True\n9,90,\n1.png,60,True\n"
    )
    pictures = [f"boneage-training-dataset/{number}.png" for number in (1, 2, 3, 4, 5, 6, 8, 9)]
    table = read_cases(_folder(tmp_path, rows, *pictures))
    assert [(case.case_id, case.age_months, case.sex) for case in table.cases] == [
        ("1", 60.0, Sex.MALE),
        ("2", 70.5, Sex.FEMALE),
        ("9", 90.0, None),
    ]
    assert [(row.case_id, row.reason) for row in table.dropped] == [
        ("3", "no age"),
        ("4", "age is not a number"),
        ("5", "age outside 0 to 19 years"),
        ("6", "age outside 0 to 19 years"),
        ("7", "no picture"),
        ("1", "duplicate id"),
        ("", "no id"),
        ("8", "age outside 0 to 19 years"),
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
        ("id,boneage\n1,60\n", "male"),
        ("id;boneage;male\n1;60;True\n", "id"),
        ("", "table"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\xff\xfe", "table|column"),
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
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text("id,boneage,male\n")
    with pytest.raises(DataError, match="2 tables"):
        read_cases(tmp_path)
