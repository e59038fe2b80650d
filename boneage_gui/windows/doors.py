"""The doors that lead out of the main window, for the commands that open them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from boneage_gui.windows.augmentation.door import AugmentationDoor
    from boneage_gui.windows.beside_window import BesideDoor
    from boneage_gui.windows.clinic.door import ClinicDoor
    from boneage_gui.windows.explanation.door import ExplanationDoor
    from boneage_gui.windows.model_choice import ModelChoice
    from boneage_gui.windows.model_entries import ModelEntries
    from boneage_gui.windows.pacs.door import PacsDoor
    from boneage_gui.windows.stress_window import StressWindow
    from boneage_gui.windows.training.door import TrainingDoor


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """One of each."""

    training: TrainingDoor
    lab: AugmentationDoor
    stress: BesideDoor[StressWindow]
    clinic: ClinicDoor
    pacs: PacsDoor
    explanation: ExplanationDoor
    models: ModelEntries
    model_choice: ModelChoice
