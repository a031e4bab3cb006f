"""Dead letters over the API: notices that no channel took. Names no case."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from petitions.api.asking import ApiView
from petitions.api.lists import NewestShape, newest_page, newest_parameters
from petitions.views.undelivered import require_administrator, shown
from workflow import delivery


class LetterShape(serializers.Serializer):
    """A notice that was given up."""

    id = serializers.IntegerField()
    at = serializers.DateTimeField(help_text="When it was given up.")
    who = serializers.CharField(help_text="To whom it was.")
    channel = serializers.CharField()
    kind = serializers.CharField()
    reason = serializers.CharField(help_text="What the channel said last.")
    attempts = serializers.IntegerField()


class LetterPage(NewestShape):
    """Some dead letters, the newest first."""

    results = LetterShape(many=True)


class DeadLetters(ApiView):
    """Dead letters."""

    @extend_schema(
        operation_id="list_dead_letters", parameters=newest_parameters(), responses=LetterPage
    )
    def get(self, request: Request) -> Response:
        """For the system administrator: what was given up, and why."""
        require_administrator(self.viewer)
        page = newest_page(request, delivery.dead_letters())
        results = [shown(row, self.viewer) for row in page.rows]
        return Response(LetterPage({"after": page.after, "results": results}).data)
