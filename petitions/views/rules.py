"""The rules by which terms are counted, and the official calendar: kept by the security admin.

Whoever looks here sees numbers of terms, never a case.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from agents.roles import Role
from petitions.forms.rules import NoticeForm, VersionForm, told
from petitions.paging import newest
from petitions.views.viewer import Viewer
from workflow import calendar_upkeep, impact, rule_upkeep
from workflow.calendar import ZONE
from workflow.errors import InvalidData, NotPermitted, WorkflowError
from workflow.holiday_notice import Notice
from workflow.models import RuleChange, TermRule
from workflow.terms import CALENDAR, RULES, RuleBook

LOOKERS = (Role.SECURITY_ADMIN, Role.SYSTEM_ADMIN, Role.AUDITOR)
ASKED = (Role.SECURITY_ADMIN, Role.SYSTEM_ADMIN, Role.LEADER)
"""Who is reminded of a missing year."""


def require_looker(viewer: Viewer) -> None:
    """The three administrators; else NotPermitted."""
    if not viewer.actor.has(*LOOKERS):
        raise NotPermitted(_("Only an administrator can look at the rules here."))


def require_keeper(viewer: Viewer) -> None:
    """The security administrator; else NotPermitted."""
    if not viewer.actor.has(Role.SECURITY_ADMIN):
        raise NotPermitted(_("Only the security administrator keeps rules and calendar."))


def missing_year(viewer: Viewer) -> int | None:
    """The year whose calendar is missing, for those who are asked to see to it. No query."""
    if not viewer.actor.has(*ASKED):
        return None
    years = RuleBook.current(viewer.versions).calendar.years
    return calendar_upkeep.missing_year(viewer.today, years)


@login_required
@never_cache
@require_GET
def rules(request: HttpRequest) -> HttpResponse:
    """Every rule as it holds today, the years of the calendar, the latest changes."""
    viewer = Viewer(request)
    require_looker(viewer)
    book, today = RuleBook.current(viewer.versions), viewer.today
    context = {
        "now": viewer.now,
        "keeps": viewer.actor.has(Role.SECURITY_ADMIN),
        "rules": _by_term(book),
        "today": today,
        "years": sorted(book.calendar.years, reverse=True),
        "missing_year": missing_year(viewer),
        "page": newest(
            RuleChange.objects.select_related("made_by", "rule", "trigger"),
            after=_number(request, "after"), before=_number(request, "before"),
        ),
    }  # fmt: skip
    return render(request, "petitions/rules/list.html", context)


def _by_term(book: RuleBook) -> list[TermRule]:
    """All versions but those of watch periods, each term's together: any level first, the newest
    version first.
    """
    rules = book.table()
    order = list(dict.fromkeys(rule.term for rule in sorted(rules, key=lambda one: one.pk)))
    return sorted(
        rules,
        key=lambda one: (order.index(one.term), one.urgency, -one.valid_from.toordinal()),
    )


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def calendar(request: HttpRequest) -> HttpResponse:
    """Send a year's notice, look at what it changes, apply it."""
    viewer = Viewer(request)
    require_keeper(viewer)
    book, year = RuleBook.current(viewer.versions), viewer.now.astimezone(ZONE).year
    wanted = missing_year(viewer)
    context: dict[str, Any] = {"now": viewer.now, "missing_year": wanted}
    status = 200
    if request.method == "POST":
        form = NoticeForm(data=request.POST, files=request.FILES, last_year=year + 1)
        context |= {"form": form}
        made, status = _send(request, viewer, form, book, context)
        if made is not None:
            messages.success(request, _("The calendar was changed."))
            return redirect(made)
    else:
        context["form"] = NoticeForm(last_year=year + 1, initial={"year": wanted or year + 1})
    return render(request, "petitions/rules/calendar.html", context, status=status)


def _send(
    request: HttpRequest,
    viewer: Viewer,
    form: NoticeForm,
    book: RuleBook,
    context: dict[str, Any],
) -> tuple[RuleChange | None, int]:
    """Look at what was sent, or apply what was looked at: the change made, and the status."""
    if not form.is_valid():
        return None, 400
    notice, found = _looked_at(form)
    if form.errors:
        return None, 400
    stamp = viewer.versions.get(CALENDAR, 0)
    looked = f"{stamp}:{form.mark}"
    if "apply" in request.POST and form.cleaned_data["looked"] == looked and found:
        try:
            return calendar_upkeep.apply_diff(
                notice, form.cleaned_data["basis"], whole=form.is_whole, seen=stamp,
                actor=viewer.actor, now=viewer.now,
            ), 302  # fmt: skip
        except WorkflowError as refused:
            form.add_error(None, refused.sentence)
            return None, 409
    if "apply" in request.POST:
        form.add_error(None, _("Something is not as it was shown: look once more, then apply it."))
    context |= {"found": found, "notice": notice, "looked": looked}
    if found:
        context["impact"] = impact.of_calendar(found, book)
    return None, 409 if "apply" in request.POST else 200


def _looked_at(form: NoticeForm) -> tuple[Notice, calendar_upkeep.CalendarDiff]:
    """The notice and what it changes; whatever is wrong with either stands in the form."""
    notice = form.notice()
    found = calendar_upkeep.diff(notice, whole=form.is_whole)
    for sentence in found.errors:
        form.add_error("text", sentence)
    if not form.is_whole and found.is_new_year:
        form.add_error("scope", _("Nothing of %(year)d is there yet.") % {"year": notice.year})
    return notice, found


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def version(request: HttpRequest, pk: int) -> HttpResponse:
    """Enter a new version of a rule, look what it would move, store it."""
    viewer = Viewer(request)
    require_keeper(viewer)
    base = get_object_or_404(TermRule, pk=pk, watch=None)
    book = RuleBook.current(viewer.versions)
    form = VersionForm(request.POST or None, base=base, book=book, now=viewer.now)
    context: dict[str, Any] = {"now": viewer.now, "base": base, "form": form}
    context["versions"] = rule_upkeep.versions(base, book)
    status = 200
    if request.method == "POST":
        made, status = _version_sent(request, viewer, form, book, context)
        if made is not None:
            messages.success(request, _("The new version is stored."))
            return redirect(made)
    return render(request, "petitions/rules/version.html", context, status=status)


def _version_sent(
    request: HttpRequest,
    viewer: Viewer,
    form: VersionForm,
    book: RuleBook,
    context: dict[str, Any],
) -> tuple[RuleChange | None, int]:
    """Look at what was entered, or store what was looked at: the change made, and the status."""
    if not form.is_valid():
        return None, 400
    stamp, to_open = viewer.versions.get(RULES, 0), form.cleaned_data["to_open"]
    looked = f"{stamp}:{form.mark}"
    if is_confirmed(request, form, looked):
        try:
            return rule_upkeep.add_version(
                form.version, form.cleaned_data["ground"], to_open=to_open, seen=stamp,
                actor=viewer.actor, now=viewer.now,
            ), 302  # fmt: skip
        except InvalidData as wrong:
            form.add_error(wrong.field, wrong.sentence)
            return None, 400
        except WorkflowError as refused:
            form.add_error(None, refused.sentence)
            return None, 409
    today = viewer.today
    if to_open and form.version.valid_from > today:
        form.add_error("to_open", _("It is not in force yet: open terms go by what is."))
        return None, 400
    context |= {"looked": looked, "to_open": to_open}
    context["impact"] = impact.of_rule(form.version, book, today)
    return None, 409 if "apply" in request.POST else 200


def is_confirmed(request: HttpRequest, form: Any, looked: str) -> bool:
    """Whether to store what was `looked` at; if anything has changed since, the form says so."""
    if "apply" not in request.POST:
        return False
    if form.cleaned_data["looked"] != looked:
        form.add_error(None, _("Something is not as it was shown: look once more, then apply it."))
        return False
    return True


@login_required
@never_cache
@require_GET
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """One change: what, by whom, on what ground, and how far the recalculation is."""
    viewer = Viewer(request)
    require_looker(viewer)
    made = get_object_or_404(RuleChange.objects.select_related("made_by", "rule", "trigger"), pk=pk)
    parts = [(part, made.listed(part)) for part in ("added", "changed", "removed")]
    heard = told(made.trigger.tell) if made.trigger else ""
    context = {"change": made, "parts": parts, "told": heard, "now": viewer.now}
    if request.headers.get("HX-Request"):
        response = render(request, "petitions/rules/_progress.html", context)
        if not made.is_working:
            response["HX-Refresh"] = "true"
        return response
    return render(request, "petitions/rules/change.html", context)


def _number(request: HttpRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 16 else None
