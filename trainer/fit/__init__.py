"""Fit: train networks on a split, as a generator of events. Begin reading in ``training.py``."""

from trainer.fit.training import fit

__all__ = ["fit"]
