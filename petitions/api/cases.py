"""The register over the API: the list, one case, what happened, its people."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from petitions.api import parts
from petitions.api.asking import ApiView
from petitions.api.bodies import refuse
from petitions.api.lists import (
    NewestShape,
    PageShape,
    filter_parameters,
    key_parameters,
    newest_page,
    newest_parameters,
    paged,
)
from petitions.api.registering import Register
from petitions.api.shapes import ROW_COLUMNS, CaseFacts, CaseRow, Representatives
from petitions.dossier import Dossier, Kind
from petitions.filters import CaseFilter
from petitions.models import Petition
from petitions.paging import COUNT_CAP, Counted, counts
from petitions.reveal import reveal
from petitions.wording import notes
from workflow import engine
from workflow.models import Event


class CaseBody(CaseFacts):
    """The whole case, as one page shows it."""

    points = serializers.SerializerMethodField()
    clocks = serializers.SerializerMethodField()
    events = serializers.SerializerMethodField()
    documents = serializers.SerializerMethodField()
    actions = serializers.SerializerMethodField()

    @extend_schema_field(parts.PointShape(many=True))
    def get_points(self, case: Petition) -> Any:
        """Claim points with their answers."""
        return parts.PointShape(parts.points_of(self.context["dossier"]), many=True).data

    @extend_schema_field(parts.ClockShape(many=True))
    def get_clocks(self, case: Petition) -> Any:
        """Running clocks, the first due first."""
        rows = parts.clocks_of(case, self.context["dossier"].documents)
        return parts.ClockShape(rows, many=True).data

    @extend_schema_field(parts.EventShape(many=True))
    def get_events(self, case: Petition) -> Any:
        """The newest thirty; `events/` has the rest, and the words written with them."""
        rows = parts.newest_events(self.context["dossier"], self.context["view"])
        return parts.EventShape(rows, many=True).data

    @extend_schema_field(parts.Paper(many=True))
    def get_documents(self, case: Petition) -> Any:
        """Papers issued."""
        return parts.Paper(parts.papers_of(self.context["dossier"]), many=True).data

    @extend_schema_field(parts.Action(many=True))
    def get_actions(self, case: Petition) -> Any:
        """What can be done now, by whoever asks."""
        return parts.Action(parts.actions_of(case), many=True).data


class CasePage(PageShape):
    """A page of the register."""

    count = serializers.IntegerField(
        help_text="Counted no further than 1001, unless `count=exact` asks for all."
    )
    results = CaseRow(many=True)


class CaseList(Register):
    """The register: read it, or add to it."""

    @extend_schema(
        operation_id="list_cases",
        parameters=[
            *filter_parameters(CaseFilter),
            *key_parameters(),
            OpenApiParameter("count", str, enum=["exact"], description="Count to the end."),
        ],
        responses=CasePage,
    )
    def get(self, request: Request) -> Response:
        """Cases by (due moment, id); without a filter by state, a search or a tab the open ones.

        Under a filter by the day of receipt, by (receipt, id), the latest first.

        The pages are found by key: follow `next` and `previous`, and never count.
        """
        form = CaseFilter(request.query_params, directory=self.directory)
        if not form.is_valid():
            refuse(form)
        seen, arms = self.viewer.cases_in_arms
        rows, branches = form.divided(seen, self.actor, self.now, arms)
        rows = rows.select_related("petitioner").only(*ROW_COLUMNS)
        found = paged(request, rows, order=form.order, branches=branches)
        cap = None if request.query_params.get("count") == "exact" else COUNT_CAP
        [count] = counts(Counted(rows, branches, form.order, cap))
        shown = CaseRow(found.page.rows, many=True, context=self.get_serializer_context())
        return Response({**found.links, "count": count, "results": shown.data})


class CaseDetail(ApiView):
    """One case."""

    @extend_schema(operation_id="read_case", responses=CaseBody)
    def get(self, request: Request, number: str) -> Response:
        """Where it stands, why its dates are what they are, and what can be done now."""
        case = self.case(number)
        dossier = Dossier.of(case, kind=Kind.ALL)
        engine.attach([case], self.actor, self.now, versions=self.versions, beside=dossier.beside)
        context = {**self.get_serializer_context(), "dossier": dossier}
        return Response(CaseBody(case, context=context).data)


class EventText(parts.EventShape):
    """An event with the words that were written with it."""

    notes = serializers.DictField(child=serializers.CharField())


class EventPage(NewestShape):
    """Some events, newest first."""

    results = EventText(many=True)


class CaseEvents(ApiView):
    """Everything that happened to one case."""

    @extend_schema(operation_id="list_events", parameters=newest_parameters(), responses=EventPage)
    def get(self, request: Request, number: str) -> Response:
        """Newest first, with the words people wrote."""
        rows = Event.objects.filter(case=self.case(number)).prefetch_related("notes")
        page = newest_page(request, rows)
        events = [parts.event_of(event, self) | {"notes": written(event)} for event in page.rows]
        return Response(EventPage({"after": page.after, "results": events}).data)


def written(event: Event) -> dict[str, str]:
    """What people wrote, by its key; a correction of hidden data only says that it was made."""
    rows = list(event.notes.all())
    words = notes(event.name, rows)
    return {row.key: one.value for row, one in zip(rows, words, strict=True)}


class CasePeople(ApiView):
    """Who filed one case."""

    @extend_schema(operation_id="list_people", responses=Representatives)
    def get(self, request: Request, number: str) -> Response:
        """The petitioner and the representatives of a joint petition, masked."""
        case = self.case(number)
        return Response(Representatives(case).data)


class Reason(serializers.Serializer):
    """Why somebody needs to see a field in plain."""

    reason = serializers.CharField()


class Plain(serializers.Serializer):
    """A field in plain."""

    value = serializers.CharField()


class CaseReveal(ApiView):
    """Personal data in plain."""

    @extend_schema(operation_id="reveal", request=Reason, responses=Plain)
    def post(self, request: Request, number: str, field: str) -> Response:
        """One field (name, id_number, phone, address, ...) for one reason; the look is logged."""
        case = self.case(number)
        given = Reason(data=request.data)
        given.is_valid(raise_exception=True)
        value = reveal(case, field, given.validated_data["reason"], request.user, self.now)
        return Response({"value": value})
