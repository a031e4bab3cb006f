"""Mail, over Django's mail settings (`EMAIL_URL`)."""

from __future__ import annotations

import smtplib
from datetime import datetime
from email.headerregistry import Address
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from workflow.channels.base import ChannelDown, ChannelError, Outward, Undeliverable
from workflow.messages import Message

PERMANENT = 500
"""SMTP's answers from here on will be the same the next time."""


class MailChannel(Outward):
    """The Message-ID is made of the delivery's id: a server that has it takes no second one."""

    needs = "email"

    def post(self, message: Message, now: datetime) -> None:
        """One mail; the connection is not kept, so that no idle server can hold the next one up."""
        mail = EmailMessage(
            subject=message.subject,
            body=message.body,
            to=[message.to.email],
            connection=get_connection(),
            headers={"Message-ID": message_id(message.key), "Auto-Submitted": "auto-generated"},
        )
        try:
            mail.send()
        except smtplib.SMTPRecipientsRefused as refused:
            codes = [code for code, _said in refused.recipients.values()]
            error = Undeliverable if min(codes) >= PERMANENT else ChannelError
            raise error(f"mail refused: {codes[0]}") from refused
        except smtplib.SMTPResponseException as refused:
            raise ChannelError(f"mail server answered {refused.smtp_code}") from refused
        except (TimeoutError, smtplib.SMTPServerDisconnected, ConnectionError, OSError) as down:
            raise ChannelDown(f"mail server: {type(down).__name__}") from down


def message_id(key: str) -> str:
    """The same for each try of the same delivery."""
    host = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].partition("@")[2] or "localhost"
    return f"<{Address(username=f'delivery-{key}', domain=host).addr_spec}>"
