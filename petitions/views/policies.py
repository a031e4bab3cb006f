"""Policy texts (政策文件): searched by everybody who handles cases, uploaded by who keeps them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from agents.roles import Role
from petitions import policies as shelf
from petitions.downloads import contents
from petitions.forms.policies import ForceForm, PolicyForm
from petitions.identity import fold_line
from petitions.models import PolicyText
from petitions.paging import newest
from petitions.views.viewer import Viewer
from workflow.errors import NotPermitted

KEEPERS = (Role.DISPATCHER, Role.SECURITY_ADMIN)
"""Who uploads texts and says until when they hold: the dispatcher, who knows the policies, and the
security administrator, who keeps the rules."""
PAGE = 25
FOUND = 20


def may_keep(viewer: Viewer) -> bool:
    """Whether the viewer uploads texts."""
    return viewer.actor.has(*KEEPERS)


def _require_reader(viewer: Viewer) -> None:
    if not viewer.actor.roles:
        raise NotPermitted(_("You have no role yet: ask the administrator."))


def _require_keeper(viewer: Viewer) -> None:
    if not may_keep(viewer):
        raise NotPermitted(_("Only a dispatcher or the security administrator uploads texts."))


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def policies(request: HttpRequest) -> HttpResponse:
    """All texts, newest first, or what a search finds; below it the form for a new one."""
    viewer = Viewer(request)
    _require_reader(viewer)
    form = PolicyForm(label_suffix="")
    if request.method == "POST":
        _require_keeper(viewer)
        form = PolicyForm(request.POST, request.FILES, label_suffix="")
        if form.is_valid():
            kept = shelf.keep(form.policy(viewer.user.pk, viewer.now))
            messages.success(request, _("“%s” can be found and cited now.") % kept.title)
            return redirect("policies")
    today = viewer.today
    text = fold_line(request.GET.get("q", ""))[:100]
    rows = PolicyText.objects.defer("text")
    page = newest(rows, after=_id(request, "after"), before=_id(request, "before"), size=PAGE)
    context = {
        "q": text,
        "found": _found(text, today) if text else None,
        "page": page,
        "rows": [{"policy": one, "force": one.force_on(today)} for one in page.rows],
        "form": form,
        "may_keep": may_keep(viewer),
        "now": viewer.now,
    }
    status = 400 if form.is_bound else 200
    return render(request, "petitions/policies/list.html", context, status=status)


def _found(text: str, today: Any) -> list[shelf.Found]:
    """By its number or title as typed, then by words."""
    named = PolicyText.objects.filter(Q(number__icontains=text) | Q(title__icontains=text))[:FOUND]
    by_name = [shelf.Found(one, "", one.citation, one.force_on(today)) for one in named]
    known = {one.policy.pk for one in by_name}
    by_words = shelf.find(text, today, limit=FOUND, least=1)
    return [*by_name, *(one for one in by_words if one.policy.pk not in known)]


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def policy(request: HttpRequest, pk: int) -> HttpResponse:
    """One text; who keeps them says here until when it holds."""
    viewer = Viewer(request)
    _require_reader(viewer)
    found = get_object_or_404(PolicyText, pk=pk)
    form = ForceForm(policy=found)
    if request.method == "POST":
        _require_keeper(viewer)
        form = ForceForm(request.POST, policy=found)
        if form.is_valid():
            found.valid_to = form.cleaned_data["valid_to"]
            found.save(update_fields=["valid_to"])
            messages.success(request, _("The days of “%s” were kept.") % found.title)
            return redirect(found)
    keeper = viewer.directory.cadres.get(found.uploaded_by_id)
    context = {
        "policy": found,
        "force": found.force_on(viewer.today),
        "by": keeper.name if keeper else "—",
        "form": form,
        "may_keep": may_keep(viewer),
        "now": viewer.now,
    }
    status = 400 if form.is_bound else 200
    return render(request, "petitions/policies/text.html", context, status=status)


@login_required
@never_cache
@require_GET
def policy_file(request: HttpRequest, pk: int) -> FileResponse:
    """The file as it was received."""
    viewer = Viewer(request)
    _require_reader(viewer)
    found = PolicyText.objects.defer("text").filter(pk=pk).exclude(file="").first()
    if found is None:
        raise Http404(_("There is no such file."))
    return contents(found, inline=True)


def _id(request: HttpRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 16 else None
