"""A predictor that was given the finder reads a hand that lies turned as it reads the upright one, and says so."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.trainer import small
from tests.trainer.orientation.knowing import Knowing
from tests.trainer.orientation.test_upright import HAND
from trainer.orientation.upright import READER_TURNED, UNCERTAIN
from trainer.predictor import Predictor
from trainer.radiograph import Sex

pytestmark = pytest.mark.usefixtures("small_backbone")
LYING = replace(HAND, pixels=np.ascontiguousarray(np.rot90(HAND.pixels, -1)), spacing_mm=(0.3, 0.2))


def test_a_hand_on_its_side_gets_the_upright_answer_and_a_caution() -> None:
    plain = Predictor(small.networks(), small.card())
    turning = Predictor(small.networks(), small.card(), upright=Knowing(90))
    upright, lying = plain.predict(HAND, sex=Sex.MALE), turning.predict(LYING, sex=Sex.MALE)
    assert lying.age_months == upright.age_months
    assert lying.cautions == ("First.", "The radiograph was turned by 90 degrees for reading.")
    assert plain.predict(LYING, sex=Sex.MALE).age_months != upright.age_months
    assert plain.predict(LYING, sex=Sex.MALE).cautions == ("First.",)


def test_what_is_upright_or_uncertain_is_read_as_before() -> None:
    plain = Predictor(small.networks(), small.card())
    for upright, said in ((Knowing(0), ()), (Knowing(90, 0.6), (UNCERTAIN,))):
        turning = Predictor(small.networks(), small.card(), upright=upright)
        before, after = plain.predict(LYING, sex=None), turning.predict(LYING, sex=None)
        assert after.cautions == ("First.", *said, *before.cautions[1:])
        assert replace(after, elapsed_s=before.elapsed_s, cautions=before.cautions) == before


def test_what_its_reader_turned_is_read_so_with_a_finder_and_without() -> None:
    upright = Predictor(small.networks(), small.card()).predict(HAND, sex=Sex.MALE)
    for finder in (None, Knowing(0, 0.6)):
        predictor = Predictor(small.networks(), small.card(), upright=finder)
        answer = predictor.predict(replace(LYING, quarters=3), sex=Sex.MALE)
        assert answer.age_months == upright.age_months
        assert answer.cautions == ("First.", READER_TURNED)
        assert predictor.undone_degrees(replace(LYING, quarters=3)) == 90


def test_training_and_evaluation_see_what_they_saw() -> None:
    """Canvases are made of the radiograph as it is; only what a reader asks about is turned."""
    plain = Predictor(small.networks(), small.card())
    turning = Predictor(small.networks(), small.card(), upright=Knowing(90))
    for one, other in zip(plain.views(LYING), turning.views(LYING), strict=True):
        np.testing.assert_array_equal(one.seen, other.seen)


def test_the_interval_is_that_of_the_group() -> None:
    rows = {
        "all": {"q05": -20.0, "q95": 30.0, "n": 300.0},
        "sex not given": {"q05": -25.0, "q95": 35.0, "n": 300.0},
        "0-5 y": {"q05": -3.0, "q95": 4.0, "n": 60.0},
        "male, 0-5 y": {"q05": -1.0, "q95": 2.0, "n": 60.0},
        "sex not given, 0-5 y": {"q05": -5.0, "q95": 6.0, "n": 60.0},
    }
    toddler = small.card(label_mean_months=40.0, label_std_months=0.001, residual_quantiles=rows)
    ends = {}
    for sex in (Sex.MALE, Sex.FEMALE, None):
        answer = Predictor(small.networks(), toddler).predict(HAND, sex=sex)
        ends[sex] = (round(answer.low_months - answer.age_months), round(answer.high_months - answer.age_months))
    assert ends == {Sex.MALE: (-1, 2), Sex.FEMALE: (-3, 4), None: (-5, 6)}
    older = replace(toddler, label_mean_months=140.0)
    answer = Predictor(small.networks(), older).predict(HAND, sex=Sex.MALE)
    assert answer.high_months - answer.age_months == pytest.approx(30)
