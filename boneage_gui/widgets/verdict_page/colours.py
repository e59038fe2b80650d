"""The colours of the two models: those that the figures give them, which the window must not import."""

from __future__ import annotations

from boneage_gui import theme


def colour_of(place: int) -> str:
    """The colour of the model in use (0) or of the new one (1), as ``trainer.figures.look`` has them."""
    look = theme.current()
    return (look.accent, "#c26a00" if look is theme.LIGHT else "#f0b354")[place]
