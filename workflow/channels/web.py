"""Text messages and enterprise messengers: JSON posted to a gateway of the office's own choice."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
from collections.abc import Collection
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from workflow.channels.base import ChannelDown, ChannelError, Outward, Undeliverable
from workflow.codes import NoticeKind
from workflow.messages import Message

#: The gateway understood and will never take it; whatever else it refuses may be its settings.
NEVER = frozenset({400, 410, 413, 422})
DONE = frozenset(range(200, 300))
ANSWER_BYTES = 4096


class WebChannel(Outward):
    """Posts `{id, to, account, kind, subject, text, url}`; the answer's status must be 2xx.

    `Idempotency-Key` is the delivery's id. With a `secret`, `X-Signature` is the HMAC-SHA256 in
    hex of `X-Timestamp`, a full stop and the body. `answer`: words without which a 2xx is no yes.
    """

    def __init__(
        self,
        label: Any,
        url: str,
        *,
        secret: str = "",
        answer: str = "",
        needs: str = "",
        kinds: Collection[str] = NoticeKind.values,
    ) -> None:
        super().__init__(label)
        self.url, self.secret, self.answer = urlsplit(url), secret, answer
        self.needs, self.kinds = needs, frozenset(kinds)  # type: ignore[misc]

    def post(self, message: Message, now: datetime) -> None:
        """One request, which waits for an answer `CHANNEL_SECONDS` at most."""
        body = json.dumps(
            {
                "id": message.key,
                "to": message.to.phone if self.needs == "phone" else message.to.account,
                "account": message.to.account,
                "kind": message.kind,
                "subject": message.subject,
                "text": message.short,
                "url": message.url,
            },
            ensure_ascii=False,
        ).encode()
        try:
            status, said = self._ask(body, self._headers(message.key, body, now))
        except (OSError, http.client.HTTPException) as down:
            raise ChannelDown(f"gateway: {type(down).__name__}") from down
        if status in NEVER:
            raise Undeliverable(f"gateway answered {status}")
        if status not in DONE:
            raise ChannelError(f"gateway answered {status}")
        if self.answer not in said:
            raise ChannelError("gateway did not say yes")

    def _headers(self, key: str, body: bytes, now: datetime) -> dict[str, str]:
        headers = {"Content-Type": "application/json", "Idempotency-Key": key}
        if self.secret:
            stamp = str(int(now.timestamp()))
            signed = hmac.new(self.secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256)
            headers |= {"X-Timestamp": stamp, "X-Signature": signed.hexdigest()}
        return headers

    def _ask(self, body: bytes, headers: dict[str, str]) -> tuple[int, str]:
        """Status and the first words of the answer. Follows no redirection."""
        kind = http.client.HTTPConnection if self.url.scheme == "http" else _Secure
        connection = kind(self.url.netloc, timeout=settings.CHANNEL_SECONDS)
        path = f"{self.url.path or '/'}{'?' if self.url.query else ''}{self.url.query}"
        try:
            connection.request("POST", path, body, headers)
            answer = connection.getresponse()
            said = answer.read1(ANSWER_BYTES) if self.answer else b""
            return answer.status, said.decode(errors="replace")
        finally:
            connection.close()


_Secure = http.client.HTTPSConnection
