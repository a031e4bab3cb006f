"""The inbox: notices to one cadre. They hold no case contents; the case says the rest."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import F, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from petitions.paging import NewestPage, newest
from workflow.models import InboxMessage
from workflow.notices import worded

PAGE = 25
GRAVE = frozenset({"clock_expired", "clock_overdue", "rework", "redo_ordered", "review_requested"})
"""Notices that can't wait."""
DATES = ["clock_warned", "clock_expired", "clock_overdue"]
"""What the ladders of the terms tell."""

TABS: dict[str, tuple[Any, Q]] = {
    "all": (gettext_lazy("All"), Q()),
    "unread": (gettext_lazy("Unread"), Q(read_at=None)),
    "dates": (
        gettext_lazy("Dates"),
        Q(notice__in=DATES),
    ),
    "requests": (gettext_lazy("Requests"), Q(notice__in=["request_made", "request_decided"])),
}


@login_required
@never_cache
@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    """One's own notices, newest first."""
    mine = InboxMessage.objects.filter(recipient_id=request.user.pk)
    tab = request.GET.get("tab", "")
    tab = tab if tab in TABS else "all"
    found = newest(
        mine.filter(TABS[tab][1]).annotate(number=F("case__number")),
        after=_id(request, "after"),
        before=_id(request, "before"),
        size=PAGE,
    )
    rows = [_shown(message) for message in found.rows]
    context = {
        "page": NewestPage(rows, found.before, found.after),
        "unread": mine.filter(read_at=None).count(),
        "tabs": [
            {"url": f"?tab={key}", "label": label, "current": key == tab}
            for key, (label, _narrow) in TABS.items()
        ],
        "read_all_url": reverse("read_all"),
        "newest": rows[0]["id"] if rows else 0,
        "now": timezone.now(),
    }
    return render(request, "petitions/inbox.html", context)


@login_required
@never_cache
@require_GET
def open_message(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark one notice as read and go to its case, which decides whether it may still be seen."""
    mine = InboxMessage.objects.filter(recipient_id=request.user.pk, pk=pk)
    number = mine.values_list("case__number", flat=True).first()
    if number is None:
        raise Http404(_("There is no such message."))
    mine.filter(read_at=None).update(read_at=timezone.now())
    return redirect("case", number)


@login_required
@never_cache
@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """Mark everything up to the newest notice that was on the page as read."""
    text = request.POST.get("up_to", "")
    rows = InboxMessage.objects.filter(recipient_id=request.user.pk, read_at=None)
    if text.isdecimal():
        rows = rows.filter(pk__lte=int(text))
    rows.update(read_at=timezone.now())
    return redirect("inbox")


def _shown(message: Any) -> dict[str, Any]:
    return {
        "id": message.pk,
        "title": worded(message.notice, message.number, message.data),
        "number": message.number,
        "url": reverse("open_message", args=[message.pk]),
        "at": message.at,
        "read_at": message.read_at,
        "grave": message.notice in GRAVE,
    }


def _id(request: HttpRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    return int(text) if text.isdecimal() else None
