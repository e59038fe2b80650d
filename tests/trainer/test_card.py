"""The card of a model, read from a file's header without torch."""

from __future__ import annotations

import json
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.trainer import small
from trainer.card import METADATA_KEY, ModelCard, card_values, read_card, read_header
from trainer.card_text import facts, score_lines
from trainer.config import config_for
from trainer.errors import CheckpointError
from trainer.metrics import score_in_full

SCORE = {
    "n": 9,
    "mae_months": 8.25,
    "mae_low": 7.0,
    "mae_high": 9.5,
    "rmse_months": 10.0,
    "bias_months": 0.0,
    "within_12": 0.75,
    "by_sex": {},
    "by_age": {},
}


def test_a_card_survives_its_json() -> None:
    card = small.card(metrics={"test": SCORE}, notes=("A note.",), self_test_months=99.5, data={"cases": 3})
    assert ModelCard.from_json(json.loads(json.dumps(card.to_json()))) == card


def test_a_card_of_a_later_program_with_more_to_say_is_read() -> None:
    card = small.card()
    assert ModelCard.from_json({**card.to_json(), "colour": "blue"}) == card


def test_the_lines_a_reader_sees() -> None:
    assert small.card().accuracy_line() == "Accuracy not measured"
    line = small.card(metrics={"test": {**SCORE, "n": 1131}}).accuracy_line()
    assert line == "MAE 8.2 months (95 % CI 7.0 to 9.5) on 1,131 held-out radiographs"
    trained = small.card(data={"description": "100-pixel copies"}).training_line()
    assert trained == "Trained on 100-pixel copies; for research use"
    assert "Not a medical device" in small.card().intended_use


def test_a_card_says_how_its_model_was_trained() -> None:
    config = config_for(
        "improved", seed=3, split_seed=1, epochs=1, recipe="steady", averages_flip=True, workers=4,
        initial_weights="/home/somebody/runs/first weights.safetensors",
    )  # fmt: skip
    lines = facts(small.card("improved", config=json.loads(json.dumps(config.to_json()))))
    assert "Training: seed 3, split seed 1, 1 epoch" in lines
    assert (
        "Command: boneage fit DATA --run-dir DIR --model improved --recipe steady --epochs 1 "
        "--initial-weights 'first weights.safetensors' --averages-flip --seed 3 --split-seed 1"
    ) in lines
    several = facts(small.card("improved", config=config.to_json(), members=2))
    assert "Training (the first of 2 networks): seed 3, split seed 1, 1 epoch" in several


@pytest.mark.parametrize("config", [{}, {"model": "later"}, {"model": "baseline", "unheard_of": 1}])
def test_a_card_that_does_not_tell_its_choices_is_silent_of_them(config: dict[str, Any]) -> None:
    assert not any(line.startswith(("Training", "Command")) for line in facts(small.card(config=config)))


def _changed(**changes: Any) -> dict[str, Any]:
    return {**small.card().to_json(), **changes}


def _look(**changes: Any) -> dict[str, Any]:
    return {**small.card().preprocessing.to_json(), **changes}


@pytest.mark.parametrize(
    "values",
    [
        {},
        _changed(format="boneage-model-9"),
        _changed(name=5),
        _changed(name="evil\x1b[2J"),
        _changed(architecture=None),
        _changed(weights_sha256=7),
        _changed(uses_sex="yes"),
        _changed(averages_flip=1),
        _changed(preprocessing=None),
        _changed(preprocessing={}) | {"preprocessing": {"unknown": 1}},
        _changed(preprocessing=_look(version=2)),
        _changed(preprocessing=_look(side_px="100")),
        _changed(preprocessing=_look(side_px=10**9)),
        _changed(preprocessing=_look(aspect=[])),
        _changed(label_mean_months="x"),
        _changed(label_mean_months=float("nan")),
        _changed(label_std_months=0),
        _changed(label_std_months=float("inf")),
        _changed(label_std_months=10**400),
        _changed(members=0),
        _changed(members=10**6),
        _changed(members=1.5),
        _changed(shifts_per_side=1000),
        _changed(age_low_months=None),
        _changed(coverage=90),
        _changed(residual_quantiles=[]),
        _changed(residual_quantiles={"men": {"q05": -1, "q95": 1}}),
        _changed(residual_quantiles={"all": {"q05": -1}}),
        _changed(residual_quantiles={"all": {"q05": "-1", "q95": 1}}),
        _changed(residual_quantiles={"all": {"q05": 9, "q95": -9}}),
        _changed(residual_quantiles={"all": 3}),
        _changed(residual_quantiles={"all": {"q05": -1, "q95": 1, "test_n": 5}}),
        _changed(residual_quantiles={"all": {"q05": -1, "q95": 1, "test_n": 0, "test_covered": 0}}),
        _changed(residual_quantiles={"all": {"q05": -1, "q95": 1, "test_n": "x", "test_covered": 1}}),
        _changed(residual_quantiles={"all": {"q05": -1, "q95": 1, "test_n": 5, "test_covered": 6}}),
        _changed(data={"split_seed": -1}),
        _changed(residual_quantiles={"all": {"q05": -1, "q95": 1e300}}),
        _changed(data={"split_seed": "0"}),
        _changed(metrics=[1]),
        _changed(metrics={"test": 5}),
        _changed(metrics={"test": {"n": 3}}),
        _changed(metrics={"test": {**SCORE, "by_sex": {"male": 3}}}),
        _changed(metrics={"test": {**SCORE, "mae_months": None}}),
        _changed(metrics={"test": {**SCORE, "interval_covered": "most"}}),
        _changed(metrics={"test": {**SCORE, "within_6": "most"}}),
        _changed(metrics={"test": {**SCORE, "unreadable": []}}),
        _changed(data="RSNA"),
        _changed(notes="one"),
        _changed(self_test_months="100"),
        {name: value for name, value in _changed().items() if name != "label_std_months"},
    ],
)
def test_a_damaged_card_is_one_sentence(values: dict[str, Any]) -> None:
    with pytest.raises(CheckpointError, match=r"^The model's card .*\.$"):
        ModelCard.from_json(values)


def _file(path: Path, header: bytes, *, says: int | None = None) -> Path:
    path.write_bytes(struct.pack("<Q", len(header) if says is None else says) + header)
    return path


@pytest.mark.parametrize(
    ("header", "says"),
    [
        (b"", None),
        (b"{}", None),
        (b"{}", 2**63),
        (b"{}", 9_000_000),
        (b"[1, 2]", None),
        (b"null", None),
        (b'{"a": ', None),
        (b"\xff\xfe{}", None),
        (b"[" * 200_000, None),
        (b'{"__metadata__": []}', None),
        (b'{"__metadata__": {"boneage_card": 5}}', None),
        (b'{"__metadata__": {"boneage_card": "{"}}', None),
        (b'{"__metadata__": {"boneage_card": "[]"}}', None),
        (b'{"__metadata__": {"boneage_card": "' + b"[" * 100_000 + b'"}}', None),
        (b'{"__metadata__": {"boneage_card": "{}"}}', None),
        (b'{"__metadata__": {"boneage_card": "{\\"format\\": ' + b"9" * 5000 + b'}"}}', None),
        (b'{"__metadata__": {"format": "pt"}, "x": {"dtype": "F32"}}', None),
    ],
)
def test_a_foreign_header_is_one_sentence(tmp_path: Path, header: bytes, says: int | None) -> None:
    with pytest.raises(CheckpointError, match=r"\.$") as caught:
        read_card(_file(tmp_path / "model.safetensors", header, says=says))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"\x00", b"PK\x03\x04" + b"\x00" * 50, b"\x80\x04}q\x00.", b"\x00" * 4096])
def test_a_file_of_another_kind_is_one_sentence(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "model.pt").write_bytes(content)
    with pytest.raises(CheckpointError, match=r"model\.pt is not a model of this program"):
        read_card(tmp_path / "model.pt")


def test_a_missing_file_or_a_folder_is_one_sentence(tmp_path: Path) -> None:
    for path in (tmp_path / "none.safetensors", tmp_path):
        with pytest.raises(CheckpointError, match="cannot be opened"):
            read_card(path)


def test_an_enormous_header_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "bomb.safetensors"
    with path.open("wb") as file:
        file.write(struct.pack("<Q", 2**40))
        file.truncate(2**40)  # sparse
    with pytest.raises(CheckpointError, match="not a model"):
        read_header(path)


def test_the_card_of_a_file(model_file: Path, header_of: Callable[[Path], dict[str, Any]]) -> None:
    card = read_card(model_file)
    assert (card.name, card.members, card.uses_sex) == ("small", 2, True)
    assert json.loads(header_of(model_file)["__metadata__"][METADATA_KEY]) == card_values(
        read_header(model_file), model_file
    )


def test_reading_a_card_does_not_load_torch(model_file: Path) -> None:
    code = (
        "import sys, pathlib; from trainer.card import read_card; "
        f"read_card(pathlib.Path({str(model_file)!r})); print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "False"


def test_columns_of_a_score_stay_apart_however_far_off_a_model_is() -> None:
    score = score_in_full(np.full(4, 5.9), np.full(4, 110.0), ["male"] * 4)
    row = score_lines(score)[1]
    assert row.split() == ["all", "4", "104.10", "104.10", "to", "104.10", "104.10", "-104.10", "0%", "0%", "0%"]
    row = score_lines(score_in_full(np.full(1, 112.0), np.full(1, 110.0), ["male"]))[1]
    assert row.split() == ["all", "1", "2.00", "(of", "one)", "2.00", "2.00", "100%", "100%", "100%"]


def test_a_score_tells_the_shares_within_6_12_and_24_months() -> None:
    score = score_in_full(np.array([105.0, 110.0, 120.0, 130.0]), np.full(4, 100.0), ["male"] * 4)
    head, row = score_lines(score)[:2]
    assert head.endswith("<=6 m  <=12 m  <=24 m")
    assert row.split()[-3:] == ["25%", "50%", "75%"]
    older = {name: value for name, value in score.items() if name not in ("within_6", "within_24")}
    assert score_lines(older)[1].split()[-3:] == ["–", "50%", "–"]
