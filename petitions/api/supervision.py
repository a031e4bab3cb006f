"""Supervision over the API: orders, proposals, instructions, advices, as their pages show them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from petitions import supervising
from petitions.api.asking import ApiView
from petitions.api.lists import NewestShape, choice, newest_page, newest_parameters
from petitions.api.shapes import Due
from petitions.paging import NewestPage
from petitions.supervising import Advised, Beside, Order
from petitions.views.supervision import ADVICES, INSTRUCTIONS, ORDERS


class RowShape(serializers.Serializer):
    """What all of them say."""

    id = serializers.IntegerField(source="row.id")
    number = serializers.CharField(source="case.number", help_text="The case's.")


class WithClock(RowShape):
    """What is answered within a term."""

    unit = serializers.CharField()
    by = serializers.CharField()
    paper = serializers.SerializerMethodField(help_text="The number of its paper.")
    due_at = serializers.SerializerMethodField(help_text="Null: answered, or it stands still.")
    lamp = serializers.CharField()

    def get_paper(self, one: Order | Advised) -> str:
        """The number of its paper."""
        return one.paper.number if one.paper else ""

    def get_due_at(self, one: Order | Advised) -> Any:
        """By when it is answered."""
        runs = one.clock and not one.clock.suspended_at
        return Due().to_representation(one.clock.due_at) if runs and one.clock else None


class OrderShape(WithClock):
    """A supervision order (督办单)."""

    reason_code = serializers.CharField(source="row.reason_code")
    reason_label = serializers.CharField(source="row.get_reason_code_display")
    by_law = serializers.BooleanField(source="row.by_law")
    demand = serializers.CharField()
    ordered_at = serializers.DateTimeField(source="row.ordered_at")
    fed_back_at = serializers.DateTimeField(source="row.fed_back_at", allow_null=True)
    concluded_at = serializers.DateTimeField(source="row.concluded_at", allow_null=True)
    result = serializers.CharField(source="row.result")
    result_label = serializers.CharField(source="row.get_result_display")


class AdviceShape(WithClock):
    """One of the three advices (三项建议)."""

    kind = serializers.CharField(source="row.kind")
    kind_label = serializers.CharField(source="row.get_kind_display")
    words = serializers.CharField()
    given_at = serializers.DateTimeField(source="row.given_at")
    answered_at = serializers.DateTimeField(source="row.answered_at", allow_null=True)
    adopted = serializers.CharField(source="row.adopted")


class ProposalShape(RowShape):
    """An order that a trigger proposes."""

    unit = serializers.CharField()
    trigger = serializers.CharField(source="trigger.code")
    trigger_label = serializers.CharField(source="trigger.label")
    basis = serializers.CharField(source="trigger.law")
    reason_code = serializers.CharField(source="trigger.reason_code")
    demand = serializers.CharField(source="trigger.demand")
    at = serializers.DateTimeField(source="row.at")


class InstructionShape(RowShape):
    """A leader's written instruction (批示) with its read-back."""

    leader = serializers.CharField()
    to = serializers.CharField()
    words = serializers.CharField()
    at = serializers.DateTimeField(source="row.at")
    due_on = serializers.DateField(source="row.due_on", allow_null=True)
    lamp = serializers.CharField()
    read_at = serializers.DateTimeField(source="row.read_at", allow_null=True)
    read_by = serializers.CharField()
    done_at = serializers.DateTimeField(source="row.done_at", allow_null=True)
    report = serializers.CharField(source="row.report")


class OrderPage(NewestShape):
    """Some orders, the newest first."""

    results = OrderShape(many=True)


class ProposalPage(NewestShape):
    """Some proposals, the newest first."""

    results = ProposalShape(many=True)


class InstructionPage(NewestShape):
    """Some instructions, the newest first."""

    results = InstructionShape(many=True)


class AdvicePage(NewestShape):
    """Some advices, the newest first."""

    results = AdviceShape(many=True)


def _parameters(tabs: dict[str, Any]) -> list[OpenApiParameter]:
    first = next(iter(tabs))
    which = OpenApiParameter("tab", str, enum=[*tabs], description=f"Which of them; {first}.")
    return [which, *newest_parameters()]


class SupervisionView(ApiView):
    """Lists on the cases that whoever asks may see."""

    def page(self, rows: Any, *joined: str) -> NewestPage:
        """The page that the query names, with the cases."""
        return newest_page(self.request, rows.select_related("case", *joined))

    def shown(
        self, shape: type[NewestShape], page: NewestPage, in_words: Callable[..., Any]
    ) -> Response:
        """The rows in words, as on the pages. Three queries beside the page's own."""
        beside = Beside.read(page.rows)
        results = [in_words(row, row.case, beside, self.viewer) for row in page.rows]
        return Response(shape({"after": page.after, "results": results}).data)


class Orders(SupervisionView):
    """Supervision orders."""

    @extend_schema(operation_id="list_orders", parameters=_parameters(ORDERS), responses=OrderPage)
    def get(self, request: Request) -> Response:
        """Orders on the cases that you see, the newest first."""
        tab = choice(request, "tab", [*ORDERS])
        page = self.page(supervising.orders_in(tab, self.cases(), self.now))
        return self.shown(OrderPage, page, supervising.order)


class Advices(SupervisionView):
    """The three advices."""

    @extend_schema(
        operation_id="list_advices", parameters=_parameters(ADVICES), responses=AdvicePage
    )
    def get(self, request: Request) -> Response:
        """Advices given with the cases that you see, the newest first."""
        rows = supervising.advices_on(self.cases())
        if choice(request, "tab", [*ADVICES]) == "open":
            rows = rows.filter(answered_at=None)
        return self.shown(AdvicePage, self.page(rows), supervising.advice)


class Instructions(SupervisionView):
    """Written instructions."""

    @extend_schema(
        operation_id="list_instructions",
        parameters=_parameters(INSTRUCTIONS),
        responses=InstructionPage,
    )
    def get(self, request: Request) -> Response:
        """Those that you wrote or that are addressed to you, the newest first."""
        tab = choice(request, "tab", [*INSTRUCTIONS])
        page = self.page(supervising.instructions_in(tab, self.cases(), self.actor))
        return self.shown(InstructionPage, page, supervising.instruction)


class Proposals(SupervisionView):
    """Orders that triggers propose."""

    @extend_schema(
        operation_id="list_proposals", parameters=newest_parameters(), responses=ProposalPage
    )
    def get(self, request: Request) -> Response:
        """What nobody has decided on yet, on the cases that you see, the newest first."""
        page = self.page(supervising.proposals_on(self.cases()), "trigger")
        results = [
            supervising.proposal(row, row.case, row.trigger, self.viewer) for row in page.rows
        ]
        return Response(ProposalPage({"after": page.after, "results": results}).data)
