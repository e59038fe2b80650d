"""Drawn files: by hypothesis, sound in their form and odd in what they say."""

from __future__ import annotations

import io
import json
import warnings
from typing import Any, Final

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.fuzz.seeds.models import small_card, small_gate_card, small_upright_card, with_card
from tests.fuzz.seeds.runs import EVENTS, evaluation, shelf_head, shelf_of, source
from trainer.augment import RECIPES
from trainer.config import TrainingConfig

Files = st.SearchStrategy[bytes]
_NUMBERS: Final = st.one_of(
    st.integers(), st.floats(), st.sampled_from([0, -1, 1, 2**31, 2**63, 10**400, 1e308, -0.0, float("nan")])
)
_TEXTS: Final = st.one_of(
    st.text(max_size=30), st.sampled_from(["\u202e", "a\nb", "\x1b[2J", "\ud800", "", "inf", "1e5"])
)
_LEAVES: Final = st.one_of(st.none(), st.booleans(), _NUMBERS, _TEXTS)
_VALUES: Final = st.recursive(
    _LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(_TEXTS, inner, max_size=4)),
    max_leaves=8,
)


def drawn_files(target: str, count: int, number: int) -> list[bytes]:
    """Return files of a target, the same for the same seed; none for a target that has no strategy."""
    strategy = STRATEGIES.get(target)
    made: list[bytes] = []
    if strategy is None or not count:
        return made

    @seed(number)
    @settings(
        max_examples=count,
        phases=(Phase.generate,),
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def collect(data: bytes) -> None:
        made.append(data)

    collect()
    return made[:count]


@st.composite
def _changed(draw: st.DrawFn, whole: Any) -> Any:
    """Return plain values in which one to three places hold something else."""
    values = json.loads(json.dumps(whole))
    for _ in range(draw(st.integers(1, 3))):
        place = values
        while True:
            keys: list[Any] = list(place) if isinstance(place, dict) else list(range(len(place)))
            if not keys:
                break
            key = draw(st.sampled_from(keys))
            inner = place[key]
            if isinstance(inner, (dict, list)) and inner and draw(st.booleans()):
                place = inner
                continue
            if isinstance(place, dict) and draw(st.integers(0, 4)) == 0:
                del place[key]
            else:
                place[key] = draw(_VALUES)
            break
    return values


def _as_json(whole: Any) -> Files:
    return st.one_of(_changed(whole), _VALUES).map(lambda values: json.dumps(values).encode())


@st.composite
def _event_lines(draw: st.DrawFn) -> bytes:
    lines = [json.loads(line) for line in EVENTS.splitlines()]
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, len(lines) - 1))
        lines[place] = draw(_changed(lines[place]))
    return "".join(json.dumps(line) + "\n" for line in lines).encode()


@st.composite
def _csv(draw: st.DrawFn) -> bytes:
    head = draw(st.permutations(["id", "boneage", "male", draw(_TEXTS)]))
    cells = st.one_of(_TEXTS, _NUMBERS.map(str), st.sampled_from(["1", "True", "120", '"', "10y 3m", "female"]))
    rows = draw(st.lists(st.lists(cells, max_size=6), max_size=8))
    delimiter = draw(st.sampled_from([",", ";", "\t", "|"]))
    lines = [delimiter.join(map(str, row)) for row in [head, *rows]]
    return draw(st.sampled_from(["\n", "\r\n", "\r"])).join(lines).encode("utf-8", "surrogatepass")


_WORDS: Final = st.one_of(
    st.binary(max_size=20),
    st.sampled_from(
        [b"CR", b"MONOCHROME1", b"MONOCHROME2", b"1\\2", b"1e5", b"nan", b"-1", b"\\" * 10, b"20200230", b"M"]
    ),
)
_TAGS: Final = (
    "PatientName", "PatientID", "PatientSex", "PatientBirthDate", "StudyDate", "Modality", "PixelSpacing",
    "ImagerPixelSpacing", "RescaleSlope", "RescaleIntercept", "WindowCenter", "WindowWidth", "VOILUTFunction",
    "PhotometricInterpretation", "NumberOfFrames", "SpecificCharacterSet", "ViewPosition", "StudyInstanceUID",
    "EstimatedRadiographicMagnificationFactor", "PixelSpacingCalibrationType", "ImageLaterality", "Rows", "Columns",
    "BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation", "SamplesPerPixel", "PixelPaddingValue",
    "PixelData",
)  # fmt: skip


@st.composite
def _dicom(draw: st.DrawFn) -> bytes:
    """A sound DICOM file whose elements hold whatever bytes."""
    from pydicom.datadict import dictionary_VR, tag_for_keyword
    from pydicom.dataelem import RawDataElement
    from pydicom.tag import Tag

    from tests.factories import dataset
    from tests.fuzz.seeds.radiographs import HAND

    data = dataset(
        HAND, bits=12, photometric="MONOCHROME2", lut=draw(st.sampled_from(["none", "window", "voi lut"])), signed=False
    )
    for keyword in draw(st.lists(st.sampled_from(_TAGS), min_size=1, max_size=4)):
        tag = Tag(tag_for_keyword(keyword) or 0)
        vr = draw(st.sampled_from([dictionary_VR(tag).split(" ")[0], "UN", "LT", "SQ", "FD", "US"]))
        value = draw(_WORDS)
        data[tag] = RawDataElement(tag, vr, len(value), value, 0, False, True)
    data.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.1"
    written = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            data.save_as(written, enforce_file_format=True)
        except Exception:  # what pydicom will not write, nobody need read
            return b""
    return written.getvalue()


@st.composite
def _settings_file(draw: st.DrawFn) -> bytes:
    names = ("theme", "model", "panel_shown", "recent_files", "last_folder", "reference", "window_geometry")
    values = st.one_of(
        st.text(st.characters(codec="utf-8"), max_size=30),
        st.sampled_from(
            ["@ByteArray(x)", "@Variant(\\0\\0\\0\\x1)", "@Rect(1 2 3 4)", "a, b, c", '"', "@Invalid()", "true"]
        ),
    )
    lines = [f"{draw(st.sampled_from(names))}={draw(values)}" for _ in range(draw(st.integers(0, 8)))]
    return ("[General]\n" + "\n".join(lines)).encode()


_NODE: Final = {"name": "a", "host": "b", "port": 1, "ae_title": "C"}
STRATEGIES: Final[dict[str, Files]] = {
    "dicom": _dicom(),
    "csv": _csv(),
    "recipe": _as_json(RECIPES["improved"].to_json()),
    "config": _as_json(TrainingConfig().to_json()),
    "events": _event_lines(),
    "lines": _event_lines(),
    "evaluation": _as_json(evaluation()),
    "model": st.one_of(_changed(small_card().to_json()), _VALUES).map(with_card),
    "data": _as_json(source()),
    "canvases": _changed(shelf_head(2)).map(lambda head: shelf_of(head, 2)),
    "gate": st.deferred(lambda: _changed(small_gate_card().to_json()).map(with_card)),
    "upright": st.deferred(lambda: _changed(small_upright_card().to_json()).map(with_card)),
    "settings": _settings_file(),
    "nodes": _as_json(
        {"version": 1, "nodes": [{"name": "a", "host": "b", "port": 1, "ae_title": "C"}], "receiver": {}}
    ),
}
