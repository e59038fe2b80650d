"""What a run may do beyond the paper: parts of a batch where memory is short, patience, several members, backbones."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from tests.trainer import runs, small
from trainer.batches import Batch, TrainingBatches
from trainer.card import read_card
from trainer.checkpoint import load_checkpoint
from trainer.config import BACKBONES
from trainer.errors import ConfigError, RunError
from trainer.events import EpochRecord, Note, RunFinished
from trainer.fit.learner import Labels, Learner
from trainer.history import read_history
from trainer.networks import FEATURES, AgeNetwork, build, sex_codes
from trainer.predictor import Predictor
from trainer.run import Progress, Run

TENSORS = ("inputs", "sexes", "ages_months", "weights")
LABELS = Labels(mean=110.0, std=40.0, low=12.0, high=216.0)


@pytest.fixture
def memory_for(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function that plants a memory which holds so many cases, apart for training and for reading."""

    def plant(*, training: int = 1000, reading: int = 1000, error: Exception | None = None) -> None:
        forward = AgeNetwork.forward

        def limited(self: AgeNetwork, inputs: Tensor, sexes: Tensor) -> Tensor:
            if len(inputs) > (training if self.training else reading):
                raise error or torch.OutOfMemoryError("CUDA out of memory.")
            return forward(self, inputs, sexes)

        monkeypatch.setattr(AgeNetwork, "forward", limited)

    return plant


@pytest.mark.usefixtures("small_backbone")
def test_a_batch_that_memory_does_not_hold_is_computed_in_parts(
    tmp_path: Path, data_set: Path, memory_for: Any
) -> None:
    memory_for(training=3, reading=1)
    config = small.config("improved", epochs=2, checkpoint_every_s=0.0)
    events = list(runs.train(tmp_path / "run", data_set, config))
    notes = [event.message for event in events if isinstance(event, Note)]
    assert [
        next(part for part in ("8 cases at a time", "4 cases at a time", "64 validation") if part in note)
        for note in notes[:3]
    ] == ["8 cases at a time", "4 cases at a time", "64 validation"]
    assert "2 at a time and their gradients are added up" in notes[1]
    assert "batch normalisation" in notes[1]
    assert len(notes) == 2 + 6  # 64, 32, 16, 8, 4 and 2 cases were too many to read: said once, never tried again
    assert [event.message for event in Run(tmp_path / "run").events() if isinstance(event, Note)] == notes
    assert isinstance(events[-1], RunFinished)
    state = Run(tmp_path / "run").load_last()
    assert state is not None
    assert (state[1].at_once, state[1].validation_at_once) == (2, 1)


@pytest.mark.usefixtures("small_backbone")
def test_a_memory_too_small_for_one_case_is_a_sentence(tmp_path: Path, data_set: Path, memory_for: Any) -> None:
    memory_for(training=0)
    with pytest.raises(RunError, match=r"not even hold one case.*smaller network_px"):
        list(runs.train(tmp_path / "training", data_set, small.config("improved")))
    memory_for(reading=0)
    with pytest.raises(RunError, match=r"not even hold one case"):
        list(runs.train(tmp_path / "reading", data_set, small.config("improved", epochs=1)))
    assert read_history(tmp_path / "reading").state == "failed"


@pytest.mark.parametrize("at_once", [4, 3, 1])
def test_parts_give_the_gradient_of_the_whole_batch(at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without batch normalisation, which looks at what it is given, and without dropout."""

    def plain(weights: object = None) -> nn.Sequential:
        layers = small.Backbone()
        layers.norm1 = layers.norm2 = nn.Identity()  # type: ignore[assignment]
        return layers

    monkeypatch.setattr("torchvision.models.resnet18", plain)
    rng = np.random.default_rng(1)
    batch = Batch(
        inputs=torch.from_numpy(rng.normal(size=(8, 1, 32, 32)).astype(np.float32)),
        sexes=torch.zeros(8),
        ages_months=torch.from_numpy(rng.uniform(12, 216, 8).astype(np.float32)),
        weights=torch.from_numpy(rng.uniform(0.5, 1.5, 8).astype(np.float32)),
        of_step=8,
    )
    learners = [Learner(small.config("baseline"), LABELS, begins=True) for _ in range(2)]
    for learner, most in zip(learners, (0, at_once), strict=True):
        learner.step(batch, learning_rate=0.0, at_once=most)
    whole, parts = ({name: value.grad for name, value in one.network.named_parameters()} for one in learners)
    assert any(float(gradient.abs().max()) > 1e-3 for gradient in whole.values() if gradient is not None)
    for name, gradient in whole.items():
        assert gradient is not None
        torch.testing.assert_close(parts[name], gradient, rtol=1e-4, atol=1e-6)
    assert learners[0].take_sums() == pytest.approx(learners[1].take_sums(), rel=1e-5)


@pytest.mark.usefixtures("small_backbone", "every_step_reports")
def test_parts_average_and_patience_survive_interruptions_exactly(
    tmp_path: Path, data_set: Path, memory_for: Any
) -> None:
    memory_for(training=4, reading=3)
    config = small.config(
        "improved-sex", epochs=30, patience=2, ema_decay=0.9, learning_rate=2e-2, checkpoint_every_s=0.0
    )
    *_, last = runs.train(tmp_path / "whole", data_set, config)
    assert isinstance(last, RunFinished)
    done = read_history(tmp_path / "whole").epochs[-1].epoch
    assert done == last.best_epoch + 2 < 30
    assert last.message.startswith(f"Finished {done} epochs of 30, since none became better")
    assert f"epoch {last.best_epoch} is best" in last.message
    assert runs.again_and_again(tmp_path / "cut", data_set, config) > 4
    runs.assert_same_state(tmp_path / "whole", tmp_path / "cut")
    assert read_history(tmp_path / "cut").epochs[-1].epoch == done


@pytest.mark.usefixtures("small_backbone", "every_step_reports")
def test_members_are_trained_one_after_another_into_one_model(tmp_path: Path, data_set: Path) -> None:
    config = small.config("improved-sex", epochs=2, members=3, seed=5, checkpoint_every_s=0.0)
    events = list(runs.train(tmp_path / "whole", data_set, config))
    records = [(event.member, event.epoch) for event in events if isinstance(event, EpochRecord)]
    assert records == [(member, epoch) for member in (1, 2, 3) for epoch in (1, 2)]
    seeds = [event.message for event in events if isinstance(event, Note)]
    assert seeds == [f"Member {member} of 3: seed {4 + member}." for member in (1, 2, 3)]
    networks, card = load_checkpoint(tmp_path / "whole" / "best.safetensors")
    assert (card.members, len(networks), card.config["members"], card.config["seed"]) == (3, 3, 3, 5)
    assert "seeds 5, 6, 7" in card.notes[-1]
    Predictor.load(tmp_path / "whole" / "best.safetensors")
    for member, network in enumerate(networks, 1):
        (own,), _ = load_checkpoint(tmp_path / "whole" / f"member-{member}.safetensors")
        assert all(torch.equal(value, own.state_dict()[name]) for name, value in network.state_dict().items())
    # A member is what a run of its own with its seed would have been, and the card is measured on all together.
    list(
        runs.train(tmp_path / "alone", data_set, small.config("improved-sex", epochs=2, seed=6, checkpoint_every_s=0.0))
    )
    (alone,), _ = load_checkpoint(tmp_path / "alone" / "best.safetensors")
    second = networks[1].state_dict()
    assert all(torch.equal(value, second[name]) for name, value in alone.state_dict().items())
    _, _, validation = small.begin(tmp_path / "whole", data_set, config)
    predicted = Predictor(networks, card).ages_of_canvases(
        list(validation.canvases), [case.sex for case in validation.cases]
    )
    errors = np.abs(predicted - np.array([case.age_months for case in validation.cases]))
    assert card.metrics["validation"]["mae_months"] == pytest.approx(errors.mean(), abs=1e-3)
    history = read_history(tmp_path / "whole")
    best = min(events, key=lambda e: e.validation_mae_months if isinstance(e, EpochRecord) else np.inf)
    assert isinstance(best, EpochRecord)
    assert [(record.member, record.epoch) for record in history.epochs] == [(best.member, 1), (best.member, 2)]
    assert [(record.member, record.epoch) for record in history.every_epoch] == records
    assert (history.headway.member, history.headway.epochs_done) == (3, 2)
    assert history.model_mae_months == card.metrics["validation"]["mae_months"]
    assert history.finished is not None
    assert history.finished.best_validation_mae_months == pytest.approx(best.validation_mae_months)
    before = (tmp_path / "whole" / "best.safetensors").read_bytes()
    again = list(runs.train(tmp_path / "whole", data_set, config))
    assert [type(event) for event in again] == [RunFinished]
    assert (tmp_path / "whole" / "best.safetensors").read_bytes() == before
    assert runs.again_and_again(tmp_path / "cut", data_set, config) > 4
    runs.assert_same_state(tmp_path / "whole", tmp_path / "cut")


@pytest.mark.usefixtures("small_backbone")
def test_a_run_killed_between_two_members_goes_on_with_the_next(
    tmp_path: Path, data_set: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = small.config("baseline", epochs=1, members=2)
    runs.uninterrupted(tmp_path / "whole", data_set, config)
    of_next = Progress.of_next_member
    monkeypatch.setattr(Progress, "of_next_member", lambda _: (_ for _ in ()).throw(MemoryError))
    with pytest.raises(RunError, match="memory of the computer is full"):
        list(runs.train(tmp_path / "cut", data_set, config))
    monkeypatch.setattr(Progress, "of_next_member", of_next)
    assert read_card(tmp_path / "cut" / "best.safetensors").members == 1
    runs.uninterrupted(tmp_path / "cut", data_set, config)
    runs.assert_same_state(tmp_path / "whole", tmp_path / "cut")


@pytest.mark.parametrize(
    "words",
    [
        "FIND was unable to find an engine to execute this computation",
        "CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`",
        "cuDNN error: CUDNN_STATUS_ALLOC_FAILED",
        "CUDA error: out of memory",
    ],
)
@pytest.mark.usefixtures("small_backbone")
def test_a_full_gpu_is_known_in_the_words_of_all_its_libraries(
    tmp_path: Path, data_set: Path, memory_for: Any, words: str
) -> None:
    memory_for(training=4, reading=3, error=RuntimeError(words))
    events = list(runs.train(tmp_path, data_set, small.config("baseline", epochs=1)))
    assert isinstance(events[-1], RunFinished)
    notes = [event.message for event in events if isinstance(event, Note)]
    assert any("does not hold 8 cases at a time" in note for note in notes)
    assert any("validation cases at a time" in note for note in notes)


def test_members_of_one_side_with_seeds_of_their_own() -> None:
    with pytest.raises(ConfigError, match="progressive_from_px"):
        small.config("improved", members=2, progressive_from_px=48, network_px=96)
    with pytest.raises(ConfigError, match="seed"):
        small.config("improved", members=2, seed=2**31 - 1)


@pytest.mark.parametrize("backbone", BACKBONES)
def test_every_backbone_answers_learns_and_is_named_by_its_card(backbone: str, tmp_path: Path) -> None:
    network = build("improved-sex", backbone)
    answers = network(torch.zeros(2, 1, 64, 64), sex_codes([None, None]))
    assert answers.shape == (2,)
    answers.sum().backward()
    assert all(value.grad is not None for value in network.backbone.parameters())
    path = small.write_model(tmp_path / "model.safetensors", members=1, backbone=backbone)
    (loaded,), card = load_checkpoint(path)
    assert (card.backbone, loaded.backbone_name) == (backbone, backbone)


def test_backbones_are_those_that_are_offered() -> None:
    assert tuple(FEATURES) == BACKBONES
    with pytest.raises(ConfigError, match=r"'vgg16'.*mobilenet"):
        build("improved", "vgg16")


@pytest.mark.usefixtures("small_backbone")
def test_processes_make_the_same_batches_as_a_thread(data_set: Path, tmp_path: Path) -> None:
    """Spawned, so with the whole program imported anew; from the middle of an epoch, left early, and asked again."""
    config = small.config("improved", batch_size=5)
    _, training, _ = small.begin(tmp_path, data_set, config)
    thread = TrainingBatches(training, config)
    processes = TrainingBatches(training, small.config("improved", batch_size=5, workers=2))
    state = torch.get_rng_state()
    try:
        with closing(processes.epoch(1)) as left_early:
            next(left_early)
        for epoch, first in ((2, 3), (3, 0)):
            expected, found = (list(one.epoch(epoch, first_step=first)) for one in (thread, processes))
            assert len(expected) == len(found) == 7 - first
            for one, other in zip(expected, found, strict=True):
                assert all(torch.equal(getattr(one, name), getattr(other, name)) for name in TENSORS)
    finally:
        processes.close()
    assert torch.equal(torch.get_rng_state(), state)  # what dropout draws from is left alone
