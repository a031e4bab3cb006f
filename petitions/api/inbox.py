"""The in-app inbox over the API: notices to whoever asks, and to nobody else."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from petitions.api.asking import ApiView
from petitions.api.lists import whole
from workflow.models import InboxMessage
from workflow.notices import worded

SHOWN = 30


class MessageShape(serializers.Serializer):
    """A notice; holds no case contents."""

    id = serializers.IntegerField()
    notice = serializers.CharField()
    text = serializers.SerializerMethodField()
    number = serializers.SerializerMethodField()
    at = serializers.DateTimeField()
    read_at = serializers.DateTimeField(allow_null=True)

    def get_number(self, message: InboxMessage) -> str:
        """The case's; empty when it is about no single case."""
        return message.case.number if message.case else ""

    def get_text(self, message: InboxMessage) -> str:
        """The notice in words."""
        return worded(message.notice, self.get_number(message), message.data)


class InboxPage(serializers.Serializer):
    """Some notices, newest first."""

    unread = serializers.IntegerField()
    before = serializers.IntegerField(
        allow_null=True, help_text="Give it as `before` for the earlier ones; null: there are none."
    )
    results = MessageShape(many=True)


class Read(serializers.Serializer):
    """Which notices have been read."""

    up_to = serializers.IntegerField(help_text="The id of the newest notice read.")


class Inbox(ApiView):
    """The notices of whoever asks."""

    @extend_schema(
        operation_id="list_inbox",
        parameters=[
            OpenApiParameter("before", int, description="Notices with a smaller id."),
            OpenApiParameter("unread", bool, description="Only those not read yet."),
        ],
        responses=InboxPage,
    )
    def get(self, request: Request) -> Response:
        """Newest first, thirty at a time."""
        mine = InboxMessage.objects.filter(recipient=request.user.pk)
        waiting = mine.filter(read_at=None)
        rows = waiting if request.query_params.get("unread") in ("true", "1") else mine
        before = whole(request.query_params.get("before"))
        if before is not None:
            rows = rows.filter(pk__lt=before)
        found = list(rows.select_related("case").order_by("-id")[: SHOWN + 1])
        shown, more = found[:SHOWN], len(found) > SHOWN
        page = {"unread": waiting.count(), "before": shown[-1].pk if more else None}
        return Response(InboxPage({**page, "results": shown}).data)

    @extend_schema(operation_id="read_inbox", request=Read, responses={204: None})
    def post(self, request: Request) -> Response:
        """Mark everything up to one notice as read."""
        given = Read(data=request.data)
        given.is_valid(raise_exception=True)
        InboxMessage.objects.filter(
            recipient=request.user.pk, read_at=None, pk__lte=given.validated_data["up_to"]
        ).update(read_at=self.now)
        return Response(status=status.HTTP_204_NO_CONTENT)
