"""The desk: register a matter, hand over its slip, write down a visit that opens no case."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime, time
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from agents.encryption import decrypt, encrypt
from agents.roles import ADMIN_ROLES, Role
from petitions.codes import Channel
from petitions.forms.registration import RegistrationForm
from petitions.forms.visiting import VisitForm
from petitions.intake import DEMAND_LENGTH, log_visit
from petitions.models import Petition, Visit
from petitions.people import PersonData
from petitions.repeats import Repeat, possible_repeats
from petitions.reveal import reveal
from petitions.views.kept import KeptFiles
from petitions.views.viewer import Viewer
from workflow import permissions as may
from workflow.calendar import ZONE, day_of
from workflow.errors import NotPermitted
from workflow.models import Clock
from workflow.steps import Term

REGISTRARS = (Role.CLERK, Role.LIAISON)
RATING_CODE = "session.rating_code"
"""Where the encrypted rating code belongs until the slip has shown it."""
REMEMBERED = 20
"""Entries of one session that are recognised when they are sent a second time."""
LOG_LENGTH = 100


@login_required
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    """One page for visit, letter, call, network and hotline; answers with the slip."""
    viewer = Viewer(request)
    _require_registrar(viewer)
    if number := _sent_before(request):
        return redirect("slip", number)
    kept = KeptFiles(viewer)
    form = _registration_form(request, viewer, kept)
    if request.method == "POST" and form.is_valid():
        case = form.save(viewer.versions)
        kept.done()
        _remember(request, case, form.cleaned_data["window"])
        messages.success(request, _("Registered under the number %s.") % case.number)
        return redirect("slip", case.number)
    context = {
        "form": form,
        "representatives": form.representatives,
        "entry": request.POST.get("entry") or secrets.token_hex(8),
        "known": _repeats(request, viewer) if form.is_bound else [],
        "kept": kept.keep() if form.is_bound else [],
        "speakers": any(row["name"].value() for row in form.representatives),
        "chosen": request.POST.get("repeats", ""),
        "now": viewer.now,
    }
    status = 400 if form.is_bound else 200
    return render(request, "petitions/register.html", context, status=status)


@never_cache
@sensitive_post_parameters()
@require_POST
def known(request: HttpRequest) -> HttpResponse:
    """Earlier cases of whoever is being typed in; sent by POST, since addresses are logged."""
    if not request.user.is_authenticated:
        # A part of a page: the login page has no place in it.
        return HttpResponse(status=401)
    viewer = Viewer(request)
    _require_registrar(viewer)
    context = {
        "known": _repeats(request, viewer),
        "chosen": request.POST.get("repeats", ""),
        "now": viewer.now,
    }
    return render(request, "petitions/_known.html", context)


@login_required
@never_cache
def slip(request: HttpRequest, number: str) -> HttpResponse:
    """The petitioner's slip. Right after registering it shows the rating code, once.

    Whoever has just registered a case gets its slip even if they may not see the case itself:
    an accusation is sealed from the first key. Printing a slip again shows the query code, which
    is logged like every other look.
    """
    viewer = Viewer(request)
    case, rating_code = _just_registered(request, number)
    if case is None:
        case = viewer.case(number)
        _require_registrar(viewer)
        query_code = reveal(case, "query_code", _("Slip printed again"), viewer.user, viewer.now)
    else:
        query_code = case.query_code
    context = {
        "case": case,
        "query_code": query_code,
        "rating_code": rating_code,
        "query_url": request.get_host() + reverse("progress"),
        "dispatch_due": _dispatch_due(case),
        "may_open": viewer.cases.filter(pk=case.pk).exists(),
    }
    return render(request, "petitions/slip.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def visit_quick(request: HttpRequest) -> HttpResponse:
    """A visit without a case, or one more visit of a case; below it today's log."""
    viewer = Viewer(request)
    if not viewer.actor.roles or viewer.actor.has(*ADMIN_ROLES):
        raise NotPermitted(_("Only those who receive visitors can do this."))
    form = _visit_form(request, viewer)
    if request.method == "POST" and form.is_valid():
        about = form.cleaned_data["number"]
        log_visit(
            form.visit,
            actor=viewer.actor,
            now=viewer.now,
            channel=form.cleaned_data["channel"],
            petition=about,
            petitioner=about.petitioner if about else None,
        )
        request.session["window"] = form.cleaned_data["window"]
        messages.success(request, _("Written down."))
        return redirect("visit_quick")
    context = {"form": form, "log": todays_visits(viewer), "now": viewer.now}
    status = 400 if form.is_bound else 200
    return render(request, "petitions/visit_quick.html", context, status=status)


def todays_visits(viewer: Viewer) -> list[Visit]:
    """Today's visits that the viewer may know of, newest first: without a case, or of one they see.

    A visit in which a sealed accusation was filed is nobody's to see in a log.
    """
    today = Visit.objects.filter(at__gte=morning_of(viewer.now)).select_related("petition")
    about = today.filter(petition__in=viewer.cases, unit_id=viewer.actor.unit_id)
    newest = ("-at", "-id")
    rows: Iterable[Visit] = [
        *questions_today(viewer).order_by(*newest)[:LOG_LENGTH],
        *about.order_by(*newest)[:LOG_LENGTH],
    ]
    return sorted(rows, key=lambda visit: (visit.at, visit.pk), reverse=True)[:LOG_LENGTH]


def questions_today(viewer: Viewer) -> Any:
    """Today's visits without a case, as far as the viewer may know of them; counted apart."""
    known_of = Visit.objects.visible_to(viewer.user, viewer.now, viewer.directory)
    return known_of.filter(at__gte=morning_of(viewer.now))


def morning_of(now: datetime) -> datetime:
    """Midnight before `now`, here."""
    return datetime.combine(day_of(now), time.min, ZONE)


# Registering --------------------------------------------------------------------------------


def _require_registrar(viewer: Viewer) -> None:
    if not viewer.actor.has(*REGISTRARS):
        raise NotPermitted(may.registrar.sentence)


def _registration_form(request: HttpRequest, viewer: Viewer, kept: KeptFiles) -> RegistrationForm:
    channel = request.GET.get("channel", "")
    initial = {
        "channel": channel if channel in Channel.values else Channel.VISIT,
        "petition_class": request.GET.get("petition_class", ""),
        "received_at": viewer.now.astimezone(ZONE),
        "window": request.session.get("window", ""),
    }
    sent = (request.POST, kept.files) if request.method == "POST" else (None, None)
    return RegistrationForm(
        *sent,
        initial=initial,
        actor=viewer.actor,
        now=viewer.now,
        cases=viewer.cases,
        directory=viewer.directory,
    )


def _sent_before(request: HttpRequest) -> str | None:
    """The number under which this very entry was registered already (a second press, a reload)."""
    entries: dict[str, str] = request.session.get("entries", {})
    return entries.get(request.POST.get("entry", ""))


def _remember(request: HttpRequest, case: Petition, window: str) -> None:
    """Keep for the slip what only the returned object knows."""
    entry, session = request.POST.get("entry", ""), request.session
    entries = {**session.get("entries", {}), **({entry: case.number} if entry else {})}
    session["entries"] = dict(list(entries.items())[-REMEMBERED:])
    session["slip"] = {
        "number": case.number,
        "rating_code": encrypt(case.rating_code, RATING_CODE),
    }
    session["window"] = window


def _just_registered(request: HttpRequest, number: str) -> tuple[Petition | None, str]:
    """The case this session registered last, with its rating code the first time it is asked."""
    last = request.session.get("slip", {})
    if last.get("number") != number:
        return None, ""
    case = Petition.objects.filter(number=number).first()
    if case is None:
        raise Http404
    hidden = last.pop("rating_code", "")
    request.session.modified = True
    return case, decrypt(hidden, RATING_CODE) if hidden else ""


def _dispatch_due(case: Petition) -> datetime | None:
    clock = Clock.objects.filter(case=case, term=Term.DISPATCH, closed_at=None).first()
    return clock.due_at if clock else None


def _repeats(request: HttpRequest, viewer: Viewer) -> list[Repeat]:
    name, id_number, phone = (
        request.POST.get(key, "")[:100] for key in ("name", "id_number", "phone")
    )
    demand = request.POST.get("demand", "")[:DEMAND_LENGTH]
    person = PersonData(name=name, id_number=id_number, phone=phone)
    return possible_repeats(person, demand, user=viewer.user, now=viewer.now)


def _visit_form(request: HttpRequest, viewer: Viewer) -> VisitForm:
    about = request.GET.get("number", "")
    initial: dict[str, Any] = {
        "at": viewer.now.astimezone(ZONE),
        "window": request.session.get("window", ""),
        "number": about,
    }
    if about:
        initial["kind"] = Visit.Kind.REPEAT
    sent = request.POST if request.method == "POST" else None
    return VisitForm(sent, initial=initial, now=viewer.now, cases=viewer.cases)
