"""The finder that ships: small, with its card, and right about phantoms and full-size radiographs in every turn."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import resources
from tests import real_data
from trainer.__main__ import main
from trainer.orientation import Upright
from trainer.phantom import draw
from trainer.radiograph import Radiograph, read

WAYS = [(quarters, mirrored) for quarters in range(4) for mirrored in (False, True)]
LEAST_RIGHT = 0.99  # of held-out hands, in all eight ways at once


@pytest.fixture(scope="module")
def upright() -> Upright:
    return Upright.load(resources.upright_path())


def _way(radiograph: Radiograph, quarters: int, mirrored: bool) -> Radiograph:
    pixels = radiograph.pixels[:, ::-1] if mirrored else radiograph.pixels
    return Radiograph(pixels=np.ascontiguousarray(np.rot90(pixels, -quarters)), source=radiograph.source)


def test_it_is_small_and_stands_in_no_menu_of_models() -> None:
    assert resources.upright_path().stat().st_size < 300_000
    assert "upright" not in resources.model_names()


def test_its_card_says_how_it_was_measured(upright: Upright) -> None:
    card = upright.card
    assert card.weights_sha256 in resources.upright_path().with_suffix(".md").read_text(encoding="utf-8")
    assert "for research use" in card.data["trained on"]
    assert 0.9 <= card.least_certainty < 1
    test = card.metrics["test: right quarter turn, in all four turns and mirrored"]
    assert test["n"] == 1131 - 3  # three lie turned in their files
    assert test["share"] >= LEAST_RIGHT
    for part in ("validation", "test"):
        assert card.metrics[f"{part}: upright, but turned over"]["share"] < 0.001
    assert card.metrics["originals at full size: right quarter turn, in all four turns and mirrored"]["n"] == 20


@pytest.mark.parametrize("age_months", [12, 60, 120, 200])
def test_a_phantom_is_righted_from_every_turn(upright: Upright, age_months: int) -> None:
    phantom = draw(age_months=age_months, male=bool(age_months % 24), seed=age_months, height_px=300, plain=True)
    radiograph = Radiograph(pixels=phantom.levels, source=Path("phantom"))
    for quarters, mirrored in WAYS:
        wanted, turned = _way(radiograph, 0, mirrored), _way(radiograph, quarters, mirrored)
        assert upright.find_quarter_turns(turned)[0] == quarters
        np.testing.assert_array_equal(upright.righted(turned).pixels, wanted.pixels)


@pytest.mark.skipif(not real_data.ORIGINALS.is_dir(), reason="the full-size radiographs are not on this machine")
def test_full_size_radiographs_are_found_in_every_turn_and_none_is_turned_over(upright: Upright) -> None:
    for path in sorted(real_data.ORIGINALS.glob("*.png")):
        radiograph = read(path)
        for quarters, mirrored in WAYS:
            assert upright.find_quarter_turns(_way(radiograph, quarters, mirrored))[0] == quarters
        assert abs(upright.undone_degrees(radiograph)) <= 45  # some slant in their files


def test_the_command_reads_a_sample_on_its_side_as_the_upright_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import json

    from tests import factories

    sample = next(path for path in resources.sample_paths() if path.name == "phantom-girl-12y.png")
    levels = np.rint(read(sample).pixels * 255).astype(np.uint8)
    lying = factories.write_png(tmp_path / "lying.png", np.ascontiguousarray(np.rot90(levels)))
    assert main(["predict", "--json", "--sex", "female", str(sample), str(lying)]) == 0
    upright, turned = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert turned["age_months"] == pytest.approx(upright["age_months"], abs=0.01)
    assert turned["cautions"] == ["The radiograph was turned by 90 degrees for reading.", *upright["cautions"]]
