"""The in-app inbox over the API: notices to whoever asks, and to nobody else."""

from __future__ import annotations

from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from petitions.api.asking import ApiView
from petitions.api.bodies import errors_of
from petitions.api.lists import (
    NewestShape,
    filter_parameters,
    newest_page,
    newest_parameters,
)
from petitions.forms.inbox import InboxFilter
from petitions.paging import capped_count
from petitions.views.inbox import mark_done
from workflow.models import InboxMessage
from workflow.notices import worded

YES = ("true", "1")


class MessageShape(serializers.Serializer):
    """A notice; holds no case contents."""

    id = serializers.IntegerField()
    notice = serializers.CharField()
    kind = serializers.CharField()
    term = serializers.CharField()
    text = serializers.SerializerMethodField()
    number = serializers.SerializerMethodField()
    at = serializers.DateTimeField()
    read_at = serializers.DateTimeField(allow_null=True)
    done_at = serializers.DateTimeField(allow_null=True)

    def get_number(self, message: InboxMessage) -> str:
        """The case's; empty when it is about no single case."""
        return message.case.number if message.case else ""

    def get_text(self, message: InboxMessage) -> str:
        """The notice in words."""
        return worded(message.notice, self.get_number(message), message.data)


class InboxPage(NewestShape):
    """Some notices, newest first."""

    unread = serializers.IntegerField(help_text="Counted no further than 1001.")
    results = MessageShape(many=True)


class Read(serializers.Serializer):
    """Which notices have been read."""

    up_to = serializers.IntegerField(help_text="The id of the newest notice read.")


class Ticked(serializers.Serializer):
    """Whether what a notice asked for is done."""

    done = serializers.BooleanField()


class Inbox(ApiView):
    """The notices of whoever asks."""

    @extend_schema(
        operation_id="list_inbox",
        parameters=[
            *newest_parameters(),
            OpenApiParameter("unread", bool, description="Only those not read yet."),
            OpenApiParameter("done", bool, description="Only those done, or not done yet."),
            *filter_parameters(InboxFilter),
        ],
        responses=InboxPage,
    )
    def get(self, request: Request) -> Response:
        """Newest first."""
        mine = InboxMessage.objects.filter(recipient=request.user.pk)
        waiting = mine.filter(read_at=None)
        rows = waiting if request.query_params.get("unread") in YES else mine
        if done := request.query_params.get("done"):
            rows = rows.filter(done_at__isnull=done not in YES)
        form = InboxFilter(request.query_params)
        if not form.is_valid():
            raise ValidationError(errors_of(form))
        rows = form.narrowed(rows)
        page = newest_page(request, rows.select_related("case"))
        found = {"unread": capped_count(waiting), "after": page.after, "results": page.rows}
        return Response(InboxPage(found).data)

    @extend_schema(operation_id="read_inbox", request=Read, responses={204: None})
    def post(self, request: Request) -> Response:
        """Mark everything up to one notice as read."""
        given = Read(data=request.data)
        given.is_valid(raise_exception=True)
        InboxMessage.objects.filter(
            recipient=request.user.pk, read_at=None, pk__lte=given.validated_data["up_to"]
        ).update(read_at=self.now)
        return Response(status=status.HTTP_204_NO_CONTENT)


class InboxMessageView(ApiView):
    """One notice of whoever asks."""

    @extend_schema(operation_id="tick_notice", request=Ticked, responses={204: None})
    def post(self, request: Request, pk: int) -> Response:
        """Tick it as done, which is also read then, or take the tick away."""
        given = Ticked(data=request.data)
        given.is_valid(raise_exception=True)
        mine = InboxMessage.objects.filter(recipient=request.user.pk, pk=pk)
        if not mark_done(mine, given.validated_data["done"]):
            raise Http404(_("There is no such message."))
        return Response(status=status.HTTP_204_NO_CONTENT)
