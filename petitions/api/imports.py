"""Import over the API: send a file, say how it is read and start it, ask how far it is, undo it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import FileResponse
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from petitions.api.asking import ApiView
from petitions.api.bodies import checked, form_data
from petitions.api.steps import REFUSALS
from petitions.exchange import runs
from petitions.exchange.mapping import format_of
from petitions.exchange.modes import Mode
from petitions.exchange.preview import preview
from petitions.exchange.reading import UnreadableFile
from petitions.exchange.undoing import undo
from petitions.forms.importing import ImportFileForm, MappingForm
from petitions.models import ImportRun
from petitions.views.imports import own_run, rejects_of, require_importer, run_of, sender_of

NEWEST = 50
"""Imports that the list shows."""


class PreviewRow(serializers.Serializer):
    """A row as it will be read; `reason` says why it is not taken."""

    number = serializers.IntegerField()
    reason = serializers.CharField()
    received_at = serializers.DateTimeField(allow_null=True)
    channel = serializers.CharField()
    petition_class = serializers.CharField()
    sealed = serializers.BooleanField()
    person = serializers.CharField(help_text="Masked.")
    summary = serializers.CharField()
    has_reply = serializers.BooleanField()


class ImportShape(serializers.Serializer):
    """An import: `read` = `created` + `known` + `rejected`."""

    id = serializers.IntegerField(source="pk")
    url = serializers.CharField(source="api_url")
    file = serializers.CharField(source="file_name")
    sha256 = serializers.CharField()
    stage = serializers.CharField(
        help_text="LOOKING, DRAFT, RUNNING, STOPPED, DONE, UNDOING or UNDONE"
    )
    stage_label = serializers.CharField(source="get_stage_display")
    problem = serializers.CharField()
    format = serializers.CharField(help_text="The built-in format it has; empty if none fits.")
    mode = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]
    total = serializers.IntegerField(allow_null=True, help_text="Rows in the file.")
    read = serializers.IntegerField()
    created = serializers.IntegerField()
    known = serializers.IntegerField()
    rejected = serializers.IntegerField()
    changed = serializers.IntegerField(
        help_text="Of the known: orders of the city that came again with other words."
    )
    undone = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)


class DraftShape(ImportShape):
    """An import before its start, with its headers and first rows for whoever sent it."""

    headers = serializers.ListField(child=serializers.CharField())
    mapping = serializers.JSONField()
    preview = PreviewRow(many=True)


class SentFile(serializers.Serializer):
    """The file, as multipart/form-data."""

    file = serializers.FileField()


class StartBody(serializers.Serializer):
    """How the rows are read; what is left out stays as it was recognised."""

    mode = serializers.ChoiceField(choices=Mode.choices, required=False)
    source = serializers.CharField(  # type: ignore[assignment]
        required=False, help_text="Where the numbers come from."
    )
    columns = serializers.DictField(
        child=serializers.CharField(), required=False, help_text="field: header"
    )
    channels = serializers.DictField(
        child=serializers.CharField(), required=False, help_text="word: channel"
    )
    natures = serializers.DictField(
        child=serializers.CharField(),
        required=False,
        help_text="word: decision, suggestion, consultation or accusation",
    )
    channel = serializers.CharField(required=False, help_text="Of rows that name none.")
    date_order = serializers.CharField(
        required=False, help_text="year_first, month_first or day_first"
    )
    save_as = serializers.CharField(required=False, help_text="Keep the mapping under this name.")


class Imports(ApiView):
    """The imports of the office."""

    @extend_schema(operation_id="list_imports", responses=ImportShape(many=True))
    def get(self, request: Request) -> Response:
        """The newest first, fifty at most."""
        require_importer(self.viewer)
        rows = ImportRun.objects.of_office(self.actor.unit_id).defer("sample")[:NEWEST]
        return Response(ImportShape([_addressed(run) for run in rows], many=True).data)

    @extend_schema(
        operation_id="send_import",
        request={"multipart/form-data": SentFile},
        responses={201: DraftShape, **REFUSALS},
    )
    def post(self, request: Request) -> Response:
        """Send a file. Nothing is stored of it until it is started."""
        require_importer(self.viewer)
        form: Any = checked(ImportFileForm(*form_data(request)))
        file = form.cleaned_data["file"]
        try:
            run = runs.draft(file.name, file.chunks(), sender_of(self.viewer), self.now)
        except UnreadableFile as wrong:
            raise ValidationError({"file": [str(wrong)]}) from wrong
        return Response(_drafted(run, self), status=status.HTTP_201_CREATED)


class Import(ApiView):
    """One import."""

    @extend_schema(operation_id="read_import", responses=DraftShape)
    def get(self, request: Request, pk: int) -> Response:
        """How far it is; before its start, for whoever sent it, with headers and first rows."""
        return Response(_drafted(run_of(self.viewer, pk), self))


class ImportStart(ApiView):
    """Starting it."""

    @extend_schema(
        operation_id="start_import", request=StartBody, responses={200: ImportShape, **REFUSALS}
    )
    def post(self, request: Request, pk: int) -> Response:
        """Say how a draft is read and let it go, or let a stopped import go on."""
        run = run_of(self.viewer, pk)
        if run.stage == ImportRun.Stage.DRAFT:
            run = own_run(self.viewer, pk)
            form: Any = checked(MappingForm(_said(request, run), run=run))
            run = form.keep()
            if name := form.cleaned_data["save_as"]:
                runs.save_mapping(run, name, sender_of(self.viewer), self.now)
        return Response(ImportShape(_addressed(runs.start(run.pk, now=self.now))).data)


class ImportStop(ApiView):
    """Stopping it."""

    @extend_schema(
        operation_id="stop_import", request=None, responses={200: ImportShape, **REFUSALS}
    )
    def post(self, request: Request, pk: int) -> Response:
        """Stop after the batch in hand; what was taken stays."""
        run = run_of(self.viewer, pk)
        runs.stop(run.pk, now=self.now)
        run.refresh_from_db()
        return Response(ImportShape(_addressed(run)).data)


class ImportUndo(ApiView):
    """Taking it back."""

    @extend_schema(
        operation_id="undo_import", request=None, responses={200: ImportShape, **REFUSALS}
    )
    def post(self, request: Request, pk: int) -> Response:
        """As a whole, or not at all: 409 once something has happened to one of its cases."""
        run = undo(run_of(self.viewer, pk).pk, actor=self.actor, now=self.now)
        return Response(ImportShape(_addressed(run)).data)


class ImportRejects(ApiView):
    """The rows that were not taken."""

    @extend_schema(operation_id="read_import_rejects", responses={200: OpenApiTypes.BINARY})
    def get(self, request: Request, pk: int) -> FileResponse:
        """A csv file with row number, reason and the original values."""
        return rejects_of(own_run(self.viewer, pk))


def _addressed(run: ImportRun) -> ImportRun:
    run.api_url = reverse("api:import", args=[run.pk])  # type: ignore[attr-defined]
    return run


def _drafted(run: ImportRun, view: ApiView) -> dict[str, Any]:
    mine = run.stage == ImportRun.Stage.DRAFT and run.started_by_id == view.viewer.user.pk
    chosen = format_of(run) if mine else None
    rows = preview(run, chosen, Mode(run.mode), view.now) if chosen else ()
    shown: dict[str, Any] = dict(ImportShape(_addressed(run)).data)
    return shown | {
        "headers": run.headers if mine else [],
        "mapping": run.mapping if mine else {},
        "preview": PreviewRow(list(rows), many=True).data,
    }


def _said(request: Request, run: ImportRun) -> dict[str, Any]:
    """What the page's form would send: as recognised, with what the body says otherwise."""
    form = MappingForm(run=run)
    said = {field.html_name: field.value() or "" for field in form}
    sent, _files = form_data(request)
    for name, value in sent.items():
        if name in GROUPS and isinstance(value, Mapping):
            said |= {GROUPS[name].format(key): one for key, one in value.items()}
        else:
            said[name] = value
    return said


GROUPS = {"columns": "column_{}", "channels": "channel:{}", "natures": "nature:{}"}
"""Each object of the body with the fields of the form that it fills."""
