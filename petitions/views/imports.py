"""Import of other offices' files: send one, say how it is read, let it go, look at what came of it.

Clerks and dispatchers of a petition office see the imports of their office. What is in a file is
shown to whoever sent it, and to nobody else.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import IntegrityError, transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agents.models import Unit
from agents.roles import Role
from petitions.exchange import runs
from petitions.exchange.mapping import fitting, format_of
from petitions.exchange.modes import Mode
from petitions.exchange.preview import preview
from petitions.exchange.reading import UnreadableFile
from petitions.exchange.rejects import changes_name, rejects_path
from petitions.exchange.undoing import UNDOABLE, moved_among, undo
from petitions.forms.importing import ImportFileForm, MappingForm, MappingNameForm
from petitions.models import ImportRun, SavedMapping
from petitions.paging import capped_count, newest
from petitions.templatetags.look import listed
from petitions.views.viewer import Viewer
from workflow.errors import NotPermitted

Stage = ImportRun.Stage

IMPORTERS = (Role.CLERK, Role.DISPATCHER)
PAGE = 20
MOVED_SHOWN = 20
RELATED = ("started_by", "undone_by")


def may_import(viewer: Viewer) -> bool:
    """A clerk or dispatcher whose unit is a petition office."""
    unit = viewer.directory.units.get(viewer.actor.unit_id)
    return viewer.actor.has(*IMPORTERS) and unit is not None and unit.kind == Unit.Kind.OFFICE


def require_importer(viewer: Viewer) -> None:
    """Raise NotPermitted for everybody else."""
    if not may_import(viewer):
        raise NotPermitted(_("Only a clerk or dispatcher of the petition office can do this."))


def run_of(viewer: Viewer, pk: int) -> ImportRun:
    """The import of that number, if it is one of the viewer's office."""
    require_importer(viewer)
    rows = ImportRun.objects.of_office(viewer.actor.unit_id).select_related(*RELATED)
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404(_("There is no such import in your office."))
    return found


def own_run(viewer: Viewer, pk: int) -> ImportRun:
    """The same, sent by the viewer: only they may look into the file."""
    found = run_of(viewer, pk)
    if found.started_by_id != viewer.user.pk:
        raise NotPermitted(_("Only who sent the file may look into it."))
    return found


def sender_of(viewer: Viewer) -> runs.Sender:
    """The viewer as one who sends a file."""
    return runs.Sender(viewer.actor, get_language() or "")


# All imports --------------------------------------------------------------------------------


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def imports(request: HttpRequest) -> HttpResponse:
    """The imports of the office, newest first; a file sent here becomes the next one."""
    viewer = Viewer(request)
    require_importer(viewer)
    form = ImportFileForm(request.POST or None, request.FILES or None, label_suffix="")
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            run = runs.draft(file.name, file.chunks(), sender_of(viewer), viewer.now)
        except UnreadableFile as wrong:
            form.add_error("file", str(wrong))
        else:
            return redirect(run)
    office = viewer.actor.unit_id
    context = {
        "form": form,
        "page": newest(
            ImportRun.objects.of_office(office).select_related(*RELATED).defer("sample"),
            after=_number(request, "after"), before=_number(request, "before"), size=PAGE,
        ),
        "mappings": SavedMapping.objects.filter(unit=office).select_related("saved_by"),
        "now": viewer.now,
    }  # fmt: skip
    status = 400 if request.method == "POST" else 200
    return render(request, "petitions/imports/list.html", context, status=status)


@login_required
@require_POST
def saved_mapping(request: HttpRequest, pk: int) -> HttpResponse:
    """Rename a saved mapping, or remove it; files read by it stay as they are."""
    viewer = Viewer(request)
    require_importer(viewer)
    saved = SavedMapping.objects.filter(unit=viewer.actor.unit_id, pk=pk).first()
    if saved is None:
        raise Http404(_("There is no such mapping in your office."))
    form = MappingNameForm(request.POST)
    if "remove" in request.POST:
        saved.delete()
        messages.success(request, _("“%s” was removed.") % saved.name)
    elif form.is_valid():
        _rename(request, saved, form.cleaned_data["name"])
    else:
        messages.error(request, str(form.errors["name"][0]))
    return redirect("imports")


def _rename(request: HttpRequest, saved: SavedMapping, name: str) -> None:
    saved.name = name
    try:
        with transaction.atomic():
            saved.save(update_fields=["name"])
    except IntegrityError:
        messages.error(request, _("A mapping of your office has this name already."))
    else:
        messages.success(request, _("It is called “%s” now.") % name)


# One import ---------------------------------------------------------------------------------


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """A draft with its preview, or how far an import is and what came of it.

    What is sent of a draft is kept as soon as it makes sense; `start` in it lets the import go.
    For htmx only the part that changes.
    """
    viewer = Viewer(request)
    run = run_of(viewer, pk)
    if run.stage == Stage.DRAFT and run.headers and run.started_by_id == viewer.user.pk:
        return _draft(request, viewer, run)
    if request.method == "POST":
        return redirect(run)
    return _status(request, viewer, run)


def _draft(request: HttpRequest, viewer: Viewer, run: ImportRun) -> HttpResponse:
    form = MappingForm(request.POST or None, run=run)
    twin = runs.twin(run)
    if request.method == "POST" and form.is_valid():
        form.keep()
        if "start" in request.POST:
            if name := form.cleaned_data["save_as"]:
                runs.save_mapping(run, name, sender_of(viewer), viewer.now)
            runs.start(run.pk, now=viewer.now)
            return redirect(run)
    chosen = format_of(run)
    saved = fitting(run.headers, run.unit_id)
    context = {
        "run": run,
        "form": form,
        "chosen": chosen,
        "saved": saved if saved and saved.mapping == run.mapping else None,
        "rows": list(preview(run, chosen, Mode(run.mode), viewer.now)) if chosen else [],
        "left_aside": listed(chosen.left_aside(run.headers)) if chosen else "",
        "twin": twin,
        "now": viewer.now,
    }
    status = 400 if form.is_bound and not form.is_valid() else 200
    part = "_draft.html" if request.headers.get("HX-Request") else "draft.html"
    return render(request, f"petitions/imports/{part}", context, status=status)


def _status(
    request: HttpRequest, viewer: Viewer, run: ImportRun, *, moved: Any = None, status: int = 200
) -> HttpResponse:
    context = {
        "run": run,
        "mine": run.started_by_id == viewer.user.pk,
        "undoable": run.stage in UNDOABLE and run.created > 0,
        "percent": 100 * run.read // run.total if run.total else None,
        "moved": moved,
        "now": viewer.now,
    }
    if request.headers.get("HX-Request"):
        response = render(request, "petitions/imports/_status.html", context)
        if not run.is_working:
            response["HX-Refresh"] = "true"
        return response
    return render(request, "petitions/imports/run.html", context, status=status)


@login_required
@never_cache
@require_GET
def rejects(request: HttpRequest, pk: int) -> FileResponse:
    """The rows that were not taken, each with its reason, as a csv file."""
    return rejects_of(own_run(Viewer(request), pk))


@login_required
@never_cache
@require_GET
def changes(request: HttpRequest, pk: int) -> FileResponse:
    """The city's orders that came again with other words, each with what differs, as a csv file."""
    run = own_run(Viewer(request), pk)
    return _list_of(run, changes_name(run.rejects_name), run.changes_size)


def rejects_of(run: ImportRun) -> FileResponse:
    """The list of rejected rows, to be saved."""
    return _list_of(run, run.rejects_name, run.rejects_size)


def _list_of(run: ImportRun, name: str, size: int) -> FileResponse:
    path = rejects_path(name)
    if not size or not path.exists():
        raise Http404(_("This import has no such list."))
    response = FileResponse(
        path.open("rb"),
        as_attachment=True,
        filename=name,
        content_type="text/csv; charset=utf-8",
    )
    response["X-Content-Type-Options"] = "nosniff"
    return response


@login_required
@require_POST
def act(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Go on with a stopped import, stop a running one, or forget a draft."""
    viewer = Viewer(request)
    run = run_of(viewer, pk)
    if name == "start":
        runs.start(run.pk, now=viewer.now)
    elif name == "stop":
        runs.stop(run.pk, now=viewer.now)
    elif runs.discard(own_run(viewer, pk).pk):
        messages.success(request, _("The file was removed; nothing was imported."))
        return redirect("imports")
    return redirect(run)


@login_required
@never_cache
@require_POST
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Undo an import, unless something has happened to one of its cases: then it says to which."""
    viewer = Viewer(request)
    run = run_of(viewer, pk)
    seen = moved_among(viewer.cases, run)
    if count := capped_count(seen):
        rows = seen.order_by("number")[:MOVED_SHOWN]
        moved = {"count": count, "cases": list(rows), "sentence": _moved(count)}
        return _status(request, viewer, run, moved=moved, status=409)
    undo(run.pk, actor=viewer.actor, now=viewer.now)
    return redirect(run)


def _moved(count: int) -> str:
    return ngettext(
        "%(n)d case has been worked on since it was imported: nothing was undone.",
        "%(n)d cases have been worked on since they were imported: nothing was undone.",
        count,
    ) % {"n": count}


def _number(request: HttpRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 16 else None
