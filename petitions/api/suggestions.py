"""What the text of a case suggests, for programs."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from petitions.api.asking import ApiView
from petitions.api.shapes import Named, Shape
from petitions.proposals import shut_out
from petitions.suggesting.asking import Suggestions, categories, units


class SuggestionShape(Named):
    """A category or unit of ours, with the grounds."""

    label = serializers.CharField(help_text="With what it lies in.")  # type: ignore[assignment]
    because = serializers.CharField()


class SuggestedShape(Shape):
    """The best first; empty where nothing can be suggested."""

    model = serializers.CharField(
        help_text="Send it as `suggestion_model` when you classify or dispatch."
    )
    categories = SuggestionShape(many=True)
    units = SuggestionShape(many=True)
    lack = serializers.CharField(help_text="Why nothing can be suggested, if so.")


class CaseSuggestions(ApiView):
    """Suggestions from the text of one case."""

    @extend_schema(operation_id="read_suggestions", responses=SuggestedShape)
    def get(self, request: Request, number: str) -> Response:
        """At most three categories and three units. Whoever classifies or dispatches decides."""
        case = self.case(number)
        found = (
            categories(case, self.directory),
            units(case, self.directory, shut_out(case).units),
        )
        return Response(SuggestedShape(self._shown(*found)).data)

    def _shown(self, of_category: Suggestions, of_unit: Suggestions) -> dict[str, Any]:
        return {
            "model": of_category.version or of_unit.version,
            "categories": of_category.rows,
            "units": of_unit.rows,
            "lack": str(of_category.lack or of_unit.lack),
        }
