"""Batches: cases to canvases to tensors, the same whenever they are asked."""

from __future__ import annotations

import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.trainer import small
from trainer.batches import TrainingBatches, age_weights
from trainer.cases import read_cases
from trainer.device import choose_device, uses_bfloat16
from trainer.errors import ConfigError
from trainer.split import split_cases


def _batches(data: Path, **choices: Any) -> TrainingBatches:
    config = small.config(**choices)
    split = split_cases(read_cases(data).cases, seed=0)
    return TrainingBatches(small.canvases(split.training, config), config)


def test_sides_grow_with_the_epochs(data_set: Path) -> None:
    batches = _batches(data_set, network_px=64, progressive_from_px=32, epochs=4, side_px=48)
    sides = [next(batches.epoch(epoch)).inputs.shape[-1] for epoch in (1, 2, 3, 4)]
    assert sides == [32, 32, 48, 64]


@pytest.mark.parametrize(("share", "low", "high"), [(0.0, 0, 0), (0.3, 0.2, 0.4), (1.0, 1, 1)])
def test_a_share_of_the_sexes_is_hidden(data_set: Path, share: float, low: float, high: float) -> None:
    batches = _batches(data_set, model="improved-sex", sex_hidden_share=share)
    sexes = torch.cat([batch.sexes for epoch in range(1, 21) for batch in batches.epoch(epoch)])
    assert low <= float((sexes == 0).float().mean()) <= high
    assert set(sexes.tolist()) <= {-1.0, 0.0, 1.0}


def test_batches_are_the_same_from_any_step_and_see_every_case_once(data_set: Path) -> None:
    batches = _batches(data_set, recipe="improved", batch_size=5)
    assert batches.steps_per_epoch == 7
    whole = list(batches.epoch(3))
    assert [len(batch.ages_months) for batch in whole] == [5] * 6 + [2]
    again = list(batches.epoch(3, first_step=4))
    assert len(again) == 3
    for expected, found in zip(whole[4:], again, strict=True):
        assert torch.equal(expected.inputs, found.inputs)
        assert torch.equal(expected.ages_months, found.ages_months)
    ages = sorted(float(age) for batch in whole for age in batch.ages_months)
    other = [float(age) for batch in batches.epoch(4) for age in batch.ages_months]
    assert sorted(other) == ages
    assert other != [float(age) for batch in whole for age in batch.ages_months]


def test_threads_of_batches_end_when_nobody_asks(data_set: Path) -> None:
    """The fixture that forbids dangling threads looks on."""
    begun = time.perf_counter()
    with closing(_batches(data_set).epoch(1)) as batches:
        next(batches)
    assert time.perf_counter() - begun < 10


def test_devices_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert choose_device("auto").type == "cpu"
    assert choose_device("cpu").type == "cpu"
    for name in ("cuda", "cuda:1", "meta", "tpu", ""):
        with pytest.raises(ConfigError, match=r"try auto|choose auto"):
            choose_device(name)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert choose_device("auto").type == "cuda"
    assert choose_device("cuda:1").index == 1
    with pytest.raises(ConfigError, match="cuda:2"):
        choose_device("cuda:2")


def test_precision_as_told(monkeypatch: pytest.MonkeyPatch) -> None:
    cpu = torch.device("cpu")
    assert not uses_bfloat16("float32", cpu)
    assert uses_bfloat16("bfloat16", cpu)
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: True)  # slower than float32 where it is alone
    for tiles in (False, True):
        monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: tiles)  # noqa: B023
        assert uses_bfloat16("auto", cpu) is tiles
    monkeypatch.delattr(torch.cpu, "_is_amx_tile_supported")  # private: another version may not have it
    assert not uses_bfloat16("auto", cpu)


def test_rare_ages_weigh_more_where_that_is_asked_for() -> None:
    ages = [13.0, 121.0, 122.0, 123.0, 124.0]  # one case in the second year, four in the eleventh
    assert age_weights(ages, balance=0.0).tolist() == [1.0] * 5
    even = age_weights(ages, balance=1.0)
    assert even[0] == pytest.approx(even[1:].sum())
    half = age_weights(ages, balance=0.5)
    assert half[0] / half[1] == pytest.approx(2.0)
    assert half.mean() == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("size", "sizes"), [(4, [4] * 8), (31, [32]), (10, [10, 10, 10, 2]), (8, [8] * 4), (100, [32])]
)
def test_no_batch_is_a_single_case(data_set: Path, size: int, sizes: list[int]) -> None:
    batches = _batches(data_set, batch_size=size)
    assert [len(batch.ages_months) for batch in batches.epoch(1)] == sizes
    assert batches.steps_per_epoch == len(sizes)
