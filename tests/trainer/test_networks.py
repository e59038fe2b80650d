"""The paper's two networks, and the one that is told the sex."""

from __future__ import annotations

from pathlib import Path
from urllib.error import URLError

import pytest
import torch
import torchvision
from safetensors.torch import save_file
from torch import nn

from trainer.errors import ConfigError
from trainer.networks import build, load_initial_weights, loss_of, sex_codes
from trainer.radiograph import Sex


@pytest.fixture(scope="module")
def backbone() -> dict[str, torch.Tensor]:
    """Weights of torchvision's ResNet18, from a seed of their own."""
    torch.manual_seed(77)
    return torchvision.models.resnet18(weights=None).state_dict()


def test_the_baseline_is_resnet18_with_one_output() -> None:
    network = build("baseline")
    assert isinstance(network.backbone, torchvision.models.ResNet)
    assert isinstance(network.head, nn.Linear)
    assert (network.head.in_features, network.head.out_features) == (512, 1)
    assert network.sex_layer is None
    assert sum(value.numel() for value in network.parameters()) == 11_176_512 + 513


def test_the_improved_head_is_the_papers() -> None:
    head = list(build("improved").head.children())
    assert [type(layer) for layer in head] == [nn.Linear, nn.ReLU, nn.Dropout, nn.Linear]
    assert str(head[0]) == "Linear(in_features=512, out_features=256, bias=True)"
    assert head[2].p == 0.3
    assert str(head[3]) == "Linear(in_features=256, out_features=1, bias=True)"


@pytest.mark.parametrize("model", ["baseline", "improved", "improved-sex"])
def test_answers_have_one_number_a_picture(model: str) -> None:
    network = build(model).eval()
    with torch.inference_mode():
        answers = network(torch.zeros(3, 1, 64, 64), torch.zeros(3))
    assert answers.shape == (3,)


@pytest.mark.parametrize(("model", "listens"), [("improved", False), ("improved-sex", True)])
def test_sex_matters_to_the_network_that_is_told_it(model: str, listens: bool) -> None:
    network = build(model).eval()
    codes = sex_codes([Sex.FEMALE, Sex.MALE, None])
    assert codes.tolist() == [-1.0, 1.0, 0.0]
    with torch.inference_mode():
        answers = network(torch.zeros(3, 1, 64, 64), codes)
    assert (len({round(float(answer), 6) for answer in answers}) == 3) is listens


def test_another_name_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"'resnet50'.*improved-sex"):
        build("resnet50")


def test_weights_from_a_file_of_torchvisions_resnet18(tmp_path: Path, backbone: dict[str, torch.Tensor]) -> None:
    path = tmp_path / "resnet18.safetensors"
    save_file(backbone, path)
    network = build("improved")
    note = load_initial_weights(network, str(path))
    assert note == "Started from the weights in resnet18.safetensors."  # the folder is nobody's business
    for name, value in network.backbone.state_dict().items():
        assert torch.equal(value, backbone[name])


def test_imagenet_weights_come_from_torchvisions_own_loader(
    monkeypatch: pytest.MonkeyPatch, backbone: dict[str, torch.Tensor]
) -> None:
    kind = type(torchvision.models.ResNet18_Weights.IMAGENET1K_V1)
    monkeypatch.setattr(kind, "get_state_dict", lambda self, **_: dict(backbone))
    network = build("baseline")
    assert load_initial_weights(network, "imagenet") == "Started from torchvision's ImageNet weights."
    assert torch.equal(network.backbone.conv1.weight, backbone["conv1.weight"])

    def offline(self: object, **_: object) -> None:
        raise URLError("no network here")

    monkeypatch.setattr(kind, "get_state_dict", offline)
    with pytest.raises(ConfigError, match=r"could not be downloaded.*none"):
        load_initial_weights(network, "imagenet")


def test_no_first_weights_is_a_clear_choice_that_the_card_names() -> None:
    network = build("improved")
    before = network.backbone.conv1.weight.clone()
    assert "random weights" in load_initial_weights(network, "none")
    assert torch.equal(network.backbone.conv1.weight, before)


def test_other_weight_files_are_refused_unopened(tmp_path: Path) -> None:
    network = build("improved")
    pickled, wrong, broken = tmp_path / "resnet18.pth", tmp_path / "wrong.safetensors", tmp_path / "broken.safetensors"
    pickled.write_bytes(b"\x80\x04.")
    save_file({"conv1.weight": torch.zeros(3)}, wrong)
    broken.write_bytes(b"{}")
    with pytest.raises(ConfigError, match="run code"):
        load_initial_weights(network, str(pickled))
    with pytest.raises(ConfigError, match="does not hold"):
        load_initial_weights(network, str(wrong))
    for path in (broken, tmp_path / "missing.safetensors"):
        with pytest.raises(ConfigError, match="cannot be read"):
            load_initial_weights(network, str(path))


def test_losses_worked_by_hand() -> None:
    answer, target = torch.tensor([1.0, 3.0]), torch.tensor([1.5, 1.0])
    assert float(loss_of("mse", answer, target)) == pytest.approx((0.25 + 4) / 2)
    assert float(loss_of("l1", answer, target)) == pytest.approx(1.25)
    assert float(loss_of("huber", answer, target)) == pytest.approx((0.125 + 1.5) / 2)
