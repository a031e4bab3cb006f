"""What the petitioner does themselves, proven by the codes on their slip: no account is needed."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from petitions.api.asking import ApiView
from petitions.api.bodies import form_data
from petitions.api.parts import AnswerShape
from petitions.api.steps import DOABLE, described, mode_of, seen_in, step_data
from petitions.api.throttles import ByAddress, ByCase
from petitions.models import Petition
from petitions.numbering import read_number
from workflow import engine
from workflow.actors import Actor
from workflow.errors import WorkflowError
from workflow.models import Answer
from workflow.steps import STEPS, State

OWN_STEPS = {
    name: step for name, step in DOABLE.items() if "petitioner" in step.may.name.split(" | ")
}
"""The steps that the declaration leaves to the petitioner."""


class WrongCode(WorkflowError):
    """Number and code don't belong together; nobody is told which of the two is wrong."""

    status = 403
    code = "wrong_code"

    def __init__(self) -> None:
        super().__init__(_("There is no petition with this number and this code."))


class Public(ApiView):
    """Whoever holds a code may ask; how often is limited."""

    permission_classes = (AllowAny,)
    authentication_classes = ()
    throttle_classes = (ByAddress, ByCase)

    def own_case(self, number: str) -> Petition | None:
        """The case of that number, whoever asks; its code is checked next."""
        found: Petition | None = (
            Petition.objects.filter(number=read_number(number) or "")
            .select_related("petitioner")
            .first()
        )
        return found


class Mine(serializers.Serializer):
    """Where the matter stands after what the petitioner did."""

    number = serializers.CharField()
    state = serializers.CharField()
    state_label = serializers.CharField(source="get_state_display")


class MyStep(Public):
    """One step of the petitioner's; `step_name` says which."""

    step_name: ClassVar[str]

    def post(self, request: Request, number: str) -> Response:
        """Do it, with the rating code in the body or as `X-Rating-Code`."""
        data, files = form_data(request)
        code = request.headers.get("X-Rating-Code") or str(data.get("rating_code") or "")
        case = self.own_case(number)
        if case is None or not case.rating_code_is("".join(code.upper().split())):
            raise WrongCode
        actor = Actor.petitioner(case.petitioner_id)
        mode_of(case, STEPS[self.step_name], self, seen=seen_in(data), actor=actor)
        entered = step_data(self.step_name, case, actor, self, (data, files))
        after = engine.perform(
            case.pk, self.step_name, actor=actor, now=self.now, seen=seen_in(data), **entered
        )
        return Response(Mine(after).data)


def my_step(name: str) -> Any:
    """The view of one step of the petitioner's."""
    code = serializers.CharField(required=False, help_text="Or as the header X-Rating-Code.")
    title = f"My{name.title().replace('_', '')}Step"
    view = type(title, (MyStep,), {"step_name": name, "__doc__": STEPS[name].doc})
    post = described(STEPS[name], "my", answer=Mine, rating_code=code)
    return extend_schema_view(post=post)(view).as_view()


MY_STEPS = {name: my_step(name) for name in OWN_STEPS}


# How does my matter stand? ----------------------------------------------------------------------


class OwnPoint(serializers.Serializer):
    """What was asked, and once it was served the answer."""

    text = serializers.CharField()
    answers = AnswerShape(many=True)


class ProgressShape(Mine):
    """What the petitioner may know: with whom the matter is, and what comes next."""

    received_at = serializers.DateTimeField()
    registered_at = serializers.DateTimeField()
    accepted_at = serializers.DateTimeField(allow_null=True)
    answered_at = serializers.DateTimeField(allow_null=True)
    served_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)
    unit = serializers.CharField(help_text="With which unit it is.")
    agent = serializers.CharField(help_text="Who acts for the petitioner.")
    points = OwnPoint(many=True)


class Progress(Public):
    """How does my matter stand?"""

    @extend_schema(
        operation_id="progress",
        parameters=[
            OpenApiParameter("number", str, required=True),
            OpenApiParameter("code", str, description="The query code; better as X-Query-Code."),
            OpenApiParameter("X-Query-Code", str, OpenApiParameter.HEADER),
        ],
        responses=ProgressShape,
        auth=[],
    )
    def get(self, request: Request) -> Response:
        """By number and query code. A code in an address is kept in logs: the header is not."""
        number = request.query_params.get("number", "")
        code = request.headers.get("X-Query-Code") or request.query_params.get("code", "")
        case = self.own_case(number)
        if case is None or not case.query_code_is(code):
            raise WrongCode
        names = ("number", "received_at", "registered_at", "accepted_at", "answered_at")
        facts = {name: getattr(case, name) for name in (*names, "served_at", "closed_at", "state")}
        facts |= {"get_state_display": case.get_state_display(), "points": own_points(case)}
        return Response(ProgressShape(facts | self._hands(case)).data)

    def _hands(self, case: Petition) -> dict[str, str]:
        """In whose hands it is; of a sealed accusation nobody is named."""
        unit = None if case.sealed else self.directory.units.get(case.unit_id or 0)
        agent = None if case.sealed else self.directory.cadres.get(case.agent_id or 0)
        return {"unit": unit.name if unit else "", "agent": agent.name if agent else ""}


SERVED = (State.FOLLOW_UP, State.CLOSED, State.REVIEW, State.REREVIEW, State.CONCLUDED)
"""Where the answers of the present round have reached the petitioner."""


def own_points(case: Petition) -> list[dict[str, Any]]:
    """The claim points; an answer is shown once its paper was served."""
    last = case.round if case.state in SERVED else case.round - 1
    answers: dict[int, list[Answer]] = {}
    for answer in Answer.objects.filter(case=case, round__lte=last):
        answers.setdefault(answer.claim_point_id, []).append(answer)
    return [
        {"text": point.text, "answers": answers.get(point.pk, [])} for point in case.current_points
    ]
