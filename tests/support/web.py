"""A web server on this machine whose behaviour a test chooses, and that counts what it sends."""

from __future__ import annotations

import hashlib
import re
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@dataclass
class Web:
    """What is served, and how."""

    address: str
    files: dict[str, bytes] = field(default_factory=dict)
    """By path."""
    pieces: bool = True
    """Answer requests for parts of a file."""
    tagged: bool = True
    """Say which version a file is."""
    statuses: dict[str, int] = field(default_factory=dict)
    """By path: refuse with this status."""
    broken: int = 0
    """So many answers with content end in the middle."""
    before: Callable[[str, str], None] = lambda _method, _path: None
    """Called with every request."""
    asked: list[tuple[str, str]] = field(default_factory=list)
    """Method and address of every request."""
    answers: dict[str, Callable[[str, bytes], bytes]] = field(default_factory=dict)
    """By path: what is answered to a query and what is posted."""
    sent: int = 0
    """Bytes of content."""

    @staticmethod
    def tag(content: bytes) -> str:
        return hashlib.sha256(content).hexdigest()[:16]


@contextmanager
def serving() -> Iterator[Web]:
    """A server, until the context ends."""
    web = Web("")

    class Handler(_Handler):
        served = web

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    web.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield web
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    served: Web
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def do_POST(self) -> None:
        self._answer(body=True)

    def _answer(self, *, body: bool) -> None:
        web, path = self.served, unquote(urlsplit(self.path).path)
        web.asked.append((self.command, self.path))
        web.before(self.command, path)
        if path in web.answers:
            posted = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            found = web.answers[path](unquote(urlsplit(self.path).query), posted)
            self._send(200, {}, found, body=True)
            return
        status = web.statuses.get(path, 200 if path in web.files else 404)
        if status != 200:
            self._send(status, {}, b"", body=body)
            return
        content = web.files[path]
        headers = {"ETag": f'"{web.tag(content)}"'} if web.tagged else {}
        wanted = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
        if wanted and web.pieces:
            first, last = int(wanted[1]), min(int(wanted[2]), len(content) - 1)
            headers["Content-Range"] = f"bytes {first}-{last}/{len(content)}"
            self._send(206, headers, content[first : last + 1], body=body)
        else:
            self._send(200, headers, content, body=body)

    def _send(self, status: int, headers: dict[str, str], content: bytes, *, body: bool) -> None:
        web = self.served
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        if not body:
            return
        if web.broken and len(content) > 1:
            web.broken -= 1
            content = content[: len(content) // 2]
            self.close_connection = True
        web.sent += len(content)
        self.wfile.write(content)
