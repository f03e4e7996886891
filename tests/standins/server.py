"""An HTTP server on loopback for one test, with a socket that can be dropped in mid-answer."""

from __future__ import annotations

import socket
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Heard:
    """One request as it came in."""

    verb: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Say:
    """One answer. `drop` closes the connection instead; `drip` sends a byte each so many seconds.

    `drip_head` drips the status line and the headers too.
    """

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)
    drop: bool = False
    drip: float = 0.0
    drip_head: bool = False


class LoopbackServer:
    """Listens on 127.0.0.1 from the moment it is made; subclasses answer in `hear`, on many threads."""

    def __init__(self, port: int = 0) -> None:
        outer = self

        class Handler(_Handler):
            standin = outer

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 256

            def handle_error(self, request: Any, client_address: Any) -> None:
                """Quiet: a peer that hangs up before we answered is what many tests are about."""

        self.closing = threading.Event()
        self._server = Server(("127.0.0.1", port), Handler)
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def hear(self, heard: Heard) -> Say:
        raise NotImplementedError

    def close(self) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()

    def wait_for_ctrl_c(self) -> None:
        """Serves until the process is interrupted."""
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            self.close()

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # One write an answer: headers and body apart meet Nagle's algorithm and take 40 ms.
    wbufsize = -1
    disable_nagle_algorithm = True
    standin: LoopbackServer

    def _answer(self) -> None:
        path, _, query = self.path.partition("?")
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        say = self.standin.hear(Heard(self.command, path, query, dict(self.headers.items()), body))
        if say.drop:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        if say.drip_head:
            self.close_connection = True
            self._drip(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n" + say.body, say.drip)
            return
        self.send_response(say.status)
        self.send_header("Content-Type", say.content_type)
        self.send_header("Content-Length", str(len(say.body)))
        for name, value in say.headers.items():
            self.send_header(name, value)
        self.end_headers()
        if say.drip:
            self._drip(say.body, say.drip)
        else:
            self.wfile.write(say.body)

    def _drip(self, raw: bytes, seconds: float) -> None:
        for position in range(len(raw)):
            self.wfile.write(raw[position : position + 1])
            self.wfile.flush()
            if self.standin.closing.wait(seconds):
                return

    do_GET = do_POST = do_PUT = do_DELETE = _answer  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet: what came in is kept by the stand-in."""
