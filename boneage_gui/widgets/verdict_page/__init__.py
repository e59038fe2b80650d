"""The page at the end of a training: whether the new model is better than the one in use, and the choice."""

from boneage_gui.widgets.verdict_page.page import VerdictPage

__all__ = ["VerdictPage"]
