"""Joint handling of a case over the API: who was called, their answers and their scores."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from petitions.api.asking import ApiView
from petitions.joint import Called, JointFile


class CalledShape(serializers.Serializer):
    """A unit called into the case. Steps about it take its `id` as `call`."""

    id = serializers.IntegerField(source="row.id")
    kind = serializers.CharField(source="row.kind")
    whistle = serializers.IntegerField(source="row.whistle_id", allow_null=True)
    unit_id = serializers.IntegerField(source="row.unit_id")
    unit = serializers.CharField()
    cadre_id = serializers.IntegerField(source="row.cadre_id")
    cadre = serializers.CharField()
    stage = serializers.CharField()
    lamp = serializers.CharField()
    mine = serializers.BooleanField(help_text="Does whoever asks answer for it?")
    demand = serializers.SerializerMethodField()
    called_at = serializers.DateTimeField(source="row.called_at")
    due_at = serializers.DateTimeField(source="row.due_at")
    taken_at = serializers.DateTimeField(source="row.taken_at", allow_null=True)
    arrived_at = serializers.DateTimeField(source="row.arrived_at", allow_null=True)
    answered_at = serializers.DateTimeField(source="row.answered_at", allow_null=True)
    declined_at = serializers.DateTimeField(source="row.declined_at", allow_null=True)
    released_at = serializers.DateTimeField(source="row.released_at", allow_null=True)
    answer = serializers.SerializerMethodField()
    arrival_score = serializers.IntegerField(source="row.arrival_score", allow_null=True)
    result_score = serializers.IntegerField(source="row.result_score", allow_null=True)

    def get_demand(self, called: Called) -> str:
        """What it shall do."""
        return called.asked.get("demand", "")

    def get_answer(self, called: Called) -> str:
        """What it found and did."""
        return called.said.get("answer_call_answer", "")


class BlownShape(serializers.Serializer):
    """A whistle with the units that it calls."""

    id = serializers.IntegerField(source="row.id")
    kind = serializers.CharField(source="row.kind")
    at = serializers.DateTimeField(source="row.at")
    unit = serializers.CharField()
    by = serializers.CharField()
    place = serializers.CharField()
    demand = serializers.CharField()
    done = serializers.BooleanField(source="is_done")
    calls = CalledShape(many=True)


class MetShape(serializers.Serializer):
    """A joint conference."""

    id = serializers.IntegerField(source="row.id")
    held_on = serializers.DateField(source="row.held_on")
    units = serializers.ListField(child=serializers.CharField())
    lead = serializers.CharField()
    topics = serializers.CharField()
    decision = serializers.CharField()


class JointShape(serializers.Serializer):
    """All joint handling of a case."""

    co_handlers = CalledShape(many=True)
    whistles = BlownShape(many=True)
    conferences = MetShape(many=True)


class Joint(ApiView):
    """Units called into a case, whistles, joint conferences."""

    @extend_schema(operation_id="read_joint_handling", responses=JointShape)
    def get(self, request: Request, number: str) -> Response:
        """Co-handling units in the order they were asked; whistles and conferences, the newest
        first. With a sealed case nobody works together: 404.
        """
        case = self.case(number)
        if case.sealed:
            raise Http404(_("There is no such case, or you can't see it."))
        shown: Any = JointFile(case, self.viewer)
        return Response(JointShape(shown).data)
