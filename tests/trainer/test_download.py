"""Downloads from a server on this machine that breaks off, lies and changes its mind."""

from __future__ import annotations

import errno
import hashlib
import os
import signal
import ssl
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.trainer.file_server import Manners, served
from trainer import download
from trainer.download import Wanted, fetch
from trainer.errors import DataError

ROOT = Path(__file__).parents[2]
CONTENT = bytes(range(256)) * 40  # 10,240 bytes
DIGEST = hashlib.sha256(CONTENT).hexdigest()
AT_ONCE = (0.0, 0.0)


@pytest.fixture
def manners() -> Manners:
    """What the server does in this test."""
    return Manners(files={"/a.zip": CONTENT})


@pytest.fixture
def address(manners: Manners) -> Iterator[str]:
    """The server's address."""
    with served(manners) as found:
        yield found


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "CHUNK_BYTES", 1000)
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


def _fetch(address: str, path: Path, *, name: str = "/a.zip", **wanted: Any) -> str:
    return fetch(Wanted(url=address + name, schemes=("http",), **wanted), path, waits_s=AT_ONCE)


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name != "home")


def test_a_file_comes_whole_with_its_hash_beside_it(address: str, tmp_path: Path) -> None:
    path = tmp_path / "new" / "a.zip"
    steps: list[tuple[int, int | None]] = []
    wanted = Wanted(url=f"{address}/a.zip", schemes=("http",), size_bytes=len(CONTENT), sha256=DIGEST.upper())
    assert fetch(wanted, path, progress=lambda *step: steps.append(step)) == DIGEST
    assert path.read_bytes() == CONTENT
    assert path.with_name("a.zip.sha256").read_text() == f"{DIGEST}  a.zip\n"
    assert _names(path.parent) == ["a.zip", "a.zip.sha256"]
    assert steps[0] == (1000, 10_240)
    assert steps[-1] == (10_240, 10_240)


def test_a_connection_that_breaks_off_is_taken_up_again(address: str, manners: Manners, tmp_path: Path) -> None:
    manners.cut_after = [3500, 2000, 0, 1500]
    assert _fetch(address, tmp_path / "a.zip") == DIGEST
    assert (tmp_path / "a.zip").read_bytes() == CONTENT
    starts = [int((wanted or "bytes=0-")[6:-1]) for _, wanted, _ in manners.asked]
    assert starts == [0, 3500, 5500, 5500, 7000]  # nothing came twice
    assert {tag for _, wanted, tag in manners.asked if wanted} == {'"one"'}


def test_what_came_before_a_failure_is_kept_for_the_next_call(address: str, manners: Manners, tmp_path: Path) -> None:
    manners.cut_after = [4000, 0, 0, 0]
    with pytest.raises(DataError, match=r"does not go on.*goes on from there\."):
        _fetch(address, tmp_path / "a.zip")
    assert (tmp_path / "a.zip.part").read_bytes() == CONTENT[:4000]
    assert not (tmp_path / "a.zip").exists()
    manners.asked.clear()
    assert _fetch(address, tmp_path / "a.zip") == DIGEST
    assert manners.asked == [("/a.zip", "bytes=4000-", '"one"')]
    assert _names(tmp_path) == ["a.zip", "a.zip.sha256"]


def test_a_server_without_ranges_starts_over(address: str, manners: Manners, tmp_path: Path) -> None:
    manners.ranges = False
    manners.cut_after = [4000]
    assert _fetch(address, tmp_path / "a.zip") == DIGEST
    assert (tmp_path / "a.zip").read_bytes() == CONTENT


def test_a_file_that_changed_meanwhile_comes_whole(address: str, manners: Manners, tmp_path: Path) -> None:
    manners.cut_after = [4000, 0, 0, 0]
    with pytest.raises(DataError):
        _fetch(address, tmp_path / "a.zip")
    manners.files["/a.zip"], manners.etag = CONTENT[::-1], '"two"'
    _fetch(address, tmp_path / "a.zip")
    assert (tmp_path / "a.zip").read_bytes() == CONTENT[::-1]


def test_another_range_than_asked_for_is_never_joined(address: str, manners: Manners, tmp_path: Path) -> None:
    manners.cut_after = [4000]
    manners.wrong_range = True
    assert _fetch(address, tmp_path / "a.zip") == DIGEST


def test_a_part_that_is_whole_already_needs_no_more(address: str, manners: Manners, tmp_path: Path) -> None:
    (tmp_path / "a.zip.part").write_bytes(CONTENT)  # killed before it was renamed
    assert _fetch(address, tmp_path / "a.zip") == DIGEST
    assert len(manners.asked) == 1


def test_a_part_that_is_too_long_begins_anew(address: str, manners: Manners, tmp_path: Path) -> None:
    (tmp_path / "a.zip.part").write_bytes(b"x" * 20_000)
    assert _fetch(address, tmp_path / "a.zip") == DIGEST
    assert (tmp_path / "a.zip").read_bytes() == CONTENT


def test_a_busy_server_is_asked_again_but_not_for_ever(address: str, manners: Manners, tmp_path: Path) -> None:
    manners.failures = [503, 429]
    assert _fetch(address, tmp_path / "a.zip") == DIGEST
    manners.failures = [503] * 9
    with pytest.raises(DataError, match="busy"):
        _fetch(address, tmp_path / "b.zip")
    assert len(manners.failures) == 6  # three attempts


@pytest.mark.parametrize("status", [403, 404, 410])
def test_a_file_that_is_not_there_is_a_sentence_at_once(
    address: str, manners: Manners, tmp_path: Path, status: int
) -> None:
    manners.failures = [status]
    with pytest.raises(DataError, match=rf"127\.0\.0\.1 does not give http://.*/a\.zip \({status} .+\)\."):
        _fetch(address, tmp_path / "a.zip")
    assert len(manners.asked) == 1
    assert _names(tmp_path) == []


def test_a_network_that_goes_away_before_the_answer_is_tried_again(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, failures = urllib.request.OpenerDirector.open, [OSError(errno.EHOSTUNREACH, "No route"), ssl.SSLEOFError()]

    def failing(*given: Any, **named: Any) -> Any:
        if failures:
            raise failures.pop()
        return real(*given, **named)

    monkeypatch.setattr(urllib.request.OpenerDirector, "open", failing)
    assert _fetch(address, tmp_path / "a.zip") == DIGEST
    assert not failures
    failures += [OSError(errno.EHOSTUNREACH, "No route")] * 3
    with pytest.raises(DataError, match="does not go on: the connection was lost"):
        _fetch(address, tmp_path / "b.zip")


def test_no_server_is_a_sentence(tmp_path: Path) -> None:
    with served(Manners()) as address:
        pass
    with pytest.raises(DataError, match="does not go on"):
        _fetch(address, tmp_path / "a.zip")


def test_another_size_than_known_is_refused_before_it_comes(address: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"offers 10,240 bytes for a\.zip, not the 9,999"):
        _fetch(address, tmp_path / "a.zip", size_bytes=9_999)
    assert _names(tmp_path) == []


def test_an_unannounced_size_is_checked_at_the_end(address: str, manners: Manners, tmp_path: Path) -> None:
    manners.announce = False
    with pytest.raises(DataError, match="should have 9,999 bytes, but 10,240 came"):
        _fetch(address, tmp_path / "a.zip", size_bytes=9_999)
    assert not (tmp_path / "a.zip.part").exists()
    assert _fetch(address, tmp_path / "a.zip", size_bytes=10_240) == DIGEST


def test_a_download_has_a_bound(address: str, manners: Manners, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="more than the 5,000 expected at most"):
        _fetch(address, tmp_path / "a.zip", largest_bytes=5_000)
    manners.announce = False
    with pytest.raises(DataError, match="sends more than it announced"):
        _fetch(address, tmp_path / "a.zip", largest_bytes=5_000)
    assert not (tmp_path / "a.zip").exists()
    assert not (tmp_path / "a.zip.part").exists()


def test_a_wrong_hash_is_refused_and_not_resumed(address: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=f"not the file it should be: its SHA-256 is {DIGEST}.*It was deleted"):
        _fetch(address, tmp_path / "a.zip", sha256="0" * 64)
    assert not (tmp_path / "a.zip").exists()
    assert not (tmp_path / "a.zip.part").exists()
    assert _fetch(address, tmp_path / "a.zip", sha256=DIGEST) == DIGEST


def test_a_file_that_is_there_is_checked_and_not_fetched(address: str, manners: Manners, tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    _fetch(address, path)
    manners.asked.clear()
    assert _fetch(address, path) == DIGEST
    assert manners.asked == []
    path.write_bytes(CONTENT[:-1] + b"x")
    with pytest.raises(DataError, match=r"a\.zip is not the file it should be.*Delete it"):
        _fetch(address, path)
    assert path.exists()  # whose file it is, we do not know
    path.write_bytes(CONTENT)
    (tmp_path / "a.zip.sha256").unlink()
    assert _fetch(address, path) == DIGEST
    assert (tmp_path / "a.zip.sha256").exists()


def test_the_hash_kept_of_an_earlier_download_still_counts(address: str, manners: Manners, tmp_path: Path) -> None:
    _fetch(address, tmp_path / "a.zip")
    (tmp_path / "a.zip").unlink()
    manners.files["/a.zip"] = CONTENT[::-1]
    with pytest.raises(DataError, match="not the file it should be"):
        _fetch(address, tmp_path / "a.zip")


def test_only_https_is_used_and_no_redirection_leaves_it(address: str, manners: Manners, tmp_path: Path) -> None:
    for url in (f"{address}/a.zip", "file:///etc/hostname", "ftp://example.org/a.zip"):
        with pytest.raises(DataError, match="only https is used"):
            fetch(Wanted(url=url), tmp_path / "a.zip")
    assert manners.asked == []
    manners.redirect = {"/b.zip": "file:///etc/hostname"}
    with pytest.raises(DataError, match="not allowed"):  # urllib's own rule
        _fetch(address, tmp_path / "a.zip", name="/b.zip")
    manners.redirect = {"/b.zip": "https://127.0.0.1:1/a.zip"}
    with pytest.raises(DataError, match="only http is used"):
        _fetch(address, tmp_path / "a.zip", name="/b.zip")
    manners.redirect = {"/b.zip": "/a.zip"}
    assert _fetch(address, tmp_path / "a.zip", name="/b.zip") == DIGEST


def test_redirections_have_an_end(address: str, manners: Manners, tmp_path: Path) -> None:
    manners.redirect = {"/a.zip": "/b.zip", "/b.zip": "/a.zip"}
    with pytest.raises(DataError, match="does not give"):
        _fetch(address, tmp_path / "a.zip")
    assert len(manners.asked) <= 10


def test_a_disk_without_room_is_known_before(address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "SPARE_BYTES", 1 << 62)
    with pytest.raises(DataError, match="There is no room in"):
        _fetch(address, tmp_path / "a.zip")
    assert _names(tmp_path) == []


def test_a_folder_that_cannot_be_written_is_a_sentence(address: str, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(DataError, match="could not be written"):
        _fetch(address, tmp_path / "taken" / "a.zip")


def test_an_interrupted_process_leaves_what_goes_on(manners: Manners, tmp_path: Path) -> None:
    """A real Ctrl-C in the middle of a real download, by a process of its own."""
    manners.files["/a.zip"] = CONTENT * 2000  # 20 MB
    code = (
        "import signal, sys, time; from pathlib import Path; from trainer.download import Wanted, fetch\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # who runs us may ignore it, and so would we
        "def slowly(done, total): print(done, flush=True); time.sleep(5)\n"
        "fetch(Wanted(url=sys.argv[1], schemes=('http',)), Path(sys.argv[2]), progress=slowly)"
    )
    with served(manners) as address:
        command = [sys.executable, "-c", code, f"{address}/a.zip", str(tmp_path / "a.zip")]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment) as child:
            assert child.stdout is not None
            child.stdout.readline()
            child.send_signal(signal.SIGINT)
            child.communicate(timeout=60)
        assert child.returncode != 0
        left = (tmp_path / "a.zip.part").stat().st_size
        assert 0 < left < len(CONTENT) * 2000
        manners.asked.clear()
        _fetch(address, tmp_path / "a.zip")
        assert manners.asked[0][1] == f"bytes={left}-"
    assert (tmp_path / "a.zip").read_bytes() == CONTENT * 2000


def test_a_damaged_note_of_the_tag_does_no_harm(address: str, manners: Manners, tmp_path: Path) -> None:
    for text in ("{", "[]", '{"url": 3}', '{"etag": "x"}', "\x00"):
        (tmp_path / "a.zip.part").write_bytes(CONTENT[:100])
        (tmp_path / "a.zip.part.json").write_text(text)
        assert _fetch(address, tmp_path / "a.zip") == DIGEST
        (tmp_path / "a.zip").unlink()
