"""Several calls at once, each in a thread with a connection of its own: see `test_races.py`."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from django.db import connection


def on_its_own(call: Callable[[], Any]) -> Callable[[], Any]:
    """The call for a thread: with a connection of its own, which it closes."""

    def run() -> Any:
        try:
            return call()
        finally:
            connection.close()

    return run


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Run the calls at the same moment; their results, or the errors they raised."""
    barrier = threading.Barrier(len(calls))

    def one(call: Callable[[], Any]) -> Any:
        barrier.wait(10)
        return call()

    with ThreadPoolExecutor(len(calls)) as threads:
        futures: list[Future[Any]] = [threads.submit(one, on_its_own(call)) for call in calls]
        return [future.exception() or future.result() for future in futures]
