"""What every channel is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar, Protocol

from workflow.codes import NoticeKind
from workflow.messages import Message, compose
from workflow.models import Delivery


class ChannelError(Exception):
    """The channel could not hand over; it will be tried again. The text holds no case contents."""


class ChannelDown(ChannelError):
    """Nobody answers in time: who comes next would only wait as long."""


class Undeliverable(ChannelError):
    """This message will never arrive, however often it is tried."""


class Channel(Protocol):
    """Hands deliveries over, once for each delivery's id however often it is called.

    `at_once`: how many it takes in one call; they arrive all or none.
    """

    label: Any
    at_once: int

    def send(self, rows: Sequence[Delivery], now: datetime) -> None:
        """Raises ChannelError when it could not."""


class Outward(ABC):
    """A channel that leaves the system: one message after the other.

    `needs`: the column of a cadre that holds the address ("": the account's name will do).
    `kinds`: what it brings to those who did not choose for themselves.
    """

    at_once = 1
    needs: str = ""
    kinds: ClassVar[frozenset[str]] = frozenset(NoticeKind.values)

    def __init__(self, label: Any) -> None:
        self.label = label

    def send(self, rows: Sequence[Delivery], now: datetime) -> None:
        """Put the notices into words, and post them."""
        for row in rows:
            message = compose(row)
            if self.needs and not getattr(message.to, self.needs):
                raise Undeliverable(f"no {self.needs} is known")
            self.post(message, now)

    @abstractmethod
    def post(self, message: Message, now: datetime) -> None:
        """Raises ChannelError when it could not."""
