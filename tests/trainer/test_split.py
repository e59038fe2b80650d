"""Which cases train, which choose, which are held out."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trainer.cases import Case
from trainer.errors import DataError
from trainer.radiograph import Sex
from trainer.split import PARTS, read_split, split_cases, write_split


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


def test_a_split_survives_its_file(tmp_path: Path) -> None:
    cases = _cases(57)
    split = split_cases(cases, seed=2)
    write_split(split, tmp_path / "split.csv")
    again = read_split(tmp_path / "split.csv", cases, seed=2)
    assert again == split
    assert again.fingerprint == split.fingerprint


def test_too_few_cases_are_refused() -> None:
    with pytest.raises(DataError, match="9 usable cases"):
        split_cases(_cases(9), seed=0)


@pytest.mark.parametrize(
    "content",
    [
        b"id,part\n999,test\n",
        b"id,part\n1,exam\n",
        b"id,part\n1,test\n1,training\n",  # a case that trains and tests at once
        b"name,part\n1,test\n",
        b"id,part\n\xff\xfe,test\n",
    ],
)
def test_a_split_that_does_not_fit_is_one_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "split.csv"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"split\.csv does not fit these cases"):
        read_split(path, _cases(20))
    with pytest.raises(DataError, match="does not fit"):
        read_split(tmp_path / "missing.csv", _cases(20))
