"""The static files of the pages on a port of this process, so that no file passes through the browser's debugger."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from portal_pages import statics


class Answer(BaseHTTPRequestHandler):
    """What the product answers below /static/, without its headers for caches."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body, kind = statics.files().get(self.path, (b"", "text/plain"))
        head = f"HTTP/1.1 {200 if body else 404} -\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
        self.wfile.write(head.encode() + body)

    def log_message(self, *_: Any) -> None:
        """Nothing: browsers that leave are no news."""


@contextmanager
def serving() -> Iterator[int]:
    """Serve on 127.0.0.1 until the end; the port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # a browser that closes is no fault
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.5}, daemon=True)
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()
