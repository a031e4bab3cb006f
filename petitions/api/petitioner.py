"""What the petitioner does themselves, proven by the codes on their slip: no account is needed."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.exceptions import Throttled
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from petitions.api.asking import ApiView
from petitions.api.bodies import form_data
from petitions.api.shapes import Labelled
from petitions.api.steps import DOABLE, Refusal, described, mode_of, seen_in, step_data
from petitions.forms.public import NO_SUCH, TOO_OFTEN
from petitions.models import Petition
from petitions.numbering import read_number
from petitions.progress import tell
from petitions.throttling import count_wrong, is_throttled
from workflow import engine
from workflow.actors import Actor
from workflow.errors import WorkflowError
from workflow.steps import STEPS

OWN_STEPS = {
    name: step for name, step in DOABLE.items() if "petitioner" in step.may.name.split(" | ")
}
"""The steps that the declaration leaves to the petitioner."""


class WrongCode(WorkflowError):
    """Number and code don't belong together; nobody is told which of the two is wrong."""

    status = 403
    code = "wrong_code"


class Public(ApiView):
    """Whoever holds a code may ask; wrong ones are counted together with those of the pages."""

    permission_classes = (AllowAny,)
    authentication_classes = ()

    def proven(self, given: str, code: str, proof: str) -> Petition:
        """The petition of that number, if `proof` of it accepts the code."""
        number = read_number(given) or ""
        if is_throttled(self.request, number):
            raise Throttled(detail=str(TOO_OFTEN))
        rows = Petition.objects.filter(number=number).select_related("petitioner")
        found: Petition | None = rows.first()
        # A missing petition costs the same comparison as a wrong code.
        if getattr(found or Petition(), proof)(code) and found is not None and code.strip():
            return found
        count_wrong(self.request, number)
        raise WrongCode(NO_SUCH)


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
        case = self.proven(number, code, "rating_code_is")
        actor = Actor.petitioner(case.petitioner_id)
        mode_of(case, STEPS[self.step_name], self, seen=seen_in(data), actor=actor)
        entered = step_data(self.step_name, case, actor, self, (data, files))
        after = engine.perform(
            case, self.step_name, actor=actor, now=self.now, seen=seen_in(data), **entered
        )
        return Response(Mine(after).data)


def my_step(name: str) -> Any:
    """The view of one step of the petitioner's."""
    code = serializers.CharField(required=False, help_text="Or as the header X-Rating-Code.")
    title = f"My{name.title().replace('_', '')}Step"
    view: Any = type(title, (MyStep,), {"step_name": name, "__doc__": STEPS[name].doc})
    post = described(STEPS[name], "my", answer=Mine, rating_code=code)
    return extend_schema_view(post=post)(view).as_view()


MY_STEPS = {name: my_step(name) for name in OWN_STEPS}


# How does my matter stand? ----------------------------------------------------------------------


class StageShape(Labelled):
    """One stretch of the way."""

    at = serializers.DateTimeField(allow_null=True)
    status = serializers.CharField(help_text="done, now or later")


class Contact(serializers.Serializer):
    """Who has it; empty while nobody has."""

    name = serializers.CharField(required=False)
    unit = serializers.CharField(required=False)


class ToldShape(serializers.Serializer):
    """What the petitioner was told at a handover."""

    at = serializers.DateTimeField()
    sentence = serializers.CharField()


class ProgressShape(serializers.Serializer):
    """What the petitioner is told, as on the page."""

    number = serializers.CharField()
    sentence = serializers.CharField()
    route = StageShape(many=True)
    contact = Contact()
    told = ToldShape(many=True)


class Progress(Public):
    """How does my matter stand?"""

    @extend_schema(
        operation_id="progress",
        parameters=[
            OpenApiParameter("number", str, required=True),
            OpenApiParameter("code", str, description="The query code; better as X-Query-Code."),
            OpenApiParameter("X-Query-Code", str, OpenApiParameter.HEADER),
        ],
        responses={200: ProgressShape, 403: Refusal, 429: Refusal},
    )
    def get(self, request: Request) -> Response:
        """By number and query code. A code in an address is kept in logs: in a header it is not."""
        code = request.headers.get("X-Query-Code") or request.query_params.get("code", "")
        case = self.proven(request.query_params.get("number", ""), code, "query_code_is")
        told = tell(case, self.now, self.directory)
        shown = {name: getattr(told, name) for name in ("sentence", "route", "contact", "told")}
        return Response(ProgressShape({"number": case.number, **shown}).data)
