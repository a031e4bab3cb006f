"""Files of a case over the API. Sending one is the step `attach`, or comes with another step."""

from __future__ import annotations

from django.http import FileResponse, Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from petitions.api.asking import ApiView
from petitions.downloads import contents
from petitions.models import Attachment


class AttachmentShape(serializers.Serializer):
    """A file, as it was received."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    content_type = serializers.CharField()
    size = serializers.IntegerField(help_text="Bytes.")
    sha256 = serializers.CharField()
    created_at = serializers.DateTimeField()
    url = serializers.SerializerMethodField()

    def get_url(self, file: Attachment) -> str:
        """Where its contents are."""
        return reverse("api:attachment", args=[self.context["number"], file.pk])


class Attachments(ApiView):
    """The files of one case."""

    @extend_schema(operation_id="list_attachments", responses=AttachmentShape(many=True))
    def get(self, request: Request, number: str) -> Response:
        """In the order in which they came."""
        case = self.case(number)
        rows = Attachment.objects.filter(petition=case).order_by("id")
        shown = AttachmentShape(rows, many=True, context={"number": case.number})
        return Response(shown.data)


class AttachmentView(ApiView):
    """The contents of one file."""

    @extend_schema(operation_id="read_attachment", responses={200: OpenApiTypes.BINARY})
    def get(self, request: Request, number: str, pk: int) -> FileResponse:
        """As it was received, to be saved: never opened in the browser."""
        found = Attachment.objects.filter(petition=self.case(number), pk=pk).first()
        if found is None:
            raise Http404(_("There is no such file."))
        return contents(found, inline=False)
