"""Pages for petitioners, who have no account: how does it stand, and what may I do now?

A number and a code from the slip prove who asks; both are sent by POST and kept nowhere.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from agents.directory import Directory
from petitions.agency import agent_of, own_wish, with_mandate
from petitions.buttons import is_grave
from petitions.forms import FORMS, StepForm
from petitions.forms.mandating import WishRecusalForm
from petitions.forms.public import NO_SUCH, TOO_OFTEN, NumberForm, RatingCodeForm
from petitions.models import Petition
from petitions.numbering import read_number
from petitions.progress import tell
from petitions.throttling import count_wrong, is_throttled
from workflow import engine, requests
from workflow.actors import Actor
from workflow.calendar import day_of
from workflow.steps import STEPS

ACTS: dict[str, Any] = {
    "rate": gettext_lazy("Rate us"),
    "apply_review": gettext_lazy("Apply for a review"),
    "apply_rereview": gettext_lazy("Apply for a re-review"),
    "sign_mandate": gettext_lazy("Make this person my agent"),
    "revoke_mandate": gettext_lazy("I no longer want this agent"),
    "recuse": gettext_lazy("Keep somebody from my matter"),
    "withdraw": gettext_lazy("Withdraw my matter"),
}
"""The steps of the petitioner, in the order in which the page offers them."""

DONE: dict[str, Any] = {
    "rate": gettext_lazy("Thank you. Your rating has been written down."),
    "apply_review": gettext_lazy("Your application has been received: a higher organ reviews it."),
    "apply_rereview": gettext_lazy(
        "Your application has been received: a higher organ re-reviews it."
    ),
    "withdraw": gettext_lazy("Your matter has been withdrawn."),
    "sign_mandate": gettext_lazy("The mandate is signed. You may revoke it at any moment."),
    "revoke_mandate": gettext_lazy("The mandate is revoked: this person acts for you no more."),
    "recuse": gettext_lazy("Your wish has been written down. This page tells what is decided."),
}

LABELS: dict[str, Any] = {
    "statement": gettext_lazy("Why do you withdraw it?"),
    "revoke_mandate.statement": gettext_lazy("What you want to say"),
    "claim": gettext_lazy("What is wrong with the answer, and what do you ask for?"),
}
"""Words to the petitioner, where the office's form speaks about them."""


AGAINST_SOMEBODY = frozenset({"revoke_mandate", "recuse"})
"""No more to be done by mistake than what ends the matter: red, and folded until asked for."""

ASKED = frozenset({"recuse"})
"""What the petitioner can only ask for: it becomes a request like anybody's."""

OWN_FORMS: dict[str, type[StepForm]] = {"recuse": WishRecusalForm}
"""Where the petitioner is asked otherwise than the office."""


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def progress(request: HttpRequest) -> HttpResponse:
    """Number and query code: one plain sentence, no names, nothing of what it is about."""
    form = NumberForm(request.POST if request.method == "POST" else None)
    case = _proven(request, form, "query_code_is")
    if case is None:
        status = 400 if form.is_bound else 200
        return render(request, "petitions/public_progress.html", {"form": form}, status=status)
    now = timezone.now()
    told = tell(case, now, Directory.current())
    context = {
        "number": case.number,
        "name": case.petitioner.name_masked,
        "now": now,
        "told": told,
        "agent": agent_of(case, day_of(now), Directory.current()),
    }
    return render(request, "petitions/public_case.html", context)


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def my(request: HttpRequest) -> HttpResponse:
    """Number and rating code: rate, withdraw, apply for review. Each act proves itself anew."""
    form = RatingCodeForm(request.POST if request.method == "POST" else None)
    case = _proven(request, form, "rating_code_is")
    if case is None:
        status = 400 if form.is_bound else 200
        return render(request, "petitions/public_my.html", {"form": form}, status=status)
    now = timezone.now()
    actor = Actor.petitioner(case.petitioner_id)
    act = request.POST.get("act", "")
    sent = _form(act, case, actor, now, request.POST) if act in ACTS else None
    if sent is not None and sent.is_valid():
        do = requests.ask if act in ASKED else engine.perform
        do(case.pk, act, actor=actor, now=now, **sent.step_data())
        messages.success(request, f"{case.number}: {DONE[act]}")
        return redirect("my")
    context = {
        "number": case.number,
        "code": form.cleaned_data["code"],
        "told": tell(case, now, Directory.current()),
        "agent": with_mandate(case, day_of(now), Directory.current()),
        "wish": own_wish(case),
        "acts": _acts(case, actor, now, act, sent),
    }
    return render(request, "petitions/public_acts.html", context, status=400 if sent else 200)


def _proven(request: HttpRequest, form: Any, proof: str) -> Petition | None:
    """The petition whose number and code were entered; the form says the same of either mistake."""
    if not form.is_bound or not form.is_valid():
        return None
    number = read_number(form.cleaned_data["number"]) or ""
    if is_throttled(request, number):
        form.add_error(None, TOO_OFTEN)
        return None
    found: Petition | None = (
        Petition.objects.filter(number=number).select_related("petitioner").first()
    )
    # A missing petition costs the same comparison as a wrong code.
    if getattr(found or Petition(), proof)(form.cleaned_data["code"]) and found is not None:
        return found
    count_wrong(request, number)
    form.add_error(None, NO_SUCH)
    return None


def _form(
    name: str, case: Petition, actor: Actor, now: datetime, sent: QueryDict | None = None
) -> StepForm:
    made = OWN_FORMS.get(name) or FORMS[name]
    form = made(sent, case=case, actor=actor, now=now, auto_id=f"id_{name}_%s")
    for field in form.fields:
        label = LABELS.get(f"{name}.{field}") or LABELS.get(field)
        form.fields[field].label = label or form.fields[field].label
    return form


def _acts(
    case: Petition, actor: Actor, now: datetime, act: str, sent: StepForm | None
) -> list[dict[str, Any]]:
    """What the petitioner may do now, each with its form; what was sent keeps its text."""
    choices = engine.available(case, actor, now)
    allowed = {choice.step.name for choice in choices if choice.enabled}
    mine = [name for name in ACTS if name in allowed]
    grave = {name for name in mine if name in AGAINST_SOMEBODY or is_grave(STEPS[name])}
    return [
        {
            "name": name,
            "label": ACTS[name],
            "form": sent if sent and name == act else _form(name, case, actor, now),
            "open": name == act or (not act and name == mine[0] and name not in grave),
            "grave": name in grave,
        }
        for name in mine
    ]
