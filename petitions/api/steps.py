"""The steps of the machine over the API: one address each, made from the declaration.

A step added to `workflow/lifecycle.py` (with its form) is here without a line.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from petitions.api import parts
from petitions.api.asking import ApiView
from petitions.api.bodies import checked, form_data, request_of
from petitions.api.lists import whole
from petitions.api.shapes import CaseHead, Labelled
from petitions.forms import form_for
from petitions.models import Petition
from workflow import engine, requests
from workflow.actors import Actor
from workflow.errors import NoSuchStep, NotAllowedNow, NotPermitted
from workflow.steps import STEPS, State, Step

DOABLE = {name: step for name, step in STEPS.items() if step.sources != (State.NEW,)}
"""Every step but those that store a new case: registering has an address of its own."""


class CaseAfter(CaseHead):
    """Where the case stands after the step, and what can be done now."""

    clocks = serializers.SerializerMethodField()
    actions = serializers.SerializerMethodField()

    @extend_schema_field(parts.ClockShape(many=True))
    def get_clocks(self, case: Petition) -> Any:
        """Running clocks, the first due first."""
        return parts.ClockShape(parts.clocks_of(case), many=True).data

    @extend_schema_field(parts.Action(many=True))
    def get_actions(self, case: Petition) -> Any:
        """What can be done now, by whoever asks."""
        return parts.Action(parts.actions_of(case), many=True).data


class AskedShape(Labelled):
    """A request: the step waits for somebody else's decision."""

    id = serializers.IntegerField()
    kind = serializers.CharField()
    asked_at = serializers.DateTimeField()


class Happened(Labelled):
    """What somebody else did meanwhile."""

    name = serializers.CharField()
    at = serializers.DateTimeField()
    by = serializers.CharField()


class Refusal(serializers.Serializer):
    """Why not. `code` for programs, sentences for people."""

    code = serializers.CharField()
    detail = serializers.CharField()
    reasons = serializers.ListField(child=serializers.CharField())
    field = serializers.CharField(help_text="The first wrong field.")
    errors = serializers.DictField(  # type: ignore[assignment]
        child=serializers.ListField(child=serializers.CharField())
    )
    happened = Happened(many=True)


REFUSALS = {400: Refusal, 401: Refusal, 403: Refusal, 404: Refusal, 409: Refusal}


class StepView(ApiView):
    """One step; `step_name` says which."""

    step_name: ClassVar[str]

    def post(self, request: Request, number: str) -> Response:
        """Do the step, or ask for it where somebody else decides."""
        case = self.case(number)
        data, files = form_data(request)
        mode = mode_of(case, STEPS[self.step_name], self, seen=seen_in(data))
        entered = step_data(self.step_name, case, self.actor, self, (data, files))
        facts = {"actor": self.actor, "now": self.now, "seen": seen_in(data), **entered}
        if mode == "ask":
            asked = requests.ask(case.pk, self.step_name, **facts)
            return Response(AskedShape(asked).data, status=status.HTTP_202_ACCEPTED)
        after = engine.perform(case, self.step_name, **facts)
        return Response(CaseAfter(after, context=self.get_serializer_context()).data)


class UnknownStep(ApiView):
    """Any other name of a step."""

    @extend_schema(exclude=True)
    def post(self, request: Request, number: str, name: str) -> Response:
        """There is none."""
        self.case(number)
        raise NoSuchStep(gettext("There is no such step."))


def seen_in(data: Any) -> int | None:
    """The version of the case that whoever sends this looked at."""
    given = data.get("seen")
    if given in (None, ""):
        return None
    version = whole(given)
    if version is None:
        raise serializers.ValidationError({"seen": [gettext("This is no version of a case.")]})
    return version


def mode_of(
    case: Petition, step: Step, view: ApiView, seen: int | None, actor: Actor | None = None
) -> str:
    """ "do" or "ask"; refuses what state and person alone forbid, before the body is judged.

    Under the lock the machine judges again, and then everything.
    """
    engine.attach([case], actor or view.actor, view.now, step.name, versions=view.versions)
    engine.refuse_stale(case, seen)
    try:
        engine.lookup(case, step.name)
    except NotAllowedNow as refused:
        refused.happened = engine.since(case, seen)
        raise
    choice = engine.judge(case, step)
    if choice.mode == "no":
        raise NotPermitted(step.may.sentence)
    return choice.mode


def step_data(
    name: str, case: Petition, actor: Actor, view: ApiView, sent: tuple[Any, Any]
) -> dict[str, Any]:
    """What the step's form makes of the body; 400 with the form's own sentences."""
    form_class = form_for(name)
    if form_class is None:
        return {}
    data, files = sent
    form: Any = checked(form_class(data, files, case=case, actor=actor, now=view.now))
    entered: dict[str, Any] = form.step_data()
    return entered


# The description --------------------------------------------------------------------------------


def described(step: Step, prefix: str = "do", answer: Any = CaseAfter, **more: Any) -> Any:
    """How the description shows the address of a step."""
    title = f"{prefix}_{step.name}".title().replace("_", "")
    answers: dict[int, Any] = {200: answer, **REFUSALS}
    if step.asks is not None and prefix == "do":
        answers[202] = AskedShape
    seen = serializers.IntegerField(
        required=False, help_text="The `version` you looked at: 409 if somebody acted since."
    )
    return extend_schema(
        operation_id=f"{prefix}_{step.name}",
        summary=step.label,
        description=_description(step),
        request=request_of(form_for(step.name), f"{title}Body", seen=seen, **more),
        responses=answers,
        tags=["steps"],
    )


def _description(step: Step) -> Any:
    """The law of the step, from its declaration: what, who, and what it needs."""
    lines = [step.doc, format_lazy(_("Who: {who}."), who=step.may.who)]
    if step.asks is not None:
        lines.append(format_lazy(_("Who may ask (answered by 202): {who}."), who=step.asks.who))
    lines += [format_lazy("409: {}", guard.sentence) for guard in step.guards]
    return format_lazy("\n\n".join(["{}"] * len(lines)), *lines)


def step_view(name: str) -> Any:
    """The view of one step."""
    title = f"{name.title().replace('_', '')}Step"
    view: Any = type(title, (StepView,), {"step_name": name, "__doc__": STEPS[name].doc})
    return extend_schema_view(post=described(STEPS[name]))(view).as_view()


STEP_VIEWS = {name: step_view(name) for name in DOABLE}
