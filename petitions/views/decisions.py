"""The inbox of decisions: approve, or return with one sentence."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode

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

from petitions import looks
from petitions.decisions import kinds_of, waiting_for
from petitions.forms.fields import SHORT, ProseField
from petitions.models import Petition
from petitions.rulings import RULINGS, takes_one_sentence
from petitions.templatetags.look import in_a_row, moment
from petitions.views.step import done_sentence, retold
from petitions.views.viewer import Viewer
from petitions.waiting import Waiting
from petitions.wording import in_place_of
from workflow import engine, requests
from workflow.actors import Actor
from workflow.errors import Blocked, InvalidData, NotAllowedNow, Stale, WorkflowError
from workflow.models import Request
from workflow.steps import STEPS

APPROVE, RETURN = "approve", "return"
NARROWING = ("kind", "by")
"""What the address says of how the list is shown; whoever decides stays there."""


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
    viewer = Viewer(request)
    return Page(viewer).whole(before=looks.note_decisions(viewer.user, viewer.now))


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
    page = Page(viewer, f"r{asked.pk}", form)
    if not form.is_valid():
        return page.again(status=400)
    try:
        decided = requests.decide(
            asked.pk,
            approve=form.approved,
            reason=form.cleaned_data["reason"],
            actor=viewer.actor,
            now=viewer.now,
            seen=form.cleaned_data["seen"],
        )
    except (Blocked, NotAllowedNow, InvalidData, Stale) as refused:
        asked.refresh_from_db()
        return page.again(refused=refused, meanwhile=_how_decided(asked, viewer))
    words = {"step": decided.label, "number": asked.case.number}
    if form.approved:
        sentence = _("%(step)s: approved and done (%(number)s).")
    else:
        sentence = _("%(step)s: returned to whoever asked (%(number)s).")
    return page.done(sentence % words, STEPS[decided.kind].kind)


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
    page = Page(viewer, f"c{case.pk}", form)
    if not form.is_valid():
        return page.again(status=400)
    wanted = ruling.approve if form.approved else ruling.reject
    if not takes_one_sentence(wanted):
        return redirect("step", case.number, wanted)
    try:
        after = _perform(viewer, case, wanted, form)
    except (Blocked, NotAllowedNow, Stale) as refused:
        return page.again(refused=refused)
    said = done_sentence(STEPS[wanted].label, after)
    return page.done(f"{case.number}: {said}", ruling.approve)


def waiting_of(viewer: Viewer) -> list[Waiting]:
    """All that waits for the viewer."""
    return waiting_for(
        viewer.cases,
        viewer.actor,
        viewer.now,
        directory=viewer.directory,
        versions=viewer.versions,
    )


class Page:
    """The inbox as one viewer sees it; `key` and `form`: what was just sent, to which item.

    For htmx an answer is the one card alone: decided, or once more with what is wrong.
    """

    def __init__(self, viewer: Viewer, key: str = "", form: DecisionForm | None = None) -> None:
        self.viewer, self.key, self.form = viewer, key, form
        self.one_card = bool(viewer.request.headers.get("HX-Request"))

    def whole(self, *, before: Any = None, status: int = 200, **said: Any) -> HttpResponse:
        """All that waits, narrowed and grouped as the address says."""
        given, items = self.viewer.request.GET, waiting_of(self.viewer)
        kinds = kinds_of(items)
        for item in items:
            item.form = self.form if item.key == self.key else None
            item.is_new = before is not None and item.asked_at > before
        chosen = given.get("kind", "")
        shown = [
            one for one in items if one.kind == chosen or chosen not in {k.name for k in kinds}
        ]
        if given.get("by") == "kind":
            order = {kind.name: place for place, kind in enumerate(kinds)}
            shown.sort(key=lambda one: order[one.kind])
        context = {
            "items": shown,
            "total": len(items),
            "kinds": kinds,
            "chosen": chosen if len(shown) < len(items) else "",
            "grouped": given.get("by") == "kind",
            "together": sum(one.together for one in shown),
            "new": sum(one.is_new for one in items),
            "before": before,
            "also_for": [in_place_of(one, self.viewer.directory) for one in self._in_place],
            "handed_over": self._handed_over(),
            "now": self.viewer.now,
            "form": self.form,
            "key": self.key,
            **said,
        }
        return render(self.viewer.request, "petitions/decisions.html", context, status=status)

    @property
    def _in_place(self) -> list[Actor]:
        return [one for one in self.viewer.actor.in_place if one.roles]

    def _handed_over(self) -> list[tuple[str, date]]:
        """Who decides in the viewer's place today, and until when."""
        directory, today = self.viewer.directory, self.viewer.today
        return [
            (directory.cadres[one.stand_in_id].name, one.ends_on)
            for one in directory.handed_over(self.viewer.user.pk, today)
        ]

    def again(
        self, *, status: int = 0, refused: WorkflowError | None = None, meanwhile: str = ""
    ) -> HttpResponse:
        """What was sent can't be done: why, what happened meanwhile, and all that was typed."""
        said = {
            "refused": refused,
            "happened": [retold(one, self.viewer) for one in refused.happened] if refused else [],
            "meanwhile": meanwhile,
        }
        status = status or (refused.status if refused else 400)
        if not self.one_card:
            return self.whole(status=status, **said)
        found = next((one for one in waiting_of(self.viewer) if one.key == self.key), None)
        if found is not None:
            found.form = self.form
        context = {"item": found, "form": self.form, "now": self.viewer.now, **said}
        return render(self.viewer.request, "petitions/_decision.html", context, status=status)

    def done(self, sentence: str, kind: str) -> HttpResponse:
        """Said, and on to the next one."""
        if self.one_card:
            context = {"sentence": sentence, "key": self.key, "kind": kind}
            return render(self.viewer.request, "petitions/_decided.html", context)
        messages.success(self.viewer.request, sentence)
        given = self.viewer.request.GET
        kept = urlencode({name: given[name] for name in NARROWING if name in given})
        return redirect(f"{reverse('decisions')}?{kept}" if kept else "decisions")


def _perform(viewer: Viewer, case: Petition, name: str, form: DecisionForm) -> Any:
    text = "reason" if "reason" in STEPS[name].params else "remark"
    return engine.perform(
        case.pk,
        name,
        actor=viewer.actor,
        now=viewer.now,
        seen=form.cleaned_data["seen"],
        **{text: form.cleaned_data["reason"]},
    )


def _how_decided(asked: Request, viewer: Viewer) -> str:
    """Who was faster, and what they said; "" while it is undecided."""
    if asked.decision == Request.Decision.PENDING:
        return ""
    decider = viewer.directory.cadres.get(asked.decider_id or 0)
    words = {
        "decision": asked.get_decision_display(),
        "who": decider.name if decider else "—",
        "when": moment(asked.decided_at),
    }
    return in_a_row([_("%(decision)s: %(who)s, %(when)s.") % words, asked.reason])
