"""Redis as the broker, with one thing mended: a worker must outlive the loss of it.

While Redis is away, kombu 5.7 asks a channel whose connection was given up for its address: to put
an unacknowledged message back, or to acknowledge one late. It fails with an AttributeError that
nobody expects, and the worker ends. A lost connection is an error that everybody expects: the
message is lost, which costs one tick, for what is due stands in the database.
"""

from __future__ import annotations

from typing import Any

from kombu.transport import redis


class Channel(redis.Channel):
    """A channel that says so when its connection is gone."""

    def _connparams(self, asynchronous: bool = False) -> Any:
        if self.connection.client is None:
            raise ConnectionError("the connection to the broker was given up")
        return super()._connparams(asynchronous=asynchronous)  # type: ignore[no-untyped-call]


class Transport(redis.Transport):
    """What `broker_transport` names."""

    Channel = Channel
