"""De-identification: a radiograph without its patient, by the Basic Confidentiality Profile of PS3.15 Annex E.

The other way round than libraries do it (dicognito, deid: both MIT): they change what they know to identify somebody
and keep the rest, private elements and descriptions among it. Here a new object is built from a list of what a
radiograph needs; whatever is not on the list, or not of the form that the list gives, is not there.

What that makes of the rows of table E.1-1, for CR, DX, SC, XA and RF:

- X, removed: everything that no other line names. Descriptions and comments, institutions, devices and their serial
  numbers, operators, requests, procedure steps, protocols, other identifiers and times; all private groups, overlays
  (60xx), curves (50xx), icons, digital signatures, original attributes, references to other objects, unknown elements.
- Z, empty: StudyDate, StudyTime, StudyID, AccessionNumber, ReferringPhysicianName, PatientBirthDate, PatientSex.
- Z and D, a dummy: PatientName and PatientID, a keyed hash of the patient.
- U, replaced: SOPInstanceUID, SeriesInstanceUID, StudyInstanceUID, keyed hashes too; in the file's meta group as well.
- K, kept: what the picture is made of (group 0028, LUTs and window), its scale, side, view and region. Codes must
  stand in DICOM's own context groups and get their meaning from there, words must be among the defined terms.
- C, cleaned: the picture's unused bits and what lies behind its end; words inside compressed data. RLE, and whatever
  has something in its unused bits, is written uncompressed.
- Retain Patient Characteristics (113108), where asked for: sex, and the age, 90 years for all above 89.
- Modified Dates (113107), where asked for: dates moved by a number of days that is one patient's own.

What is drawn on the picture stays there: of that a sentence warns.
"""

from __future__ import annotations

from boneage_gui.clinic.deidentify.cautions import cautions_of
from boneage_gui.clinic.deidentify.choices import Choices
from boneage_gui.clinic.deidentify.export import Exported, ending_of, export, write_bare
from boneage_gui.clinic.deidentify.pseudonyms import Pseudonyms, secret_of_file

__all__ = ["Choices", "Exported", "Pseudonyms", "cautions_of", "ending_of", "export", "secret_of_file", "write_bare"]
