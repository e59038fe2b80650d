"""Find: studies and series of a node (C-FIND, study root), row by row; broken rows are skipped and counted."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final

from pydicom import Dataset
from pynetdicom import build_context
from pynetdicom.association import Association
from pynetdicom.sop_class import StudyRootQueryRetrieveInformationModelFind  # type: ignore[attr-defined]

from boneage_gui.clinic.dicom_node.association import associated, lost
from boneage_gui.clinic.dicom_node.node import OUR_TITLE, Node, NodeError
from boneage_gui.clinic.dicom_node.patience import Patience
from boneage_gui.clinic.dicom_node.query import StudyQuery, image_identifier, series_identifier
from trainer.counted import counted
from trainer.radiograph import Sex, dicom_header

MOST_STUDIES: Final = 500
MOST_SERIES: Final = 1_000
PENDING: Final = (0xFF00, 0xFF01)
FIND: Final = StudyRootQueryRetrieveInformationModelFind


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundSeries:
    """One series of a study."""

    series_uid: str
    modality: str = ""
    description: str = ""
    body_part: str = ""
    laterality: str = ""
    images: int | None = None  # None: the node did not say


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundStudy:
    """One study. ``repr`` shows no patient."""

    study_uid: str
    patient_id: str = field(default="", repr=False)
    patient_name: str = field(default="", repr=False)
    birth_date: date | None = field(default=None, repr=False)
    sex: Sex | None = field(default=None, repr=False)
    study_date: date | None = field(default=None, repr=False)
    accession: str = field(default="", repr=False)
    description: str = ""
    modalities: tuple[str, ...] = ()
    images: int | None = None  # None: the node did not say


@dataclass(frozen=True, slots=True, kw_only=True)
class FindSummary:
    """What a search came to."""

    found: int
    more: bool  # there are more than were asked for
    skipped: int  # rows that could not be read

    @property
    def in_words(self) -> str:
        """Return what stands below the rows."""
        words = f"{counted(self.found, 'study', 'studies')} found."
        if self.more:
            words += " There are more: narrow the search."
        if self.skipped:
            words += f" {self.skipped} could not be read and {'is' if self.skipped == 1 else 'are'} left out."
        return words


def find_studies(
    node: Node,
    query: StudyQuery,
    *,
    ae_title: str = OUR_TITLE,
    patience: Patience | None = None,
    most: int = MOST_STUDIES,
) -> Generator[FoundStudy, None, FindSummary]:
    """Yield the studies of a search, at most so many, and return what it came to. Raises NodeError.

    A node that does not tell modalities or counts with a study is asked for the study's series.
    """
    seen: set[str] = set()
    open_rows: list[FoundStudy] = []
    skipped = found = 0
    keys, more = query.identifier(), False
    with _searching(node, ae_title, patience) as association:
        for data in _matches(association, node, keys):
            row = _study(data)
            if row is None:
                skipped += 1
            elif row.study_uid in seen:
                continue
            elif len(seen) == most:
                more = True
                association.abort()  # a cancelled search may go on for long; this ends it
                break
            else:
                seen.add(row.study_uid)
                if not row.modalities or row.images is None:
                    open_rows.append(row)
                elif _is_wanted(row, query):
                    found += 1
                    yield row
    for row in _with_series(node, open_rows, ae_title, patience):
        if _is_wanted(row, query):
            found += 1
            yield row
    return FindSummary(found=found, more=more, skipped=skipped)


def find_series(
    node: Node, study_uid: str, *, ae_title: str = OUR_TITLE, patience: Patience | None = None
) -> list[FoundSeries]:
    """Return the series of a study. Raises NodeError."""
    with _searching(node, ae_title, patience) as association:
        return _series_of(association, node, study_uid)


def _searching(node: Node, ae_title: str, patience: Patience | None) -> Any:
    return associated(node, [build_context(FIND)], ae_title=ae_title, patience=patience)


def _matches(association: Association, node: Node, keys: Dataset) -> Iterator[Dataset | None]:
    """Yield the rows of one question; None for a row that could not be decoded."""
    for status, row in association.send_c_find(keys, FIND):
        code = status.get("Status")
        if code is None:
            raise lost(node)
        if code in PENDING:
            yield row
        elif code != 0x0000:
            raise NodeError(f"{node.in_words} refused the search (status {code:04X}). Search for less, or later.")


def _with_series(node: Node, rows: list[FoundStudy], ae_title: str, patience: Patience | None) -> Iterator[FoundStudy]:
    if not rows:
        return
    with _searching(node, ae_title, patience) as association:
        for row in rows:
            series = _series_of(association, node, row.study_uid)
            modalities = tuple(sorted({one.modality for one in series if one.modality}))
            counts = [one.images for one in series if one.images is not None]
            images = sum(counts) if len(counts) == len(series) else None
            yield replace(
                row,
                modalities=row.modalities or modalities,
                images=images if row.images is None else row.images,
            )


def _series_of(association: Association, node: Node, study_uid: str) -> list[FoundSeries]:
    found: dict[str, FoundSeries] = {}
    for data in _matches(association, node, series_identifier(study_uid)):
        row = _series(data)
        if row is not None and len(found) < MOST_SERIES:
            found.setdefault(row.series_uid, row)
    for uid, row in found.items():
        if row.images is None:
            images = sum(1 for _ in _matches(association, node, image_identifier(study_uid, uid)))
            found[uid] = replace(row, images=images)
    return list(found.values())


def _is_wanted(row: FoundStudy, query: StudyQuery) -> bool:
    """Whether a study has the modality: many nodes know no such condition and answer with all."""
    wanted = query.modality.strip().upper()
    return not wanted or "*" in wanted or "?" in wanted or not row.modalities or wanted in row.modalities


def _study(data: Dataset | None) -> FoundStudy | None:
    uid = _uid(data, "StudyInstanceUID")
    if data is None or uid is None:
        return None
    with suppress(Exception):  # a row can hold anything
        facts = dicom_header.read_facts(data)
        return FoundStudy(
            study_uid=uid,
            patient_id=dicom_header.text(data, "PatientID"),
            patient_name=facts.study.patient_name or "",
            birth_date=facts.study.birth_date,
            sex=facts.sex,
            study_date=facts.study.study_date,
            accession=dicom_header.text(data, "AccessionNumber"),
            description=dicom_header.text(data, "StudyDescription"),
            modalities=_modalities(data),
            images=_count(data, "NumberOfStudyRelatedInstances"),
        )
    return None


def _series(data: Dataset | None) -> FoundSeries | None:
    uid = _uid(data, "SeriesInstanceUID")
    if data is None or uid is None:
        return None
    return FoundSeries(
        series_uid=uid,
        modality=dicom_header.text(data, "Modality"),
        description=dicom_header.text(data, "SeriesDescription"),
        body_part=dicom_header.text(data, "BodyPartExamined"),
        laterality=dicom_header.text(data, "Laterality"),
        images=_count(data, "NumberOfSeriesRelatedInstances"),
    )


def _uid(data: Dataset | None, keyword: str) -> str | None:
    uid = dicom_header.text(data, keyword) if data is not None else ""
    return uid if re.fullmatch(r"[0-9.]{1,64}", uid) else None


def _count(data: Dataset, keyword: str) -> int | None:
    number = dicom_header.whole_number(data, keyword)
    return number if number is not None and number >= 0 else None


def _modalities(data: Dataset) -> tuple[str, ...]:
    found: Any = None
    with suppress(Exception):  # pydicom converts lazily, and a malformed value can raise anything
        found = data.get("ModalitiesInStudy")
    several = [found] if isinstance(found, str) else list(found or ())
    cleaned = {"".join(letter for letter in str(one) if letter.isprintable()).strip()[:16] for one in several}
    return tuple(sorted(cleaned - {""}))
