"""Homes of the three administrators, who see no case: running the system, rights, and the log."""

from __future__ import annotations

from typing import Any

from django.db.models import F
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from agents.roles import Role
from petitions.forms.auditing import LogFilter
from petitions.operations import examine
from petitions.paging import NewestPage, capped_count, newest
from petitions.views.prints import FIELD_LABELS
from petitions.views.viewer import Viewer


def administration(viewer: Viewer, request: HttpRequest) -> dict[str, Any]:
    """What is not in order, and where accounts, units, charges and rules are kept."""
    alarms = examine(viewer.now, viewer.versions).alarms
    may_look = viewer.actor.has(Role.SYSTEM_ADMIN)
    url = reverse("operations") if may_look else ""
    return {"alarms": alarms, "operations_url": url, "links": _links(viewer)}


def audit(viewer: Viewer, request: HttpRequest) -> dict[str, Any]:
    """The log without case contents, newest first."""
    form = LogFilter(request.GET, directory=viewer.directory)
    if not form.is_valid():
        return {"form": form, "page": NewestPage([], None, None), "count": 0}
    rows: Any = form.looks() if form.shows_looks else form.events()
    case = "petition" if form.shows_looks else "case"
    # Number and seal alone: what the case is about is never even read.
    facts = {"number": F(f"{case}__number"), "is_sealed": F(f"{case}__sealed")}
    found = newest(
        rows.annotate(**facts), after=_id(request, "after"), before=_id(request, "before")
    )
    tell = _look if form.shows_looks else _event
    shown = [tell(row, viewer) for row in found.rows]
    return {
        "form": form,
        "page": NewestPage(shown, found.before, found.after),
        "count": capped_count(rows),
    }


def _event(event: Any, viewer: Viewer) -> dict[str, Any]:
    return {
        "at": event.at,
        "who": _who(event.actor_kind, event.actor_id, viewer),
        "what": event.label,
        "subject": _subject(event),
        "reason": "",
    }


def _look(look: Any, viewer: Viewer) -> dict[str, Any]:
    return {
        "at": look.at,
        "who": _who("cadre", look.cadre_id, viewer),
        "what": _("Looked at: %(field)s") % {"field": FIELD_LABELS.get(look.field, look.field)},
        "subject": _subject(look),
        "reason": "" if look.is_sealed else look.reason,
    }


def _subject(row: Any) -> str:
    """The number; of a sealed accusation only that it is one."""
    return _("sealed") if row.is_sealed else str(row.number or "—")


def _who(kind: str, actor_id: int | None, viewer: Viewer) -> str:
    if kind == "cadre":
        cadre = viewer.directory.cadres.get(actor_id or 0)
        return cadre.name if cadre else f"#{actor_id}"
    return _("the petitioner") if kind == "petitioner" else _("the system")


def _id(request: HttpRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    return int(text) if text.isdecimal() else None


def _links(viewer: Viewer) -> list[dict[str, Any]]:
    """The tables each administrator keeps."""
    accounts = {
        "url": reverse("admin:agents_cadre_changelist"),
        "label": _("Accounts"),
        "hint": _("Who works here, and in which unit."),
        "icon": "user",
    }
    all_tables = {
        "url": reverse("admin:index"),
        "label": _("All reference data"),
        "hint": _("Every table that may be kept by hand."),
        "icon": "folder",
    }
    if viewer.actor.has(Role.SECURITY_ADMIN):
        return [accounts, all_tables]
    return [
        accounts,
        _table("unit", _("Units"), _("The tree of units and what each oversees.")),
        _table("charge", _("Charges"), _("Who is in charge of what, where, since when.")),
        _table("absence", _("Absences"), _("Who is away, and who stands in.")),
        {
            "url": reverse("handovers"),
            "label": _("Hand-overs"),
            "hint": _("Who leaves or changes post, and what is still in their hands."),
            "icon": "next",
        },
        {
            "url": reverse("undelivered"),
            "label": _("Undelivered notices"),
            "hint": _("What no channel took, to be sent again."),
            "icon": "inbox",
        },
        all_tables,
    ]


def _table(model: str, label: str, hint: str) -> dict[str, Any]:
    url = reverse(f"admin:agents_{model}_changelist")
    return {"url": url, "label": label, "hint": hint, "icon": "paper"}
