"""Channels for tests: one that remembers, and a gateway that answers as it is told."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from workflow.channels import Outward
from workflow.messages import Message


class Remembering(Outward):
    """Keeps what it is given; fails with `error` while there is one, for `only` if given."""

    def __init__(self, needs: str = "", kinds: frozenset[str] | None = None) -> None:
        super().__init__("Remembering")
        self.needs = needs
        if kinds is not None:
            self.kinds = kinds  # type: ignore[misc]
        self.messages: list[Message] = []
        self.error: Exception | None = None
        self.only: str | None = None
        self.tried: list[str] = []

    def post(self, message: Message, now: datetime) -> None:
        self.tried.append(message.to.account)
        if self.error and self.only in (None, message.to.account):
            raise self.error
        self.messages.append(message)

    @property
    def reached(self) -> list[str]:
        """The accounts that got something, in order."""
        return [message.to.account for message in self.messages]


@dataclass
class Gateway:
    """What a gateway is told to do, and the requests it got: (headers, body)."""

    url: str = ""
    status: int = 200
    says: str = '{"code": 0}'
    waits: float = 0
    requests: list[tuple[dict[str, str], Any]] = field(default_factory=list)

    @property
    def keys(self) -> list[str]:
        """The idempotency keys, in order."""
        return [headers["Idempotency-Key"] for headers, _body in self.requests]


@contextmanager
def gateway() -> Iterator[Gateway]:
    """A gateway on this machine, gone at the end."""
    told = Gateway()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            told.requests.append((dict(self.headers), json.loads(body)))
            time.sleep(told.waits)
            said = told.says.encode()
            try:
                self.send_response(told.status)
                self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)
            except OSError:
                self.close_connection = True  # who asked has gone

        def log_message(self, *_args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    told.url = f"http://127.0.0.1:{server.server_port}/send?app=1"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield told
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
