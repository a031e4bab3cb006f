"""What is handed out for a whole group: every petitioner's paper and message, page after page."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from petitions.models import GroupActRow
from petitions.views.group_acts import act_of
from petitions.views.prints import printed
from petitions.views.same_cause import group_of
from petitions.views.viewer import Viewer
from workflow.models import Document
from workflow.models.same_cause import MOST_MEMBERS

ANSWERS = ("opinion", "reply")
"""Papers that answer the petitioner."""


@login_required
@never_cache
@require_safe
def papers(request: HttpRequest, pk: int) -> HttpResponse:
    """The latest answer of each case of the group, as issued, for one run of the printer."""
    viewer = Viewer(request)
    group = group_of(viewer, pk)
    answered = viewer.cases.filter(same_cause=group.pk, answered_at__isnull=False)
    pks = list(answered.values_list("pk", flat=True)[:MOST_MEMBERS])
    rows = Document.objects.filter(case__in=pks, kind__in=ANSWERS).order_by("id")
    latest = {paper.case_id: paper for paper in rows}
    context = {"group": group, "papers": [printed(paper, viewer) for paper in latest.values()]}
    return render(request, "petitions/groups/papers.html", context)


@login_required
@never_cache
@require_safe
def messages(request: HttpRequest, pk: int) -> HttpResponse:
    """What each petitioner is told of the act, to be read out, sent, or handed over on paper."""
    viewer = Viewer(request)
    act = act_of(viewer, pk)
    done = act.rows.filter(outcome=GroupActRow.Outcome.DONE, case__in=viewer.cases)
    rows = done.select_related("case__petitioner").order_by("id")
    context = {
        "act": act,
        "group": act.group,
        "rows": [row for row in rows if row.message],
        "now": viewer.now,
    }
    return render(request, "petitions/groups/messages.html", context)
