"""Homes of those who look after others' cases: unit head, supervisor, leader, reviewer, liaison."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db.models import Count, F, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from agents.roles import Role
from petitions import supervising
from petitions.decisions import waiting_for
from petitions.paging import COUNT_CAP, Counted, capped_count, counts
from petitions.queries import SOON
from petitions.views.homes.parts import (
    SHOWN,
    Figure,
    Section,
    figure,
    list_url,
    nobodys_section,
    rows_of,
    section,
    shown,
    today_on_duty,
)
from petitions.views.viewer import Viewer
from petitions.worklists import WEEK
from workflow.calendar import ZONE
from workflow.models import Instruction
from workflow.steps import END_STATES

WORKERS = (Role.HANDLER, Role.AGENT)
DECISIONS_SHOWN = 5
PEOPLE_SHOWN = 8
COUNTED = ("open", "near", "overdue")


def unit(viewer: Viewer, request: HttpRequest) -> dict[str, Any]:
    """The head's page: what waits for a decision, the people and their load, the red ones."""
    waiting = waiting_for(
        viewer.cases,
        viewer.actor,
        viewer.now,
        directory=viewer.directory,
        versions=viewer.versions,
    )
    return {
        "waiting": len(waiting),
        "first": [
            {
                "label": one.label,
                "number": one.case.number,
                "asker": one.asker,
                "asked_at": one.asked_at,
                "url": f"{reverse('decisions')}#decision-{one.key}",
            }
            for one in waiting[:DECISIONS_SHOWN]
        ],
        **_people(viewer),
        "sections": [
            nobodys_section(viewer),
            section(viewer, "late", gettext_lazy("Nothing is overdue")),
            section(viewer, "supervised", gettext_lazy("No supervision order stands")),
            section(viewer, "near", gettext_lazy("Nothing is due within three days")),
            section(viewer, "new", gettext_lazy("Every case has been signed for")),
            _held(viewer),
        ],
    }


def supervision(viewer: Viewer, request: HttpRequest) -> dict[str, Any]:
    """Red and black first, then silence, discontent, and what was refused twice."""
    names = ("red", "black", "silent", "discontent")
    return {
        "figures": [figure(viewer, name) for name in names],
        "orders": _orders(viewer),
        "sections": [
            section(viewer, "black", gettext_lazy("Nothing is overdue for more than a week")),
            section(viewer, "red", gettext_lazy("Nothing is overdue")),
            section(
                viewer,
                "silent",
                gettext_lazy("Every petitioner has been spoken to"),
            ),
            section(viewer, "discontent", gettext_lazy("Nobody is dissatisfied")),
            section(viewer, "twice", gettext_lazy("No case was objected to twice")),
            _held(viewer),
        ],
    }


def morning(viewer: Viewer, request: HttpRequest) -> dict[str, Any]:
    """The leader's page: four numbers with their change, what turned red, what awaits a ruling."""
    return {
        "figures": [
            _received(viewer),
            figure(viewer, "open"),
            figure(viewer, "late", change=_overnight(viewer)),
            _ended(viewer),
        ],
        "sections": [
            nobodys_section(viewer),
            section(viewer, "overnight", gettext_lazy("Nothing turned red since yesterday")),
            section(
                viewer,
                "rulings",
                gettext_lazy("No ruling waits for you"),
                gettext_lazy("From the second objection on, you rule who is in charge."),
            ),
            _held(viewer),
        ],
        "instructions": _instructions(viewer),
        "units": _units(viewer),
        "duty": today_on_duty(viewer),
    }


def reviews(viewer: Viewer, request: HttpRequest) -> dict[str, Any]:
    """Reviews and re-reviews by the date they are due."""
    empty = gettext_lazy("Nothing in review")
    again = gettext_lazy("Nothing in re-review")
    hint = gettext_lazy("Applications appear here as soon as they are made.")
    return {
        "figures": [figure(viewer, "reviews"), figure(viewer, "rereviews")],
        "sections": [
            section(viewer, "reviews", empty, hint),
            section(viewer, "rereviews", again, hint),
        ],
    }


def sealed_box(viewer: Viewer, request: HttpRequest) -> dict[str, Any]:
    """The liaison's box. `visible_to` lets the liaison see nothing else."""
    return {
        "register_url": reverse("register"),
        "sections": [
            section(
                viewer,
                "box",
                gettext_lazy("The box is empty"),
                gettext_lazy("Accusations arrive here as soon as they are registered."),
            ),
            section(viewer, "box_ended", gettext_lazy("Nothing has been handed over yet")),
        ],
    }


def _held(viewer: Viewer) -> Section:
    """What is on hold; its number leads to reasons and plans."""
    cases = section(viewer, "held", gettext_lazy("Nothing is on hold"))
    return replace(cases, url=f"{reverse('holds')}?work=held")


# Orders and instructions --------------------------------------------------------------------


def _orders(viewer: Viewer) -> list[Figure]:
    """Orders that stand, what is fed back, what is proposed, advices unanswered. One query."""
    cases = viewer.cases
    standing = supervising.orders_on(cases).filter(concluded_at=None)
    shown_as: dict[str, tuple[Any, Any]] = {
        reverse("supervision"): (_("Orders standing"), standing),
        f"{reverse('supervision')}?tab=late": (
            _("Feedback overdue"),
            supervising.overdue_orders(cases, viewer.now),
        ),
        f"{reverse('supervision')}?tab=fed_back": (
            _("Fed back, to be concluded"),
            standing.filter(fed_back_at__isnull=False),
        ),
        reverse("proposals"): (_("Orders proposed"), supervising.proposals_on(cases)),
        reverse("advices"): (
            _("Advices not answered"),
            supervising.advices_on(cases).filter(answered_at=None),
        ),
    }
    counted = counts(*(Counted(rows.order_by()) for _label, rows in shown_as.values()))
    return [
        Figure(label=label, value=shown(count), url=url)
        for (url, (label, _rows)), count in zip(shown_as.items(), counted, strict=True)
    ]


def _instructions(viewer: Viewer) -> list[supervising.Told]:
    """What the leader wrote and nobody has reported on, the unread first. Four queries."""
    mine = Instruction.objects.filter(leader=viewer.actor.id, done_at=None, case__in=viewer.cases)
    rows = list(
        mine.select_related("case").order_by(F("read_at").asc(nulls_first=True), "id")[:SHOWN]
    )
    beside = supervising.Beside.read(rows)
    return [supervising.instruction(row, row.case, beside, viewer) for row in rows]


# The leader's numbers -----------------------------------------------------------------------


def _received(viewer: Viewer) -> Figure:
    count = capped_count(rows_of(viewer, "received"))
    return Figure(
        label=_("Received in seven days"),
        value=shown(count),
        url=list_url(work="received"),
        change=_compared(count, _week_before(viewer, "received_at")),
    )


def _ended(viewer: Viewer) -> Figure:
    count = capped_count(rows_of(viewer, "ended"))
    return Figure(
        label=_("Ended in seven days"),
        value=shown(count),
        url=list_url(work="ended"),
        change=_compared(count, _week_before(viewer, "closed_at")),
    )


def _week_before(viewer: Viewer, column: str) -> int:
    span = {f"{column}__gt": viewer.now - 2 * WEEK, f"{column}__lte": viewer.now - WEEK}
    rows = viewer.cases.current().filter(**span)
    if column == "closed_at":
        rows = rows.in_state(*END_STATES)
    return capped_count(rows)


def _overnight(viewer: Viewer) -> str:
    count = capped_count(rows_of(viewer, "overnight"))
    return ngettext("%(n)d since yesterday", "%(n)d since yesterday", count) % {"n": count}


def _compared(count: int, before: int) -> str:
    if max(count, before) >= COUNT_CAP:
        return ""
    if count == before:
        return _("as many as the week before")
    more, difference = count > before, abs(count - before)
    words = _("%(n)d more than the week before") if more else _("%(n)d fewer than the week before")
    return words % {"n": difference}


def _units(viewer: Viewer) -> list[dict[str, Any]]:
    """The units right below what the leader oversees, the most overdue first. Two queries."""
    level = f"unit_l{min(viewer.actor.scope_depth + 1, 3)}"
    tallies = {row[level]: row for row in _tally(viewer, level)}
    ended = dict(rows_of(viewer, "ended").order_by().values_list(level).annotate(Count("pk")))
    units = [
        {
            "name": viewer.directory.units[unit_id].name,
            **_counts(tallies.get(unit_id, {}), unit=unit_id),
            "ended": ended.get(unit_id, 0),
            "ended_url": list_url(work="ended", unit=unit_id),
        }
        for unit_id in tallies.keys() | ended.keys()
        if unit_id in viewer.directory.units
    ]
    return sorted(units, key=lambda one: (-one["overdue"], -one["open"], one["name"]))


# The head's people --------------------------------------------------------------------------


def _people(viewer: Viewer) -> dict[str, Any]:
    """Handlers and agents of the unit with their open cases, and who is away. Two queries."""
    directory, unit_id = viewer.directory, viewer.actor.unit_id
    today = viewer.now.astimezone(ZONE).date()
    ids = {one for role in WORKERS for one in directory.holders(role, within=unit_id)}
    loads = _loads(viewer, ids)
    people = []
    for cadre_id in ids:
        absence = directory.absence(cadre_id, today)
        stand_in = directory.cadres.get(absence.stand_in_id) if absence else None
        people.append(
            {
                "name": directory.cadres[cadre_id].name,
                "url": reverse("record", args=[cadre_id]),
                **_counts(loads[cadre_id], handler=cadre_id),
                "absent_until": absence.ends_on if absence else None,
                "stand_in": stand_in.name if stand_in else "",
            }
        )
    people.sort(key=lambda one: (-one["overdue"], -one["open"], one["name"]))
    # A street has twenty communities: those with work or away are shown, the rest is counted.
    busy = [one for one in people if one["open"] or one["absent_until"]]
    shown = busy if len(busy) >= PEOPLE_SHOWN else people[:PEOPLE_SHOWN]
    return {"people": shown, "more_people": len(people) - len(shown)}


def _counts(tally: Mapping[str, int], **of: Any) -> dict[str, Any]:
    """The three numbers, each with the list of its cases."""
    tabs = {"open": "open", "near": "soon", "overdue": "overdue"}
    urls = {f"{name}_url": list_url(tab=tab, **of) for name, tab in tabs.items()}
    return {**{name: tally.get(name, 0) for name in COUNTED}, **urls}


def _loads(viewer: Viewer, ids: set[int]) -> dict[int, dict[str, int]]:
    """What each holds as handler or agent; who is both in one case holds it once."""
    loads = {one: dict.fromkeys(COUNTED, 0) for one in ids}
    apart = Q(handler_id=None) | ~Q(agent_id=F("handler_id"))
    for column, only in (("handler_id", Q()), ("agent_id", apart)):
        for row in _tally(viewer, column, only, **{f"{column}__in": ids}):
            for key in COUNTED:
                loads[row[column]][key] += row[key]
    return loads


def _tally(viewer: Viewer, column: str, *only: Q, **also: Any) -> Any:
    """Open, near due and overdue cases by `column`. One query."""
    now: datetime = viewer.now
    rows = viewer.cases.open().filter(*only, **also)
    return (
        rows.order_by()
        .values(column)
        .annotate(
            open=Count("pk"),
            near=Count("pk", filter=Q(due_at__gte=now, due_at__lt=now + SOON)),
            overdue=Count("pk", filter=Q(due_at__lt=now)),
        )
    )
