"""Several calls at once, each in a thread with a connection of its own: see `test_races.py`."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from django.db import connection


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Run the calls at the same moment; their results, or the errors they raised."""
    barrier = threading.Barrier(len(calls))

    def one(call: Callable[[], Any]) -> Any:
        try:
            barrier.wait(10)
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as threads:
        futures: list[Future[Any]] = [threads.submit(one, call) for call in calls]
        return [future.exception() or future.result() for future in futures]
