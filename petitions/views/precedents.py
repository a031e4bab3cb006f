"""Precedents (先例): what was ruled on objections and is heeded the next time; withdrawing one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from petitions.forms.flow import WithdrawForm
from petitions.paging import newest
from petitions.views.flow import READERS
from petitions.views.viewer import Viewer
from workflow import precedents as rulings
from workflow.errors import NotAllowedNow, NotPermitted, WorkflowError
from workflow.models import Note, Precedent

PAGE = 25
MOST = 2**63 - 1
TABS: dict[str, Any] = {
    # Translators: 有效
    "heeded": gettext_lazy("Heeded"),
    # Translators: 已撤销
    "withdrawn": gettext_lazy("Withdrawn"),
}


@dataclass(frozen=True)
class Line:
    """A precedent in words. `reason`: of the ruling; `why_not`: why it was withdrawn."""

    row: Precedent
    case: Any
    matter: str
    place: str
    from_unit: str
    to_unit: str
    by: str
    reason: str
    withdrawn_by: str
    why_not: str
    may_withdraw: bool


@login_required
@never_cache
@require_safe
def precedents(request: HttpRequest) -> HttpResponse:
    """Those made in cases that the viewer sees, the newest first. Two queries."""
    return _page(_viewer(request))


@login_required
@never_cache
@sensitive_post_parameters()
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Heed it no more, with the reason."""
    viewer = _viewer(request)
    if not _seen(viewer).filter(pk=min(pk, MOST)).exists():
        raise Http404(_("There is no such precedent."))
    form = WithdrawForm(request.POST, label_suffix="")
    if not form.is_valid():
        return _page(viewer, pk, form, status=400)
    reason = form.cleaned_data["reason"]
    try:
        rulings.withdraw(pk, actor=viewer.actor, now=viewer.now, reason=reason)
    except NotAllowedNow as refused:
        return _page(viewer, pk, form, refused=refused, status=refused.status)
    messages.success(request, _("Withdrawn: the matching heeds it no more."))
    return redirect("precedents")


def _viewer(request: HttpRequest) -> Viewer:
    viewer = Viewer(request)
    if not viewer.actor.has(*READERS):
        raise NotPermitted(_("Leaders, supervisors and dispatchers look at precedents."))
    return viewer


def _seen(viewer: Viewer) -> Any:
    return Precedent.objects.filter(case__in=viewer.cases.order_by())


def _page(
    viewer: Viewer,
    key: int = 0,
    form: WithdrawForm | None = None,
    *,
    refused: WorkflowError | None = None,
    status: int = 200,
) -> HttpResponse:
    given = viewer.request.GET
    tab = given.get("tab", "") if given.get("tab") in TABS else "heeded"
    rows = _seen(viewer).filter(withdrawn_at__isnull=tab == "heeded").select_related("case")
    after, before = (_id(given.get(name, "")) for name in ("after", "before"))
    found = newest(rows, after=after, before=before, size=PAGE)
    context = {
        "page": found,
        "rows": _lines(found.rows, viewer),
        "tabs": [(name, label, name == tab) for name, label in TABS.items()],
        "tab": tab,
        "key": key,
        "form": form,
        "refused": refused,
        "now": viewer.now,
    }
    return render(viewer.request, "petitions/precedents.html", context, status=status)


def _lines(rows: list[Any], viewer: Viewer) -> list[Line]:
    said = _reasons(rows)
    return [_line(row, said, viewer) for row in rows]


def _line(row: Any, said: dict[int, str], viewer: Viewer) -> Line:
    directory, cadres = viewer.directory, viewer.directory.cadres
    units = {pk: directory.units[pk].name for pk in (row.from_unit_id, row.to_unit_id) if pk}
    by, withdrawn_by = (cadres.get(pk or 0) for pk in (row.ruled_by_id, row.withdrawn_by_id))
    return Line(
        row=row,
        case=row.case,
        matter=directory.category_name(row.category_id),
        place=directory.area_name(row.area_id),
        from_unit=units[row.from_unit_id],
        to_unit=units.get(row.to_unit_id, ""),
        by=by.name if by else "—",
        reason=said.get(row.event_id, ""),
        withdrawn_by=withdrawn_by.name if withdrawn_by else "",
        why_not=said.get(row.withdrawal_id or 0, ""),
        may_withdraw=row.withdrawn_at is None
        and rulings.may_withdraw(row).allows(row.case, viewer.actor),
    )


def _reasons(rows: Iterable[Any]) -> dict[int, str]:
    """What was written with the rulings and withdrawals, by event. One query."""
    events = {pk for row in rows for pk in (row.event_id, row.withdrawal_id) if pk}
    notes = Note.objects.filter(event__in=events, key="reason")
    return {note.event_id: note.text for note in notes}


def _id(text: str) -> int | None:
    return min(int(text), MOST) if text.isdecimal() else None
