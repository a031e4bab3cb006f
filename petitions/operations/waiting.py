"""What waits to be done: notices, clocks past due, imports, cases that nobody answers for."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agents.directory import Directory
from petitions.models import ImportRun
from petitions.nobody import everybodys, nobodys
from petitions.operations.check import GREEN, RED, YELLOW, Check, check, lamp, lasting
from petitions.paging import COUNT_CAP, capped_count
from petitions.templatetags.look import capped
from workflow import delivery
from workflow.delivery import dead_letters
from workflow.models import Clock, Delivery

WAITS_LONG, WAITS_TOO_LONG = 30, 300
"""Seconds that the oldest notice, or a clock past due, has waited: yellow, red."""
TRIED_OFTEN = 3
"""So many attempts at one notice that its channel is in trouble."""
STUCK = timedelta(minutes=5)
"""An import whose worker has not been heard for so long."""


def checks(now: datetime, directory: Directory) -> list[Check]:
    """Each reads an index no further than a cap."""
    return [
        _undelivered(now),
        _failing(now),
        _dead(),
        _clocks(now),
        _imports(now),
        _nobodys(now, directory),
    ]


def _undelivered(now: datetime) -> Check:
    due = delivery.waiting(now).order_by("send_after").values_list("send_after", flat=True)
    waiting = [since for since in due[:COUNT_CAP] if since]
    age = (now - waiting[0]).total_seconds() if waiting else 0.0
    words = ngettext("%(n)s waits", "%(n)s wait", len(waiting)) % {"n": capped(len(waiting))}
    if waiting:
        words += _(", the oldest for %(time)s") % {"time": lasting(age)}
    return check(
        "undelivered",
        _("Notices due and not handed over"),
        lamp(age, WAITS_LONG, WAITS_TOO_LONG),
        words,
        _("See beat and the workers; if both are green, more is told than one worker hands over."),
        undelivered=len(waiting),
        oldest_undelivered_seconds=age,
    )


def _failing(now: datetime) -> Check:
    """Those put off come last in the index of what is unsent."""
    later = Delivery.objects.filter(sent_at=None, dead_at=None, send_after__gt=now).order_by(
        "-send_after"
    )
    attempts = later.values_list("attempts", flat=True)[:COUNT_CAP]
    failing = sum(tried >= TRIED_OFTEN for tried in attempts)
    words = ngettext("%(n)s was tried again and again", "%(n)s were tried again and again", failing)
    return check(
        "failing",
        _("Notices that fail"),
        YELLOW if failing else GREEN,
        words % {"n": capped(failing)} if failing else _("none"),
        _("A channel does not take them; the log says which and why. They are tried again."),
        failing_deliveries=failing,
    )


def _dead() -> Check:
    count = dead_letters()[:COUNT_CAP].count()
    return check(
        "dead",
        _("Notices given up"),
        YELLOW if count else GREEN,
        capped(count) if count else _("none"),
        _("See why, mend it, and send them again."),
        url=reverse("undelivered"),
        dead_letters=count,
    )


def _clocks(now: datetime) -> Check:
    due = Clock.objects.filter(next_at__lte=now).order_by("next_at")
    waiting: list[Any] = list(due.values_list("next_at", flat=True)[:COUNT_CAP])
    age = (now - waiting[0]).total_seconds() if waiting else 0.0
    words = ngettext("%(n)s waits", "%(n)s wait", len(waiting)) % {"n": capped(len(waiting))}
    if waiting:
        words += _(", the oldest for %(time)s") % {"time": lasting(age)}
    return check(
        "clocks",
        _("Clocks past their moment and not handled"),
        lamp(age, WAITS_LONG, WAITS_TOO_LONG),
        words,
        _("See the last sweep. After an outage it catches up by itself and says how late."),
        clocks_unhandled=len(waiting),
        oldest_clock_seconds=age,
    )


def _imports(now: datetime) -> Check:
    leases = ImportRun.objects.working().values_list("lease_until", flat=True)[:COUNT_CAP]
    running = list(leases)
    stuck = sum(until is not None and until < now - STUCK for until in running)
    words = ngettext("%(n)d runs", "%(n)d run", len(running)) % {"n": len(running)}
    return check(
        "imports",
        _("Imports"),
        YELLOW if stuck else GREEN,
        words if running else _("none runs"),
        _("An import stands still: see the workers. It goes on where it stopped."),
        imports_running=len(running),
        imports_stuck=stuck,
    )


def _nobodys(now: datetime, directory: Directory) -> Check:
    count = capped_count(nobodys(everybodys(), now, directory))
    words = ngettext("%(n)s case", "%(n)s cases", count) % {"n": capped(count)}
    return check(
        "nobody",
        _("Cases that nobody answers for"),
        RED if count else GREEN,
        words if count else _("none"),
        _("Whoever holds them left, is away without a stand-in, or their unit is closed: let the "
          "head of the unit hand them over."),
        url=reverse("handovers"),
        nobodys_cases=count,
    )  # fmt: skip
