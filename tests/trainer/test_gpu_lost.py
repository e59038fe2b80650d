"""A GPU that is not there, or falls away in the midst of the work: a sentence, and nothing that was learned is lost."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor

from tests.trainer import runs, small
from trainer.__main__ import main
from trainer.device import is_gpu_lost
from trainer.errors import RunError
from trainer.events import RunFinished
from trainer.history import read_history
from trainer.networks import AgeNetwork
from trainer.predictor import Predictor
from trainer.run import Run

pytestmark = pytest.mark.usefixtures("small_backbone")
LOST = (
    torch.AcceleratorError("CUDA error: the device was lost"),
    RuntimeError("CUDA error: unspecified launch failure\nCUDA kernel errors might be asynchronously reported."),
)


class Gpu:
    """A GPU that falls away when it is told to, and may come back."""

    def __init__(self) -> None:
        self._error: Exception | None = None
        self._last = {True: 0, False: 0}  # work of a network that learns, of one that is read
        self._done = {True: 0, False: 0}

    def lose(self, error: Exception, *, step: int = 0, validation: int = 0) -> None:
        """Fail from this step, or from this validation, on; each counts from 1."""
        self._error, self._last = error, {True: step, False: validation}

    def come_back(self) -> None:
        """Work again."""
        self._error = None

    def work(self, learns: bool) -> None:
        """One more time. Raises the error."""
        self._done[learns] += 1
        if self._error is not None and 0 < self._last[learns] <= self._done[learns]:
            raise self._error


@pytest.fixture
def gpu(monkeypatch: pytest.MonkeyPatch) -> Gpu:
    """What every network of the test computes on."""
    forward, made = AgeNetwork.forward, Gpu()

    def on_gpu(self: AgeNetwork, inputs: Tensor, sexes: Tensor) -> Tensor:
        made.work(self.training)
        return forward(self, inputs, sexes)

    monkeypatch.setattr(AgeNetwork, "forward", on_gpu)
    return made


@pytest.mark.parametrize("error", LOST, ids=lambda error: type(error).__name__)
def test_lost_in_a_step_it_ends_the_run_with_its_last_checkpoint_whole(
    tmp_path: Path, data_set: Path, gpu: Gpu, error: Exception
) -> None:
    gpu.lose(error, step=runs.STEPS + 3)  # in the second epoch
    with pytest.raises(RunError, match=r"GPU stopped answering.*last checkpoint is kept.*device cpu\."):
        list(runs.train(tmp_path, data_set, small.config(**runs.EVERYTHING)))
    history = read_history(tmp_path)
    assert (history.state, history.can_resume, len(history.epochs)) == ("failed", True, 1)
    assert history.finished is not None
    assert "GPU stopped answering" in history.finished.message
    _, progress = Run(tmp_path).read_last() or (None, None)
    assert progress is not None
    assert (progress.epoch, progress.step) == (2, 2)
    gpu.come_back()
    Predictor.load(tmp_path / "best.safetensors")


def test_lost_while_an_epoch_is_validated_it_can_be_resumed_to_the_same_weights(
    tmp_path: Path, data_set: Path, gpu: Gpu
) -> None:
    config, cut = small.config("improved", epochs=2), tmp_path / "cut"
    gpu.lose(LOST[1], validation=3)  # the second epoch's: an epoch reads pictures and their mirror images
    with pytest.raises(RunError, match="GPU stopped answering"):
        list(runs.train(cut, data_set, config))
    *_, last = Run(cut).events()
    assert isinstance(last, RunFinished)
    assert (last.reason, last.best_epoch) == ("failed", 1)
    gpu.come_back()
    list(runs.train(cut, data_set, config))
    runs.assert_same_state(runs.uninterrupted(tmp_path / "whole", data_set, config), cut)


def test_a_full_gpu_is_not_called_lost(tmp_path: Path, data_set: Path, gpu: Gpu) -> None:
    gpu.lose(torch.AcceleratorError("CUDA error: out of memory"), step=1)
    with pytest.raises(RunError, match="memory does not even hold one case"):
        list(runs.train(tmp_path, data_set, small.config("improved")))


def test_a_bug_is_not_blamed_on_the_gpu(tmp_path: Path, data_set: Path, gpu: Gpu) -> None:
    gpu.lose(RuntimeError("mat1 and mat2 shapes cannot be multiplied"), step=2)
    with pytest.raises(RuntimeError, match="mat1"):
        list(runs.train(tmp_path, data_set, small.config("improved")))
    assert not is_gpu_lost(ValueError("CUDA error"))


def test_one_that_is_not_there_is_said_before_anything_is_decoded(
    tmp_path: Path, data_set: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr("trainer.commands.fit.prepare", None)  # decoding would fail
    run = tmp_path / "run"
    assert main(["fit", str(data_set), "--run-dir", str(run), "--device", "cuda"]) == 1
    assert "There is no CUDA GPU that torch can use here; choose auto or cpu." in small.sentence(capsys)
    assert not run.exists()


def test_a_run_of_a_gpu_goes_on_without_one_when_told_so(
    tmp_path: Path, data_set: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    choices = [
        "--side-px",
        "32",
        "--network-px",
        "32",
        "--epochs",
        "1",
        "--batch-size",
        "8",
        "--initial-weights",
        "none",
    ]
    run = ["--run-dir", str(tmp_path / "run")]
    assert main(["fit", str(data_set), *run, *choices, "--device", "cpu", "--precision", "float32"]) == 0
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    capsys.readouterr()
    assert main(["fit", *run, "--resume", "--device", "cuda"]) == 1
    assert "choose auto or cpu" in small.sentence(capsys)
    assert main(["fit", *run, "--resume", "--device", "auto"]) == 0


def test_a_prediction_never_needs_one(model_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is read in the window cannot be lost with a GPU: it is computed on the CPU, also where there is one."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    predictor = Predictor.load(model_file)
    places = {value.device.type for network in predictor.networks for value in network.parameters()}
    assert places == {"cpu"}
