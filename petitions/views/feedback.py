"""Handing back to the city's 12345 platform: a file of what is new, and earlier files again."""

from __future__ import annotations

import tempfile
from pathlib import Path

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from agents.roles import Role
from petitions.exchange.feedback import hand_back, rows_of
from petitions.exchange.feedback_format import COLUMNS, TITLE
from petitions.exchange.tables import CONTENT_TYPES, CSV, csv_lines, write_xlsx
from petitions.forms.handing_back import FeedbackForm
from petitions.models import FeedbackFile
from petitions.views.viewer import Viewer
from workflow.calendar import ZONE
from workflow.errors import NotPermitted

MAKERS = (Role.CLERK, Role.DISPATCHER)
MOST_ROWS = 5_000
"""Orders in one file made on the page, which somebody waits for; the command has no limit."""
FILES_SHOWN = 30


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def feedback(request: HttpRequest) -> HttpResponse:
    """The form, and the files handed over last."""
    viewer = _maker(request)
    form = FeedbackForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        made = hand_back(form.span, user=viewer.user, now=viewer.now, most=MOST_ROWS)
        _tell(request, made)
        return redirect("feedback")
    files = FeedbackFile.objects.select_related("made_by")[:FILES_SHOWN]
    context = {"form": form, "files": files, "now": viewer.now}
    return render(request, "petitions/feedback.html", context, status=400 if form.is_bound else 200)


@login_required
@never_cache
@require_GET
def feedback_file(request: HttpRequest, pk: int, kind: str) -> HttpResponseBase:
    """A file as it was handed over, as far as the viewer may see its cases, row by row."""
    viewer = _maker(request)
    if kind not in CONTENT_TYPES:
        raise Http404
    made = get_object_or_404(FeedbackFile, pk=pk)
    rows = rows_of(made, user=viewer.user, now=viewer.now)
    name = f"{TITLE}-{made.made_at.astimezone(ZONE):%Y%m%d-%H%M}-{made.pk}.{kind}"
    if kind == CSV:
        headers = {"Content-Disposition": content_disposition_header(True, name)}
        lines = csv_lines(COLUMNS, rows)
        return StreamingHttpResponse(lines, content_type=CONTENT_TYPES[CSV], headers=headers)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "feedback.xlsx")
        write_xlsx(path, TITLE, COLUMNS, rows)
        # Open files outlive their folder; nothing is left behind.
        return FileResponse(
            path.open("rb"), as_attachment=True, filename=name, content_type=CONTENT_TYPES[kind]
        )


def _maker(request: HttpRequest) -> Viewer:
    viewer = Viewer(request)
    if not viewer.actor.has(*MAKERS):
        raise NotPermitted(_("Only clerks and dispatchers hand back to the city."))
    return viewer


def _tell(request: HttpRequest, made: FeedbackFile | None) -> None:
    if made is None:
        messages.info(request, _("There is nothing new to hand back."))
        return
    sentence = ngettext("%d order is in the new file.", "%d orders are in the new file.", made.rows)
    messages.success(request, sentence % made.rows)
    if made.rows >= MOST_ROWS:
        messages.warning(request, _("There may be more: make the next file, too."))
