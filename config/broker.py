"""The two brokers, each with one thing of kombu 5.7 mended.

Redis: a worker must outlive the loss of it. While Redis is away, kombu asks a channel whose
connection was given up for its address: to put an unacknowledged message back, or to acknowledge
one late. It fails with an AttributeError that nobody expects, and the worker ends. A lost
connection is an error that everybody expects: the message is lost, which costs one tick, for what
is due stands in the database.

Files: a message must appear whole. Kombu writes it in the place where it is read, so that a worker
that is quick enough takes half of it, fails to understand it, and ends.
"""

from __future__ import annotations

from pathlib import Path
from time import monotonic
from typing import Any
from uuid import uuid4

from kombu.exceptions import ChannelError
from kombu.transport import filesystem, redis
from kombu.utils.json import dumps


class Channel(redis.Channel):
    """A channel that says so when its connection is gone."""

    def _connparams(self, asynchronous: bool = False) -> Any:
        if self.connection.client is None:
            raise ConnectionError("the connection to the broker was given up")
        return super()._connparams(asynchronous=asynchronous)  # type: ignore[no-untyped-call]


class Transport(redis.Transport):
    """What `broker_transport` names where there is a Redis."""

    Channel = Channel


class FilesChannel(filesystem.Channel):
    """A channel that writes a message beside its place and then renames it."""

    def _put(self, queue: Any, payload: Any, **kwargs: Any) -> Any:  # type: ignore[override]
        """In the order of their coming, by name, as kombu reads them."""
        place = Path(self.data_folder_out) / f"{round(monotonic() * 1000)}_{uuid4()}.{queue}.msg"
        beside = place.with_suffix(".part")
        try:
            beside.write_text(dumps(payload))  # type: ignore[no-untyped-call]
            beside.rename(place)
        except OSError as error:
            raise ChannelError(f"Cannot add {place}") from error


class FilesTransport(filesystem.Transport):
    """What `broker_transport` names where there is none."""

    Channel = FilesChannel
