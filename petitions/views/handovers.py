"""Pages of the hand-over: the list with the form to begin, one hand-over, its sheet to print."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from agents.roles import ADMIN_ROLES, Role
from petitions import caseload, handover_items, handovers, nobody
from petitions.forms.handovers import BeginForm
from petitions.handover_items import Act
from petitions.models import Handover, HandoverCase
from petitions.views import handover_lines
from petitions.views.viewer import Viewer
from workflow.errors import Blocked, InvalidData, NotPermitted, Stale

SHOWN = 20
ROWS = 50
"""Rows of one page, each with its choice of successors."""
JOINED = ("whose", "to", "unit", "begun_by", "done_by")


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def handover_list(request: HttpRequest) -> HttpResponse:
    """What is begun, done and to be signed, whose cases nobody answers for, and a form to begin."""
    viewer = _viewer(request)
    act, oversees = _act(viewer), _oversees(viewer)
    stranded = nobody.holders(_counted(viewer), viewer.now, viewer.directory) if oversees else []
    form = BeginForm(
        request.POST if request.method == "POST" else None,
        actor=viewer.actor,
        today=act.today,
        directory=viewer.directory,
        leavers=[one.cadre_id for one in stranded],
        initial=_initial(viewer, act),
    )
    if form.is_bound and form.is_valid():
        begun = handovers.begin(form.handover(), act)
        if begun.done_at:
            words = {"name": begun.to.name if begun.to else ""}
            messages.success(request, _("Recorded: %(name)s stands in.") % words)
        return redirect("handover", begun.pk)
    context = {
        "form": form,
        "handovers": list(listed(viewer)[:SHOWN]),
        "stranded": stranded,
        "oversees": oversees,
        "now": viewer.now,
    }
    status = 400 if form.is_bound else 200
    return render(request, "petitions/handovers/list.html", context, status=status)


def _initial(viewer: Viewer, act: Act) -> dict[str, Any]:
    """What the address says already, else oneself."""
    given = viewer.request.GET
    reason = given.get("reason", "")
    return {
        "whose": given.get("whose") or viewer.user.pk,
        "reason": reason if reason in handovers.Reason.values else "",
        "starts_on": act.today,
    }


def listed(viewer: Viewer) -> QuerySet[Handover]:
    """Those the viewer has a part in, newest first."""
    me, rows = viewer.user.pk, Handover.objects.select_related(*JOINED)
    if not handovers.counts_only(viewer.actor):
        mine = Q(whose=me) | Q(to=me) | Q(begun_by=me) | Q(pk__in=_received(me))
        below = [
            unit.id
            for unit in viewer.directory.units.values()
            if handovers.heads(viewer.actor, viewer.directory, unit.id)
        ]
        rows = rows.filter(mine | Q(unit__in=below) if below else mine)
    return rows.order_by("-pk")


def _received(cadre_id: int) -> Any:
    rows = HandoverCase.objects.filter(Q(handler=cadre_id) | Q(agent=cadre_id))
    return rows.filter(result=HandoverCase.Result.DONE).values("handover")


# One ----------------------------------------------------------------------------------------


@login_required
@never_cache
@require_http_methods(["GET", "HEAD"])
def handover(request: HttpRequest, pk: int) -> HttpResponse:
    """Before: exact counts and each row, to be changed; afterwards: what became of each."""
    viewer = _viewer(request)
    return _page(viewer, found(viewer, pk))


def _page(viewer: Viewer, one: Handover, *, unfit: Any = (), status: int = 200) -> HttpResponse:
    act, actor = _act(viewer), viewer.actor
    hidden = handovers.counts_only(actor)
    may = handovers.may_carry_out(one, actor, viewer.directory) and not hidden
    held = [] if hidden else caseload.read_held(viewer.cases, one.whose_id)
    items = caseload.items(one.whose_id, viewer.now)
    rows = handovers.rows_of(one, actor)
    shown = rows.none() if hidden else rows
    results = Counter(rows.order_by().values_list("result", flat=True))
    listed = results[""] + results[HandoverCase.Result.REFUSED]
    pieces = [] if hidden else handover_items.listed(one, act)
    page = Paginator(shown, ROWS).get_page(viewer.request.GET.get("page"))
    context = {
        "one": one,
        "held": caseload.Counted.of(held, viewer.now),
        "elsewhere": 0 if hidden else max(items[0].count - len(held), 0),
        "hidden": hidden,
        "items": items,
        "pieces": pieces,
        "pieces_left": sum(not piece.done for piece in pieces),
        "receivers": handover_lines.receivers_of(one, act) if may and one.moves_cases else [],
        "roles": caseload.undecided(viewer.directory.cadres[one.whose_id].roles),
        "page": page,
        "rows": handover_lines.rows_of(list(page), one, act, choose=may and one.moves_cases),
        "stale": may and one.moves_cases and not one.withdrawn_at and listed != len(held),
        "results": {key or "PENDING": n for key, n in results.items()},
        "may": may,
        "may_withdraw": one.is_open and (may or one.begun_by_id == actor.id),
        "signatures": (
            handover_lines.signatures_of(one, handovers.parties(one), viewer.directory)
            if one.done_at
            else []
        ),
        "may_sign": _may_sign(one, viewer),
        "against": handovers.standing_against(one, act) if hidden else [],
        "unfit": set(unfit),
        "now": viewer.now,
    }
    return render(viewer.request, "petitions/handovers/one.html", context, status=status)


def _may_sign(one: Handover, viewer: Viewer) -> bool:
    me = viewer.user.pk
    return (
        one.done_at is not None
        and me in handovers.parties(one)
        and not one.signatures.filter(cadre=me).exists()
    )


# What is done on it -------------------------------------------------------------------------


@login_required
@never_cache
@require_POST
def act_on(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Draw the list up, change rows, name receivers, hand over, withdraw, sign, switch off."""
    viewer = _viewer(request)
    return ACTS[name](viewer, found(viewer, pk))


def _draw_up(viewer: Viewer, one: Handover) -> HttpResponse:
    act = _act(viewer)
    handovers.refuse_closed(one, act)
    handovers.refresh(one, act)
    return redirect("handover", one.pk)


def _choose(viewer: Viewer, one: Handover) -> HttpResponse:
    chosen = {
        int(name.removeprefix("to_")): int(str(value))
        for name, value in viewer.request.POST.items()
        if name.startswith("to_") and name[3:].isdecimal() and str(value).isdecimal()
    }
    unfit = handovers.choose(one, chosen, _act(viewer))
    if unfit:
        said = _("Not everybody chosen can take the case: see the marked rows.")
        messages.error(viewer.request, said)
        return _page(viewer, one, unfit=unfit, status=400)
    messages.success(viewer.request, _("The choices are stored. Nothing is handed over yet."))
    return redirect("handover", one.pk)


def _choose_receivers(viewer: Viewer, one: Handover) -> HttpResponse:
    act, sent = _act(viewer), viewer.request.POST
    handovers.refuse_closed(one, act)
    given = {name: sent.get(name, "") for name in handover_items.RECEIVERS}
    chosen = {name: int(text) if text.isdecimal() else None for name, text in given.items()}
    try:
        handover_items.choose(one, chosen, act)
    except InvalidData as refused:
        messages.error(viewer.request, str(refused))
        return _page(viewer, one, status=400)
    messages.success(viewer.request, _("The choices are stored. Nothing is handed over yet."))
    return redirect("handover", one.pk)


def _carry_out(viewer: Viewer, one: Handover) -> HttpResponse:
    seen = viewer.request.POST.get("seen", "")
    try:
        handovers.carry_out(one, _act(viewer), int(seen) if seen.isdecimal() else -1)
    except Stale:
        said = _("What they hold has changed meanwhile. Look at the list again; nothing was done.")
        messages.error(viewer.request, said)
        return _page(viewer, one, status=409)
    done = one.cases.filter(result=HandoverCase.Result.DONE).count()
    said = ngettext("%(n)d case is handed over.", "%(n)d cases are handed over.", done)
    messages.success(viewer.request, said % {"n": done})
    return redirect("handover", one.pk)


def _withdraw(viewer: Viewer, one: Handover) -> HttpResponse:
    handovers.withdraw(one, _act(viewer))
    messages.success(viewer.request, _("Withdrawn: nothing was handed over."))
    return redirect("handovers")


def _sign(viewer: Viewer, one: Handover) -> HttpResponse:
    handovers.sign(one, _act(viewer))
    messages.success(viewer.request, _("Read and signed."))
    return redirect("handover", one.pk)


def _switch_off(viewer: Viewer, one: Handover) -> HttpResponse:
    try:
        handovers.switch_off(one, _act(viewer))
    except Blocked as refused:
        messages.error(viewer.request, str(refused))
        return _page(viewer, one, status=409)
    messages.success(viewer.request, _("The account is switched off."))
    return redirect("handover", one.pk)


ACTS = {
    "draw-up": _draw_up,
    "choose": _choose,
    "receivers": _choose_receivers,
    "carry-out": _carry_out,
    "withdraw": _withdraw,
    "sign": _sign,
    "switch-off": _switch_off,
}
"""What may be sent to a hand-over, by the end of its address."""


# The sheet ----------------------------------------------------------------------------------


@login_required
@never_cache
@require_http_methods(["GET", "HEAD"])
def sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """The hand-over sheet (交接单) for printing and signing: numbers and dates, no contents."""
    viewer = _viewer(request)
    one = found(viewer, pk)
    if handovers.counts_only(viewer.actor):
        raise NotPermitted(_("The sheet is for the two sides and the head of the unit."))
    act = _act(viewer)
    lines = handover_lines.rows_of(
        list(handovers.rows_of(one, viewer.actor)), one, act, choose=False
    )
    pieces = handover_items.listed(one, act)
    sides = (
        handovers.parties(one) if one.done_at else handover_lines.planned_sides(one, lines, pieces)
    )
    context = {
        "one": one,
        "rows": lines,
        "items": caseload.items(one.whose_id, viewer.now)[1:],
        "pieces": pieces,
        "roles": caseload.undecided(viewer.directory.cadres[one.whose_id].roles),
        "signatures": handover_lines.signatures_of(one, sides, viewer.directory),
        "now": viewer.now,
    }
    return render(request, "petitions/handovers/sheet.html", context)


# Who looks ----------------------------------------------------------------------------------


def _viewer(request: HttpRequest) -> Viewer:
    viewer = Viewer(request)
    refuse_others(viewer)
    return viewer


def refuse_others(viewer: Viewer) -> None:
    """Who works on cases may look, and the system administrator; NotPermitted for all others."""
    others = ADMIN_ROLES - {Role.SYSTEM_ADMIN}
    if not viewer.actor.roles or viewer.actor.has(*others, Role.LIAISON):
        raise NotPermitted(_("Only who works on cases hands them over."))


def _act(viewer: Viewer) -> Act:
    return Act(viewer.actor, viewer.now, viewer.directory, viewer.cases)


def found(viewer: Viewer, pk: int) -> Handover:
    """The hand-over of that number; one that they may not see is not there."""
    one = Handover.objects.select_related(*JOINED).filter(pk=pk).first()
    if one is None or not handovers.may_see(one, viewer.actor, viewer.directory):
        raise Http404(_("There is no such hand-over, or you can't see it."))
    return one


def _oversees(viewer: Viewer) -> bool:
    """Is the list of those who can't answer for their cases shown to them?"""
    roles = (Role.SYSTEM_ADMIN, Role.UNIT_HEAD, Role.DISPATCHER, Role.LEADER, Role.SUPERVISOR)
    return viewer.actor.has(*roles)


def _counted(viewer: Viewer) -> Any:
    """Of which cases those are counted: the administrator sees numbers, and no case."""
    return nobody.everybodys() if handovers.counts_only(viewer.actor) else viewer.cases
