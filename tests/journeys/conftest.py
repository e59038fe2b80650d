"""The window's fixtures, for its journeys, of which none may touch the network but those that say so."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from boneage_gui.windows.augmentation.window import AugmentationWindow
from boneage_gui.windows.main_window import MainWindow
from boneage_gui.work import child as child_module
from tests.journeys.lab import aged, open_lab
from tests.window_fixtures import fake_models, hand_dicom, hand_png, make_window, untrained_model, window

__all__ = ["fake_models", "hand_dicom", "hand_png", "make_window", "untrained_model", "window"]

WATCH = Path(__file__).resolve().parents[1] / "no_network"
WATCHED = "BONEAGE_NETWORK_WATCH"
SMALL = Path(__file__).with_name("small_trainer.py")


@pytest.fixture(scope="session")
def network_hook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the hook in this process, and return the file that it and those of our processes write into.

    It sleeps until the file is named in the environment: no hook can ever be taken out again.
    """
    spec = importlib.util.spec_from_file_location("network_hook", WATCH / "sitecustomize.py")
    assert spec is not None
    assert spec.loader is not None
    spec.loader.exec_module(importlib.util.module_from_spec(spec))
    return tmp_path_factory.mktemp("network") / "asked"  # one for all: the process that decodes outlives a test


@pytest.fixture(autouse=True)
def no_network(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, network_hook: Path
) -> Iterator[Path | None]:
    """Fails a journey in which this process or one that it starts asks the network for anything.

    ``@pytest.mark.network`` lets a test speak to peers of its own on this computer.
    """
    if request.node.get_closest_marker("network") is not None:
        yield None
        return
    monkeypatch.setenv(WATCHED, str(network_hook))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, (str(WATCH), os.environ.get("PYTHONPATH")))))
    yield network_hook
    if network_hook.exists():
        said = network_hook.read_text(encoding="utf-8")
        network_hook.unlink()
        pytest.fail(f"the network was asked:\n{said}")
    assert "PySide6.QtNetwork" not in sys.modules, "Qt's network was loaded, which no hook watches"


@pytest.fixture
def lab(qtbot: QtBot, window: MainWindow, hand_dicom: Path) -> AugmentationWindow:
    """The augmentation lab on a boy's hand, every picture painted and read."""
    opened = open_lab(qtbot, window, hand_dicom)
    aged(qtbot, opened)
    return opened


@pytest.fixture
def small_trainer(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The real trainer with a small backbone, here and in the child; at the end no child is left."""
    import torchvision  # which most journeys do without

    from tests.trainer import small

    monkeypatch.setattr(torchvision.models, "resnet18", small.backbone)
    monkeypatch.setattr(child_module, "PROGRAM", (sys.executable, str(SMALL)))
    yield
    child_module.kill_all()
