"""What every channel is."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from workflow.models import Delivery


class ChannelError(Exception):
    """The channel could not hand over; it will be tried again. The text holds no case contents."""


class Channel(Protocol):
    """Hands a delivery over, once for each delivery id however often it is called."""

    def send(self, delivery: Delivery, now: datetime) -> None:
        """Raises ChannelError when it could not."""
