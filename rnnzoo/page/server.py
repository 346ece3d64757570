"""Serves a page to this machine alone."""

import mimetypes
import threading
import urllib.parse
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

from rnnzoo.page.writer import page_files

HOST = "127.0.0.1"
# What the page may do: run its own scripts and WebAssembly, and ask its own host.
# index.html says the same for hosts that send no headers.
POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; "
    "style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'"
)
HEADERS = {
    "Content-Security-Policy": f"{POLICY}; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".onnx": "application/octet-stream",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
}
CHUNK = 1 << 20


class PageServer:
    """Serves the files of a page, those that are there when it starts and no others.

    Args:
        folder: Folder that `write_page` wrote.
        port: Port to listen on. Default 0: a free one.

    Attributes:
        url: Address of the page.

    Raises:
        FileNotFoundError: If there is no page in the folder.
        OSError: If the port is taken.
    """

    def __init__(self, folder: str | Path, port: int = 0):
        folder = Path(folder).resolve()
        files = {f"/{name}": folder / name for name in page_files(folder)}
        if "/index.html" not in files:
            raise FileNotFoundError(
                f"The folder must be one that `rnnzoo page` wrote. Received: {folder}"
            )
        files["/"] = files["/index.html"]

        class Handler(_Handler):
            known = files

        self._server = ThreadingHTTPServer((HOST, port), Handler)
        self._server.daemon_threads = True
        self.url = f"http://{HOST}:{self._server.server_address[1]}/"
        self._thread: threading.Thread | None = None

    def run(self) -> None:
        """Serves until Ctrl-C."""
        try:
            self._server.serve_forever()
        except KeyboardInterrupt:
            pass
        finally:
            self._server.server_close()

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    known: dict[str, Path] = {}  # noqa: RUF012
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing."""

    def version_string(self) -> str:
        return "rnnzoo"

    def _answer(self, with_body: bool) -> None:
        name = urllib.parse.unquote(urllib.parse.urlsplit(self.path).path)
        path = self.known.get(name)
        if path is None or not path.is_file():
            body = f"There is no {name} on this page.\n".encode()
            self._begin(HTTPStatus.NOT_FOUND, TYPES[".txt"], len(body))
            if with_body:
                self.wfile.write(body)
            return
        with path.open("rb") as file:
            kind = TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0]
            self._begin(HTTPStatus.OK, kind or TYPES[".onnx"], path.stat().st_size)
            while with_body and (chunk := file.read(CHUNK)):
                self.wfile.write(chunk)

    def _begin(self, status: HTTPStatus, kind: str, size: int) -> None:
        self.send_response(status)
        for key, value in HEADERS.items():
            self.send_header(key, value)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(size))
        self.end_headers()
