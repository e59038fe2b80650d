"""Who else has files decoded so: an explanation, the samples of a data set, the command that predicts, an export."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest

from boneage_gui import command_line, work
from boneage_gui.clinic.deidentify import Choices, Pseudonyms
from boneage_gui.work import decoder_line, samples
from boneage_gui.work.decoder import Decoder
from boneage_gui.work.deidentify import export_files
from boneage_gui.work.explaining import open_cases
from boneage_gui.work.samples import sample_canvases
from tests.conftest import LogWatch
from tests.factories import hand, write_dicom, write_png
from tests.gui.decoders import NAUGHTY, decoder, naughty
from trainer.data_summary import Sample
from trainer.predictor import Predictor
from trainer.preprocess import Preprocessing, to_canvas
from trainer.radiograph import read

__all__ = ["decoder", "naughty"]

LOOK = Preprocessing(side_px=48, network_px=48)
pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no signals")


def pictures(folder: Path, names: tuple[str, ...]) -> list[Path]:
    return [write_png(folder / f"{name}.png", hand(100 + 4 * number)) for number, name in enumerate(names)]


def test_a_case_that_ends_its_decoder_is_left_out_of_an_explanation(
    untrained_model: Path, tmp_path: Path, log_watch: LogWatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decoder_line, "PROGRAM", NAUGHTY)
    data = tmp_path / "data"
    data.mkdir()
    names = ("1", "segfault", "2", "aborts", "3")
    pictures(data, names)
    rows = "".join(f"{name},120,True\n" for name in names)
    (data / "cases.csv").write_text(f"id,boneage,male\n{rows}", encoding="utf-8")
    making = open_cases(Predictor.load(untrained_model), data, tmp_path / "cache")
    while True:
        try:
            next(making)
        except StopIteration as end:
            index = end.value
            break
    assert [case.picture.name for case in index.cases] == ["1.png", "2.png", "3.png"]
    assert index.left_out == 2
    log_watch.expect("a process that decodes ended")


def test_a_sample_that_ends_its_decoder_is_a_tile_without_a_picture(
    naughty: Decoder, tmp_path: Path, log_watch: LogWatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(samples, "sketcher", naughty)
    paths = pictures(tmp_path, ("1", "segfault", "2"))
    shown = [Sample(case_id=path.stem, path=path, age_months=100.0, sex=None) for path in paths]
    found = dict(sample_canvases(shown, LOOK))
    assert found[1] is None
    for place in (0, 2):
        canvas = found[place]
        assert canvas is not None
        assert np.array_equal(canvas, to_canvas(read(paths[place]), LOOK))
    log_watch.expect("a process that decodes ended")


@pytest.fixture
def naughty_reader(naughty: Decoder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "reader", naughty)


@pytest.mark.usefixtures("naughty_reader")
def test_a_file_that_ends_its_decoder_is_one_refused_line_of_a_prediction(
    untrained_model: Path, tmp_path: Path, log_watch: LogWatch, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = [str(path) for path in pictures(tmp_path, ("1", "segfault", "2"))]
    status = command_line.main(["predict", *paths, "--model", str(untrained_model), "--anyway", "--json"])
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert status == 1
    assert [Path(row["file"]).stem for row in rows] == ["1", "segfault", "2"]
    assert [row["age_months"] is not None for row in rows] == [True, False, True]
    assert rows[1]["refused"].startswith("The file “segfault.png” made its decoder stop.")
    log_watch.expect("a process that decodes ended")


@pytest.mark.usefixtures("naughty_reader")
@pytest.mark.parametrize("ending", [".png", ".dcm"])
def test_a_file_that_ends_its_decoder_while_it_is_written_is_one_refused_export(
    tmp_path: Path, log_watch: LogWatch, ending: str
) -> None:
    write = {".png": write_png, ".dcm": write_dicom}[ending]
    paths = [write(tmp_path / f"{name}{ending}", hand()) for name in ("1", "aborts the second time", "2")]
    out = tmp_path / "out"
    exported = list(export_files(paths, out, Pseudonyms(), Choices()))
    assert [one.path is not None for one in exported] == [True, False, True]
    assert "made its decoder stop" in exported[1].refused
    assert sorted(path.name for path in out.iterdir()) == [f"radiograph-{number:03d}{ending}" for number in (1, 2)]
    log_watch.expect("a process that decodes ended")


@pytest.mark.usefixtures("naughty_reader")
def test_where_an_export_cannot_be_written_the_system_says_why(tmp_path: Path) -> None:
    path = write_dicom(tmp_path / "1.dcm", hand())
    with pytest.raises(OSError, match="No such file"):
        work.write_bare(path, tmp_path / "gone" / "out.dcm", Pseudonyms(), Choices())
