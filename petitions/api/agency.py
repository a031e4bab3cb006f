"""Agency over the API, to be read: mandates of a case, hand-overs, swaps of shifts, records."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from petitions import handover_items, handovers, swaps
from petitions import record as records
from petitions.agency import agency_of
from petitions.api.asking import ApiView
from petitions.api.bodies import errors_of
from petitions.api.lists import NewestShape, newest_page, newest_parameters
from petitions.api.shapes import Named
from petitions.views import duty as duty_views
from petitions.views import handovers as handover_views
from petitions.views import record as record_views
from workflow.calendar import day_of

# The mandates of a case -------------------------------------------------------------------------


class MandateShape(serializers.Serializer):
    """A mandate from its offer to its end. Who recorded or ended it, in words."""

    id = serializers.IntegerField(source="mandate.id")
    agent_id = serializers.IntegerField(source="mandate.agent_id")
    agent = serializers.CharField()
    unit = serializers.CharField()
    others = serializers.ListField(child=serializers.CharField(), help_text="Further agents.")
    way = serializers.CharField(source="mandate.way")
    powers = serializers.ListField(source="mandate.powers", child=serializers.CharField())
    until = serializers.DateField(source="mandate.until", allow_null=True)
    offered_at = serializers.DateTimeField(source="mandate.offered_at")
    offered_by = serializers.CharField()
    consented_at = serializers.DateTimeField(source="mandate.consented_at", allow_null=True)
    signed_at = serializers.DateTimeField(source="mandate.signed_at", allow_null=True)
    signature = serializers.CharField(source="mandate.signature")
    ended_at = serializers.DateTimeField(source="mandate.ended_at", allow_null=True)
    ended_because = serializers.CharField(source="mandate.ended_because")
    paper = serializers.CharField(source="paper.number", default="", help_text="Its number.")


class RecusedShape(serializers.Serializer):
    """Somebody who has no part in the case any more."""

    name = serializers.CharField()
    ground = serializers.CharField()
    wish = serializers.CharField(help_text="At whose wish; empty where nobody said.")
    at = serializers.DateTimeField()
    by = serializers.CharField()


class MandatesShape(serializers.Serializer):
    """Who has acted for the petitioner, and who must not act."""

    mandates = MandateShape(many=True, source="history")
    recused = RecusedShape(many=True)


class Mandates(ApiView):
    """The mandates of a case."""

    @extend_schema(operation_id="list_mandates", responses=MandatesShape)
    def get(self, request: Request, number: str) -> Response:
        """The newest first, that which stands and those of before."""
        today = day_of(self.now)
        return Response(MandatesShape(agency_of(self.case(number), today, self.directory)).data)


# Hand-overs ---------------------------------------------------------------------------------


class HandoverShape(serializers.Serializer):
    """What one cadre held, handed to another or, `to` null, case by case."""

    id = serializers.IntegerField()
    whose = Named()
    to = Named(allow_null=True)
    unit = Named(allow_null=True)
    reason = serializers.CharField()
    starts_on = serializers.DateField()
    ends_on = serializers.DateField(allow_null=True)
    begun_by = Named()
    begun_at = serializers.DateTimeField()
    done_by = Named(allow_null=True)
    done_at = serializers.DateTimeField(allow_null=True)
    withdrawn_at = serializers.DateTimeField(allow_null=True)


class HandoverRow(serializers.Serializer):
    """A case of it, and what became of it."""

    number = serializers.CharField(source="case.number")
    handler_id = serializers.IntegerField(allow_null=True)
    agent_id = serializers.IntegerField(allow_null=True)
    ground = serializers.CharField()
    result = serializers.CharField(help_text="Empty: not yet.")
    refusal = serializers.CharField()


class HandoverPiece(serializers.Serializer):
    """A duty shift or a leader's instruction that passes with it."""

    kind = serializers.CharField(help_text="`shift` or `instruction`.")
    what = serializers.CharField(help_text="The shift in words, or the number of the case.")
    to_id = serializers.IntegerField(allow_null=True)
    done = serializers.BooleanField()
    against = serializers.CharField(help_text="Why it has not passed, or can't.")


class HandoverList(NewestShape):
    """The newest first."""

    results = HandoverShape(many=True)


class HandoverWhole(HandoverShape):
    """A hand-over with those of its cases that whoever asks may see."""

    cases = HandoverRow(many=True, source="seen")
    pieces = HandoverPiece(many=True)


class Handovers(ApiView):
    """The hand-overs in which whoever asks has a part."""

    @extend_schema(
        operation_id="list_handovers", parameters=newest_parameters(), responses=HandoverList
    )
    def get(self, request: Request) -> Response:
        """Their own, those they begin or oversee, and those by which they got cases."""
        handover_views.refuse_others(self.viewer)
        page = newest_page(request, handover_views.listed(self.viewer))
        return Response(HandoverList({"after": page.after, "results": page.rows}).data)


class HandoverView(ApiView):
    """One hand-over."""

    @extend_schema(operation_id="read_handover", responses=HandoverWhole)
    def get(self, request: Request, pk: int) -> Response:
        """With its cases; the system administrator, who sees no case, sees none."""
        handover_views.refuse_others(self.viewer)
        one: Any = handover_views.found(self.viewer, pk)
        rows = handovers.rows_of(one, self.actor).filter(case__in=self.cases().values("pk"))
        one.seen = list(rows)
        hidden = handovers.counts_only(self.actor)
        act = handover_items.Act(self.actor, self.now, self.directory, self.cases())
        one.pieces = [] if hidden else handover_items.listed(one, act)
        return Response(HandoverWhole(one).data)


# Swaps of shifts --------------------------------------------------------------------------------


class SwappedShift(serializers.Serializer):
    """One person's hours on duty."""

    id = serializers.IntegerField()
    unit_id = serializers.IntegerField()
    shift = serializers.CharField()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()


class SwapShape(serializers.Serializer):
    """A shift offered to a colleague, in return for one of theirs or for nothing."""

    id = serializers.IntegerField()
    shift = SwappedShift()
    in_return = SwappedShift(allow_null=True)
    asked_by = Named()
    asked_of = Named()
    asked_at = serializers.DateTimeField()
    decision = serializers.CharField(help_text="Empty: undecided.")
    decided_at = serializers.DateTimeField(allow_null=True)


class SwapList(NewestShape):
    """The newest first."""

    results = SwapShape(many=True)


class Swaps(ApiView):
    """Swaps of duty shifts."""

    @extend_schema(operation_id="list_swaps", parameters=newest_parameters(), responses=SwapList)
    def get(self, request: Request) -> Response:
        """One's own, asked by oneself or by colleagues; a unit head's also of the unit."""
        duty_views.refuse_others(self.viewer)
        page = newest_page(request, swaps.seen_by(self.actor))
        return Response(SwapList({"after": page.after, "results": page.rows}).data)


# Records ------------------------------------------------------------------------------------


class Figure(serializers.Serializer):
    """One figure: how many pieces of evidence there are."""

    measure = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    count = serializers.IntegerField()


class Weighed(serializers.Serializer):
    """One part of the stars: `good` of `n`, with the rule's weight."""

    measure = serializers.CharField()
    good = serializers.FloatField(source="sample.good")
    n = serializers.IntegerField(source="sample.n")
    weight = serializers.FloatField()
    counts = serializers.BooleanField(help_text="Is there enough evidence?")


class RecordShape(serializers.Serializer):
    """An agent's record of a period; null stars: too little evidence."""

    first = serializers.DateField(source="period.first")
    last = serializers.DateField(source="period.last")
    trips_spared = serializers.IntegerField(source="trips")
    minutes = serializers.IntegerField()
    stars = serializers.IntegerField(source="stars.count", allow_null=True)
    parts = Weighed(many=True, source="stars.lines")
    figures = serializers.SerializerMethodField()

    @extend_schema_field(Figure(many=True))
    def get_figures(self, record: Any) -> Any:
        """By measure."""
        counted = [
            {"measure": name, "label": label, "count": len(record.facts[name])}
            for name, label in records.LABELS.items()
            if name in record.facts
        ]
        return Figure(counted, many=True).data


class AgentRecord(ApiView):
    """An agent's record (代理员档案)."""

    @extend_schema(
        operation_id="read_agent_record",
        parameters=[
            OpenApiParameter("first", str, description="First day; without days the last ninety."),
            OpenApiParameter("last", str, description="Last day, at most a year later."),
        ],
        responses=RecordShape,
    )
    def get(self, request: Request, pk: int) -> Response:
        """Read by the agent, the head of the unit and the leader. The evidence itself stands with
        the cases.
        """
        record_views.readable(self.viewer, pk)
        form, period = record_views.period_of(self.viewer)
        if form.errors:
            raise ValidationError(errors_of(form))
        return Response(RecordShape(records.read(pk, period, self.now)).data)
