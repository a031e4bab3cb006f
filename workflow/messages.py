"""A notice in the words in which it leaves the system: number, what to do, link, and nothing else.

Of a sealed accusation not even the number leaves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from agents.directory import Directory
from agents.models import Cadre
from workflow import progress
from workflow.models import Delivery
from workflow.notices import worded
from workflow.todos import TODOS

LINES = 50
"""Of a digest; of the others it says how many they are."""


@dataclass(frozen=True)
class Addressee:
    """Where one person is reached."""

    account: str
    name: str
    email: str
    phone: str


@dataclass(frozen=True)
class Message:
    """What a channel hands over. `key`: the same for each try, of no other message."""

    key: str
    to: Addressee
    kind: str
    language: str
    subject: str
    body: str
    short: str
    url: str


@dataclass(frozen=True)
class Line:
    """One notice: what happened, and what its reader does now."""

    text: str
    todo: str


def compose(row: Delivery) -> Message:
    """The message of a delivery: of one notice, or of all that go with it in a digest."""
    if row.recipient_id is None:
        return _to_petitioner(row)
    cadre = Cadre.objects.get(pk=row.recipient_id)
    rows = Delivery.objects.filter(lead=row.pk) if row.lead == row.pk else _alone(row)
    facts = rows.order_by("pk").values(
        "notice", "event__data", "event__to_state", "event__case__number", "event__case__sealed"
    )
    language = cadre.language or settings.LANGUAGE_CODE
    with override(language):
        lines = [_line(one) for one in facts]
        subject = _subject(lines)
        url = _url(facts[0] if len(lines) == 1 else None)
        context = {"cadre": cadre, "lines": lines[:LINES], "more": len(lines[LINES:]), "url": url}
        return Message(
            key=str(row.pk),
            to=Addressee(cadre.username, str(cadre), cadre.email, cadre.phone),
            kind=row.kind,
            language=language,
            subject=subject,
            body=render_to_string("notices/mail.txt", {**context, "office": settings.ORGAN_NAME}),
            short=" ".join(filter(None, [f"【{settings.ORGAN_NAME}】{subject}", url])),
            url=url,
        )


def _to_petitioner(row: Delivery) -> Message:
    """Of one handover, in the office's language; the telephone is all that is known of them."""
    case = "event__case"
    facts = Delivery.objects.values(
        "event__data", f"{case}__number", f"{case}__sealed", f"{case}__petitioner__phone"
    ).get(pk=row.pk)
    sealed = facts[f"{case}__sealed"]  # since it was written
    phone = "" if sealed else facts[f"{case}__petitioner__phone"]
    with override(settings.LANGUAGE_CODE):
        said = "" if sealed else petitioners_words(facts[f"{case}__number"], facts["event__data"])
        url = f"{settings.SITE_URL}{reverse('progress')}" if settings.SITE_URL else ""
        return Message(
            key=str(row.pk),
            to=Addressee("", "", "", phone),
            kind=row.kind,
            language=settings.LANGUAGE_CODE,
            subject=said,
            body=said,
            short=" ".join(filter(None, [f"【{settings.ORGAN_NAME}】{said}", url])),
            url=url,
        )


def petitioners_words(number: str, data: Mapping[str, Any]) -> str:
    """What the petitioner of the case `number` is told of the event with this data."""
    told = data.get(progress.KEY, {})
    return _("{number}: {said}").format(
        number=number, said=progress.worded(told, Directory.current())
    )


def _alone(row: Delivery) -> Any:
    return Delivery.objects.filter(pk=row.pk)


def _subject(lines: list[Line]) -> str:
    if len(lines) == 1:
        return lines[0].text
    many = len(lines)
    return ngettext(
        "%(many)s reminder waits for you this morning.",
        "%(many)s reminders wait for you this morning.",
        many,
    ) % {"many": many}


def _line(facts: Mapping[str, Any]) -> Line:
    if facts["event__case__sealed"]:
        return Line(_("A confidential message waits for you."), _("Sign in to read it."))
    name, data = facts["notice"], facts["event__data"]
    said = {**data, "state": facts["event__to_state"]}
    return Line(worded(name, facts["event__case__number"], said), str(TODOS.get(name, "")))


def _url(facts: Mapping[str, Any] | None) -> str:
    """The case's page, or the inbox for more than one; "" when the site's address is not set."""
    if not settings.SITE_URL:
        return ""
    if facts is None or facts["event__case__sealed"] or not facts["event__case__number"]:
        return f"{settings.SITE_URL}{reverse('inbox')}"
    return f"{settings.SITE_URL}{reverse('case', args=[facts['event__case__number']])}"
