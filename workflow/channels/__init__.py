"""Ways to hand a notice over. A channel is told the delivery's id: its idempotency key.

The in-app inbox is always there; of the others those that the settings give an address.
"""

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from workflow.channels.base import Channel, ChannelDown, ChannelError, Outward, Undeliverable
from workflow.channels.files import FileChannel
from workflow.channels.inbox import InboxChannel
from workflow.channels.mail import MailChannel
from workflow.channels.web import WebChannel
from workflow.codes import NoticeKind

INBOX = "inbox"
#: Every channel there may be beside the inbox.
LABELS = {
    "email": _("Mail"), "sms": _("Text message"), "messenger": _("Messenger"),
    "file": _("File of the intranet"),
}  # fmt: skip
OUTWARD = tuple(LABELS)
BY_HAND = "hand"
"""No channel: what waits for somebody who prints it, tells it or sends it otherwise."""
TO_PETITIONERS = ("sms", "file")
"""Channels that may reach a petitioner, the first that is set up: they have no account."""


def configured() -> dict[str, Channel]:
    """The channels that the settings know an address for."""
    found: dict[str, Channel] = {INBOX: InboxChannel()}
    if settings.EMAIL_URL:
        found["email"] = MailChannel(LABELS["email"])
    (sms, *sms_words), (messenger, *messenger_words) = (
        settings.HTTP_CHANNELS[name] for name in ("sms", "messenger")
    )
    if sms:
        secret, answer = sms_words
        found["sms"] = WebChannel(
            LABELS["sms"], sms, secret=secret, answer=answer,
            needs="phone", kinds=[NoticeKind.URGENT],
        )  # fmt: skip
    if messenger:
        secret, answer = messenger_words
        found["messenger"] = WebChannel(
            LABELS["messenger"], messenger, secret=secret, answer=answer
        )
    if settings.FILE_CHANNEL:
        found["file"] = FileChannel(LABELS["file"])
    return found


CHANNELS = configured()

__all__ = [
    "BY_HAND", "CHANNELS", "INBOX", "LABELS", "OUTWARD", "TO_PETITIONERS", "Channel",
    "ChannelDown", "ChannelError", "Outward", "Undeliverable", "configured",
]  # fmt: skip
