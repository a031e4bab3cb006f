"""The worker's side of the broker: it outlives the loss of Redis whatever it was doing."""

from __future__ import annotations

import logging
from typing import Any

from celery.worker.consumer import Consumer

log = logging.getLogger(__name__)


class PatientConsumer(Consumer):
    """Waits for its broker to come back.

    When Redis goes away while a message is not yet acknowledged, kombu 5.7 wants to put the message
    back over the connection it is just giving up, fails with an AttributeError that Celery does not
    expect, and the worker ends. Here the message is lost instead, which costs one tick: what is
    due stands in the database.
    """

    def on_connection_error_after_connected(self, exc: Exception) -> Any:
        """Give up the broken connection; the caller then waits for a new one."""
        try:
            super().on_connection_error_after_connected(exc)  # type: ignore[no-untyped-call]
        except AttributeError as failure:
            log.warning("a message could not be put back: its task waits for the next tick (%s)",
                        failure)  # fmt: skip
