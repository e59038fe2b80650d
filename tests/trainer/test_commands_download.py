"""``boneage download rsna DIR``, with the set's own layout on a server of this machine."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.trainer import small
from tests.trainer.file_server import Manners, served
from trainer import download as downloading
from trainer.__main__ import main
from trainer.cases import read_cases
from trainer.commands import download
from trainer.radiograph import Sex

Capture = pytest.CaptureFixture[str]


def _zip(members: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as zipped:
        for name, content in members.items():
            zipped.writestr(name, content)
    return stream.getvalue()


def _png(grey: int) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(np.full((40, 30), grey, dtype=np.uint8)).save(stream, "PNG")
    return stream.getvalue()


@pytest.fixture
def manners() -> Manners:
    """The set as it lies on its server, three radiographs a part; annotations and validation under their own names."""
    pictures = {f"boneage-training-dataset/{case}.png": _png(case) for case in (11, 12, 13)}
    inner = [_zip({f"boneage-validation-dataset-{part}/{20 + part}.png": _png(part)}) for part in (1, 2)]
    return Manners(
        files={
            "/Bone+Age+Training+Set.zip": _zip({**pictures, "__MACOSX/boneage-training-dataset/._11.png": b"junk"}),
            "/Bone+Age+Training+Set+Annotations.zip": _zip(
                {"train.csv": b"id,boneage,male\r\n11,100,False\r\n12,50,True\r\n13,7,True\r\n"}
            ),
            "/Bone+Age+Validation+Set.zip": _zip(
                {
                    "Bone Age Validation Set/Validation Dataset.csv": b"\xef\xbb\xbfImage ID,male,Bone Age (months)\n"
                    b"21,TRUE,120\n22,FALSE,60\n",
                    "Bone Age Validation Set/boneage-validation-dataset-1.zip": inner[0],
                    "Bone Age Validation Set/boneage-validation-dataset-2.zip": inner[1],
                }
            ),
        }
    )


@pytest.fixture(autouse=True)
def _local(manners: Manners, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("http_proxy", raising=False)
    with served(manners) as address:
        monkeypatch.setattr(download, "ADDRESS", f"{address}/")
        monkeypatch.setattr(download, "SCHEMES", ("http",))
        monkeypatch.setattr(downloading, "WAITS_S", ())
        yield


def test_a_set_of_another_size_than_was_published_is_said(
    manners: Manners, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["download", "rsna", str(tmp_path / "set")]) == 0
    assert "published with 12,611 radiographs; this one lists 3." in capsys.readouterr().err
    monkeypatch.setitem(download.PARTS, "training", replace(download.PARTS["training"], radiographs=3))
    assert main(["download", "rsna", str(tmp_path / "set")]) == 0
    assert "published" not in capsys.readouterr().err


def test_the_training_part_is_ready_to_train_on(manners: Manners, tmp_path: Path, capsys: Capture) -> None:
    assert main(["download", "rsna", str(tmp_path / "set")]) == 0
    out = capsys.readouterr().out
    cases = read_cases(tmp_path / "set" / "training").cases
    assert [(case.case_id, case.age_months, case.sex) for case in cases] == [
        ("11", 100.0, Sex.FEMALE),
        ("12", 50.0, Sex.MALE),
        ("13", 7.0, Sex.MALE),
    ]
    assert [case.image_path.read_bytes() for case in cases] == [_png(11), _png(12), _png(13)]
    assert "3 labelled radiographs" in out
    assert f"boneage fit {tmp_path / 'set' / 'training'}" in out
    assert "not commercial" in out
    for name, content in list(manners.files.items())[:2]:
        assert f"{name[1:].replace('+', '-')}: SHA-256 {hashlib.sha256(content).hexdigest()}" in out
    assert sorted(path.name for path in (tmp_path / "set").iterdir()) == ["archives", "training"]
    assert sorted(path.name for path in (tmp_path / "set" / "training").iterdir()) == [
        "boneage-training-dataset",
        "boneage-training-dataset.csv",
    ]


def test_the_validation_part_is_archives_in_an_archive(tmp_path: Path, capsys: Capture) -> None:
    assert main(["download", "rsna", str(tmp_path / "set"), "--part", "all"]) == 0
    cases = read_cases(tmp_path / "set" / "validation").cases
    assert [(case.case_id, case.age_months, case.sex) for case in cases] == [
        ("21", 120.0, Sex.MALE),
        ("22", 60.0, Sex.FEMALE),
    ]
    assert len(read_cases(tmp_path / "set" / "training").cases) == 3
    assert not list((tmp_path / "set" / "validation").glob(".unpacking*"))


def test_again_it_fetches_nothing(manners: Manners, tmp_path: Path) -> None:
    assert main(["download", "rsna", str(tmp_path / "set")]) == 0
    manners.asked.clear()
    (tmp_path / "set" / "training" / "boneage-training-dataset" / "12.png").unlink()
    assert main(["download", "rsna", str(tmp_path / "set")]) == 0
    assert manners.asked == []
    assert len(read_cases(tmp_path / "set" / "training").cases) == 3


def test_a_download_that_broke_off_goes_on(manners: Manners, tmp_path: Path, capsys: Capture) -> None:
    manners.cut_after = [100, 0]
    assert main(["download", "rsna", str(tmp_path / "set")]) == 1
    assert "goes on from there" in capsys.readouterr().err
    assert not (tmp_path / "set" / "training").exists()
    manners.cut_after.clear()
    manners.asked.clear()
    assert main(["download", "rsna", str(tmp_path / "set")]) == 0
    assert manners.asked[0][1] == "bytes=100-"


def test_ctrl_c_says_that_it_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    def stopped(*_: object, **__: object) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(download, "fetch", stopped)
    assert main(["download", "rsna", str(tmp_path / "set")]) == 130
    assert "The same command goes on from here." in capsys.readouterr().err


def test_a_given_hash_is_that_of_the_radiographs(manners: Manners, tmp_path: Path, capsys: Capture) -> None:
    digest = hashlib.sha256(manners.files["/Bone+Age+Training+Set.zip"]).hexdigest()
    assert main(["download", "rsna", str(tmp_path / "wrong"), "--sha256", "0" * 64]) == 1
    assert digest in small.sentence(capsys)
    assert main(["download", "rsna", str(tmp_path / "set"), "--sha256", digest.upper()]) == 0
    capsys.readouterr()
    assert main(["download", "rsna", str(tmp_path / "set"), "--part", "all", "--sha256", digest]) == 1
    assert "--part" in small.sentence(capsys)


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"notes.txt": b""}, "no table of ages"),
        ({"train.csv": b"name,age\n1,2\n"}, "not the table of ages"),
        ({"train.csv": b""}, "not the table of ages"),
        ({"train.csv": b"id,boneage,male\n1\n"}, "not the table of ages"),
        ({"train.csv": b"\xff\xfe\x00id"}, "not the table of ages"),
        ({"train.csv": b"id,boneage,male\n", "other/test.csv": b""}, "twice"),
        ({"../train.csv": b"id,boneage,male\n"}, "leads out"),
    ],
)
def test_an_archive_that_is_another_is_a_sentence(
    manners: Manners, tmp_path: Path, capsys: Capture, members: dict[str, bytes], words: str
) -> None:
    manners.files["/Bone+Age+Training+Set+Annotations.zip"] = _zip(members)
    assert main(["download", "rsna", str(tmp_path / "set")]) == 1
    assert words in small.sentence(capsys)
    assert not (tmp_path / "set" / "training" / "boneage-training-dataset.csv").exists()


def test_other_errors_are_one_sentence(manners: Manners, tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "taken").write_text("")
    assert main(["download", "rsna", str(tmp_path / "taken")]) == 1
    assert "could not be written" in small.sentence(capsys)
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "training").write_text("")
    assert main(["download", "rsna", str(tmp_path / "set")]) == 1
    assert "could not be" in small.sentence(capsys)
    manners.files.clear()
    assert main(["download", "rsna", str(tmp_path / "new")]) == 1
    assert "404" in small.sentence(capsys)


@pytest.mark.parametrize("options", [["mednist", "x"], ["rsna"], ["rsna", "x", "--sha256", "abc"]])
def test_what_makes_no_sense_shows_how_it_goes(options: list[str], capsys: Capture) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["download", *options])
    assert ended.value.code == 2
    assert "usage: boneage" in capsys.readouterr().err
