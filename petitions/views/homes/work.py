"""Homes of those who work on cases one after the other: handler, agent, caller."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, F, Window
from django.db.models.functions import RowNumber
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from petitions.addresses import case_address
from petitions.forms import FORMS
from petitions.models import Petition
from petitions.paging import capped_count
from petitions.views.homes.parts import list_url, rows_of, section
from petitions.views.viewer import JOINED, Viewer
from petitions.worklists import STACK, stacked
from workflow import engine
from workflow.steps import STEPS, S, Term

ON_A_PILE = 5
"""Cards shown of each pile."""
CALLS_SHOWN = 25

NEXT: dict[str, Sequence[str]] = {
    S.DISPATCHED: ("sign",),
    S.SIGNED: ("log_contact", "accept", "take_up", "divert"),
    S.HANDLING: ("log_contact", "submit_opinion", "reply"),
    S.ANSWERED: ("serve",),
}
"""What usually comes next in a state; the first that the machine allows is the card's button."""
ON_THE_WAY = (
    ("log_errand", _("Errand"), "plus"),
    ("attach", _("Photo"), "eye"),
    ("promise", _("Promise"), "good"),
    ("keep_promise", _("Promise kept"), "good"),
)
"""Steps of an agent's day, with the word and the drawing of their buttons."""


PILES = list(STACK)
CONTACT_TERMS = frozenset({Term.FIRST_CONTACT, Term.SILENCE})


def workbench(viewer: Viewer, request: HttpRequest) -> dict[str, Any]:
    """A stack in working order. A fixed number of queries, however many cases there are."""
    cases, counts = _on_top(viewer)
    cards = _cards(viewer, cases)
    return {
        "empty": not counts,
        "groups": [
            {
                "id": name,
                "title": title,
                "count": counts.get(place, 0),
                "url": list_url(work=f"work_{name}"),
                "cards": [card for card in cards if card["case"].pile == place],
            }
            for place, (name, title) in enumerate(STACK.items())
        ],
    }


def calls(viewer: Viewer, request: HttpRequest) -> dict[str, Any]:
    """Return visits to make now, those planned again, and what the answers ask for."""
    now = rows_of(viewer, "calls")
    planned: Any = rows_of(viewer, "calls_later")
    later = planned.order_by("next_visit_at", "id")[:CALLS_SHOWN]
    return {
        "calls": [_call(viewer, case) for case in _first(now)],
        "count": capped_count(now),
        "calls_url": list_url(work="calls"),
        "later": [_call(viewer, case) for case in later.select_related(*JOINED)],
        "sections": [
            section(
                viewer,
                "to_close",
                _("Nothing to close"),
                _("Cases appear here once the petitioner has been asked and is content."),
            ),
            section(
                viewer,
                "discontent",
                _("Nobody is dissatisfied"),
                _("Order a rework, or ask a supervisor to allow an explained close."),
            ),
        ],
    }


def _on_top(viewer: Viewer) -> tuple[list[Petition], dict[int, int]]:
    """The first cases of each pile, with their `pile`, and how many lie on each. Two queries.

    All of the stack is gone through once, by what places a case alone; then those shown are read.
    """
    pile = [F("pile")]
    order = [F("due_at").asc(), F("id").asc()]
    placed = stacked(viewer.cases, viewer.actor, viewer.now).annotate(
        place=Window(RowNumber(), partition_by=pile, order_by=order),
        lying=Window(Count("pk"), partition_by=pile),
    )
    top = placed.filter(place__lte=ON_A_PILE).order_by("pile", "place")
    found = list(top.values_list("pk", "pile", "lying"))
    known: Any = viewer.cases.select_related(*JOINED).in_bulk(pk for pk, _pile, _lying in found)
    cases = []
    for pk, place, _lying in found:
        if pk in known:
            known[pk].pile = place
            cases.append(known[pk])
    return cases, {place: lying for _pk, place, lying in found}


def _cards(viewer: Viewer, cases: list[Petition]) -> list[dict[str, Any]]:
    """These cases, each with the step that comes next."""
    engine.attach(cases, viewer.actor, viewer.now, versions=viewer.versions)
    return [
        {
            "case": case,
            "person": case.petitioner.name_masked,
            "phone": case.petitioner.phone_masked,
            "call_url": _call_url(case),
            "next": _next(case),
            "acts": _acts(case),
            "led_by": _led_by(viewer, case),
        }
        for case in cases
    ]


def _led_by(viewer: Viewer, case: Petition) -> str:
    """Of a joint mandate in force: the name of the agent who leads; "" of any other."""
    leading = viewer.directory.cadres.get(case.agent_id or 0)
    joint = case.co_agents and case.mandate_in_force
    return leading.name if joint and leading else ""


def _acts(case: Petition) -> list[dict[str, Any]]:
    """What is done on the way, one tap each: those of them that the machine allows now."""
    return [
        {"label": label, "url": case_address(case.number, "step", name), "icon": icon}
        for name, label, icon in ON_THE_WAY
        if engine.judge(case, STEPS[name]).enabled
    ]


def _next(case: Any) -> dict[str, Any] | None:
    """The one button of a card: the first of the usual steps that the machine allows now.

    `direct`: nothing is to be entered, the button does it.
    """
    due = ("keep_promise",) if case.pile == PILES.index("promise") else ()
    for name in (*due, *NEXT.get(case.state, ())):
        if name == "log_contact" and not _owes_contact(case):
            continue
        if engine.judge(case, STEPS[name]).enabled:
            return {
                "label": STEPS[name].label,
                "url": case_address(case.number, "step", name),
                "direct": name not in FORMS,
            }
    return None


def _owes_contact(case: Any) -> bool:
    """The petitioner is to be spoken with before anything else."""
    pressing = case.pile <= PILES.index("silent")
    return case.last_contact_at is None or (pressing and case.due_term in CONTACT_TERMS)


def _first(rows: Any) -> list[Petition]:
    return list(rows.select_related(*JOINED).order_by("due_at", "id")[:CALLS_SHOWN])


def _call(viewer: Viewer, case: Any) -> dict[str, Any]:
    return {
        "case": case,
        "person": case.petitioner.phone_masked or case.petitioner.name_masked,
        "reveal_url": _call_url(case),
        "unit": case.unit.name if case.unit else "",
        "attempts": case.failed_days,
        "next_at": case.next_visit_at,
        "url": reverse("step", args=[case.number, "record_return_visit"]),
    }


def _call_url(case: Petition) -> str:
    return case_address(case.number, "reveal", "phone") if case.petitioner.phone else ""
