"""Model files: a card and tensors, small ones that fit no network and whole ones."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from trainer.card import HASH_KEY, METADATA_KEY, ModelCard, text_sha256
from trainer.preprocess import Preprocessing

if TYPE_CHECKING:
    from trainer.gate.card import GateCard
    from trainer.orientation.card import UprightCard

QUANTILES: Final = {"all": {"q05": -20.0, "q95": 20.0, "n": 50}}
SCORE: Final[dict[str, Any]] = {
    **dict.fromkeys(("mae_months", "mae_low", "mae_high", "rmse_months", "bias_months", "within_12"), 1.0),
    "n": 12,
    "by_sex": {},
    "by_age": {},
}


def small_card() -> ModelCard:
    """A card with something in every place."""
    return ModelCard(
        name="small",
        architecture="improved-sex",
        uses_sex=True,
        preprocessing=Preprocessing(side_px=64, network_px=64),
        label_mean_months=120.0,
        label_std_months=40.0,
        residual_quantiles=QUANTILES,
        metrics={"test": SCORE},
        data={"description": "phantoms", "split_sha256": "ab" * 32},
        notes=("one",),
        weights_sha256="0123456789abcdef" * 4,
        self_test_months=100.0,
    )


def with_card(card: object) -> bytes:
    """Return a small file of the form of safetensors around a card, its hash right whatever the card."""
    text = card if isinstance(card, str) else json.dumps(card)
    header = {
        "__metadata__": {METADATA_KEY: text, HASH_KEY: text_sha256(text)},
        "member0.head.weight": {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]},
        "member0.head.bias": {"dtype": "F16", "shape": [2], "data_offsets": [16, 20]},
    }
    written = json.dumps(header).encode()
    return struct.pack("<Q", len(written)) + written + bytes(20)


def _models(folder: Path) -> Iterator[bytes]:
    import torch

    from trainer.checkpoint import tensors_sha256

    for notes in ("one", "two"):
        yield with_card({**small_card().to_json(), "notes": [notes]})
    tensors = {"member0.head.weight": torch.zeros(2, 2), "member0.head.bias": torch.zeros(2, dtype=torch.float16)}
    yield with_card({**small_card().to_json(), "weights_sha256": tensors_sha256(tensors)})  # as far as its network


def small_gate_card() -> GateCard:
    """A gate's card with something in every place."""
    from trainer.gate.card import GateCard  # its room takes torch with it

    share = {"n": 10, "right": 9, "share": 0.9, "low": 0.6, "high": 0.98}
    return GateCard(least_score=0.5, metrics={"hands": share}, notes=("one",), weights_sha256="ab" * 32)


def small_upright_card() -> UprightCard:
    """A card of the finder of orientation with something in every place."""
    from trainer.orientation.card import UprightCard

    share = {"n": 10, "count": 9, "share": 0.9, "low": 0.6, "high": 0.98}
    return UprightCard(least_certainty=0.5, metrics={"hands": share}, weights_sha256="ab" * 32)


def _gates(folder: Path) -> Iterator[bytes]:
    from trainer.gate.gate_file import save_gate
    from trainer.gate.network import GateNetwork

    yield with_card(small_gate_card().to_json())
    save_gate(folder / "gate.safetensors", GateNetwork(), small_gate_card())
    yield (folder / "gate.safetensors").read_bytes()


def _uprights(folder: Path) -> Iterator[bytes]:
    from trainer.orientation.network import TurnNetwork
    from trainer.orientation.upright_file import save_upright

    yield with_card(small_upright_card().to_json())
    save_upright(folder / "upright.safetensors", TurnNetwork(), small_upright_card())
    yield (folder / "upright.safetensors").read_bytes()


def _likenesses(folder: Path) -> Iterator[bytes]:
    import numpy as np

    from trainer.gate.likeness import Likeness

    traits = np.random.default_rng(0).normal(size=(30, 4))
    likeness = Likeness.fit(traits, traits[:20] + 1.0, model_name="small", model_sha256="ab" * 32)
    likeness.save(folder / "likeness.safetensors", likeness.limited_by(traits, traits + 1.0).card)
    yield (folder / "likeness.safetensors").read_bytes()


def _states(folder: Path) -> Iterator[bytes]:
    import torch

    from trainer.run import Progress, Run

    run = Run(folder)
    progress = Progress(epoch=2, former=((3, 9.5),), labels=(120.0, 40.0, 12.0, 228.0))
    run.save_last({"network.head.weight": torch.zeros(2, 2), "random.cpu": torch.get_rng_state()[:8]}, progress)
    yield run.last_path.read_bytes()


SEEDS: Final[dict[str, Callable[[Path], Iterator[bytes]]]] = {
    "model": _models,
    "gate": _gates,
    "upright": _uprights,
    "likeness": _likenesses,
    "last": _states,
}
