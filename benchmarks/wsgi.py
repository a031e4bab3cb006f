"""The product's WSGI application with the no-op view; each answer says which worker gave it."""

import os
from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.db import connections

from config.wsgi import application as product

settings.ROOT_URLCONF = "benchmarks.urls"
if os.environ.get("BENCH_CONNECTIONS") == "fresh":
    # What the product never does: to show what a connection for each request costs.
    connections.settings["default"]["CONN_MAX_AGE"] = 0


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """The product's answer with the worker's process id in a header."""

    def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
        return start_response(status, [*headers, ("X-Worker", str(os.getpid()))], *more)

    answer: Iterable[bytes] = product(environ, start)
    return answer
