"""Somebody's page, with another page in a frame."""

from __future__ import annotations

import html
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# What the cookie of a framed page is called.
COOKIE = "third_party"


@contextmanager
def site(address: str) -> Iterator[str]:
    """Serves on a loopback address; `/?frame=…` shows a page in a frame, `/cookie` tries to set a cookie."""
    server = ThreadingHTTPServer((address, 0), _Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://{address}:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    """Pages that need no state."""

    def do_GET(self) -> None:
        """Answers with a page."""
        path, _, framed = self.path.partition("?frame=")
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        if path == "/cookie":
            self.send_header("Set-Cookie", f"{COOKIE}=1; Secure; SameSite=None; Path=/")
        self.end_headers()
        frame = f'<iframe src="{html.escape(framed)}" title="Framed" width="600" height="405"></iframe>' if framed else ""
        self.wfile.write(f'<!doctype html><html lang="en"><title>Somebody</title><link rel="icon" href="data:,"><main><h1>Somebody</h1>{frame}</main>'.encode())

    def log_message(self, format: str, *args: object) -> None:
        """Nobody reads it."""
