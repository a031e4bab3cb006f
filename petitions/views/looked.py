"""Notes that somebody has seen what was shown of a case."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from petitions import looks
from petitions.views.viewer import Viewer

MOST = 2**62
"""Beyond every id."""


@login_required
@never_cache
@require_POST
def looked(request: HttpRequest, number: str) -> HttpResponse:
    """One case, up to the newest event that was on its page.

    The page's own script says so by itself and needs no answer; a press of the button goes back.
    """
    viewer = Viewer(request)
    case = viewer.case(number)
    looks.note(viewer.user.pk, case.pk, _event(request), viewer.now)
    if "X-Looked" in request.headers:
        return HttpResponse(status=204)
    return redirect("case", case.number)


@login_required
@never_cache
@require_POST
def looked_all(request: HttpRequest) -> HttpResponse:
    """All cases that the viewer follows, up to the newest event that was on the home."""
    looks.note_all(Viewer(request).user.pk, _event(request))
    return redirect("home")


def _event(request: HttpRequest) -> int:
    text = request.POST.get("event", "")
    return min(int(text), MOST) if text.isdecimal() else 0
