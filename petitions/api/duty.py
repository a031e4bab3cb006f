"""The duty roster (值班表) over the API."""

from __future__ import annotations

from datetime import date

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from agents.models import DutyShift
from petitions import duty
from petitions.api.asking import ApiView
from petitions.api.lists import PageShape, key_parameters, paged
from petitions.paging import Order
from petitions.views.duty import require_caller
from workflow.calendar import day_of


class ShiftShape(serializers.Serializer):
    """Somebody on duty."""

    id = serializers.IntegerField()
    unit_id = serializers.IntegerField()
    unit = serializers.SerializerMethodField()
    station = serializers.SerializerMethodField(help_text="Empty: the unit itself.")
    day = serializers.DateField()
    shift = serializers.CharField()
    name = serializers.CharField()
    phone = serializers.CharField()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()

    def get_unit(self, one: DutyShift) -> str:
        """The unit's name."""
        unit = self.context["view"].directory.units.get(one.unit_id)
        return unit.name if unit else ""

    def get_station(self, one: DutyShift) -> str:
        """The station's name."""
        return one.station.name if one.station else ""


class RosterPage(PageShape):
    """Some shifts of one day, as they begin."""

    results = ShiftShape(many=True)


class Roster(ApiView):
    """The duty roster."""

    @extend_schema(
        operation_id="list_duty",
        parameters=[
            OpenApiParameter("day", OpenApiTypes.DATE, description="Of which day; today."),
            *key_parameters(),
        ],
        responses=RosterPage,
    )
    def get(self, request: Request) -> Response:
        """One day's shifts in the units that you look after."""
        require_caller(self.viewer)
        rows = duty.shifts_of(self.actor, self.directory, self._day(request))
        found = paged(request, rows, order=Order("starts_at"))
        context = self.get_serializer_context()
        answer = RosterPage({**found.links, "results": found.page.rows}, context=context)
        return Response(answer.data)

    def _day(self, request: Request) -> date:
        given = request.query_params.get("day")
        if not given:
            return day_of(self.now)
        try:
            return date.fromisoformat(given)
        except ValueError:
            raise ValidationError({"day": ["A day like 2026-11-23."]}) from None
