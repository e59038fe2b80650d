"""A server of files on this machine that can be told to misbehave, for tests of downloads."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Manners:
    """What the server holds, how it behaves, and what it was asked."""

    files: dict[str, bytes] = field(default_factory=dict)
    ranges: bool = True
    etag: str | None = '"one"'
    cut_after: list[int] = field(default_factory=list)  # bytes of the next answers, one each; then whole
    failures: list[int] = field(default_factory=list)  # statuses of the next answers, one each
    extra: bytes = b""  # sent behind what was announced; announces nothing then
    announce: bool = True  # whether the length is told
    redirect: dict[str, str] = field(default_factory=dict)
    wrong_range: bool = False
    asked: list[tuple[str, str | None, str | None]] = field(default_factory=list)  # path, Range, If-Range


class _Handler(BaseHTTPRequestHandler):
    manners: Manners

    def do_GET(self) -> None:
        manners = self.manners
        wanted = self.headers.get("Range")
        manners.asked.append((self.path, wanted, self.headers.get("If-Range")))
        if manners.failures:
            self._refuse(manners.failures.pop(0))
            return
        if self.path in manners.redirect:
            self.send_response(302)
            self.send_header("Location", manners.redirect[self.path])
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        if self.path not in manners.files:
            self._refuse(404)
            return
        self._answer(manners, manners.files[self.path], wanted)

    def _answer(self, manners: Manners, content: bytes, wanted: str | None) -> None:
        found = re.fullmatch(r"bytes=(\d+)-", wanted or "")
        same = self.headers.get("If-Range") in (None, manners.etag)
        start = int(found[1]) if found and manners.ranges and same else 0
        if start >= len(content) and start:
            self._refuse(416, f"bytes */{len(content)}")
            return
        self.send_response(206 if start else 200)
        if start:
            shown = start + 1 if manners.wrong_range else start
            self.send_header("Content-Range", f"bytes {shown}-{len(content) - 1}/{len(content)}")
        if manners.announce:
            self.send_header("Content-Length", str(len(content) - start))
        if manners.etag:
            self.send_header("ETag", manners.etag)
        self.end_headers()
        body = content[start:] + manners.extra
        self.wfile.write(body[: manners.cut_after.pop(0)] if manners.cut_after else body)
        self.close_connection = True

    def _refuse(self, status: int, content_range: str | None = None) -> None:
        self.send_response(status)
        if content_range:
            self.send_header("Content-Range", content_range)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@contextmanager
def served(manners: Manners) -> Iterator[str]:
    """Serve until the end of the block; yield the address, without a slash at its end."""
    handler = type("Handler", (_Handler,), {"manners": manners})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
