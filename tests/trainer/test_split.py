"""Which cases train, which choose, which are held out."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trainer.cases import Case
from trainer.errors import DataError
from trainer.radiograph import Sex
from trainer.split import PARTS, read_split, split_cases, write_split

FINGERPRINTS_OF_200 = {  # by rule
    1: "65f68e2fee38c708ea43bad8928d44896c2247e292b94fd4293e95a3b0cb0065",
    2: "444b96c958c3470a9ee7ef0d16692632e339f7ba43e404224d2f2c63c797f7b4",
}


def _cases(count: int) -> list[Case]:
    sexes = (Sex.MALE, Sex.FEMALE, None)
    return [
        Case(case_id=str(index), image_path=Path("x"), age_months=1 + (index * 37) % 227, sex=sexes[index * 7 % 3])
        for index in range(count)
    ]


@given(count=st.integers(10, 400), seed=st.integers(0, 50))
@settings(max_examples=40, deadline=None, derandomize=True)
def test_every_case_is_in_one_part_and_the_shares_are_8_1_1(count: int, seed: int) -> None:
    split = split_cases(_cases(count), seed=seed)
    ids = [case.case_id for part in PARTS for case in split.part(part)]
    assert sorted(ids) == sorted(case.case_id for case in _cases(count))
    for held in (split.validation, split.test):
        assert abs(len(held) - count / 10) < 1


def test_age_and_sex_are_spread_alike() -> None:
    cases = [
        Case(case_id=str(index), image_path=Path("x"), age_months=6 + 12 * (index % 18), sex=list(Sex)[index // 18 % 2])
        for index in range(3600)  # 18 years x 2 sexes x 100
    ]
    split = split_cases(cases, seed=1)
    for held in (split.validation, split.test):
        strata = Counter((case.sex, case.age_months) for case in held)
        assert len(strata) == 36
        assert set(strata.values()) == {10}


def test_the_seed_decides_and_the_order_of_the_table_does_not() -> None:
    cases = _cases(200)
    split = split_cases(cases, seed=3)
    assert split_cases(cases[::-1], seed=3).fingerprint == split.fingerprint
    assert split_cases(cases[::-1], seed=3) == split
    assert split_cases(cases, seed=4).fingerprint != split.fingerprint


@given(
    sizes=st.lists(st.integers(1, 12), min_size=10, max_size=120),
    seed=st.integers(0, 50),
    unknown=st.integers(0, 30),
)
@settings(max_examples=60, deadline=None, derandomize=True)
def test_no_patient_is_in_two_parts(sizes: list[int], seed: int, unknown: int) -> None:
    keys = [f"P{patient}" for patient, size in enumerate(sizes) for _ in range(size)] + [None] * unknown
    cases = [replace(case, patient_key=key) for case, key in zip(_cases(len(keys)), keys, strict=True)]
    split = split_cases(cases, seed=seed)
    parts_of: dict[str, set[str]] = {}
    for part in PARTS:
        for case in split.part(part):
            if case.patient_key is not None:
                parts_of.setdefault(case.patient_key, set()).add(part)
    assert all(len(parts) == 1 for parts in parts_of.values())
    assert sum(len(split.part(part)) for part in PARTS) == len(cases)
    for held in (split.validation, split.test):
        assert abs(len(held) - len(cases) / 10) <= max(sizes)  # the shares are 8 : 1 : 1, to one patient
    assert split_cases(cases[::-1], seed=seed) == split


def test_patients_of_one_radiograph_each_change_nothing() -> None:
    """The fingerprints of models that were trained before patients were known still hold."""
    cases = _cases(300)
    known = [replace(case, patient_key=f"{index * 7919 % 300:03}") for index, case in enumerate(cases)]
    assert split_cases(known, seed=5).fingerprint == split_cases(cases, seed=5).fingerprint


def test_a_fingerprint_stays_what_it_was() -> None:
    """Shipped models prove by it which cases they have not seen."""
    for rule, fingerprint in FINGERPRINTS_OF_200.items():
        assert split_cases(_cases(200), seed=3, rule=rule).fingerprint == fingerprint
    first, newest = (split_cases(_cases(200), seed=0, rule=rule) for rule in (1, 2))
    assert first == newest  # the seed of the models that ship, and of whoever names none


def _sixty() -> list[Case]:
    return [
        Case(case_id=f"{index:02}", image_path=Path("x"), age_months=12 + 3.4 * index, sex=list(Sex)[index % 2])
        for index in range(60)
    ]


def test_of_a_few_cases_the_seed_says_which_are_held_out() -> None:
    """By the first rule eleven of sixty were ever tested on, whatever the seed."""
    splits = [split_cases(_sixty(), seed=seed) for seed in range(1, 51)]
    for part in ("validation", "test"):
        assert len({case.case_id for split in splits for case in split.part(part)}) > 55
    assert len({split.fingerprint for split in splits}) > 40


def test_a_few_cases_are_spread_as_evenly_as_before() -> None:
    """Over age and sex; by the first rule the mean age of the test part was 31 months off, whatever the seed."""
    mean = sum(case.age_months for case in _sixty()) / 60
    off: list[float] = []
    for seed in range(1, 51):
        test = split_cases(_sixty(), seed=seed).test
        ages = [case.age_months for case in test]
        assert sum(case.sex == Sex.MALE for case in test) in (2, 3, 4)
        assert max(ages) - min(ages) > 120
        off.append(abs(sum(ages) / len(ages) - mean))
    assert max(off) < 34
    assert sum(off) / len(off) < 10


def test_one_patient_of_many_radiographs_trains_whatever_the_seed() -> None:
    keys = ["often seen"] * 40 + [f"P{number}" for number in range(60)]
    cases = [replace(case, patient_key=key) for case, key in zip(_cases(100), keys, strict=True)]
    for seed in range(20):
        training = split_cases(cases, seed=seed).training
        assert sum(case.patient_key == "often seen" for case in training) == 40


def test_too_few_patients_are_refused() -> None:
    cases = [replace(case, patient_key=f"P{index % 9}") for index, case in enumerate(_cases(90))]
    with pytest.raises(DataError, match=r"90 usable cases are of 9 patients.*--patient-column none"):
        split_cases(cases, seed=0)


def test_a_split_survives_its_file(tmp_path: Path) -> None:
    cases = _cases(57)
    split = split_cases(cases, seed=2)
    write_split(split, tmp_path / "split.csv")
    again = read_split(tmp_path / "split.csv", cases, seed=2)
    assert again == split
    assert again.fingerprint == split.fingerprint


def test_cases_that_came_or_went_since_are_left_out(tmp_path: Path) -> None:
    cases = _cases(57)
    split = split_cases(cases, seed=2)
    write_split(split, tmp_path / "split.csv")
    gone = {"3", "5", "55"}
    newcomer = Case(case_id="new", image_path=Path("x"), age_months=100.0)
    again = read_split(tmp_path / "split.csv", [newcomer, *(case for case in cases if case.case_id not in gone)])
    assert {case_id for case_id, _ in again.missing} == gone
    for part in PARTS:
        assert again.part(part) == tuple(case for case in split.part(part) if case.case_id not in gone)
    assert again.fingerprint == split.fingerprint  # it is still the split that was recorded
    assert again.caution is not None
    assert "3 (" in again.caution
    assert split.caution is None


def test_a_split_of_other_data_is_refused(tmp_path: Path) -> None:
    write_split(split_cases(_cases(50), seed=0), tmp_path / "split.csv")
    with pytest.raises(DataError, match=r"of the 50 it places, 26 are not there"):
        read_split(tmp_path / "split.csv", _cases(24))
    assert len(read_split(tmp_path / "split.csv", _cases(25)).missing) == 25


def test_too_few_cases_are_refused() -> None:
    with pytest.raises(DataError, match="9 usable cases"):
        split_cases(_cases(9), seed=0)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty table"),
        (b"id,part\n", "places none"),
        (b"id,part\n999,test\n", "does not fit these cases"),
        (b"id,part\n1,exam\n", "places “1” in “exam”"),
        (b"id,part\n1,test\n1.png,training\n", "in two parts"),  # a case that trains and tests at once
        (b"name,part\n1,test\n", "needs the columns id and part .* and has name, part"),
        (b"id,part\n\xff\xfe,test\n", r"split\.csv"),
        (b"id,part\n1," + b"x" * 5000 + b"\n", "in “x{39}…”"),
    ],
)
def test_a_split_that_does_not_fit_is_one_sentence(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "split.csv"
    path.write_bytes(content)
    with pytest.raises(DataError, match=words):
        read_split(path, _cases(20))
    with pytest.raises(DataError, match="There is no split file at"):
        read_split(tmp_path / "missing.csv", _cases(20))


def test_a_split_is_read_as_spreadsheets_and_people_write_it(tmp_path: Path) -> None:
    cases = _cases(20)
    split = split_cases(cases, seed=0)
    rows = [f"{case.case_id}.png;{part.title()}" for part in PARTS for case in split.part(part)]
    path = tmp_path / "split.csv"
    path.write_text("ID;Part\n" + "\n".join(rows) + "\n", encoding="utf-8-sig")
    assert read_split(path, cases) == split
