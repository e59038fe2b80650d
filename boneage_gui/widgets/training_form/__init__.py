"""The form that is a TrainingConfig: a field of it for every field there."""

from boneage_gui.widgets.training_form.training_form import TrainingForm

__all__ = ["TrainingForm"]
