"""What a program must know to fill in a form: units, places, categories, cadres, candidates."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from agents.models import Area, Category
from agents.roles import Role
from petitions.api.asking import ApiView
from petitions.api.bodies import checked
from petitions.api.lists import filter_parameters, whole
from petitions.api.shapes import Named
from petitions.forms.picking import area_field, category_field
from petitions.models import Petition
from petitions.proposals import candidates
from workflow.calendar import day_of

HOLDERS = (Role.HANDLER, Role.AGENT, Role.UNIT_HEAD)
"""Who can be given a case."""


class UnitShape(Named):
    """A unit; `parent_id` is the one above."""

    code = serializers.CharField()
    kind = serializers.CharField()
    parent_id = serializers.IntegerField(allow_null=True)
    depth = serializers.IntegerField()


class AreaShape(Named):
    """A place with its official code."""

    code = serializers.CharField()
    level = serializers.IntegerField(help_text="1 province to 5 community")
    parent_id = serializers.IntegerField(allow_null=True)


class CategoryShape(AreaShape):
    """A category of the tree."""

    level = serializers.IntegerField(help_text="1 to 5, from wide to narrow")
    scheme = serializers.CharField()
    is_official = serializers.BooleanField()


class CadreShape(Named):
    """A cadre who can be given a case."""

    unit_id = serializers.IntegerField(allow_null=True)
    roles = serializers.ListField(child=serializers.CharField())
    is_absent = serializers.BooleanField()


class CandidateShape(serializers.Serializer):
    """Who is in charge of such a matter, and why."""

    proposal = serializers.CharField(help_text="Send it as `proposal` when dispatching.")
    unit = Named()
    handler = Named(allow_null=True)
    reason = serializers.CharField()
    load = serializers.IntegerField(help_text="Open cases in their hands.")


class Units(ApiView):
    """The tree of units."""

    @extend_schema(operation_id="list_units", responses=UnitShape(many=True))
    def get(self, request: Request) -> Response:
        """Units in service, by code."""
        units = sorted(self.directory.units.values(), key=lambda unit: unit.code)
        return Response(UnitShape([one for one in units if one.is_active], many=True).data)


class Areas(ApiView):
    """The tree of places."""

    @extend_schema(operation_id="list_areas", responses=AreaShape(many=True))
    def get(self, request: Request) -> Response:
        """Every place, by its official code."""
        return Response(AreaShape(Area.objects.order_by("code"), many=True).data)


class Categories(ApiView):
    """The tree of categories."""

    @extend_schema(operation_id="list_categories", responses=CategoryShape(many=True))
    def get(self, request: Request) -> Response:
        """Categories in use."""
        rows = Category.objects.filter(is_active=True).order_by("scheme", "code")
        return Response(CategoryShape(rows, many=True).data)


class Cadres(ApiView):
    """Who can be given a case."""

    @extend_schema(
        operation_id="list_cadres",
        parameters=[OpenApiParameter("unit", int, description="Of this unit or one below it.")],
        responses=CadreShape(many=True),
    )
    def get(self, request: Request) -> Response:
        """Handlers, agents and unit heads in service."""
        within = whole(request.query_params.get("unit"))
        directory = self.directory
        found = {one for role in HOLDERS for one in directory.holders(role, within=within)}
        day = day_of(self.now)
        rows = [
            {
                "id": one,
                "name": directory.cadres[one].name,
                "unit_id": directory.cadres[one].unit_id,
                "roles": sorted(directory.cadres[one].roles),
                "is_absent": directory.is_absent(one, day),
            }
            for one in sorted(found)
        ]
        return Response(CadreShape(rows, many=True).data)


class MatterForm(forms.Form):
    """The matter that somebody should be in charge of: a case, or a category and a place."""

    number = forms.CharField(required=False, label="Number of a case")
    category = category_field(required=False, label="Code or name of a category")
    area = area_field(required=False, label="Code or name of where the problem is")


class Candidates(ApiView):
    """Who is in charge (谁分管、谁代理)."""

    @extend_schema(
        operation_id="list_candidates",
        parameters=filter_parameters(MatterForm),
        responses=CandidateShape(many=True),
    )
    def get(self, request: Request) -> Response:
        """Best first, at most five, never empty: each with its reason."""
        asked = checked(MatterForm(request.query_params)).cleaned_data
        if asked["number"]:
            matter = self.case(asked["number"])
        elif asked["category"] or asked["area"]:
            matter = Petition(category=asked["category"], problem_area=asked["area"])
        else:
            raise ValidationError({"category": [_("Name a case, a category or a place.")]})
        found = [self._candidate(one) for one in candidates(matter, self.now, self.directory)]
        return Response(CandidateShape(found, many=True).data)

    def _candidate(self, one: Any) -> dict[str, Any]:
        return {
            "proposal": f"{one.unit_id}-{one.cadre_id}" if one.cadre_id else "",
            "unit": self.directory.units[one.unit_id],
            "handler": self.directory.cadres[one.cadre_id] if one.cadre_id else None,
            "reason": str(one.reason),
            "load": one.load,
        }
