"""What a window takes down, over the API: a matter, or a visit that opens none."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from agents.roles import ADMIN_ROLES
from petitions.api.asking import ApiView
from petitions.api.bodies import Files, checked, errors_of, form_data, request_of
from petitions.api.idempotency import HEADER, Sent
from petitions.api.steps import REFUSALS
from petitions.forms.registration import RegistrationForm
from petitions.forms.visiting import VisitForm
from petitions.intake import log_visit
from petitions.models import Petition
from workflow import permissions as may
from workflow.errors import NotPermitted


class Registered(serializers.Serializer):
    """What the petitioner takes home. The rating code is shown here and nowhere else."""

    number = serializers.CharField()
    url = serializers.CharField()
    query_code = serializers.CharField(help_text="Reads the progress, nothing else.")
    rating_code = serializers.CharField(help_text="Rates, withdraws, applies for review.")
    state = serializers.CharField()
    version = serializers.IntegerField()
    due_at = serializers.DateTimeField()


class Speaker(serializers.Serializer):
    """One of those who speak for a joint petition."""

    name = serializers.CharField()
    id_number = serializers.CharField(required=False)
    phone = serializers.CharField(required=False)


class Register(ApiView):
    """A matter."""

    @extend_schema(
        operation_id="register",
        request=request_of(
            RegistrationForm, "Registration", representatives=Speaker(many=True, required=False)
        ),
        responses={201: Registered, **REFUSALS},
        parameters=[
            OpenApiParameter(
                HEADER,
                str,
                OpenApiParameter.HEADER,
                description="Sent again with the same key within a day it is registered once.",
            )
        ],
    )
    def post(self, request: Request) -> Response:
        """Register a matter: name or anonymous, demand and place are enough (arts. 21-23).

        `problem_area`, `area`, `category` and `accused_unit` are an id, an official code or a name.
        """
        if not may.registrar.allows(Petition(), self.actor):
            raise NotPermitted(may.registrar.sentence)
        viewer, (data, files) = self.viewer, form_data(request)
        sent = Sent.of(request, viewer.user.pk, viewer.now, data, files)
        case = sent.earlier() or self._register(sent, data, files)
        address = {"url": reverse("api:case", args=[case.number])}
        names = ("number", "query_code", "rating_code", "state", "version", "due_at")
        answer = {name: getattr(case, name) for name in names} | address
        return Response(Registered(answer).data, status=status.HTTP_201_CREATED)

    def _register(self, sent: Sent, data: Any, files: Files) -> Petition:
        viewer = self.viewer
        form: Any = RegistrationForm(
            data,
            files,
            actor=viewer.actor,
            now=viewer.now,
            cases=viewer.cases,
            directory=viewer.directory,
        )
        try:
            with transaction.atomic():
                case: Petition = _whole(form).save(viewer.versions)
                sent.remember(case)
        except IntegrityError:
            # The same was sent at the same time, and the other was first.
            if (first := sent.earlier()) is None:
                raise
            return first
        return case


def _whole(form: RegistrationForm) -> RegistrationForm:
    """The form if it and its rows are valid; the rows' errors by the names they were sent under."""
    rows = form.representatives
    wrong = {
        f"representatives-{place}-{name}": sentences
        for place, row in enumerate(rows.forms if rows.is_bound and not rows.is_valid() else ())
        for name, sentences in errors_of(row).items()
    }
    try:
        checked(form)
    except ValidationError as error:
        raise ValidationError({**error.detail, **wrong}) from error  # type: ignore[dict-item]
    return form


class VisitShape(serializers.Serializer):
    """A visit as it was written down."""

    id = serializers.IntegerField()
    kind = serializers.CharField()
    at = serializers.DateTimeField()


class Visits(ApiView):
    """Visits that open no case, and further visits of one."""

    @extend_schema(
        operation_id="log_visit",
        request=request_of(VisitForm, "VisitBody"),
        responses={201: VisitShape, **REFUSALS},
    )
    def post(self, request: Request) -> Response:
        """Who came and why; counted apart from the matters."""
        if not self.actor.roles or self.actor.has(*ADMIN_ROLES):
            raise NotPermitted(_("Only those who receive visitors can do this."))
        data, _files = form_data(request)
        form: Any = checked(VisitForm(data, now=self.now, cases=self.cases()))
        about = form.cleaned_data["number"]
        visit = log_visit(
            form.visit,
            actor=self.actor,
            now=self.now,
            channel=form.cleaned_data["channel"],
            petition=about,
            petitioner=about.petitioner if about else None,
        )
        return Response(VisitShape(visit).data, status=status.HTTP_201_CREATED)
