"""Supervision: orders with their lamps, what triggers propose, instructions, advices."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from agents.roles import Role
from petitions import supervising
from petitions.forms.fields import LONG, SHORT, ProseField
from petitions.forms.supervising import OrderSupervisionForm
from petitions.paging import Counted, newest
from petitions.supervising import Beside
from petitions.views.step import done_sentence
from petitions.views.viewer import Viewer
from workflow import engine, instructions, proposals, trigger_upkeep
from workflow.errors import Blocked, InvalidData, NotAllowedNow, WorkflowError
from workflow.models import Instruction, Proposal
from workflow.steps import STEPS, Term
from workflow.terms import RuleBook

PAGE = 25
MOST_PROPOSED = 100
"""Proposals shown at once; whoever has more decides on these first."""
CASE = "case"

SECTIONS = {
    "supervision": gettext_lazy("Orders"),
    "proposals": gettext_lazy("Proposed"),
    "instructions": gettext_lazy("Instructions"),
    "advices": gettext_lazy("Advices"),
    "triggers": gettext_lazy("Triggers"),
}
ORDERS: dict[str, Any] = {
    "standing": gettext_lazy("Standing"),
    "fed_back": gettext_lazy("Fed back, to be concluded"),
    "late": gettext_lazy("Feedback overdue"),
    "concluded": gettext_lazy("Ended with a result"),
}
INSTRUCTIONS: dict[str, Any] = {
    "open": gettext_lazy("Not carried out yet"),
    "unread": gettext_lazy("Not read yet"),
    "all": gettext_lazy("All"),
}
ADVICES: dict[str, Any] = {
    "open": gettext_lazy("Not answered yet"),
    "all": gettext_lazy("All"),
}


class DismissForm(forms.Form):
    """Why no order is needed."""

    reason = ProseField(label=gettext_lazy("In one sentence"), max_length=SHORT)


class ReportForm(forms.Form):
    """What was done about an instruction."""

    report = ProseField(label=gettext_lazy("What was done"), max_length=LONG)


# Lists --------------------------------------------------------------------------------------


@login_required
@never_cache
@require_safe
def orders(request: HttpRequest) -> HttpResponse:
    """Orders on the cases that the viewer sees, the newest first."""
    viewer = Viewer(request)
    tab = _tab(request, ORDERS)
    found = _page(request, supervising.orders_in(tab, viewer.cases, viewer.now))
    beside = Beside.read(found.rows)
    shown = [supervising.order(row, row.case, beside, viewer) for row in found.rows]
    return _list(viewer, "supervision", "orders", tabs=ORDERS, tab=tab, page=found, rows=shown)


@login_required
@never_cache
@require_safe
def advices(request: HttpRequest) -> HttpResponse:
    """The three advices and whether they were answered."""
    viewer = Viewer(request)
    tab = _tab(request, ADVICES)
    rows = supervising.advices_on(viewer.cases)
    found = _page(request, rows.filter(answered_at=None) if tab == "open" else rows)
    beside = Beside.read(found.rows)
    shown = [supervising.advice(row, row.case, beside, viewer) for row in found.rows]
    return _list(viewer, "advices", "advices", tabs=ADVICES, tab=tab, page=found, rows=shown)


@login_required
@never_cache
@require_safe
def told(request: HttpRequest) -> HttpResponse:
    """Instructions that the viewer wrote or that are addressed to them."""
    return _told(Viewer(request))


@login_required
@never_cache
@require_safe
def triggers(request: HttpRequest) -> HttpResponse:
    """What proposes orders, with its basis: the table as it is in force, and what is to come."""
    viewer = Viewer(request)
    today = viewer.today
    keeps = viewer.actor.has(Role.SECURITY_ADMIN)
    rows = trigger_upkeep.shown(today)
    return _list(viewer, "triggers", "triggers", rows=rows, today=today, keeps=keeps)


@login_required
@never_cache
@require_safe
def proposed(request: HttpRequest) -> HttpResponse:
    """What triggers propose: issue it in one tap, or dismiss it with the reason."""
    return _proposed(Viewer(request))


# Acts ---------------------------------------------------------------------------------------


@login_required
@never_cache
@sensitive_post_parameters()
@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Issue the proposed order, or dismiss the proposal."""
    viewer = Viewer(request)
    rows = supervising.proposals_on(viewer.cases).select_related(CASE, "trigger")
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404(_("There is no such proposal, or it has been decided on."))
    if request.POST.get("decision") == "issue":
        return _issue(viewer, found)
    form = DismissForm(request.POST)
    if not form.is_valid():
        return _proposed(viewer, found.pk, form, status=400)
    reason = form.cleaned_data["reason"]
    try:
        proposals.dismiss(found.pk, actor=viewer.actor, now=viewer.now, reason=reason)
    except NotAllowedNow as refused:
        return _proposed(viewer, found.pk, form, status=refused.status, refused=refused)
    number = found.case.number
    messages.success(request, _("No order is issued on case %s.") % number)
    return redirect("proposals")


@login_required
@never_cache
@require_POST
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """The addressee has read the instruction."""
    viewer = Viewer(request)
    found = _instruction(viewer, pk)
    try:
        instructions.confirm(pk, actor=viewer.actor, now=viewer.now)
    except NotAllowedNow as refused:
        messages.warning(request, refused.sentence)
    else:
        messages.success(request, _("The leader sees that you have read it."))
    return redirect(f"{found.case.get_absolute_url()}#supervision")


@login_required
@never_cache
@sensitive_post_parameters()
@require_POST
def report(request: HttpRequest, pk: int) -> HttpResponse:
    """What was done about the instruction."""
    viewer = Viewer(request)
    _instruction(viewer, pk)
    form = ReportForm(request.POST)
    if not form.is_valid():
        return _told(viewer, pk, form, status=400)
    text = form.cleaned_data["report"]
    try:
        instructions.report(pk, text=text, actor=viewer.actor, now=viewer.now)
    except NotAllowedNow as refused:
        return _told(viewer, pk, form, status=refused.status, refused=refused)
    messages.success(request, _("The leader reads your report."))
    return redirect("instructions")


def _issue(viewer: Viewer, found: Proposal) -> HttpResponse:
    """By the same form as the step's page, filled in from the trigger."""
    case: Any = viewer.case(found.case.number)
    engine.attach([case], viewer.actor, viewer.now, "order_supervision", versions=viewer.versions)
    sent = {**viewer.request.POST.dict(), "reason_code": found.trigger.reason_code}
    form: Any = OrderSupervisionForm(sent, case=case, actor=viewer.actor, now=viewer.now)
    if not form.is_valid():
        return _proposed(viewer, found.pk, form, status=400)
    try:
        after: Any = engine.perform(
            case, "order_supervision", actor=viewer.actor, now=viewer.now, **form.step_data()
        )
    except InvalidData as refused:
        form.refuse(refused)
        return _proposed(viewer, found.pk, form, status=400)
    except (Blocked, NotAllowedNow) as refused:
        return _proposed(viewer, found.pk, form, status=refused.status, refused=refused)
    label = STEPS["order_supervision"].label
    messages.success(viewer.request, f"{case.number}: {done_sentence(label, after)}")
    return redirect("proposals")


def _instruction(viewer: Viewer, pk: int) -> Instruction:
    rows = supervising.instructions_for(viewer.cases, viewer.actor).select_related(CASE)
    found: Instruction | None = rows.filter(pk=pk).first()
    if found is None:
        raise Http404(_("There is no such instruction, or you can't see its case."))
    return found


# Pages --------------------------------------------------------------------------------------


def _proposed(
    viewer: Viewer,
    key: int = 0,
    form: Any = None,
    *,
    status: int = 200,
    refused: WorkflowError | None = None,
) -> HttpResponse:
    rows = supervising.proposals_on(viewer.cases).select_related(CASE, "trigger")
    shown = [
        supervising.proposal(row, row.case, row.trigger, viewer)
        for row in rows.order_by("at", "id")[:MOST_PROPOSED]
    ]
    days = RuleBook.current(viewer.versions).rule(Term.SUPERVISION, "", viewer.now.date()).length
    return _list(
        viewer, "proposals", "proposals", rows=shown, key=key, form=form, refused=refused,
        status=status, days=days, may_decide=viewer.actor.has("supervisor"),
    )  # fmt: skip


def _told(
    viewer: Viewer,
    key: int = 0,
    form: Any = None,
    *,
    status: int = 200,
    refused: WorkflowError | None = None,
) -> HttpResponse:
    tab = _tab(viewer.request, INSTRUCTIONS)
    rows = supervising.instructions_in(tab, viewer.cases, viewer.actor)
    found = _page(viewer.request, rows)
    beside = Beside.read(found.rows)
    shown = [supervising.instruction(row, row.case, beside, viewer) for row in found.rows]
    return _list(
        viewer, "instructions", "instructions", tabs=INSTRUCTIONS, tab=tab, page=found,
        rows=shown, key=key, form=form, refused=refused, status=status,
    )  # fmt: skip


def _page(request: HttpRequest, rows: Any) -> Any:
    keys = (request.GET.get(name, "") for name in ("after", "before"))
    after, before = (int(text) if text.isdecimal() else None for text in keys)
    return newest(rows.select_related(CASE), after=after, before=before, size=PAGE)


def _tab(request: HttpRequest, tabs: dict[str, Any]) -> str:
    wanted = request.GET.get("tab", "")
    return wanted if wanted in tabs else next(iter(tabs))


def _list(
    viewer: Viewer,
    section: str,
    template: str,
    *,
    tabs: dict[str, Any] | None = None,
    tab: str = "",
    status: int = 200,
    **shown: Any,
) -> HttpResponse:
    waiting = viewer.tally.want(Counted(supervising.proposals_on(viewer.cases).order_by()))
    context = {
        "sections": [
            {
                "url": reverse(name),
                "label": label,
                "current": name == section,
                "count": waiting if name == "proposals" else None,
            }
            for name, label in SECTIONS.items()
        ],
        "tabs": [
            {"url": f"?tab={key}", "label": label, "current": key == tab}
            for key, label in (tabs or {}).items()
        ],
        "tab": tab,
        "now": viewer.now,
        **shown,
    }
    return render(viewer.request, f"petitions/supervision/{template}.html", context, status=status)
