"""Structured report: TID 1500 Measurement Report, made with highdicom."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from highdicom import sr
from pydicom import Dataset
from pydicom.sr.codedict import codes as known
from pydicom.sr.coding import Code
from pydicom.uid import generate_uid

from boneage_gui.clinic.dicom_report import codes
from boneage_gui.clinic.dicom_report.source import CHARACTERS, MANUFACTURER, MODEL_NAME, dicom_moment
from boneage_gui.clinic.reading import Decision, Reading, has_interval
from boneage_gui.clinic.reference import Assessment, Standing
from trainer.prediction import RESEARCH_USE

SERIES_NUMBER: Final = 9901
_NORMALITY: Final = {
    Standing.NORMAL: codes.SCT_NORMAL,
    Standing.DELAYED: codes.SCT_LOW,
    Standing.ADVANCED: codes.SCT_HIGH,
}
_CLASS: Final = {
    Standing.NORMAL: codes.NORMAL,
    Standing.DELAYED: codes.DELAYED,
    Standing.ADVANCED: codes.ADVANCED,
}


def structured_report(
    reading: Reading,
    source: Dataset,
    *,
    laterality: str | None,
    cautions: Sequence[str] = (),
    now: datetime | None = None,
) -> Dataset:
    """Return a reading as an Enhanced SR in the study of ``source``, the header of its radiograph.

    The first group is what stands; where the clinician overruled the model, a second one is the model's own. A
    reading that nobody confirmed makes a report that is not verified. ``cautions`` are the radiograph's; with the
    reading's own they are comments on the first group.
    """
    modified = reading.decision is Decision.MODIFIED
    groups = [_group(reading, source, laterality, final=True)]
    if modified:
        groups.append(_group(reading, source, laterality, final=False))
    groups[0][0].ContentSequence.extend(_comment(said) for said in reading.all_cautions(cautions))
    confirmed = reading.decision is not Decision.WAITING
    content = sr.MeasurementReport(
        observation_context=_observers(reading, confirmed=confirmed),
        procedure_reported=codes.BONE_AGE_STUDY,
        imaging_measurements=groups,
        title=codes.REPORT,
    )
    made = sr.EnhancedSR(
        evidence=[source],
        specific_character_set=CHARACTERS,  # a sentence of ours may hold what the radiograph's own set has not
        content=content[0],
        series_instance_uid=generate_uid(prefix=None),
        series_number=SERIES_NUMBER,
        sop_instance_uid=generate_uid(prefix=None),
        instance_number=1,
        manufacturer=MANUFACTURER,
        is_complete=True,
        is_final=confirmed,
        is_verified=confirmed,
        verifying_observer_name=_person(reading.user) if confirmed else None,
        verifying_organization="unknown" if confirmed else None,
        series_description=f"Bone age. {RESEARCH_USE}",
    )
    made.ManufacturerModelName = MODEL_NAME
    made.ContentDate, made.ContentTime = dicom_moment(now or datetime.now(UTC))
    return made


def _observers(reading: Reading, *, confirmed: bool) -> sr.ObservationContext:
    person = sr.ObserverContext(
        observer_type=known.DCM.Person,
        observer_identifying_attributes=sr.PersonObserverIdentifyingAttributes(name=_person(reading.user)),
    )
    device = sr.ObserverContext(
        observer_type=known.DCM.Device,
        observer_identifying_attributes=sr.DeviceObserverIdentifyingAttributes(
            uid=_device_uid(reading.model_sha256),
            name=MODEL_NAME,
            manufacturer_name=MANUFACTURER,
            model_name=reading.model_name[:64],
        ),
    )
    return sr.ObservationContext(observer_person_context=person if confirmed else None, observer_device_context=device)


def _device_uid(sha256: str) -> str:
    """Return the UID of a model, the same in every report (PS3.5 B.2: 2.25 and a number of 128 bits)."""
    return f"2.25.{int(sha256[:32], 16)}" if sha256 else generate_uid(prefix=None)


def _group(
    reading: Reading, source: Dataset, laterality: str | None, *, final: bool
) -> sr.MeasurementsAndQualitativeEvaluations:
    own = final and reading.decision is Decision.MODIFIED
    assessment = reading.assessment if final else None
    side = {"left": codes.LEFT, "right": codes.RIGHT}.get(laterality or "")
    return sr.MeasurementsAndQualitativeEvaluations(
        tracking_identifier=sr.TrackingIdentifier(
            uid=generate_uid(prefix=None),
            identifier="Bone age as confirmed" if own else "Bone age as the model read it",
        ),
        finding_type=codes.BONE_AGE,
        method=codes.GREULICH_PYLE,
        algorithm_id=None if own else _algorithm(reading),
        finding_sites=[sr.FindingSite(anatomic_location=codes.HAND, laterality=side)],
        measurements=_measurements(reading, assessment, own=own),
        qualitative_evaluations=_evaluations(assessment, final=final),
        source_images=[
            sr.SourceImageForMeasurementGroup(
                referenced_sop_class_uid=source.SOPClassUID, referenced_sop_instance_uid=source.SOPInstanceUID
            )
        ],
    )


def _measurements(reading: Reading, assessment: Assessment | None, *, own: bool) -> list[sr.Measurement]:
    months = reading.clinician_months if own and reading.clinician_months is not None else reading.age_months
    found = [
        sr.Measurement(
            name=codes.BONE_AGE,
            value=round(months, 1),
            unit=codes.MONTHS,
            properties=_properties(reading, assessment, with_interval=not own),
        )
    ]
    if assessment is not None:
        found.append(_plain(codes.SUBJECT_AGE, round(assessment.chronological_months, 1), codes.MONTHS))
        found.append(_plain(codes.Z_SCORE, round(assessment.sds, 2), codes.NO_UNITS))
        found.append(_plain(codes.SD_OF_POPULATION, round(assessment.sd_months, 2), codes.MONTHS))
    return found


def _properties(
    reading: Reading, assessment: Assessment | None, *, with_interval: bool
) -> sr.MeasurementProperties | None:
    choices: dict[str, Any] = {}
    if assessment is not None:
        low, high = assessment.band_months
        choices["normality"] = _NORMALITY[assessment.standing]
        choices["normal_range_properties"] = sr.NormalRangeProperties(
            values=[
                _number(codes.LOWER_LIMIT, round(low, 1), codes.MONTHS),
                _number(codes.UPPER_LIMIT, round(high, 1), codes.MONTHS),
            ],
            description="Two standard deviations around the chronological age",
            authority=f"{assessment.reference.shown_name}. {assessment.reference.source}",
        )
    if with_interval and has_interval(reading):
        choices["upper_measurement_uncertainty"] = round(max(0.0, reading.high_months - reading.age_months), 1)
        choices["lower_measurement_uncertainty"] = round(max(0.0, reading.age_months - reading.low_months), 1)
    return sr.MeasurementProperties(**choices) if choices else None


def _evaluations(assessment: Assessment | None, *, final: bool) -> list[sr.QualitativeEvaluation] | None:
    if not final:
        return None
    value = _CLASS[assessment.standing] if assessment is not None else codes.UNKNOWN
    return [sr.QualitativeEvaluation(name=codes.CLASSIFICATION, value=value)]


def _algorithm(reading: Reading) -> sr.AlgorithmIdentification:
    parameters = [f"weights SHA-256 {reading.model_sha256}", RESEARCH_USE]
    if has_interval(reading):
        parameters.insert(
            1, f"interval of {reading.coverage:.0%}: {reading.low_months:.1f} to {reading.high_months:.1f} months"
        )
    return sr.AlgorithmIdentification(
        name=reading.model_name[:64],
        version=reading.model_sha256[:16] or "unknown",
        parameters=parameters,
        family=codes.NEURAL_NETWORK,
        manufacturer=MANUFACTURER,
    )


def _plain(name: Code, value: float, unit: Code) -> sr.Measurement:
    return sr.Measurement(name=name, value=value, unit=unit)


def _number(name: Code, value: float, unit: Code) -> sr.NumContentItem:
    return sr.NumContentItem(
        name=name, value=value, unit=unit, relationship_type=sr.RelationshipTypeValues.HAS_PROPERTIES
    )


def _comment(said: str) -> sr.TextContentItem:
    return sr.TextContentItem(name=codes.COMMENT, value=said, relationship_type=sr.RelationshipTypeValues.CONTAINS)


def _person(user: str) -> str:
    """Return a log-in name as DICOM writes names: a family name alone, which a caret says."""
    return ("".join(letter for letter in user if letter.isprintable() and letter not in "\\^=")[:63] or "unknown") + "^"
