"""Networks that turn radiographs into scaled ages, and the weights that they start from."""

from __future__ import annotations

from trainer.networks.age_network import FEATURES, SEX_CODES, SEX_FEATURES, AgeNetwork, build, loss_of, sex_codes
from trainer.networks.first_weights import load_initial_weights, note_on

__all__ = [
    "FEATURES",
    "SEX_CODES",
    "SEX_FEATURES",
    "AgeNetwork",
    "build",
    "load_initial_weights",
    "loss_of",
    "note_on",
    "sex_codes",
]
