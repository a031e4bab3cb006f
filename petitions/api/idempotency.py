"""`Idempotency-Key`: what was sent twice under one key is done once, and answered alike.

A program whose connection broke can't know whether its matter was registered; with a key it sends
again and gets the same case.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import QueryDict
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from petitions.api.bodies import Files
from petitions.models import Petition, Sending
from petitions.models.sending import KEPT, KEY_LENGTH
from workflow.errors import WorkflowError

HEADER = "Idempotency-Key"


class KeyUsed(WorkflowError):
    """Something else was sent under the same key."""

    code = "key_used"


@dataclass(frozen=True)
class Sent:
    """One request as far as it must be recognised: whose, under which key, and what."""

    cadre_id: int
    key: str
    body: str
    now: datetime

    @classmethod
    def of(cls, request: Request, cadre_id: int, now: datetime, data: Any, files: Files) -> Sent:
        """400 for a key that can't be kept."""
        key = request.headers.get(HEADER, "").strip()
        if len(key) > KEY_LENGTH or not key.isprintable():
            raise ValidationError({HEADER: [_("A key has at most 100 printable characters.")]})
        return cls(cadre_id, key, _fingerprint(data, files) if key else "", now)

    def earlier(self) -> Petition | None:
        """The case that was registered under the key within a day, with its rating code.

        Raises KeyUsed if something else was sent then.
        """
        mine = Sending.objects.filter(cadre=self.cadre_id, key=self.key)
        found = mine.select_related("petition").first() if self.key else None
        if found is None:
            return None
        if found.at <= self.now - KEPT:
            found.delete()
            return None
        if found.body != self.body:
            raise KeyUsed(
                _("Something else was sent under this Idempotency-Key: use a new key for it.")
            )
        case: Petition = found.petition
        case.rating_code = found.rating_code
        return case

    def remember(self, case: Petition) -> None:
        """Keep it; call it in the transaction that registers. IntegrityError: sent meanwhile."""
        if self.key:
            Sending.objects.create(
                cadre_id=self.cadre_id, key=self.key, body=self.body, petition=case,
                rating_code=case.rating_code, at=self.now,
            )  # fmt: skip


def _fingerprint(data: Any, files: Files) -> str:
    """Keyed, for it stands for personal data."""
    sent = dict(data.lists()) if isinstance(data, QueryDict) else data
    attached = [(one.name, _digest(one)) for name in sorted(files) for one in files.getlist(name)]
    text = json.dumps([sent, attached], sort_keys=True)
    return str(salted_hmac("petitions.sending", text, algorithm="sha256").hexdigest())


def _digest(file: Any) -> str:
    found = hashlib.sha256()
    for chunk in file.chunks():
        found.update(chunk)
    file.seek(0)
    return found.hexdigest()
