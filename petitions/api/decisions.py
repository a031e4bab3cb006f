"""What waits for a decision of whoever asks: A asks, B decides."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request as HttpRequest
from rest_framework.response import Response

from petitions.api.asking import ApiView
from petitions.api.shapes import Labelled
from petitions.api.steps import REFUSALS
from workflow import engine, requests
from workflow.models import Request
from workflow.steps import STEPS

MOST = 500
"""Undecided requests looked through, oldest first."""


class Decision(serializers.Serializer):
    """What to do with a request."""

    approve = serializers.BooleanField()
    reason = serializers.CharField(
        required=False, allow_blank=True, max_length=500, help_text="Needed when it is returned."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Whoever asked reads why it came back."""
        if not attrs["approve"] and not attrs.get("reason", "").strip():
            raise serializers.ValidationError({"reason": [_("Say in one sentence why.")]})
        return attrs


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
        cadre = self.context["view"].directory.cadres.get(request.asker_id)
        return cadre.name if cadre else ""


class WaitingShape(RequestShape):
    """A request that waits, and why it can't be approved if it can't."""

    reasons = serializers.SerializerMethodField()

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_reasons(self, request: Request) -> list[str]:
        """The sentences of the guards that fail."""
        return [str(one) for one in engine.blockers(request.case, STEPS[request.kind])]


class WaitingList(serializers.Serializer):
    """What waits for a decision, the oldest first."""

    results = WaitingShape(many=True)


class DecisionList(ApiView):
    """The inbox of decisions."""

    @extend_schema(operation_id="list_decisions", responses=WaitingList)
    def get(self, request: HttpRequest) -> Response:
        """Requests that whoever asks may decide."""
        rows = Request.objects.filter(decision="", case__in=self.cases())
        found = list(rows.select_related("case").order_by("asked_at", "id")[:MOST])
        engine.attach([row.case for row in found], self.actor, self.now, versions=self.versions)
        waiting = [row for row in found if self._decidable(row)]
        shown = WaitingShape(waiting, many=True, context=self.get_serializer_context())
        return Response({"results": shown.data})

    def _decidable(self, row: Request) -> bool:
        return row.asker_id != self.actor.id and STEPS[row.kind].may.allows(row.case, self.actor)


class DecisionView(ApiView):
    """One request."""

    @extend_schema(operation_id="read_decision", responses=RequestShape)
    def get(self, request: HttpRequest, pk: int) -> Response:
        """How it stands; the decider and the asker both read it."""
        return Response(self._shown(self._row(pk)))

    @extend_schema(
        operation_id="decide", request=Decision, responses={200: RequestShape, **REFUSALS}
    )
    def post(self, request: HttpRequest, pk: int) -> Response:
        """Approve (the step is done in your name) or return it with one sentence."""
        row = self._row(pk)
        given = Decision(data=request.data)
        given.is_valid(raise_exception=True)
        decided = requests.decide(
            row.pk,
            approve=given.validated_data["approve"],
            reason=given.validated_data.get("reason", ""),
            actor=self.actor,
            now=self.now,
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
