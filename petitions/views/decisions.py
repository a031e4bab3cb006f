"""The inbox of decisions: approve, or return with one sentence."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from petitions.decisions import RULINGS, Ruling, Waiting, waiting_for
from petitions.forms.fields import SHORT, ProseField
from petitions.models import Petition
from petitions.views.step import done_sentence
from petitions.views.viewer import Viewer
from workflow import engine, requests
from workflow.errors import Blocked, InvalidData, NotAllowedNow, Stale, WorkflowError
from workflow.models import Request
from workflow.steps import STEPS

APPROVE, RETURN = "approve", "return"


class DecisionForm(forms.Form):
    """Yes, or no with its reason."""

    decision = forms.ChoiceField(choices=[(APPROVE, ""), (RETURN, "")])
    reason = ProseField(label=gettext_lazy("In one sentence"), required=False, max_length=SHORT)
    seen = forms.IntegerField(required=False, min_value=0)

    def __init__(self, data: Any, *, needs_reason: bool = False) -> None:
        super().__init__(data)
        self.needs_reason = needs_reason

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        returned = cleaned.get("decision") == RETURN
        if (returned or self.needs_reason) and not cleaned.get("reason"):
            self.add_error("reason", _("Say in one sentence why."))
        return cleaned

    @property
    def approved(self) -> bool:
        """The answer is yes."""
        return bool(self.cleaned_data["decision"] == APPROVE)


@login_required
@never_cache
@require_safe
def decisions(request: HttpRequest) -> HttpResponse:
    """What waits for the viewer, the most urgent first."""
    return _render(Viewer(request))


@login_required
@never_cache
@sensitive_post_parameters()
@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Decide on somebody's request."""
    viewer = Viewer(request)
    asked = Request.objects.filter(pk=pk, case__in=viewer.cases).select_related("case").first()
    if asked is None:
        raise Http404(_("There is no such request, or you can't see its case."))
    form = DecisionForm(request.POST)
    key = f"r{asked.pk}"
    if not form.is_valid():
        return _render(viewer, key, form, status=400)
    try:
        decided = requests.decide(
            asked.pk,
            approve=form.approved,
            reason=form.cleaned_data["reason"],
            actor=viewer.actor,
            now=viewer.now,
        )
    except (Blocked, NotAllowedNow, InvalidData) as refused:
        return _render(viewer, key, form, status=refused.status, refused=refused)
    words = {"step": decided.label, "number": asked.case.number}
    if form.approved:
        sentence = _("%(step)s: approved and done (%(number)s).")
    else:
        sentence = _("%(step)s: returned to whoever asked (%(number)s).")
    messages.success(request, sentence % words)
    return redirect("decisions")


@login_required
@never_cache
@sensitive_post_parameters()
@require_POST
def rule(request: HttpRequest, number: str, name: str) -> HttpResponse:
    """Decide on a case that lies before the viewer: an opinion, an objection, a report."""
    viewer = Viewer(request)
    case = viewer.case(number)
    ruling = RULINGS.get(name)
    if ruling is None:
        raise Http404(_("There is no such decision."))
    form = DecisionForm(request.POST, needs_reason=ruling.needs_reason)
    key = f"c{case.pk}"
    if not form.is_valid():
        return _render(viewer, key, form, status=400)
    try:
        after = _perform(viewer, case, ruling, form)
    except (Blocked, NotAllowedNow, Stale) as refused:
        return _render(viewer, key, form, status=refused.status, refused=refused)
    label = STEPS[ruling.approve if form.approved else ruling.reject].label
    messages.success(request, f"{case.number}: {done_sentence(label, after)}")
    return redirect("decisions")


def _perform(viewer: Viewer, case: Petition, ruling: Ruling, form: DecisionForm) -> Any:
    name = ruling.approve if form.approved else ruling.reject
    text = "reason" if "reason" in STEPS[name].params else "remark"
    return engine.perform(
        case.pk,
        name,
        actor=viewer.actor,
        now=viewer.now,
        seen=form.cleaned_data["seen"],
        **{text: form.cleaned_data["reason"]},
    )


def _render(
    viewer: Viewer,
    key: str = "",
    form: DecisionForm | None = None,
    *,
    status: int = 200,
    refused: WorkflowError | None = None,
) -> HttpResponse:
    items: list[Waiting] = waiting_for(
        viewer.cases,
        viewer.actor,
        viewer.now,
        directory=viewer.directory,
        versions=viewer.versions,
    )
    for item in items:
        if item.key == key:
            item.form = form
    context = {"items": items, "now": viewer.now, "refused": refused, "form": form, "key": key}
    return render(viewer.request, "petitions/decisions.html", context, status=status)
