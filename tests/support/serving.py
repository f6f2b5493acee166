"""A web server for tests of downloads: what it sends, and how it fails, is for the test to say."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Site(ThreadingHTTPServer):
    """A web server; `ranges`: it can begin in the middle, `cut`: it hangs up after so many bytes.

    `raw`: what it sends instead, byte for byte, one answer a request; the last one again and again.
    """

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.content: dict[str, bytes] = {}
        self.raw: dict[str, list[bytes]] = {}
        self.headers: list[dict[str, str]] = []
        self.asked: list[tuple[str, str | None]] = []
        self.ranges = True
        self.cut: int | None = None
        self.url = f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    server: Site

    def do_GET(self) -> None:
        wanted = self.headers["Range"]
        self.server.asked.append((self.path, wanted))
        self.server.headers.append(dict(self.headers))
        if answers := self.server.raw.get(self.path):
            self.wfile.write(answers.pop(0) if len(answers) > 1 else answers[0])
            self.close_connection = True
            return
        data = self.server.content.get(self.path)
        if data is None:
            self.send_error(404)
            return
        start = int(wanted[6:-1]) if wanted and self.server.ranges else 0
        if start >= len(data) and start:
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{len(data)}")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        self.send_header("Content-Length", str(len(data) - start))
        self.end_headers()
        self.wfile.write(data[start : self.server.cut])

    def do_CONNECT(self) -> None:
        """As a proxy that wants a password."""
        self.send_error(407)

    def log_message(self, *_: object) -> None:
        """Says nothing."""
