"""Homes of those who look after others' cases: unit head, supervisor, leader, reviewer, liaison."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.db.models import Count, F, Model, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from agents.models import Cadre, Unit
from agents.roles import Role
from petitions import supervising
from petitions.branches import Branches
from petitions.decisions import waiting_for
from petitions.paging import BY_DUE, COUNT_CAP, EACH, Counted, counts_of_each
from petitions.queries import SOON
from petitions.views.homes.parts import (
    SHOWN,
    Figure,
    Section,
    counted,
    figure,
    list_url,
    nobodys_section,
    rows_of,
    section,
    today_on_duty,
)
from petitions.views.viewer import Viewer
from petitions.worklists import WEEK
from workflow.models import Instruction
from workflow.steps import END_STATES, OPEN_STATES

WORKERS = (Role.HANDLER, Role.AGENT)
DECISIONS_SHOWN = 5
DECISIONS_READ = DECISIONS_SHOWN + 3
"""Of each sort: the machine may yet find that some of them can't be decided now."""
PEOPLE_SHOWN = 8


def unit(viewer: Viewer, request: HttpRequest) -> dict[str, Any]:
    """The head's page: what waits for a decision, the people and their load, the red ones."""
    waiting = waiting_for(
        viewer.cases,
        viewer.actor,
        viewer.now,
        directory=viewer.directory,
        versions=viewer.versions,
        most=DECISIONS_READ,
        brief=True,
    )
    return {
        "waiting": viewer.waiting(),
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
            figure(viewer, "late", compared=_overnight(viewer)),
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
    """Orders that stand, what is fed back, what is proposed, advices unanswered."""
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
    return [
        Figure(label, url, viewer.tally.want(Counted(rows.order_by())))
        for url, (label, rows) in shown_as.items()
    ]


def _instructions(viewer: Viewer) -> list[supervising.Told]:
    """What the leader wrote and nobody has reported on, the unread first. Four queries."""
    mine = Instruction.objects.filter(leader=viewer.actor.id, done_at=None, case__in=viewer.cases)
    rows = list(
        mine.select_related("case").order_by(F("read_at").desc(nulls_first=True), "id")[:SHOWN]
    )
    beside = supervising.Beside.read(rows)
    return [supervising.instruction(row, row.case, beside, viewer) for row in rows]


# The leader's numbers -----------------------------------------------------------------------


def _received(viewer: Viewer) -> Figure:
    return figure(viewer, "received", compared=_week_before(viewer, "received_at"))


def _ended(viewer: Viewer) -> Figure:
    return figure(viewer, "ended", compared=_week_before(viewer, "closed_at"))


def _week_before(viewer: Viewer, column: str) -> Callable[[int], str]:
    span = {f"{column}__gt": viewer.now - 2 * WEEK, f"{column}__lte": viewer.now - WEEK}
    rows = viewer.cases.current().filter(**span)
    if column == "closed_at":
        rows = rows.in_state(*END_STATES)
    before = viewer.tally.want(Counted(rows.order_by()))
    return lambda count: _compared(count, before())


def _overnight(viewer: Viewer) -> Callable[[int], str]:
    new = viewer.tally.once("overnight", counted(viewer, "overnight"))
    return lambda _count: (
        ngettext("%(n)d since yesterday", "%(n)d since yesterday", new()) % {"n": new()}
    )


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
    level = min(viewer.actor.scope_depth + 1, 3)
    scopes = {one.scope_id for one in (viewer.actor, *viewer.actor.in_place)}
    below = {
        unit.id
        for unit in viewer.directory.units.values()
        if unit.depth == level and not scopes.isdisjoint(unit.path)
    }
    column = f"unit_l{level}"
    tallies = _tally(viewer, Unit, below, [Q(**{column: EACH})])
    ended = dict(rows_of(viewer, "ended").order_by().values_list(column).annotate(Count("pk")))
    units = [
        {
            "name": viewer.directory.units[unit_id].name,
            **_counts(tallies[unit_id], unit=unit_id),
            "ended": ended.get(unit_id, 0),
            "ended_url": list_url(work="ended", unit=unit_id),
        }
        for unit_id in below
        if tallies[unit_id]["open"] or unit_id in ended
    ]
    return sorted(units, key=lambda one: (-one["overdue"], -one["open"], one["name"]))


# The head's people --------------------------------------------------------------------------


def _people(viewer: Viewer) -> dict[str, Any]:
    """Handlers and agents of the unit with their open cases, and who is away. Two queries."""
    directory, unit_id = viewer.directory, viewer.actor.unit_id
    today = viewer.today
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
    """The three numbers, each with the list of its cases, which counts exactly if asked to."""
    tabs = {"open": "open", "near": "soon", "overdue": "overdue"}
    return {**tally, **{f"{name}_url": list_url(tab=tab, **of) for name, tab in tabs.items()}}


def _loads(viewer: Viewer, ids: set[int]) -> dict[int, dict[str, int]]:
    """What each holds as handler or agent; who is both in one case holds it once. One query."""
    return _tally(viewer, Cadre, ids, [Q(handler_id=EACH), Q(agent_id=EACH)])


def _tally(
    viewer: Viewer, model: type[Model], ids: set[int], arms: Sequence[Q]
) -> dict[int, dict[str, int]]:
    """Open, near due and overdue cases of each, no further than a list counts. One query.

    Each reason to see a case is read apart, too: only so is the index alone enough.
    """
    cases, seen = viewer.cases_in_arms
    soon = viewer.now + SOON
    each = [arm & one for arm in arms for one in seen or [Q()]]
    open_ones = Branches({"state": [str(state) for state in OPEN_STATES]}, each)
    parts = {"overdue": cases.overdue(viewer.now), "near": cases.due_within(viewer.now, SOON)}
    found = counts_of_each(
        model,
        ids,
        {name: Counted(rows, open_ones, BY_DUE) for name, rows in parts.items()},
        Counted(cases.filter(due_at__gte=soon), open_ones, BY_DUE),
    )
    return {key: {"open": one.pop("all"), **one} for key, one in found.items()}
