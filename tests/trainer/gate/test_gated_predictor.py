"""Before a number: a refused picture gets none, unless it is asked for, and then the number says so."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

import resources
from tests import factories
from tests.trainer import small
from trainer.__main__ import main
from trainer.card import MADE_FROM, likeness_beside
from trainer.checkpoint import load_checkpoint, save_checkpoint
from trainer.errors import CheckpointError, RadiographError, RefusedError
from trainer.evaluate import evaluate
from trainer.gate import Gate, Likeness
from trainer.gate.kinds import SENTENCES, STRANGER
from trainer.phantom import draw
from trainer.predictor import Predictor
from trainer.radiograph import Radiograph, Sex, Study, read

pytestmark = pytest.mark.usefixtures("small_backbone")
NO_HAND = SENTENCES[STRANGER]


@pytest.fixture(scope="module")
def gate() -> Gate:
    """The gate that ships."""
    return Gate.load(resources.gate_path())


@pytest.fixture
def noise_png(tmp_path: Path) -> Path:
    """A picture of nothing."""
    levels = np.random.default_rng(2).integers(0, 256, (300, 240)).astype(np.uint8)
    return factories.write_png(tmp_path / "noise.png", levels)


@pytest.fixture
def hand_png(tmp_path: Path) -> Path:
    """A phantom of ten years."""
    levels = draw(age_months=120, male=True, seed=1, height_px=400, plain=True).pixels
    return factories.write_png(tmp_path / "hand.png", levels)


def test_a_refused_picture_gets_a_sentence_and_no_number(model_file: Path, gate: Gate, noise_png: Path) -> None:
    predictor = Predictor.load(model_file, gate=gate)
    with pytest.raises(RefusedError) as caught:
        predictor.predict(read(noise_png), sex=None)
    assert caught.value.reasons == (NO_HAND,)
    assert str(caught.value) == NO_HAND
    assert isinstance(caught.value, RadiographError)


def test_read_anyway_it_is_marked_and_the_number_is_the_models_own(
    model_file: Path, gate: Gate, noise_png: Path
) -> None:
    radiograph = read(noise_png)
    marked = Predictor.load(model_file, gate=gate).predict(radiograph, sex=Sex.MALE, anyway=True)
    assert marked.cautions == (f"Read although the gate refused: {NO_HAND}",)
    assert marked.age_months == Predictor.load(model_file).predict(radiograph, sex=Sex.MALE).age_months


def test_a_kept_hand_is_read_as_without_the_gate(model_file: Path, gate: Gate, hand_png: Path) -> None:
    radiograph = read(hand_png)
    for anyway in (False, True):
        gated = Predictor.load(model_file, gate=gate).predict(radiograph, sex=Sex.MALE, anyway=anyway)
        assert replace(gated, elapsed_s=0) == replace(
            Predictor.load(model_file).predict(radiograph, sex=Sex.MALE), elapsed_s=0
        )


@pytest.mark.parametrize(
    ("birth", "words"),
    [(date(1970, 1, 1), "50 years old"), (date(2010, 1, 1), None), (date(1998, 7, 1), None)],
)
def test_an_adult_by_header_or_by_what_is_told_is_refused(
    tmp_path: Path, gate: Gate, hand_png: Path, birth: date, words: str | None
) -> None:
    predictor = Predictor(small.networks(), small.card(age_low_months=1.0, age_high_months=228.0), gate=gate)
    plain = read(hand_png)
    dated = replace(plain, study=Study(birth_date=birth, study_date=date(2020, 1, 1)))
    months = dated.study.age_months
    assert months is not None
    for radiograph, told in ((dated, None), (plain, months), (replace(dated, study=Study()), months)):
        if words is None:
            predictor.predict(radiograph, sex=Sex.MALE, chronological_months=told)
            continue
        with pytest.raises(RefusedError, match=words):
            predictor.predict(radiograph, sex=Sex.MALE, chronological_months=told)
        marked = predictor.predict(radiograph, sex=Sex.MALE, chronological_months=told, anyway=True)
        assert marked.cautions[0].startswith("Read although the gate refused: By birth and study date")
    assert Predictor(small.networks(), small.card()).predict(dated, sex=Sex.MALE).age_months > 0  # measuring asks none


def test_what_no_model_can_look_at_is_not_read_anyway(model_file: Path, gate: Gate, tmp_path: Path) -> None:
    blank = read(factories.write_png(tmp_path / "blank.png", np.full((300, 200), 9, np.uint8)))
    for anyway in (False, True):
        with pytest.raises(RadiographError, match="one even grey") as caught:
            Predictor.load(model_file, gate=gate).predict(blank, sex=None, anyway=anyway)
        assert not isinstance(caught.value, RefusedError)


def test_measuring_a_model_asks_no_gate(model_file: Path, gate: Gate, noise_png: Path) -> None:
    from trainer.cases import Case

    cases = [Case(case_id="noise", image_path=noise_png, age_months=100.0)]
    found = evaluate(Predictor.load(model_file, gate=gate), cases)
    assert (len(found.predictions), len(found.unreadable)) == (1, 0)


def _known(model_sha256: str) -> Likeness:
    traits = np.random.default_rng(0).normal(size=(600, 2 * (8 + 16) + 512))  # of the small backbone
    return Likeness.fit(traits, traits[:50] + 0.1, model_name="small", model_sha256=model_sha256)


def test_a_picture_unlike_the_training_gets_a_caution_not_a_refusal(
    model_file: Path, hand_png: Path, tmp_path: Path
) -> None:
    plain = Predictor.load(model_file)
    known = _known(plain.card.weights_sha256)
    for limit, words in ((1e-6, "unlike those the model was trained on"), (1e9, None)):
        known.save(tmp_path / "likeness-small.safetensors", replace(known.card, limit=limit, drawn_limit=1e9))
        answer = Predictor.load(model_file, likeness_folder=tmp_path).predict(read(hand_png), sex=Sex.MALE)
        assert answer.age_months == plain.predict(read(hand_png), sex=Sex.MALE).age_months
        assert len(answer.cautions) == (words is not None)
        assert words is None or words in answer.cautions[0]


def test_what_another_model_knows_is_not_used(model_file: Path, hand_png: Path, tmp_path: Path) -> None:
    other = _known("00" * 32)
    other.save(tmp_path / "likeness-small.safetensors", replace(other.card, limit=1e-6, drawn_limit=1e9))
    answer = Predictor.load(model_file, likeness_folder=tmp_path).predict(read(hand_png), sex=Sex.MALE)
    assert answer.cautions == ()


def test_what_lies_beside_a_model_counts_also_for_one_kept_from_it(
    model_file: Path, hand_png: Path, tmp_path: Path
) -> None:
    networks, card = load_checkpoint(model_file)
    own = tmp_path / "own" / "mine.safetensors"
    own.parent.mkdir()
    save_checkpoint(own, networks, replace(card, name="mine", data={MADE_FROM: card.weights_sha256}), half=True)
    known = _known(card.weights_sha256)
    known.save(likeness_beside(own), replace(known.card, limit=1e-6, drawn_limit=1e9))
    answer = Predictor.load(own, likeness_folder=tmp_path).predict(read(hand_png), sex=Sex.MALE)
    assert "unlike those the model was trained on" in answer.cautions[0]
    assert Predictor.load(own).predict(read(hand_png), sex=Sex.MALE).cautions == ()


def test_a_damaged_reference_is_said_before_anything_is_read(model_file: Path, tmp_path: Path) -> None:
    (tmp_path / "likeness-small.safetensors").write_bytes(b"nothing")
    with pytest.raises(CheckpointError, match="likeness-small"):
        Predictor.load(model_file, likeness_folder=tmp_path)


@pytest.mark.parametrize(
    ("mean_months", "words"),
    [(5.0, "outside the range"), (14.0, "at the edge"), (100.0, None), (210.0, "at the edge"), (225.0, "outside")],
)
def test_an_age_at_the_edge_of_the_trained_range_is_cautioned(
    tmp_path: Path, hand_png: Path, mean_months: float, words: str | None
) -> None:
    card = small.card(label_mean_months=mean_months, label_std_months=1e-6, age_low_months=6.0, age_high_months=216.0)
    answer = Predictor(small.networks(), card).predict(read(hand_png), sex=Sex.MALE)
    assert len(answer.cautions) == (words is not None)
    if words is not None:
        assert words in answer.cautions[0]
        assert "(6 months to 18 years)" in answer.cautions[0]


def test_the_command_refuses_and_reads_anyway(
    model_file: Path, hand_png: Path, noise_png: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["predict", "--model", str(model_file), "--sex", "male", "--json", str(hand_png), str(noise_png)]
    assert main(arguments) == 1
    hand, noise = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert hand["age_months"] is not None
    assert (noise["age_months"], noise["refused"]) == (None, NO_HAND)
    assert main([*arguments, "--anyway"]) == 0
    again, marked = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert again["age_months"] == hand["age_months"]
    assert marked["refused"] is None
    assert f"Read although the gate refused: {NO_HAND}" in marked["cautions"]


def test_a_users_model_with_a_shipped_name_is_not_held_to_the_shipped_one(
    tmp_path: Path, hand_png: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "own.safetensors"
    save_checkpoint(path, small.networks(), small.card(name=resources.DEFAULT_MODEL))
    assert main(["predict", "--model", str(path), "--sex", "male", "--json", str(hand_png)]) == 0
    assert json.loads(capsys.readouterr().out)["cautions"] == []


def _judged_pixels(pixels: npt.NDArray[np.float32]) -> Radiograph:
    return Radiograph(pixels=pixels, source=Path("a.png"))


def test_the_gate_does_not_touch_the_pixels(model_file: Path, gate: Gate, hand_png: Path) -> None:
    pixels = read(hand_png).pixels.copy()
    before = pixels.copy()
    Predictor.load(model_file, gate=gate).predict(_judged_pixels(pixels), sex=Sex.MALE)
    np.testing.assert_array_equal(pixels, before)
