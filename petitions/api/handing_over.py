"""Handing one's decisions over to another over the API."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from agents.models import Absence
from petitions.api.asking import ApiView
from petitions.api.bodies import checked, form_data, request_of
from petitions.api.steps import REFUSALS
from petitions.forms.handing_over import HandOverForm
from petitions.views.handing_over import SHOWN, form_for_handing_over, running
from workflow.calendar import day_of


class HandedOver(serializers.ModelSerializer):
    """Who decides in one's place, from when to when. No kinds: everything."""

    stand_in_name = serializers.CharField(source="stand_in.name")
    kinds = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = Absence
        fields = (
            "id", "stand_in", "stand_in_name", "starts_on", "ends_on", "kinds", "reason",
            "ended_at",
        )  # fmt: skip


class HandedOverList(serializers.Serializer):
    """The latest first."""

    results = HandedOver(many=True)


class HandingOver(ApiView):
    """What whoever asks has handed over."""

    @extend_schema(operation_id="list_handed_over", responses=HandedOverList)
    def get(self, request: Request) -> Response:
        """The ten latest, running, to come and over."""
        rows = Absence.objects.filter(cadre=request.user.pk).select_related("stand_in")
        found = rows.order_by("-starts_on", "-pk")[:SHOWN]
        return Response(HandedOverList({"results": found}).data)

    @extend_schema(
        operation_id="hand_over",
        request=request_of(HandOverForm, "HandOver"),
        responses={201: HandedOver, **REFUSALS},
    )
    def post(self, request: Request) -> Response:
        """From the first day to the last, both included."""
        form: Any = checked(form_for_handing_over(self.viewer, form_data(request)[0]))
        absence = form.absence()
        absence.save()
        return Response(HandedOver(absence).data, status=status.HTTP_201_CREATED)


class End(ApiView):
    """Back early."""

    @extend_schema(operation_id="end_hand_over", request=None, responses={200: HandedOver})
    def post(self, request: Request, pk: int) -> Response:
        """From this moment on."""
        today = day_of(self.now)
        mine = running(self.viewer.user.pk, today).filter(pk=pk).select_related("stand_in").first()
        if mine is None:
            raise Http404(_("Nothing of yours is handed over there."))
        mine.ended_at = self.now
        mine.save(update_fields=["ended_at"])
        return Response(HandedOver(mine).data)
