"""Facts of a Radiograph as plain values, for the way from the process that decodes to the window; pixels go apart."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trainer.radiograph import Radiograph, Sex, SpacingFrom, Study

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


def facts_of(radiograph: Radiograph) -> dict[str, Any]:
    """Return everything about a radiograph but its pixels and its path, as JSON has it."""
    study = radiograph.study
    return {
        "spacing_mm": radiograph.spacing_mm,
        "spacing_from": radiograph.spacing_from.value,
        "sex": radiograph.sex.value if radiograph.sex else None,
        "study": {
            "patient_key": study.patient_key,
            "patient_name": study.patient_name,
            "birth_date": study.birth_date.isoformat() if study.birth_date else None,
            "study_date": study.study_date.isoformat() if study.study_date else None,
            "laterality": study.laterality,
            "view": study.view,
        },
        "bits_stored": radiograph.bits_stored,
        "was_inverted": radiograph.was_inverted,
        "cautions": radiograph.cautions,
    }


def radiograph_of(facts: Mapping[str, Any], pixels: npt.NDArray[np.float32], source: Path) -> Radiograph:
    """Put a radiograph together again. Raises ValueError, KeyError or TypeError for what ``facts_of`` never says."""
    study = facts["study"]
    pixels.setflags(write=False)
    return Radiograph(
        pixels=pixels,
        source=source,
        spacing_mm=_spacing(facts["spacing_mm"]),
        spacing_from=SpacingFrom(facts["spacing_from"]),
        sex=Sex(facts["sex"]) if facts["sex"] is not None else None,
        study=Study(
            patient_key=_text(study["patient_key"]),
            patient_name=_text(study["patient_name"]),
            birth_date=_day(study["birth_date"]),
            study_date=_day(study["study_date"]),
            laterality=_text(study["laterality"]),
            view=_text(study["view"]),
        ),
        bits_stored=int(facts["bits_stored"]),
        was_inverted=facts["was_inverted"] is True,
        cautions=tuple(str(caution) for caution in facts["cautions"]),
    )


def _text(value: object) -> str | None:
    if value is not None and not isinstance(value, str):
        raise TypeError("a text of the study is no text")
    return value


def _day(value: Any) -> date | None:
    return None if value is None else date.fromisoformat(value)


def _spacing(value: Any) -> tuple[float, float] | None:
    if value is None:
        return None
    row, column = (float(side) for side in value)
    if not (math.isfinite(row) and math.isfinite(column)):
        raise ValueError("a spacing that is no number")
    return row, column
