"""What waits for a decision of whoever asks: A asks, B decides."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request as HttpRequest
from rest_framework.response import Response

from petitions.api.asking import ApiView
from petitions.api.bodies import checked, form_data, request_of
from petitions.api.lists import NewestShape, newest_page, newest_parameters
from petitions.api.shapes import Labelled
from petitions.api.steps import REFUSALS
from petitions.views.decided import decisions_of, shown
from petitions.views.decisions import DecisionForm, waiting_of
from petitions.waiting import Waiting
from petitions.wording import asker_name
from workflow import requests
from workflow.models import Request


class WordsShape(serializers.Serializer):
    """A datum in words."""

    label = serializers.CharField()  # type: ignore[assignment]
    value = serializers.CharField()


class ProposedAnswer(serializers.Serializer):
    """A claim beside its proposed answer."""

    text = serializers.CharField()
    answer = serializers.CharField()


class EffectShape(serializers.Serializer):
    """What a yes would bring, and why."""

    sentence = serializers.CharField()
    because = serializers.ListField(child=serializers.CharField())


class EarlierShape(Labelled):
    """What was returned before."""

    at = serializers.DateTimeField()
    who = serializers.CharField()
    reason = serializers.CharField()


class WaitingShape(Labelled):
    """One thing to decide on: somebody's request, or a case that lies before the decider."""

    number = serializers.CharField(source="case.number")
    version = serializers.IntegerField(
        source="case.version", help_text="Send it back as `seen`: 409 if somebody acted since."
    )
    kind = serializers.CharField()
    due_at = serializers.DateTimeField(
        source="case.due_at", help_text="The date that it holds up; the year 9999: none."
    )
    in_place = serializers.CharField(help_text="In whose place; empty: in your own right.")
    url = serializers.SerializerMethodField(
        help_text="Of a request: POST the decision here. Empty where a step decides."
    )
    approve = serializers.SerializerMethodField(help_text="Without a request: the step of a yes.")
    reject = serializers.SerializerMethodField(help_text="Without a request: the step of a no.")
    asker = serializers.CharField()
    asked_at = serializers.DateTimeField()
    reasons = serializers.ListField(child=serializers.CharField(), source="blocked")
    facts = WordsShape(many=True)
    texts = WordsShape(many=True)
    points = ProposedAnswer(many=True)
    result = serializers.CharField()
    effects = EffectShape(many=True)
    earlier = EarlierShape(many=True)

    def get_url(self, one: Waiting) -> str:
        """Where a request is decided."""
        return reverse("api:decision", args=[one.request.pk]) if one.request else ""

    def get_approve(self, one: Waiting) -> str:
        """The step that says yes."""
        return one.ruling.approve if one.ruling else ""

    def get_reject(self, one: Waiting) -> str:
        """The step that says no."""
        return one.ruling.reject if one.ruling else ""


class WaitingList(serializers.Serializer):
    """What waits for a decision, the most urgent first."""

    results = WaitingShape(many=True)


class RequestShape(Labelled):
    """A request and how it stands."""

    id = serializers.IntegerField()
    kind = serializers.CharField()
    number = serializers.CharField(source="case.number")
    asker = serializers.SerializerMethodField()
    asked_at = serializers.DateTimeField()
    entered = serializers.DictField(help_text="What the asker entered, by the step's parameters.")
    decision = serializers.CharField(allow_blank=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    reason = serializers.CharField(allow_blank=True)

    def get_asker(self, request: Request) -> str:
        """Who asked."""
        return asker_name(request, self.context["view"].directory)


class DecisionList(ApiView):
    """The inbox of decisions."""

    @extend_schema(
        operation_id="list_decisions",
        parameters=[OpenApiParameter("kind", str, description="Only those of this kind.")],
        responses=WaitingList,
    )
    def get(self, request: HttpRequest) -> Response:
        """Requests of others, and opinions, objections and reports to rule on."""
        waiting = waiting_of(self.viewer)
        if kind := request.query_params.get("kind"):
            waiting = [one for one in waiting if one.kind == kind]
        return Response(WaitingList({"results": waiting}).data)


class DecisionView(ApiView):
    """One request."""

    @extend_schema(operation_id="read_decision", responses=RequestShape)
    def get(self, request: HttpRequest, pk: int) -> Response:
        """How it stands; the decider and the asker both read it."""
        return Response(self._shown(self._row(pk)))

    @extend_schema(
        operation_id="decide",
        request=request_of(DecisionForm, "Decision"),
        responses={200: RequestShape, **REFUSALS},
    )
    def post(self, request: HttpRequest, pk: int) -> Response:
        """Approve (the step is done in your name) or return it with one sentence."""
        row = self._row(pk)
        given: Any = checked(DecisionForm(form_data(request)[0]))
        decided = requests.decide(
            row.pk,
            approve=given.approved,
            reason=given.cleaned_data["reason"],
            actor=self.actor,
            now=self.now,
            seen=given.cleaned_data["seen"],
        )
        return Response(self._shown(decided))

    def _row(self, pk: int) -> Request:
        rows = Request.objects.filter(case__in=self.cases()).select_related("case")
        found = rows.filter(pk=pk).first()
        if found is None:
            raise Http404(_("There is no such request, or you can't see its case."))
        return found

    def _shown(self, row: Request) -> Any:
        return RequestShape(row, context=self.get_serializer_context()).data


class MadeShape(Labelled):
    """A decision that was made; it stands."""

    number = serializers.CharField()
    at = serializers.DateTimeField()
    approved = serializers.BooleanField()
    who = serializers.CharField()
    reason = serializers.CharField()


class MadePage(NewestShape):
    """Some decisions, the latest first."""

    results = MadeShape(many=True)


class DecisionsMade(ApiView):
    """Decisions that were made."""

    @extend_schema(
        operation_id="list_decisions_made",
        parameters=[
            *newest_parameters(),
            OpenApiParameter("for_me", bool, description="Others' decisions in your place."),
        ],
        responses=MadePage,
    )
    def get(self, request: HttpRequest) -> Response:
        """One's own, or those that others made in one's place."""
        for_me = request.query_params.get("for_me") in ("true", "1")
        rows = decisions_of(self.cases(), self.viewer.user.pk, in_my_place=for_me)
        page = newest_page(self.request, rows)
        results = [shown(event, self.viewer) for event in page.rows]
        return Response(MadePage({"after": page.after, "results": results}).data)
