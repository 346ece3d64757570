"""Serves a page to this machine alone."""

import functools
import threading
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

HOST = "127.0.0.1"


class PageServer:
    """Serves the files of a page.

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
        if not (Path(folder) / "index.html").is_file():
            raise FileNotFoundError(
                f"The folder must be one that `rnnzoo page` wrote. Received: {folder}"
            )
        handler = functools.partial(_Handler, directory=str(folder))
        self._server = ThreadingHTTPServer((HOST, port), handler)
        self.url = f"http://{HOST}:{self._server.server_address[1]}/"

    def run(self) -> None:
        """Serves until Ctrl-C."""
        try:
            self._server.serve_forever()
        except KeyboardInterrupt:
            pass
        finally:
            self._server.server_close()

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Handler(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Python's own table depends on the machine.
    extensions_map = {  # noqa: RUF012
        ".css": "text/css",
        ".html": "text/html",
        ".js": "text/javascript",
        ".json": "application/json",
        ".onnx": "application/octet-stream",
        ".svg": "image/svg+xml",
        ".txt": "text/plain; charset=utf-8",
        ".wasm": "application/wasm",
    }

    def list_directory(self, path: Any) -> None:
        self.send_error(HTTPStatus.NOT_FOUND)

    def log_message(self, format: str, *args: Any) -> None:
        """Logs nothing."""
