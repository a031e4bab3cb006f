"""Homes of the petition office: the clerk's desk and the dispatcher's."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from petitions.codes import Channel
from petitions.models import Petition
from petitions.views.desk import morning_of, questions_today
from petitions.views.homes.parts import nobodys_section, section, today_on_duty
from petitions.views.viewer import Viewer
from workflow.steps import S

MOST_WAITING = 50


def desk(viewer: Viewer, request: HttpRequest) -> dict[str, Any]:
    """Register, find, today's visitors, and what waits to be passed on or handed over."""
    return {
        "register_url": reverse("register"),
        "queue": _queue(viewer),
        "visits": questions_today(viewer).count(),
        "sections": [
            section(
                viewer, "returned", _("Nothing came back"), _("Upheld objections appear here.")
            ),
            section(
                viewer,
                "incomplete",
                _("Everything is classified"),
                _("What was registered in haste waits here for class, category and claim points."),
            ),
            section(
                viewer,
                "to_dispatch",
                _("Nothing to dispatch"),
                _("Classified cases wait here for the unit in charge."),
            ),
            section(
                viewer,
                "to_serve",
                _("Nothing to serve"),
                _("Answers appear here as soon as they are issued."),
            ),
        ],
    }


def dispatching(viewer: Viewer, request: HttpRequest) -> dict[str, Any]:
    """What only the dispatcher decides, what is to be passed on, and who is on duty."""
    return {
        "duty": today_on_duty(viewer),
        "sections": [
            nobodys_section(viewer),
            section(
                viewer,
                "objections",
                _("No objection to rule on"),
                _("A unit that holds itself not competent objects within five working days."),
            ),
            section(viewer, "returned", _("Nothing came back")),
            section(viewer, "to_dispatch", _("Nothing to dispatch")),
            section(viewer, "incomplete", _("Everything is classified")),
            section(viewer, "completions", _("No completion report to decide on")),
            section(viewer, "new", _("Every case has been signed for")),
        ],
    }


def _queue(viewer: Viewer) -> list[dict[str, Any]]:
    """Today's visitors whose matter is still at the desk, the longest waiting first."""
    rows: Any = viewer.cases.in_state(S.REGISTERED).filter(
        channel=Channel.VISIT, received_at__gte=morning_of(viewer.now)
    )
    waiting: list[Petition] = list(
        rows.select_related("petitioner").order_by("received_at", "id")[:MOST_WAITING]
    )
    return [
        {
            "number": case.number,
            "name": case.petitioner.name_masked,
            "channel": case.get_channel_display(),
            "at": case.received_at,
            "waiting": int((viewer.now - case.received_at).total_seconds() // 60),
            "url": case.get_absolute_url(),
        }
        for case in waiting
    ]
