"""What is handed out: papers as issued, attachments, and personal data in plain for a reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from agents.models import Unit
from petitions.downloads import contents
from petitions.forms.looking import LookForm
from petitions.forms.signature import FILE_NAME
from petitions.masking import mask_name, mask_phone
from petitions.models import Attachment, Petition
from petitions.reveal import CASE_FIELDS, PERSON_FIELDS, reveal
from petitions.views.viewer import Viewer
from workflow.documents import DOCUMENTS
from workflow.models import Document, Mandate
from workflow.steps import STEPS

DIALS = "X-Dial"
"""The header of a telephone that dials at once instead of showing the number."""
FIELD_LABELS: dict[str, Any] = {
    "name": gettext_lazy("Name"),
    "id_number": gettext_lazy("Identity number"),
    "phone": gettext_lazy("Telephone"),
    "address": gettext_lazy("Address"),
    "query_code": gettext_lazy("Query code"),
    "order_phone": gettext_lazy("Telephone on the order"),
    "accused_name": gettext_lazy("Accused person"),
    "accused_post": gettext_lazy("Post of the accused"),
}


@login_required
@never_cache
@require_GET
def document(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """A paper as it was issued, ready for the printer. Papers are in Chinese on every screen."""
    viewer = Viewer(request)
    case = viewer.case(number)
    paper = case.documents.filter(pk=pk).first()
    if paper is None:
        raise Http404(_("There is no such paper."))
    context = {"case": case, **printed(paper, viewer), "drawn": _drawn(paper)}
    return render(request, "petitions/document.html", context)


def printed(paper: Document, viewer: Viewer) -> dict[str, Any]:
    """What its page shows of a paper."""
    with translation.override("zh-hans"):
        title = str(DOCUMENTS[paper.kind].title)
    return {
        "document": paper,
        "title": title,
        # Rendered from our own template when it was issued, with everything escaped.
        "body": mark_safe(paper.text),  # noqa: S308
        "organ": _organ(paper, viewer),
        "hash_short": paper.sha256[:12],
    }


@dataclass(frozen=True)
class Drawn:
    """A signature that was drawn on the screen. `label`: Chinese, as all of the paper."""

    pk: int
    label: str


def _drawn(paper: Document) -> Drawn | None:
    """What the petitioner drew under the mandate that this paper offers."""
    if paper.kind != "agency_mandate":
        return None
    mandate = Mandate.objects.filter(event=paper.event_id, signed_at__isnull=False).first()
    if mandate is None:
        return None
    signed = {"event__name": "sign_mandate", "event__at": mandate.signed_at}
    files = Attachment.objects.filter(petition=paper.case_id, **signed).order_by("pk")
    with translation.override("zh-hans"):
        label = _("Signature of the petitioner")
    return next((Drawn(one.pk, label) for one in files if one.name == FILE_NAME), None)


@login_required
@never_cache
@require_GET
def attachment(request: HttpRequest, number: str, pk: int) -> FileResponse:
    """A file of a case, opened for this reader; never by an address of the storage."""
    case = Viewer(request).case(number)
    stored = Attachment.objects.filter(petition=case, pk=pk).first()
    if stored is None:
        raise Http404(_("There is no such file."))
    return contents(stored, inline=True)


@login_required
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def reveal_field(request: HttpRequest, number: str, field: str) -> HttpResponse:
    """One field in plain, after a reason; the look is logged before it is shown."""
    viewer = Viewer(request)
    case = viewer.case(number)
    if field not in PERSON_FIELDS | CASE_FIELDS:
        raise Http404(_("There is no such field."))
    sent = request.POST if request.method == "POST" else None
    form = LookForm(sent, initial={"usual": "call" if field in ("phone", "order_phone") else ""})
    context: dict[str, Any] = {
        "case": case,
        "label": FIELD_LABELS[field],
        "masked": _masked(case, field),
        "form": form,
    }
    if not form.is_bound:
        return render(request, "petitions/reveal.html", context)
    if not form.is_valid():
        return render(request, "petitions/reveal.html", context, status=400)
    value = reveal(case, field, form.cleaned_data["reason"], viewer.user, viewer.now)
    context["value"] = value or _("Not known")
    if value and field in ("phone", "order_phone"):
        context["call_url"] = f"tel:{value}"
        context["may_log"] = case.state in STEPS["log_contact"].sources
        if DIALS in request.headers:
            return JsonResponse({"call": context["call_url"]})
    return render(request, "petitions/reveal.html", context)


def _organ(paper: Document, viewer: Viewer) -> str:
    """Who issued it: the unit of whoever signed, the office itself by its full name (empty)."""
    issuer = viewer.directory.cadres.get(paper.issued_by_id or 0)
    unit = viewer.directory.units.get(issuer.unit_id or 0) if issuer else None
    return unit.name if unit and unit.kind != Unit.Kind.OFFICE else ""


def _masked(case: Petition, field: str) -> str:
    person = case.petitioner
    return {
        "name": person.name_masked,
        "id_number": person.id_masked,
        "phone": person.phone_masked,
        "address": person.address_masked,
        "accused_name": mask_name(case.accused_name),
        "order_phone": mask_phone(case.order_phone),
    }.get(field, "****")
