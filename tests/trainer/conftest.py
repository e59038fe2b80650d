"""What the tests of the trainer share: one thread, a small backbone, a small data set, a small model."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from tests.trainer import small


@pytest.fixture(autouse=True, scope="session")
def _one_thread() -> Iterator[None]:
    """Sums in another order are other sums: exactness is tested on one thread, and the machine is shared."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def small_backbone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every network built in this test stands on a few convolutions instead of ResNet18."""
    monkeypatch.setattr("torchvision.models.resnet18", small.backbone)


@pytest.fixture
def every_step_reports(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every step of a training is an event."""
    monkeypatch.setattr("trainer.fit.epoch.REPORT_EVERY_S", 0.0)


@pytest.fixture(scope="session")
def data_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty pictures in the RSNA layout, the older the brighter."""
    return small.write_data_set(tmp_path_factory.mktemp("data"), count=40)


@pytest.fixture(scope="session")
def large_data_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two hundred, so that the validation cases are enough for an interval."""
    return small.write_data_set(tmp_path_factory.mktemp("data"), count=200)


@pytest.fixture
def model_file(small_backbone: None, tmp_path: Path) -> Path:
    """A model file with two members, sex as input, an interval and a self-test."""
    return small.write_model(tmp_path / "model.safetensors")


@pytest.fixture
def header_of() -> object:
    """Return a function that reads the JSON header of a safetensors file."""
    return lambda path: json.loads(path.read_bytes()[8 : 8 + int.from_bytes(path.read_bytes()[:8], "little")])


@pytest.fixture
def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
