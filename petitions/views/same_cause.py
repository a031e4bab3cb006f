"""Same-cause groups (同因并办组): which there are, how one is made, and what can be done with it.

Of a group everybody sees the cases that they see anyway; a group of which somebody sees none is
not there for them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.db.models import Count, Exists, Min, OuterRef, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from petitions.filters import CaseFilter
from petitions.forms.same_cause import GroupForm
from petitions.group_acts import MAKERS, Doer, doable, members
from petitions.lines import Line, lines, shown_in_lines
from petitions.models import GroupActRow, Petition
from petitions.paging import Key, newest, page
from petitions.views.cases import filters_drawn
from petitions.views.viewer import Viewer
from workflow import engine
from workflow.errors import Blocked, NotPermitted, WorkflowError
from workflow.models import SameCauseGroup
from workflow.models.same_cause import MOST_MEMBERS
from workflow.steps import OPEN_STATES, STEPS

CHOSEN_FROM = 100
"""Cases on one page to choose from."""
ACTS_SHOWN = 20
LEAST = 2
"""Cases that a new group has at least."""


def may_group(viewer: Viewer) -> bool:
    """Handlers, dispatchers and unit heads; the machine judges each case besides."""
    return viewer.actor.has(*MAKERS)


def require_maker(viewer: Viewer) -> None:
    """Raise NotPermitted for everybody else."""
    if not may_group(viewer):
        raise NotPermitted(_("Only a handler, a dispatcher or a unit head makes such groups."))


def doer_of(viewer: Viewer) -> Doer:
    """The viewer as one who acts on a group."""
    language = get_language() or ""
    return Doer(viewer.actor, viewer.now, viewer.cases, viewer.versions, language)


def groups_of(viewer: Viewer) -> Any:
    """The groups that hold a case the viewer sees, and those they made."""
    seen = viewer.cases.filter(same_cause=OuterRef("pk"))
    mine = Q(created_by=viewer.user.pk) if may_group(viewer) else Q(pk__in=[])
    return SameCauseGroup.objects.filter(Q(Exists(seen)) | mine)


def group_of(viewer: Viewer, pk: int) -> SameCauseGroup:
    """The group of that number; one they may not see is not there."""
    found: SameCauseGroup | None = groups_of(viewer).filter(pk=pk).first()
    if found is None:
        raise Http404(_("There is no such group, or you can't see it."))
    return found


# All groups ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Listed:
    """A group with its numbers, as far as the viewer sees its cases."""

    group: SameCauseGroup
    by: str
    cases: int
    open: int
    due_at: Any


@login_required
@never_cache
@require_safe
def groups(request: HttpRequest) -> HttpResponse:
    """The groups, newest first. Constant queries."""
    viewer = Viewer(request)
    found = newest(
        groups_of(viewer), after=_number(request, "after"), before=_number(request, "before"),
        size=25,
    )  # fmt: skip
    context = {
        "page": found,
        "groups": _listed(viewer, found.rows),
        "may_group": may_group(viewer),
        "now": viewer.now,
    }
    return render(request, "petitions/groups/list.html", context)


def _listed(viewer: Viewer, rows: list[SameCauseGroup]) -> list[Listed]:
    is_open = Q(state__in=OPEN_STATES)
    counted = viewer.cases.filter(same_cause__in=[one.pk for one in rows]).order_by()
    numbers = {
        one["same_cause"]: one
        for one in counted.values("same_cause").annotate(
            n=Count("pk"), open=Count("pk", filter=is_open), due=Min("due_at", filter=is_open)
        )
    }
    empty: dict[str, Any] = {"n": 0, "open": 0, "due": None}
    return [
        Listed(one, _name(viewer, one.created_by_id), its["n"], its["open"], its["due"])
        for one in rows
        for its in [numbers.get(one.pk, empty)]
    ]


def _name(viewer: Viewer, cadre_id: int) -> str:
    cadre = viewer.directory.cadres.get(cadre_id)
    return cadre.name if cadre else "—"


# Making one, and adding to it ---------------------------------------------------------------


@dataclass(frozen=True)
class Candidate:
    """A case that was marked. `reason`: why it can't come into the group; "" when it can."""

    case: Petition
    line: Line
    reason: str


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """A list to mark cases in; sent, what was marked is counted and looked at; sent again with
    `sure`, the group is made, or the cases are added to the group `pk`.
    """
    viewer = Viewer(request)
    require_maker(viewer)
    group = group_of(viewer, pk) if pk is not None else None
    if request.method == "POST":
        return _preview(viewer, group)
    form = CaseFilter(request.GET, directory=viewer.directory, label_suffix="")
    found = _to_choose(viewer, form) if form.is_valid() else page(Petition.objects.none())
    context = {
        "group": group,
        "form": form,
        "filters": filters_drawn(viewer, form),
        "page": found,
        "lines": lines(found.rows, viewer.directory, viewer.now),
        "now": viewer.now,
    }
    status = 200 if form.is_valid() else 400
    return render(request, "petitions/groups/choose.html", context, status=status)


def _to_choose(viewer: Viewer, form: CaseFilter) -> Any:
    """Open cases of no group, as the filters leave them."""
    seen, arms = viewer.cases_in_arms
    rows, branches = form.divided(seen, viewer.actor, viewer.now, arms)
    free = rows.filter(same_cause=None, sealed=False, state__in=OPEN_STATES)
    after, before = (Key.read(viewer.request.GET.get(name, "")) for name in ("after", "before"))
    return page(
        shown_in_lines(free), after=after, before=before, order=form.order, branches=branches,
        size=CHOSEN_FROM,
    )  # fmt: skip


def _preview(viewer: Viewer, group: SameCauseGroup | None) -> HttpResponse:
    request = viewer.request
    numbers = list(dict.fromkeys(request.POST.getlist("case")))
    sure = "sure" in request.POST
    candidates = _candidates(viewer, numbers[: MOST_MEMBERS + 1])
    fit = [one for one in candidates if not one.reason]
    wrong = _wrong(viewer, numbers, fit, group)
    form = GroupForm(request.POST if sure else None, label_suffix="")
    if sure and not wrong and (group is not None or form.is_valid()):
        return _made(viewer, group, form, fit)
    context = {
        "group": group,
        "form": form,
        "candidates": candidates,
        "fit": len(fit),
        "gone": len(numbers[: MOST_MEMBERS + 1]) - len(candidates),
        "wrong": wrong,
        "now": viewer.now,
    }
    return render(
        request, "petitions/groups/make.html", context, status=400 if wrong or sure else 200
    )


def _candidates(viewer: Viewer, numbers: list[str]) -> list[Candidate]:
    """What was marked, as far as the viewer sees it, each judged by the machine."""
    rows = viewer.cases.filter(number__in=numbers).select_related("petitioner")
    cases = list(rows.order_by("due_at", "id"))
    engine.attach(cases, viewer.actor, viewer.now, versions=viewer.versions)
    shown = lines(cases, viewer.directory, viewer.now)
    return [
        Candidate(case, line, _against_joining(case))
        for case, line in zip(cases, shown, strict=True)
    ]


def _against_joining(case: Petition) -> str:
    try:
        choice = engine.judge(case, engine.lookup(case, "join_group"))
    except WorkflowError as refused:
        return str(refused)
    return " ".join(str(reason) for reason in choice.reasons)


def _wrong(
    viewer: Viewer, numbers: list[str], fit: list[Candidate], group: SameCauseGroup | None
) -> str:
    """Why no group can be made of this; "" when one can."""
    if not numbers:
        return _("No case is marked: go back and mark those that have one cause.")
    there = Petition.objects.filter(same_cause=group).count() if group else 0
    if len(numbers) + there > MOST_MEMBERS:
        return _("A group has at most %(most)d cases.") % {"most": MOST_MEMBERS}
    if group is None and len(fit) < LEAST:
        return _("A group needs at least two cases that can be put into it.")
    return "" if fit else _("None of these can be put into the group.")


def _made(
    viewer: Viewer, group: SameCauseGroup | None, form: GroupForm, fit: list[Candidate]
) -> HttpResponse:
    """One act on all of them; whoever was overtaken is named and stays outside."""
    with transaction.atomic():
        into = group or SameCauseGroup.objects.create(
            name=form.cleaned_data["name"], created_by_id=viewer.user.pk, created_at=viewer.now
        )
        outcome = engine.perform_many(
            [one.case.pk for one in fit], "join_group", actor=viewer.actor, now=viewer.now,
            group=into,
        )  # fmt: skip
        if not outcome.done:
            raise Blocked([str(refused) for _pk, refused in outcome.refused])
    done = len(outcome.done)
    words = ngettext("%(n)d case is in the group now.", "%(n)d cases are in the group now.", done)
    messages.success(viewer.request, words % {"n": done})
    numbers = {one.case.pk: one.case.number for one in fit}
    for case_id, refused in outcome.refused:
        messages.warning(viewer.request, f"{numbers[case_id]}: {refused}")
    return redirect("group", into.pk)


# One group ----------------------------------------------------------------------------------


@login_required
@never_cache
@require_safe
def group(request: HttpRequest, pk: int) -> HttpResponse:
    """Its cases with lamps and states, who handles them, and what can be done with all at once."""
    viewer = Viewer(request)
    found = group_of(viewer, pk)
    cases, wrong = _members(viewer, found)
    can = doable(cases)
    context = {
        "group": found,
        "by": _name(viewer, found.created_by_id),
        "wrong": wrong,
        "members": list(zip(cases, lines(cases, viewer.directory, viewer.now), strict=True)),
        "open": sum(case.is_open for case in cases),
        "handlers": _handlers(viewer, cases),
        "acts": [(name, STEPS[name].label, n) for name, (n, _why) in can.items() if n],
        "others": [(STEPS[name].label, why) for name, (n, why) in can.items() if not n],
        "past": _past(viewer, found),
        "answered": any(case.answered_at for case in cases),
        "may_group": may_group(viewer),
        "now": viewer.now,
    }
    return render(request, "petitions/groups/group.html", context)


def _members(viewer: Viewer, found: SameCauseGroup) -> tuple[list[Petition], str]:
    try:
        return members(found, doer_of(viewer)), ""
    except Blocked as blocked:
        return [], " ".join(str(reason) for reason in blocked.reasons)


def _handlers(viewer: Viewer, cases: list[Petition]) -> list[tuple[str, str, int]]:
    """Handler, unit, and how many of the cases they hold."""
    held: dict[tuple[str, str], int] = {}
    for case in cases:
        cadre = viewer.directory.cadres.get(case.handler_id or 0)
        unit = viewer.directory.units.get(case.unit_id or 0)
        key = (cadre.name if cadre else "—", unit.name if unit else "")
        held[key] = held.get(key, 0) + 1
    return [(name, unit, n) for (name, unit), n in sorted(held.items(), key=lambda one: -one[1])]


def _past(viewer: Viewer, found: SameCauseGroup) -> list[dict[str, Any]]:
    """The latest acts on the group, with how many of the cases the viewer sees were done."""
    done = Q(rows__outcome=GroupActRow.Outcome.DONE, rows__case__in=viewer.cases)
    acts = found.acts.annotate(done=Count("rows", filter=done)).order_by("-id")[:ACTS_SHOWN]
    return [{"act": act, "by": _name(viewer, act.by_id), "done": act.done} for act in acts]


def _number(request: HttpRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 16 else None
