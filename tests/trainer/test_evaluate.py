"""Evaluation of many radiographs: the answers of one by one, in order, with reasons for those not read."""

from __future__ import annotations

import csv
import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.trainer import small
from trainer import evaluate as evaluating
from trainer.cases import Case, read_cases
from trainer.errors import DataError
from trainer.evaluate import BATCH_VIEWS, evaluate, write_csv
from trainer.predictor import Predictor
from trainer.preprocess import Preprocessing
from trainer.radiograph import Sex, read

LOOK = Preprocessing(side_px=small.SIDE_PX, network_px=small.SIDE_PX, sampling="nearest")


def _cases(folder: Path, count: int) -> list[Case]:
    """Write pictures of mixed sizes; some as small as the canvas, which has one sampling alone."""
    rng = np.random.default_rng(2)
    cases = []
    for index in range(count):
        height, width = (32, 32) if index % 4 == 0 else (60 + index, 90 - index)
        path = folder / f"{index}.png"
        Image.fromarray(rng.integers(0, 255, (height, width), dtype=np.uint8)).save(path)
        sex = (Sex.MALE, Sex.FEMALE, None)[index % 3]
        cases.append(Case(case_id=str(index), image_path=path, age_months=50.0 + index, sex=sex))
    return cases


@pytest.mark.usefixtures("small_backbone")
@pytest.mark.parametrize("hide_sex", [False, True])
def test_many_at_once_answer_as_one_by_one(tmp_path: Path, hide_sex: bool) -> None:
    model = small.write_model(tmp_path / "m.safetensors", preprocessing=LOOK, shifts_per_side=3, averages_flip=True)
    predictor = Predictor.load(model)
    cases = _cases(tmp_path, 21)
    assert sum(len(predictor.views(read(case.image_path))) for case in cases) > 3 * BATCH_VIEWS
    done: list[tuple[int, int]] = []
    result = evaluate(predictor, cases, hide_sex=hide_sex, progress=lambda *step: done.append(step))
    assert list(result.cases) == cases
    assert done == [(index + 1, 21) for index in range(21)]
    for case, answer in zip(cases, result.predictions, strict=True):
        alone = predictor.predict(read(case.image_path), sex=None if hide_sex else case.sex)
        assert answer.age_months == pytest.approx(alone.age_months, abs=0.01)
        assert answer.low_months == pytest.approx(alone.low_months, abs=0.01)
        assert answer.high_months == pytest.approx(alone.high_months, abs=0.01)
        assert (answer.sex, answer.cautions, answer.model_sha256) == (alone.sex, alone.cautions, alone.model_sha256)
        assert answer.elapsed_s > 0
    assert np.ptp(result.predicted) > 1  # else any mix-up of cases would pass


def test_what_cannot_be_read_has_its_reason_and_moves_no_other(model_file: Path, tmp_path: Path) -> None:
    cases = _cases(tmp_path, 12)
    predictor = Predictor.load(model_file)
    alone = {case.case_id: predictor.predict(read(case.image_path), sex=case.sex).age_months for case in cases}
    cases[3].image_path.write_bytes(b"\x89PNG\r\n\x1a\n")
    Image.fromarray(np.zeros((60, 60), dtype=np.uint8)).save(cases[5].image_path)
    cases[11].image_path.unlink()
    result = evaluate(predictor, cases)
    assert [row.case_id for row in result.unreadable] == ["3", "5", "11"]
    assert all(row.reason.endswith(".") for row in result.unreadable)
    assert [case.case_id for case in result.cases] == ["0", "1", "2", "4", "6", "7", "8", "9", "10"]
    for case, answer in zip(result.cases, result.predictions, strict=True):
        assert answer.age_months == pytest.approx(alone[case.case_id], abs=0.01)


def test_an_answer_that_is_no_number_is_a_refusal(model_file: Path, tmp_path: Path) -> None:
    class Overflowing(Predictor):
        def ages_of_views(self, views, sexes):  # type: ignore[no-untyped-def]
            ages = super().ages_of_views(views, sexes)
            ages[1] = np.nan
            return ages

    loaded = Predictor.load(model_file)
    loaded.__class__ = Overflowing
    result = evaluate(loaded, _cases(tmp_path, 4))
    assert [row.case_id for row in result.unreadable] == ["1"]
    assert np.isfinite(result.predicted).all()


def test_no_more_than_a_few_radiographs_are_held(
    model_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Decoding waits for the network: what is decoded and not yet answered has a bound."""
    predictor = Predictor.load(model_file)
    cases = _cases(tmp_path, 3) * 60
    lock, decoded, answered, most = threading.Lock(), [0], [0], [0]
    truly = read

    def counting(path: Path) -> object:
        with lock:
            decoded[0] += 1
            most[0] = max(most[0], decoded[0] - answered[0])
        return truly(path)

    def progress(done: int, total: int) -> None:
        answered[0] = done

    monkeypatch.setattr(evaluating, "read", counting)
    evaluate(predictor, cases, progress=progress)
    assert decoded[0] == 180
    assert most[0] <= BATCH_VIEWS + evaluating.AHEAD + 1


def test_stopping_half_way_leaves_no_thread(model_file: Path, tmp_path: Path) -> None:
    """The fixture that looks for dangling threads is the judge."""

    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        evaluate(Predictor.load(model_file), _cases(tmp_path, 40), progress=stop)


def test_no_readable_case_is_a_sentence(model_file: Path, tmp_path: Path) -> None:
    cases = _cases(tmp_path, 2)
    for case in cases:
        case.image_path.write_bytes(b"")
    with pytest.raises(DataError, match="None of the pictures"):
        evaluate(Predictor.load(model_file), cases)


def test_the_csv_has_every_case_with_its_answer(data_set: Path, model_file: Path, tmp_path: Path) -> None:
    result = evaluate(Predictor.load(model_file), read_cases(data_set).cases)
    write_csv(tmp_path / "cases.csv", result)
    with (tmp_path / "cases.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["id", "actual", "predicted", "low", "high", "sex"]
    assert [row["id"] for row in rows] == [case.case_id for case in result.cases]
    assert np.allclose([float(row["predicted"]) for row in rows], result.predicted, atol=0.006)
    assert [float(row["actual"]) for row in rows] == result.actual.tolist()
    assert {row["sex"] for row in rows} == {"male", "female"}
    for row in rows:
        assert float(row["low"]) <= float(row["predicted"]) <= float(row["high"])


def test_a_model_without_interval_leaves_its_ends_empty(small_backbone: None, data_set: Path, tmp_path: Path) -> None:
    model = small.write_model(tmp_path / "m.safetensors", "baseline", residual_quantiles={})
    result = evaluate(Predictor.load(model), read_cases(data_set).cases[:2])
    write_csv(tmp_path / "cases.csv", result)
    with (tmp_path / "cases.csv").open(newline="") as file:
        assert {(row["low"], row["high"]) for row in csv.DictReader(file)} == {("", "")}


def test_a_csv_that_cannot_be_written_leaves_nothing(data_set: Path, model_file: Path, tmp_path: Path) -> None:
    result = evaluate(Predictor.load(model_file), read_cases(data_set).cases[:2])
    (tmp_path / "taken.csv").mkdir()
    with pytest.raises(DataError, match="could not be written"):
        write_csv(tmp_path / "taken.csv", result)
    assert not list(tmp_path.glob(".*part"))
