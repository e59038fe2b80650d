"""Model files: a card and tensors, small ones that fit no network and whole ones."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from trainer.card import HASH_KEY, METADATA_KEY, ModelCard, text_sha256
from trainer.preprocess import Preprocessing

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


SEEDS: Final[dict[str, Callable[[Path], Iterator[bytes]]]] = {"model": _models}
