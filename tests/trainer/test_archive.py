"""Archives that are as they should be, and archives made to do harm."""

from __future__ import annotations

import os
import shutil
import stat
import zipfile
from pathlib import Path

import pytest

from trainer import download
from trainer.archive import unpack
from trainer.errors import DataError


def _zip(path: Path, members: dict[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as zipped:
        for name, content in members.items():
            zipped.writestr(name, content)
    return path


def _png(name: str) -> str | None:
    return name if name.endswith(".png") else None


def _files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_chosen_members_lie_flat_in_the_folder(tmp_path: Path) -> None:
    members = {"set/1.png": b"one", "set/in/2.png": b"two", "set/notes.txt": b"no", "__MACOSX/set/._1.png": b"no"}
    steps: list[tuple[int, int]] = []
    made = unpack(_zip(tmp_path / "a.zip", members), tmp_path / "out", _png, progress=lambda *step: steps.append(step))
    assert made == [tmp_path / "out" / "1.png", tmp_path / "out" / "2.png"]
    assert [path.read_bytes() for path in made] == [b"one", b"two"]
    assert _files(tmp_path / "out") == ["1.png", "2.png"]
    assert steps == [(1, 2), (2, 2)]


@pytest.mark.parametrize(
    "name", ["../1.png", "set/../../1.png", "/etc/1.png", "..\\1.png", "C:\\1.png", "C:1.png", "\\\\host\\share\\1.png"]
)
def test_a_path_that_leads_out_refuses_the_whole_archive(tmp_path: Path, name: str) -> None:
    path = _zip(tmp_path / "a.zip", {"0.png": b"fine", name: b"evil"})
    with pytest.raises(DataError, match=r"leads out of its folder.*nothing of it is unpacked"):
        unpack(path, tmp_path / "in" / "out", _png)
    assert not (tmp_path / "in").exists()
    assert not (tmp_path / "1.png").exists()


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFBLK, stat.S_IFSOCK])
def test_a_link_or_device_refuses_the_whole_archive(tmp_path: Path, kind: int) -> None:
    entry = zipfile.ZipInfo("1.png")
    entry.external_attr = (kind | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as zipped:
        zipped.writestr(entry, "/etc/passwd")
    with pytest.raises(DataError, match="holds a link"):
        unpack(tmp_path / "a.zip", tmp_path / "out", _png)
    assert not (tmp_path / "out").exists()


def test_a_link_that_lies_in_the_folder_is_replaced_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside.png"
    outside.write_bytes(b"mine")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "1.png").symlink_to(outside)
    unpack(_zip(tmp_path / "a.zip", {"1.png": b"theirs"}), tmp_path / "out", _png)
    assert outside.read_bytes() == b"mine"
    assert (tmp_path / "out" / "1.png").read_bytes() == b"theirs"


def test_a_bomb_is_refused_before_it_is_written(tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", {f"{index}.png": bytes(5_000_000) for index in range(4)})
    assert path.stat().st_size < 30_000
    with pytest.raises(DataError, match="unpacks to 20,000,000 bytes, more than 1,000,000"):
        unpack(path, tmp_path / "out", _png, largest_total_bytes=1_000_000)
    many = _zip(tmp_path / "b.zip", {f"{index}.png": b"" for index in range(11)})
    with pytest.raises(DataError, match="holds 11 files, more than 10"):
        unpack(many, tmp_path / "out", _png, most_members=10)
    assert not (tmp_path / "out").exists()


def test_a_member_that_is_larger_than_it_says_is_refused(tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", {"1.png": bytes(100_000)})
    content = path.read_bytes()
    lie = content.replace((100_000).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    assert lie != content
    path.write_bytes(lie)
    with pytest.raises(DataError, match="damaged or not a zip"):
        unpack(path, tmp_path / "out", _png)
    assert _files(tmp_path / "out") == []


def test_a_changed_byte_fails_the_check(tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", {"1.png": b"first", "2.png": b"second"}, method=zipfile.ZIP_STORED)
    path.write_bytes(path.read_bytes().replace(b"second", b"sEcond"))
    with pytest.raises(DataError, match=r"a\.zip is damaged or not a zip file.*download it again"):
        unpack(path, tmp_path / "out", _png)
    assert _files(tmp_path / "out") == ["1.png"]


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x03\x04" + bytes(100), b"PK\x05\x06" + bytes(18)])
def test_what_is_no_zip_is_a_sentence_or_empty(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(content)
    if content.startswith(b"PK\x05"):  # an empty archive, which is one
        assert unpack(path, tmp_path / "out", _png) == []
        return
    with pytest.raises(DataError, match="damaged or not a zip"):
        unpack(path, tmp_path / "out", _png)


def test_an_archive_cut_short_is_a_sentence(tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", {"1.png": os.urandom(5000)})
    path.write_bytes(path.read_bytes()[:3000])
    with pytest.raises(DataError, match="damaged or not a zip"):
        unpack(path, tmp_path / "out", _png)


def test_what_is_said_of_a_damaged_archive_stays_a_sentence(tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", {"1" * 2000 + ".png": b"x"})
    path.write_bytes(path.read_bytes().replace(b"1" * 2000, b"\x1b" * 2000, 1))
    with pytest.raises(DataError, match="damaged or not a zip") as raised:
        unpack(path, tmp_path / "out", lambda _: "1.png")
    assert str(raised.value).isprintable()
    assert len(str(raised.value)) < 200


def test_damage_inside_a_member_is_a_sentence(tmp_path: Path) -> None:
    for method in (zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED):
        path = tmp_path / f"{method}.zip"
        with zipfile.ZipFile(path, "w", method) as zipped:
            zipped.writestr("1.png", os.urandom(300) * 20)
        content = bytearray(path.read_bytes())
        content[60:200] = bytes(byte ^ 0xA5 for byte in content[60:200])
        path.write_bytes(bytes(content))
        with pytest.raises(DataError, match=r"is damaged or not a zip file|could not be unpacked"):
            unpack(path, tmp_path / "out", _png)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_what_could_ask_for_any_memory_is_not_unpacked(tmp_path: Path, method: int) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", method) as zipped:
        zipped.writestr("1.png", b"x" * 300)
    with pytest.raises(DataError, match=r"packed in an unusual way\."):
        unpack(path, tmp_path / "out", _png)
    assert not (tmp_path / "out" / "1.png").exists()


def test_an_encrypted_archive_and_two_of_a_name_are_sentences(tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", {"1.png": b"x"})
    content = bytearray(path.read_bytes())
    content[content.find(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(bytes(content))
    with pytest.raises(DataError, match="encrypted"):
        unpack(path, tmp_path / "out", _png)
    with pytest.raises(DataError, match=r"holds 1\.png twice"):
        unpack(_zip(tmp_path / "b.zip", {"a/1.png": b"x", "b/1.png": b"y"}), tmp_path / "out", _png)


def test_unpacking_again_writes_only_what_is_missing_or_damaged(tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", {f"{index}.png": bytes([index]) * 50 for index in range(4)})
    unpack(path, tmp_path / "out", _png)
    untouched = (tmp_path / "out" / "0.png").stat().st_mtime_ns
    (tmp_path / "out" / "1.png").unlink()
    (tmp_path / "out" / "2.png").write_bytes(b"short")
    (tmp_path / "out" / "3.png").write_bytes(b"x" * 50)
    steps: list[tuple[int, int]] = []
    unpack(path, tmp_path / "out", _png, progress=lambda *step: steps.append(step))
    assert steps == [(2, 4), (3, 4), (4, 4)]
    assert [(tmp_path / "out" / f"{index}.png").read_bytes() for index in range(4)] == [
        bytes([index]) * 50 for index in range(4)
    ]
    assert (tmp_path / "out" / "0.png").stat().st_mtime_ns == untouched


def test_a_full_disk_is_known_before_and_said_in_the_middle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _zip(tmp_path / "a.zip", {"1.png": b"x"})
    with monkeypatch.context() as patch:
        patch.setattr(download, "SPARE_BYTES", 1 << 62)
        with pytest.raises(DataError, match="There is no room"):
            unpack(path, tmp_path / "out", _png)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copyfileobj", full)
    with pytest.raises(DataError, match="could not be unpacked: No space left on device"):
        unpack(path, tmp_path / "out", _png)
    assert _files(tmp_path / "out") == []
