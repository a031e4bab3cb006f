"""The inbox: notices to one cadre. They hold no case contents; the case says the rest."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from petitions.forms.inbox import TABS, InboxFilter, PreferencesForm
from petitions.masking import mask_phone
from petitions.paging import NewestPage, capped_count, newest
from workflow.codes import NoticeKind
from workflow.models import InboxMessage
from workflow.notices import worded

PAGE = 25
ABOUT_NO_CASE = "watching"
"""The page behind notices about no single case: daily reports that are missing."""


@login_required
@never_cache
@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    """One's own notices, newest first."""
    mine = InboxMessage.objects.filter(recipient_id=request.user.pk)
    tab = request.GET.get("tab", "")
    tab = tab if tab in TABS else "all"
    form = InboxFilter(request.GET)
    found = newest(
        form.narrowed(mine.filter(TABS[tab][1])).annotate(number=F("case__number")),
        after=_id(request, "after"),
        before=_id(request, "before"),
        size=PAGE,
    )
    rows = [_shown(message) for message in found.rows]
    context = {
        "page": NewestPage(rows, found.before, found.after),
        "unread": capped_count(mine.filter(read_at=None)),
        "tabs": [
            {"key": key, "label": label, "current": key == tab} for key, (label, _q) in TABS.items()
        ],
        "form": form,
        "narrowed": any(request.GET.get(name) for name in form.fields),
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
    if number is None and not mine.exists():
        raise Http404(_("There is no such message."))
    mine.filter(read_at=None).update(read_at=timezone.now())
    return redirect("case", number) if number else redirect(ABOUT_NO_CASE)


@login_required
@never_cache
@require_POST
def tick_message(request: HttpRequest, pk: int) -> HttpResponse:
    """Tick one notice as done, which is also read then, or take the tick away; back to the page."""
    mine = InboxMessage.objects.filter(recipient_id=request.user.pk, pk=pk)
    if not mark_done(mine, request.POST.get("done") == "1"):
        raise Http404(_("There is no such message."))
    back = request.POST.get("back", "")
    allowed = url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    return redirect(back if allowed else reverse("inbox"))


def mark_done(rows: Any, done: bool) -> int:
    """Tick notices, or take their ticks away; how many."""
    now = timezone.now()
    rows.filter(read_at=None).update(read_at=now)
    return int(rows.update(done_at=now if done else None))


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


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def preferences(request: HttpRequest) -> HttpResponse:
    """By which channels one is told of what, and in which language."""
    cadre: Any = request.user
    form = PreferencesForm(request.POST or None, cadre=cadre)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Your choice was saved."))
        return redirect("preferences")
    context = {
        "form": form,
        "addresses": [(_("Mail"), cadre.email), (_("Mobile"), mask_phone(cadre.phone))],
    }
    status = 400 if request.method == "POST" else 200
    return render(request, "petitions/preferences.html", context, status=status)


def _shown(message: Any) -> dict[str, Any]:
    return {
        "id": message.pk,
        "title": worded(message.notice, message.number or "", message.data),
        "number": message.number or "",
        "url": reverse("open_message", args=[message.pk]),
        "at": message.at,
        "read_at": message.read_at,
        "done_at": message.done_at,
        "urgent": message.kind == NoticeKind.URGENT,
        "overdue": message.notice == "clock_expired",
    }


def _id(request: HttpRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    return int(text) if text.isdecimal() else None
