"""Acts on a same-cause group: entered once, looked at row by row, confirmed, told row by row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from petitions import group_acts
from petitions.filling_in import filled_in
from petitions.forms.same_cause import ACT_FORMS, ActForm, OwnAnswersForm
from petitions.group_acts import UNREAD, Outcome, Stage, doable, members
from petitions.lines import Line, lines
from petitions.models import GroupAct, GroupActRow, Petition
from petitions.views.kept import KeptFiles
from petitions.views.same_cause import doer_of, group_of, groups_of
from petitions.views.viewer import Viewer
from petitions.wording import Words, value_of
from workflow.errors import Blocked, NoSuchStep, NotPermitted, WorkflowError
from workflow.models import SameCauseGroup
from workflow.steps import STEPS


def act_of(viewer: Viewer, pk: int) -> GroupAct:
    """The act of that number on a group that the viewer sees."""
    acts = GroupAct.objects.filter(group__in=groups_of(viewer)).select_related("group")
    found = acts.filter(pk=pk).first()
    if found is None:
        raise Http404(_("There is no such act, or you can't see it."))
    return found


def own_act(viewer: Viewer, pk: int) -> GroupAct:
    """The same, entered by the viewer: nobody else lets it go."""
    found = act_of(viewer, pk)
    if found.by_id != viewer.user.pk:
        raise NotPermitted(_("Only who entered this can confirm or change it."))
    return found


# Entering -----------------------------------------------------------------------------------


@login_required
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """The form of an act; sent, it becomes a draft with a row for each case. Nothing is done yet.

    `from`: a draft that is entered anew; its texts and files are there again.
    """
    viewer = Viewer(request)
    if name not in ACT_FORMS:
        raise NoSuchStep(_("This can't be done to a whole group."))
    group = group_of(viewer, pk)
    earlier = _earlier(viewer, group, name)
    kept = KeptFiles(viewer)
    if request.method == "POST":
        form = ACT_FORMS[name](request.POST, kept.files)
        if form.is_valid() and (made := _drafted(viewer, group, name, form, earlier)):
            kept.done()
            return redirect(made)
        return _entering(viewer, group, name, form, earlier, kept=kept.keep(), status=400)
    initial = earlier.entered if earlier else None
    return _entering(viewer, group, name, ACT_FORMS[name](initial=initial), earlier)


def _entering(
    viewer: Viewer,
    group: SameCauseGroup,
    name: str,
    form: ActForm,
    earlier: GroupAct | None,
    *,
    kept: Any = (),
    status: int = 200,
) -> HttpResponse:
    cases = [] if form.is_bound else members(group, doer_of(viewer))
    can, why = doable(cases).get(name, (0, "")) if cases else (0, "")
    if cases and not can:
        raise Blocked([why])
    first = next((case for case in cases if case.state in STEPS[name].sources), None)
    context = {
        "group": group,
        "step": STEPS[name],
        "form": form,
        "can": can,
        "total": len(cases),
        "first": first,
        "files": list(earlier.files.all()) if earlier else [],
        "earlier": earlier,
        "kept": kept,
        "now": viewer.now,
    }
    return render(viewer.request, "petitions/groups/enter.html", context, status=status)


def _earlier(viewer: Viewer, group: SameCauseGroup, name: str) -> GroupAct | None:
    """The viewer's own draft that is entered anew."""
    text = viewer.request.GET.get("from", "")
    if not text.isdecimal() or len(text) > 15:
        return None
    drafts = group.acts.filter(by=viewer.user.pk, step=name, stage=Stage.DRAFT)
    return drafts.filter(pk=int(text)).first()


def _drafted(
    viewer: Viewer, group: SameCauseGroup, name: str, form: ActForm, earlier: GroupAct | None
) -> GroupAct | None:
    """The draft; None, with the reason on the form, if there is nothing to act on."""
    files = form.cleaned_data.get("files") or []
    try:
        return group_acts.draft(
            group, name, form.entered, files, doer_of(viewer), instead_of=earlier
        )
    except Blocked as blocked:
        for reason in blocked.reasons:
            form.add_error(None, str(reason))
        return None


# Looking at it ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Shown:
    """A row of an act. `apart`: it has words of its own; `tag`: what an approver should know."""

    row: GroupActRow
    line: Line
    apart: bool
    tag: str


@login_required
@never_cache
@require_safe
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """What would be done to which case, or what became of each. For htmx only how far it is."""
    viewer = Viewer(request)
    act = act_of(viewer, pk)
    rows = list(_rows(viewer, act))
    numbers = {one: sum(row.outcome == one for row in rows) for one in Outcome.values}
    context = {
        "act": act,
        "group": act.group,
        "mine": act.by_id == viewer.user.pk,
        "numbers": numbers,
        "ended": len(rows) - numbers[Outcome.WAITING],
        "total": len(rows),
        "now": viewer.now,
    }
    if request.headers.get("HX-Request"):
        response = render(request, "petitions/groups/_progress.html", context)
        if act.stage != Stage.RUNNING:
            response["HX-Refresh"] = "true"
        return response
    cases = [row.case for row in rows]
    tags = _tags(act, cases) if act.step == "approve_opinion" else {}
    shown = zip(rows, lines(cases, viewer.directory, viewer.now), strict=True)
    context |= {
        "by": viewer.directory.cadres[act.by_id].name,
        "rows": [Shown(row, line, bool(row.own), tags.get(row.case_id, "")) for row, line in shown],
        "words": _words(viewer, act),
        "opinion": _words(viewer, _submitted(act)) if tags else [],
        "sample": _sample(act, rows),
        "files": list(act.files.all()),
        "answers": "answers" in STEPS[act.step].params,
    }
    return render(request, "petitions/groups/act.html", context)


def _rows(viewer: Viewer, act: GroupAct) -> Any:
    unread = [f"case__{name}" for name in UNREAD]
    rows = act.rows.filter(case__in=viewer.cases).select_related("case__petitioner")
    return rows.defer(*unread).order_by("id")


def _words(viewer: Viewer, act: GroupAct | None) -> list[Words]:
    """What was entered, in words, with the fields still open."""
    if act is None:
        return []
    fields: Any = ACT_FORMS[act.step].base_fields
    found = [
        Words(str(fields[name].label), value_of(name, value, viewer.directory))
        for name, value in act.entered.items()
        if name in fields and value not in (None, "")
    ]
    return [words for words in found if words.value]


def _sample(act: GroupAct, rows: list[GroupActRow]) -> list[Words]:
    """The texts as the first petitioner gets them, the name masked; nothing without a field."""
    first = next((row.case for row in rows if row.outcome == Outcome.WAITING), None)
    if first is None or act.stage != Stage.DRAFT:
        return []
    fields: Any = ACT_FORMS[act.step].base_fields
    texts = {
        name: (value, filled_in(value, first, masked=True))
        for name, value in act.entered.items()
        if isinstance(value, str) and name in fields
    }
    return [
        Words(str(fields[name].label), filled)
        for name, (plain, filled) in texts.items()
        if plain != filled
    ]


def _submitted(act: GroupAct) -> GroupAct | None:
    """The latest opinion that was submitted for this group as a whole."""
    done = GroupAct.objects.filter(group=act.group_id, step="submit_opinion")
    return done.exclude(stage=Stage.DRAFT).order_by("-id").first()


def _tags(act: GroupAct, cases: list[Petition]) -> dict[int, str]:
    """Of each opinion to be approved: is it the group's, or one to be read by itself?"""
    versions = {case.pk: case.version for case in cases}
    submitted = _submitted(act)
    rows = submitted.rows.filter(outcome=Outcome.DONE, case__in=versions) if submitted else ()
    common = {row.case_id for row in rows if not row.own and versions[row.case_id] == row.seen + 1}
    own = _("has an opinion of its own: read it on its page")
    return {pk: _("the common opinion") if pk in common else own for pk in versions}


# Letting it go ------------------------------------------------------------------------------


@login_required
@never_cache
@require_POST
def start(request: HttpRequest, pk: int) -> HttpResponse:
    """Confirm a draft for exactly the rows that were shown as to be done.

    Where boxes were cleared, those rows are left out first and the new number is shown.
    """
    viewer = Viewer(request)
    act = own_act(viewer, pk)
    sent = {int(text) for text in request.POST.getlist("row") if text.isdecimal()}
    waiting = set(act.rows.filter(outcome=Outcome.WAITING).values_list("pk", flat=True))
    if act.stage == Stage.DRAFT and not sent & waiting:
        raise Blocked([_("No case is marked: nothing would be done.")])
    if act.stage == Stage.DRAFT and waiting - sent:
        left = group_acts.leave_out(act, sent & waiting)
        words = ngettext(
            "%(n)d case was left out. Look at the number, then confirm.",
            "%(n)d cases were left out. Look at the number, then confirm.",
            left,
        )
        messages.info(request, words % {"n": left})
        return redirect(act)
    group_acts.start(act, doer_of(viewer))
    return redirect(act)


@login_required
@never_cache
@require_POST
def again(request: HttpRequest, pk: int) -> HttpResponse:
    """Try the rows that were refused once more; those that are done stay as they are."""
    viewer = Viewer(request)
    act = own_act(viewer, pk)
    if not group_acts.try_again(act, doer_of(viewer)):
        messages.info(request, _("There is nothing to try again."))
    return redirect(act)


@login_required
@never_cache
@require_POST
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Throw a draft away; nothing was done."""
    viewer = Viewer(request)
    act = own_act(viewer, pk)
    if act.stage != Stage.DRAFT:
        raise WorkflowError(_("This has been confirmed already: look at what became of it."))
    act.delete()
    messages.success(request, _("Thrown away: nothing was done."))
    return redirect("group", act.group_id)


@login_required
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def apart(request: HttpRequest, pk: int, number: str) -> HttpResponse:
    """Other answers for one case of the act; begun with the common ones."""
    viewer = Viewer(request)
    act = own_act(viewer, pk)
    row = _rows(viewer, act).filter(case__number=number).first()
    if row is None or "answers" not in STEPS[act.step].params:
        raise Http404(_("There is no such case in this act."))
    if row.outcome not in (Outcome.WAITING, Outcome.REFUSED):
        raise Blocked([_("This case has been done, or is not touched.")])
    sent = request.POST if request.method == "POST" else None
    form = OwnAnswersForm(sent, case=row.case, entered=act.entered, own=row.own_words)
    if form.is_bound and form.is_valid():
        if not group_acts.answer_apart(row, form.own):
            raise Blocked([_("This case has been done, or is not touched.")])
        messages.success(request, _("Kept: this case gets its own answer."))
        return redirect(act)
    context = {"act": act, "group": act.group, "case": row.case, "form": form, "now": viewer.now}
    status = 400 if form.is_bound else 200
    return render(request, "petitions/groups/apart.html", context, status=status)
