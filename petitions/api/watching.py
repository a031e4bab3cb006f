"""Watch periods (重点时期) over the API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from petitions.api.asking import ApiView
from petitions.api.lists import NewestShape, newest_page, newest_parameters
from petitions.views.watching import require_watcher
from workflow.models import TermRule, WatchPeriod
from workflow.terms import RuleBook


class ShortenedShape(serializers.Serializer):
    """A term and its length in the period."""

    term = serializers.CharField()
    term_label = serializers.CharField(source="get_term_display")
    urgency = serializers.CharField()
    length = serializers.IntegerField()
    unit = serializers.CharField()


class WatchShape(serializers.Serializer):
    """A watch period."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    starts_on = serializers.DateField()
    ends_on = serializers.DateField()
    unit_ids = serializers.ListField(
        child=serializers.IntegerField(), help_text="With all below; empty: the whole office."
    )
    report_by = serializers.TimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    terms = serializers.SerializerMethodField()

    def get_terms(self, period: WatchPeriod) -> list[dict[str, Any]]:
        """What it shortens."""
        rules: list[TermRule] = self.context["book"].watched(period)
        return [dict(ShortenedShape(rule).data) for rule in rules]


class WatchPage(NewestShape):
    """Some watch periods, the last set first."""

    results = WatchShape(many=True)


class WatchPeriods(ApiView):
    """Watch periods."""

    @extend_schema(
        operation_id="list_watch_periods", parameters=newest_parameters(), responses=WatchPage
    )
    def get(self, request: Request) -> Response:
        """Those that run, come or are over, the last set first."""
        require_watcher(self.viewer)
        page = newest_page(request, WatchPeriod.objects.all())
        context = {"book": RuleBook.current(self.versions)}
        answer = WatchPage({"after": page.after, "results": page.rows}, context=context)
        return Response(answer.data)
