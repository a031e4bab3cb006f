"""Ways to hand a notice over. A channel is told the delivery's id: its idempotency key."""

from workflow.channels.base import Channel, ChannelError
from workflow.channels.inbox import InboxChannel

CHANNELS: dict[str, Channel] = {"inbox": InboxChannel()}

__all__ = ["CHANNELS", "Channel", "ChannelError"]
