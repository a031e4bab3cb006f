"""What others did since whoever asks last looked at a case."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from petitions import looks
from petitions.api.asking import ApiView


class LineShape(serializers.Serializer):
    """One thing that happened."""

    event = serializers.IntegerField()
    at = serializers.DateTimeField()
    what = serializers.CharField()
    who = serializers.CharField()


class ChangedShape(serializers.Serializer):
    """A case, and what happened to it, the newest first."""

    number = serializers.CharField(source="case.number")
    lines = LineShape(many=True)


class ChangedList(serializers.Serializer):
    """Cases to which something happened."""

    results = ChangedShape(many=True)


class Seen(serializers.Serializer):
    """How far a case has been seen."""

    event = serializers.IntegerField(min_value=0, max_value=2**62, help_text="The newest event.")


class Changes(ApiView):
    """News of the cases that whoever asks follows."""

    @extend_schema(operation_id="list_changes", responses=ChangedList)
    def get(self, request: Request) -> Response:
        """What others did in cases looked at in the last sixty days; forty events at most."""
        found = looks.changed(self.cases(), self.viewer.user.pk, self.now, self.directory)
        return Response(ChangedList({"results": found}).data)


class Looked(ApiView):
    """That a case has been seen."""

    @extend_schema(operation_id="note_look", request=Seen, responses={204: None})
    def post(self, request: Request, number: str) -> Response:
        """Up to this event; reading a case notes nothing by itself."""
        case = self.case(number)
        given = Seen(data=request.data)
        given.is_valid(raise_exception=True)
        looks.note(self.viewer.user.pk, case.pk, given.validated_data["event"], self.now)
        return Response(status=status.HTTP_204_NO_CONTENT)
