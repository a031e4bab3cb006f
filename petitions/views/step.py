"""The page of one step: enter, send, and be told what comes next or why not."""

from __future__ import annotations

import secrets
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from petitions.buttons import is_grave
from petitions.casefile import CaseFile
from petitions.derivations import why
from petitions.forms import StepForm, form_for
from petitions.models import Petition
from petitions.models.sending import KEY_LENGTH
from petitions.templatetags.look import in_a_row, moment, term_label
from petitions.views.kept import KeptFiles
from petitions.views.viewer import Viewer
from petitions.wording import actor_name
from workflow import engine, requests
from workflow.case import NEVER
from workflow.engine import Choice
from workflow.errors import (
    Blocked,
    InvalidData,
    NoSuchStep,
    NotAllowedNow,
    NotPermitted,
    Stale,
    WorkflowError,
)
from workflow.models import Event
from workflow.permissions import sees
from workflow.reading import done_under
from workflow.steps import STEPS, State

SENT_AGAIN = "X-Sent-Again"
"""The header with which a page sends by itself what it had kept (static/js/field.js)."""


@login_required
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def step(request: HttpRequest, number: str, name: str) -> HttpResponse:
    """Show the form of a step, or do it (ask for it, where somebody else decides).

    What is typed is never lost: whatever the machine refuses is said above the filled form.
    """
    viewer = Viewer(request)
    case = viewer.case(number)
    if name not in STEPS or STEPS[name].sources == (State.NEW,):
        raise NoSuchStep(_("There is no such step."))
    engine.attach([case], viewer.actor, viewer.now, name, versions=viewer.versions)
    page = StepPage(viewer, case, name)
    return page.send() if request.method == "POST" else page.show()


class StepPage:
    """One request for one step of one case."""

    def __init__(self, viewer: Viewer, case: Petition, name: str) -> None:
        self.viewer, self.case, self.step = viewer, case, STEPS[name]
        self.kept = KeptFiles(viewer)
        sent = viewer.request.POST.get("key", "")
        self.key = sent[:KEY_LENGTH] if sent.isprintable() else ""
        self.form = self._form()

    def show(self) -> HttpResponse:
        """The empty form; 403 or 409 when there is nothing to fill in."""
        choice = self._choice()
        if choice.reasons:
            raise Blocked(choice.reasons)
        return self._render(asks=choice.mode == "ask")

    def send(self) -> HttpResponse:
        """Do it; what is refused is shown above the form with everything typed."""
        asks = False
        try:
            self._refuse_stale()
            choice = self._choice()
            asks = choice.mode == "ask"
            if "what_if" in self.viewer.request.POST and self.form and self.form.foresees:
                return self._foresee(choice)
            if self.form is not None and not self.form.is_valid():
                return self._render(asks=asks, status=400)
            return self._done(asks)
        except InvalidData as refused:
            if self.form is None:
                raise
            self.form.refuse(refused)
            return self._render(asks=asks, status=400)
        except (Stale, Blocked, NotAllowedNow) as refused:
            if self._arrived_before():
                return self._arrived()
            if isinstance(refused, NotAllowedNow):
                refused.happened = engine.since(self.case, self._seen())
            self._look_again()
            return self._render(asks=asks, status=refused.status, refused=refused)

    def _done(self, asks: bool) -> HttpResponse:
        entered = self.form.step_data() if self.form is not None else {}
        actor, now = self.viewer.actor, self.viewer.now
        how: dict[str, Any] = {"actor": actor, "now": now, "seen": self._seen(), "key": self.key}
        facts = {**how, **entered}
        if asks:
            requests.ask(self.case.pk, self.step.name, **facts)
            self.kept.done()
            sentence = _("%s: asked for. You are told when it is decided.") % self.step.label
            messages.success(self.viewer.request, sentence)
            return redirect("case", self.case.number)
        after: Any = engine.perform(self.case, self.step.name, **facts)
        self.kept.done()
        messages.success(self.viewer.request, done_sentence(self.step.label, after))
        return redirect("case", self.case.number) if self._sees(after) else redirect("case_list")

    def _arrived_before(self) -> bool:
        """Sent again after a dead spot: what was refused now was done the first time."""
        names = (self.step.name, "request_made")
        return any(done_under(self.key, self.case, one, self.viewer.actor) for one in names)

    def _arrived(self) -> HttpResponse:
        """Nothing is done twice; whoever sent it sees what came of it."""
        self.kept.done()
        if SENT_AGAIN in self.viewer.request.headers:
            return HttpResponse(status=204)
        messages.success(self.viewer.request, _("This had arrived already: it was done once."))
        return redirect("case", self.case.number)

    def _foresee(self, choice: Choice) -> HttpResponse:
        """What would come of it, and why; nothing is done. For htmx only that."""
        if choice.reasons:
            raise Blocked(choice.reasons)
        form: Any = self.form
        clock = form.foreseen()
        told: dict[str, Any] = {"form": form, "asked": True}
        if clock is not None:
            rule = self.case.context.book.by_id(clock.rule_id)
            told |= {"foreseen": clock, "lines": why(clock, rule, self.viewer.directory)}
        status = 400 if clock is None else 200
        if self.viewer.request.headers.get("HX-Request"):
            return render(self.viewer.request, "petitions/_what_if.html", told, status=status)
        return self._render(asks=choice.mode == "ask", status=status, **told)

    def _sees(self, after: Petition) -> bool:
        """Classified as an accusation, or handed on, the case may be out of sight now."""
        # The machine does not know who sees it in the place of an absent: that is looked up.
        return sees(after, self.viewer.actor) or self.viewer.cases.filter(pk=after.pk).exists()

    def _choice(self) -> Choice:
        """Raises NotAllowedNow, or NotPermitted for whoever may neither do nor ask."""
        choice = engine.judge(self.case, engine.lookup(self.case, self.step.name))
        if choice.mode == "no":
            raise NotPermitted(choice.reasons[0])
        return choice

    def _refuse_stale(self) -> None:
        engine.refuse_stale(self.case, self._seen())

    def _look_again(self) -> None:
        """The case as it stands now, so that sending again answers to what is shown."""
        self.case = self.viewer.case(self.case.number)
        engine.attach(
            [self.case], self.viewer.actor, self.viewer.now, versions=self.viewer.versions
        )

    def _seen(self) -> int | None:
        sent = self.viewer.request.POST.get("seen", "")
        return int(sent) if sent.isdecimal() else None

    def _form(self) -> StepForm | None:
        form, request = form_for(self.step.name), self.viewer.request
        if form is None:
            return None
        sent = (request.POST, self.kept.files) if request.method == "POST" else ()
        return form(*sent, case=self.case, actor=self.viewer.actor, now=self.viewer.now)

    def _render(
        self,
        *,
        asks: bool,
        status: int = 200,
        refused: WorkflowError | None = None,
        **more: Any,
    ) -> HttpResponse:
        context = {
            "case": self.case,
            "file": CaseFile(self.case, self.viewer),
            "step": self.step,
            "grave": is_grave(self.step),
            "asks": asks,
            "form": self.form,
            "kept": self.kept.keep() if self.viewer.request.method == "POST" else [],
            "seen": self.case.version,
            "key": self.key or secrets.token_hex(8),
            "possible": self.case.state in self.step.sources,
            "refused": refused,
            "happened": [retold(one, self.viewer) for one in refused.happened] if refused else [],
            "now": self.viewer.now,
            **more,
        }
        return render(self.viewer.request, "petitions/step.html", context, status=status)


def retold(event: Event, viewer: Viewer) -> dict[str, Any]:
    """What somebody else did meanwhile."""
    return {
        "at": event.at,
        "who": actor_name(event, viewer.directory),
        "label": event.label,
        "state": State(event.to_state).label,
    }


def done_sentence(label: Any, case: Petition) -> str:
    """What was done, where the case stands now, and what comes next."""
    words = {"step": label, "state": State(case.state).label}
    done = _("%(step)s: done. The case is now “%(state)s”.") % words
    if case.due_at == NEVER or not case.due_term:
        return done
    next_words = {"term": term_label(case.due_term), "due": moment(case.due_at)}
    return in_a_row([done, _("Next date: %(term)s, %(due)s.") % next_words])
