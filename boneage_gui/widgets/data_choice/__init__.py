"""Choose the radiographs of a training: a folder or a table, and what its columns mean."""

from boneage_gui.widgets.data_choice.data_choice import DataChoice

__all__ = ["DataChoice"]
