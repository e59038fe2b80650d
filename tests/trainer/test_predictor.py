"""One inference path: the same answer wherever it is asked."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from tests import factories
from tests.trainer import small
from trainer.__main__ import main
from trainer.checkpoint import save_checkpoint
from trainer.errors import RadiographError
from trainer.evaluate import evaluate
from trainer.networks import sex_codes
from trainer.predictor import Predictor, estimate_months
from trainer.preprocess import Preprocessing, sampling_shifts, to_canvas, to_input
from trainer.radiograph import Radiograph, Sex, read

pytestmark = pytest.mark.usefixtures("small_backbone", "open_gate")
SAMPLED = Preprocessing(aspect="squash", sampling="nearest", side_px=100, network_px=64)


def _files(folder: Path) -> list[Path]:
    levels = factories.hand(260, 200)
    return [
        factories.write_png(folder / "8.png", levels),
        factories.write_png(folder / "16.png", factories.to_depth(levels, 16).astype(np.uint16)),
        factories.write_dicom(folder / "m1.dcm", levels, photometric="MONOCHROME1"),
        factories.write_dicom(folder / "m2.dcm", levels, photometric="MONOCHROME2"),
    ]


@pytest.mark.parametrize("sex", [Sex.FEMALE, None])
def test_panel_command_and_evaluation_agree_on_every_file_of_one_radiograph(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], sex: Sex | None
) -> None:
    model = small.write_model(
        tmp_path / "model.safetensors", preprocessing=SAMPLED, shifts_per_side=3, averages_flip=True
    )
    files = _files(tmp_path)
    predictor = Predictor.load(model)
    ages = [predictor.predict(read(file), sex=sex).age_months for file in files]
    told = ["--sex", sex.value] if sex else []
    assert main(["predict", "--json", "--model", str(model), *told, *map(str, files)]) == 0
    ages += [json.loads(line)["age_months"] for line in capsys.readouterr().out.splitlines()]
    male = {Sex.FEMALE: "False", None: ""}[sex]
    for file in files:
        (tmp_path / "labels.csv").write_text(f"id,boneage,male\n{file.name},120,{male}\n")
        from trainer.cases import read_cases

        evaluation = evaluate(predictor, read_cases(tmp_path / "labels.csv").cases)
        ages.append(float(evaluation.predicted[0]))
        assert main(["evaluate", str(model), str(tmp_path / "labels.csv"), "--json"]) == 0
        ages.append(120 + json.loads(capsys.readouterr().out)["bias_months"])
    assert len(ages) == 16
    assert max(ages) - min(ages) < 0.01


def test_a_prediction_says_where_it_comes_from(model_file: Path, tmp_path: Path) -> None:
    predictor = Predictor.load(model_file)
    radiograph = read(factories.write_png(tmp_path / "hand.png", factories.hand()))
    told = predictor.predict(radiograph, sex=Sex.MALE)
    assert (told.model_name, told.model_sha256) == ("small", predictor.card.weights_sha256)
    assert told.sex is Sex.MALE
    assert told.coverage == 0.9
    assert told.elapsed_s > 0
    assert told.low_months == pytest.approx(told.age_months - 20)
    assert told.high_months == pytest.approx(told.age_months + 30)
    assert told.cautions == ()


def test_without_sex_the_interval_is_the_wider_one_and_said(model_file: Path, tmp_path: Path) -> None:
    predictor = Predictor.load(model_file)
    radiograph = read(factories.write_png(tmp_path / "hand.png", factories.hand()))
    untold = predictor.predict(radiograph, sex=None)
    assert untold.sex is None
    assert untold.low_months == pytest.approx(untold.age_months - 25)
    assert untold.high_months == pytest.approx(untold.age_months + 35)
    assert any("Sex was not given" in caution for caution in untold.cautions)
    ages = {predictor.predict(radiograph, sex=sex).age_months for sex in (None, Sex.FEMALE, Sex.MALE)}
    assert len(ages) == 3


def test_a_model_that_needs_no_sex_does_not_ask(tmp_path: Path) -> None:
    predictor = Predictor.load(small.write_model(tmp_path / "m.safetensors", "improved"))
    radiograph = read(factories.write_png(tmp_path / "hand.png", factories.hand()))
    answers = [predictor.predict(radiograph, sex=sex) for sex in (None, Sex.MALE)]
    assert answers[0].age_months == answers[1].age_months
    assert answers[0].low_months == pytest.approx(answers[0].age_months - 20)
    assert not answers[0].cautions


def test_an_age_is_never_negative_and_a_strange_one_is_said(tmp_path: Path) -> None:
    radiograph = read(factories.write_png(tmp_path / "hand.png", factories.hand()))
    for mean, expected in ((-500.0, 0.0), (900.0, 900.0)):
        card = small.card(label_mean_months=mean, label_std_months=0.001)
        answer = Predictor(small.networks(), card).predict(radiograph, sex=Sex.MALE)
        assert answer.age_months == pytest.approx(expected, abs=1)
        assert 0 <= answer.low_months <= answer.high_months
        assert any("outside the range" in caution for caution in answer.cautions)


def test_an_answer_that_is_no_number_is_refused_not_shown_as_an_age(tmp_path: Path) -> None:
    """Weights of a card that were finite can overflow; the largest of 0 and nan is 0, a newborn."""
    radiograph = read(factories.write_png(tmp_path / "hand.png", factories.hand()))
    networks = small.networks()
    with torch.no_grad():
        networks[0].backbone.conv1.weight.fill_(1e38)
    with pytest.raises(RadiographError, match="not a number"):
        Predictor(networks, small.card()).predict(radiograph, sex=Sex.MALE)


def test_a_model_without_residuals_gives_no_interval(tmp_path: Path) -> None:
    radiograph = read(factories.write_png(tmp_path / "hand.png", factories.hand()))
    answer = Predictor(small.networks(), small.card(residual_quantiles={})).predict(radiograph, sex=Sex.MALE)
    assert np.isnan([answer.low_months, answer.high_months]).all()


def test_shifts_are_averaged_for_larger_radiographs_only(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    noise = factories.write_png(tmp_path / "large.png", rng.integers(0, 256, (300, 300)).astype(np.uint8))
    exact = factories.write_png(tmp_path / "exact.png", rng.integers(0, 256, (100, 100)).astype(np.uint8))
    once = Predictor(small.networks(), small.card(preprocessing=SAMPLED))
    often = Predictor(small.networks(), small.card(preprocessing=SAMPLED, shifts_per_side=3))
    assert often.predict(read(exact), sex=None).age_months == once.predict(read(exact), sex=None).age_months
    large = read(noise)
    shifts = sampling_shifts(large, SAMPLED, per_side=3)
    apart = [once.ages_of_canvases([to_canvas(large, SAMPLED, shift=shift)], [None])[0] for shift in shifts]
    assert len(apart) == 9
    assert np.ptp(apart) > 1e-3
    assert often.predict(large, sex=None).age_months == pytest.approx(np.mean(apart), abs=1e-4)


def test_the_mirror_image_is_averaged_where_the_card_says_so() -> None:
    networks, canvas = small.networks(), factories.hand(32, 32)
    plain = Predictor(networks, small.card())
    both = Predictor(networks, small.card(averages_flip=True))
    apart = plain.ages_of_canvases([canvas, np.ascontiguousarray(canvas[:, ::-1])], [None, None])
    assert both.ages_of_canvases([canvas], [None])[0] == pytest.approx(apart.mean(), abs=1e-4)


def test_shifts_and_mirror_images_are_averaged_as_on_a_chessboard() -> None:
    rng = np.random.default_rng(1)
    large = Radiograph(pixels=rng.random((300, 300), dtype=np.float32), source=Path("noise"))
    networks = small.networks()
    once = Predictor(networks, small.card(preprocessing=SAMPLED))
    both = Predictor(networks, small.card(preprocessing=SAMPLED, shifts_per_side=2, averages_flip=True))
    shifts = sampling_shifts(large, SAMPLED, per_side=2)
    canvases = [to_canvas(large, SAMPLED, shift=shift) for shift in shifts]
    for field in (1, 2):  # right of the first, and below it
        canvases[field] = np.ascontiguousarray(canvases[field][:, ::-1])
    apart = [once.ages_of_canvases([canvas], [None])[0] for canvas in canvases]
    assert both.predict(large, sex=None).age_months == pytest.approx(np.mean(apart), abs=1e-4)
    mirrored = replace(large, pixels=np.ascontiguousarray(large.pixels[:, ::-1]))
    assert both.predict(mirrored, sex=None).age_months == pytest.approx(np.mean(apart), abs=1e-4)


def test_a_radiograph_of_one_sampling_is_seen_both_ways() -> None:
    small_one = Radiograph(pixels=factories.hand(32, 32).astype(np.float32) / np.float32(255), source=Path("hand"))
    both = Predictor(small.networks(), small.card(preprocessing=SAMPLED, shifts_per_side=2, averages_flip=True))
    assert [view.is_mirrored for view in both.views(small_one)] == [False, True]


def test_members_are_averaged() -> None:
    networks, canvas = small.networks(members=3), factories.hand(32, 32)
    apart = [Predictor([network], small.card()).ages_of_canvases([canvas], [Sex.MALE])[0] for network in networks]
    assert np.ptp(apart) > 0.1
    together = Predictor(networks, small.card()).ages_of_canvases([canvas], [Sex.MALE])[0]
    assert together == pytest.approx(np.mean(apart), abs=1e-4)


def test_the_company_in_a_batch_does_not_matter() -> None:
    rng = np.random.default_rng(0)
    canvases = [rng.integers(0, 256, (32, 32)).astype(np.uint8) for _ in range(70)]
    sexes = [list(Sex)[index % 2] for index in range(70)]
    predictor = Predictor(small.networks(), small.card())
    together = predictor.ages_of_canvases(canvases, sexes)
    apart = [predictor.ages_of_canvases([canvas], [sex])[0] for canvas, sex in zip(canvases, sexes, strict=True)]
    np.testing.assert_allclose(together, apart, atol=1e-3)
    card = small.card()
    inputs = torch.from_numpy(np.stack([to_input(canvas, card.preprocessing) for canvas in canvases]))
    for batch_size in (1, 7, 64):
        found = estimate_months(small.networks(), inputs, sex_codes(list(sexes)), card, batch_size=batch_size)
        np.testing.assert_allclose(found, together, atol=1e-3)


def test_the_same_question_has_the_same_answer(model_file: Path, tmp_path: Path) -> None:
    radiograph = read(factories.write_png(tmp_path / "hand.png", factories.hand()))
    first = Predictor.load(model_file).predict(radiograph, sex=None)
    again = Predictor.load(model_file)
    for _ in range(3):
        assert replace(again.predict(radiograph, sex=None), elapsed_s=first.elapsed_s) == first
    assert not torch.is_inference_mode_enabled()


def test_unreadable_cases_are_left_out_and_counted(model_file: Path, data_set: Path, tmp_path: Path) -> None:
    from trainer.cases import Case, read_cases

    cases = read_cases(data_set).cases[:3]
    strip = factories.write_png(tmp_path / "strip.png", np.zeros((10, 900), dtype=np.uint8))
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"\x89PNG\r\n\x1a\n")
    bad = [Case(case_id=path.stem, image_path=path, age_months=100.0) for path in (strip, broken)]
    steps: list[tuple[int, int]] = []
    done = evaluate(Predictor.load(model_file), [*bad, *cases], progress=lambda *step: steps.append(step))
    assert steps == [(1, 5), (2, 5), (3, 5), (4, 5), (5, 5)]  # what cannot be read is done, too
    assert [case.case_id for case in done.cases] == [case.case_id for case in cases]
    assert [row.case_id for row in done.unreadable] == ["strip", "broken"]
    assert done.score()["unreadable"] == 2
    assert done.score()["n"] == 3


def test_a_model_without_an_interval_covers_nothing_and_says_none(data_set: Path, tmp_path: Path) -> None:
    from trainer.cases import read_cases

    path = tmp_path / "m.safetensors"
    save_checkpoint(path, small.networks(), small.card(residual_quantiles={}))
    done = evaluate(Predictor.load(path), read_cases(data_set).cases[:3])
    assert done.score()["interval_covered"] is None


@pytest.mark.parametrize(
    ("levels", "words"),
    [
        (np.full((200, 150), 90, np.uint8), r"one even grey"),
        (factories.hand(30, 200), r"200 × 30 pixels is too small"),
        (np.array([[7]], np.uint8), r"1 × 1 pixels is too small"),
    ],
)
def test_what_shows_nothing_gets_no_number(tmp_path: Path, levels: np.ndarray, words: str) -> None:
    predictor = Predictor.load(small.write_model(tmp_path / "model.safetensors"))
    radiograph = read(factories.write_png(tmp_path / "a.png", levels))
    with pytest.raises(RadiographError, match=words):
        predictor.predict(radiograph, sex=None)
