"""Download: one large file over HTTPS, going on where it stopped; size and SHA-256 checked, then renamed."""

from __future__ import annotations

import hashlib
import http.client
import json
import re
import shutil
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final
from urllib.parse import urlsplit

from trainer.errors import DataError

SCHEMES: Final = ("https",)
CHUNK_BYTES: Final = 1 << 20
SPARE_BYTES: Final = 512 << 20  # left free on the disk
LARGEST_BYTES: Final = 32 << 30  # more than any archive asked for here
TIMEOUT_S: Final = 60.0
REDIRECTIONS: Final = 5
WAITS_S: Final = (1.0, 2.0, 4.0, 8.0, 16.0)  # between attempts that brought nothing

Progress = Callable[[int, int | None], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be had, and what is known of it."""

    url: str
    size_bytes: int | None = None
    sha256: str | None = None
    largest_bytes: int = LARGEST_BYTES
    schemes: tuple[str, ...] = SCHEMES


def fetch(
    wanted: Wanted, path: Path, *, progress: Progress | None = None, waits_s: tuple[float, ...] | None = None
) -> str:
    """Download to ``path`` and return the SHA-256, which is also kept in ``<name>.sha256`` beside it.

    What came so far lies in ``<name>.part``; another call goes on from there where the server can, else starts over.
    A file that is there already is checked against the hash given or kept. Raises DataError.
    """
    expected = (wanted.sha256 or _kept(path) or "").lower() or None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_file():
            return _checked(path, path, expected)
        _fetch_part(wanted, path, progress or (lambda done, total: None), WAITS_S if waits_s is None else waits_s)
        part = _part(path)
        digest = _checked(part, path, expected)
        _sum_path(path).write_text(f"{digest}  {path.name}\n", encoding="utf-8")
        part.replace(path)
        _tag_path(path).unlink(missing_ok=True)
    except OSError as error:
        raise DataError(f"{path} could not be written: {error.strerror or error}.") from error
    return digest


def file_sha256(path: Path) -> str:
    """Hash a file of any size. OSError passes through."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class _LostError(Exception):
    """The connection ended early, or the server is busy: worth another attempt."""


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows a few redirections, never to a less safe scheme."""

    max_redirections = REDIRECTIONS

    def __init__(self, schemes: tuple[str, ...]) -> None:
        self.schemes = schemes

    def redirect_request(  # noqa: PLR0917 - urllib's own signature
        self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> Any:
        _need_scheme(newurl, self.schemes)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _fetch_part(wanted: Wanted, path: Path, progress: Progress, waits_s: tuple[float, ...]) -> None:
    """Bring ``<name>.part`` to its whole size, in as many attempts as bring something."""
    _need_scheme(wanted.url, wanted.schemes)
    opener = urllib.request.build_opener(_Redirects(wanted.schemes))
    part, failures = _part(path), 0
    while True:
        before = _size(part)
        try:
            _attempt(opener, wanted, path, progress)
        except _LostError as error:
            failures = 0 if _size(part) > before else failures + 1
            if failures > len(waits_s):
                raise DataError(
                    f"The download from {_host(wanted.url)} does not go on: {error}. What came so far is kept; the "
                    "same command goes on from there."
                ) from error
            time.sleep(waits_s[failures - 1] if failures else 0)
        else:
            return


def _attempt(opener: urllib.request.OpenerDirector, wanted: Wanted, path: Path, progress: Progress) -> None:
    part = _part(path)
    have = _size(part)
    headers = {"User-Agent": "boneage", "Accept-Encoding": "identity"}
    if have:
        headers["Range"] = f"bytes={have}-"
        tag = _read_tag(path, wanted.url)
        if tag:
            headers["If-Range"] = tag  # a file that was replaced meanwhile comes whole
    request = urllib.request.Request(wanted.url, headers=headers)  # noqa: S310 - the scheme was checked
    try:
        response = opener.open(request, timeout=TIMEOUT_S)
    except urllib.error.HTTPError as error:
        with error:
            _judge(error, part, have, wanted)
        return
    except urllib.error.URLError as error:
        raise _LostError(str(error.reason)) from error
    except (http.client.HTTPException, OSError) as error:  # of the network: nothing was written yet
        raise _LostError("the connection was lost") from error
    with response:
        _receive(response, wanted, path, have, progress)


def _judge(error: urllib.error.HTTPError, part: Path, have: int, wanted: Wanted) -> None:
    """Return where the part is whole already; else raise what the server's refusal means."""
    if error.code == http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and have:
        found = re.fullmatch(r"bytes \*/(\d+)", error.headers.get("Content-Range", ""))
        if found and int(found[1]) == have and wanted.size_bytes in (None, have):
            return
        part.unlink(missing_ok=True)  # longer than the file: of another one
        raise _LostError("the part kept does not fit the file; it begins anew") from error
    if error.code >= 500 or error.code == http.HTTPStatus.TOO_MANY_REQUESTS:
        raise _LostError(f"the server is busy ({error.code})") from error
    raise DataError(f"{_host(wanted.url)} does not give {wanted.url} ({error.code} {error.reason}).") from error


def _receive(response: Any, wanted: Wanted, path: Path, have: int, progress: Progress) -> None:
    part = _part(path)
    start, total = 0, _number(response.headers.get("Content-Length"))
    if response.status == http.HTTPStatus.PARTIAL_CONTENT:
        found = re.fullmatch(r"bytes (\d+)-\d+/(\d+)", response.headers.get("Content-Range", ""))
        if found is None or int(found[1]) != have:
            part.unlink(missing_ok=True)
            raise _LostError("the server answered with another range than asked for")
        start, total = have, int(found[2])
    _need_room(wanted, path, start, total)
    _write_tag(path, wanted.url, response.headers.get("ETag"))
    bound = wanted.largest_bytes if total is None else total
    with part.open("r+b" if start else "wb") as file:
        file.seek(start)
        file.truncate()
        done = _copy(response, file, start, bound, lambda count: progress(count, total))
    if done > bound:
        part.unlink(missing_ok=True)
        raise DataError(f"{_host(wanted.url)} sends more than it announced; the download was given up.")
    if total is not None and done < total:
        raise _LostError(f"the connection ended after {done:,} of {total:,} bytes")
    if wanted.size_bytes is not None and done != wanted.size_bytes:
        part.unlink(missing_ok=True)
        raise DataError(f"{path.name} should have {wanted.size_bytes:,} bytes, but {done:,} came.")


def _copy(response: Any, file: IO[bytes], start: int, bound: int, progress: Callable[[int], None]) -> int:
    done = start
    while done <= bound:
        try:
            chunk = response.read(CHUNK_BYTES)
        except (OSError, http.client.HTTPException) as error:  # of the connection; the file's own pass through
            raise _LostError("the connection was lost") from error
        if not chunk:
            break
        file.write(chunk)
        done += len(chunk)
        progress(done)
    return done


def _need_room(wanted: Wanted, path: Path, start: int, total: int | None) -> None:
    if total is None:
        return
    if wanted.size_bytes not in (None, total):
        raise DataError(
            f"The server offers {total:,} bytes for {path.name}, not the {wanted.size_bytes:,} that it should have."
        )
    if total > wanted.largest_bytes:
        raise DataError(f"{path.name} has {total:,} bytes, more than the {wanted.largest_bytes:,} expected at most.")
    need_free(path.parent, total - start)


def need_free(folder: Path, size_bytes: int) -> None:
    """Raise DataError when a disk has no room for so much and some spare. OSError passes through."""
    free = shutil.disk_usage(folder).free
    if free < size_bytes + SPARE_BYTES:
        raise DataError(
            f"There is no room in {folder}: {(size_bytes + SPARE_BYTES) / 1e9:.1f} GB are needed, "
            f"{free / 1e9:.1f} GB are free."
        )


def _checked(path: Path, named: Path, expected: str | None) -> str:
    digest = file_sha256(path)
    if expected is not None and digest != expected:
        if path != named:
            path.unlink()
        raise DataError(
            f"{named.name} is not the file it should be: its SHA-256 is {digest}, not {expected}. "
            + ("It was deleted." if path != named else "Delete it and its .sha256 file, then download it again.")
        )
    if path == named and expected is None:
        _sum_path(named).write_text(f"{digest}  {named.name}\n", encoding="utf-8")
    return digest


def _need_scheme(url: str, schemes: tuple[str, ...]) -> None:
    if urlsplit(url).scheme not in schemes:
        raise DataError(f"{url} is not downloaded: only {' or '.join(schemes)} is used.")


def _host(url: str) -> str:
    return urlsplit(url).hostname or "the server"


def _part(path: Path) -> Path:
    return path.with_name(f"{path.name}.part")


def _sum_path(path: Path) -> Path:
    return path.with_name(f"{path.name}.sha256")


def _tag_path(path: Path) -> Path:
    return path.with_name(f"{path.name}.part.json")


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _kept(path: Path) -> str | None:
    """Return the hash kept beside a file, or None."""
    with suppress(OSError, UnicodeDecodeError):
        found = re.match(r"([0-9a-fA-F]{64})\b", _sum_path(path).read_text(encoding="utf-8"))
        return found[1] if found else None
    return None


def _write_tag(path: Path, url: str, tag: str | None) -> None:
    strong = tag if tag and not tag.startswith("W/") else None
    _tag_path(path).write_text(json.dumps({"url": url, "etag": strong}), encoding="utf-8")


def _read_tag(path: Path, url: str) -> str | None:
    with suppress(OSError, ValueError, AttributeError):
        values = json.loads(_tag_path(path).read_text(encoding="utf-8"))
        tag = values.get("etag") if values.get("url") == url else None
        return tag if isinstance(tag, str) and tag.isprintable() else None
    return None


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() else None
