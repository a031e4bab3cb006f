"""The files of a form that was refused, given back when it is shown again."""

from __future__ import annotations

from typing import Any

from django.utils.datastructures import MultiValueDict

from petitions.files import MAX_TOTAL
from petitions.forms.fields import MOST_FILES
from petitions.keeping import forget, keep, kept_files, opened
from petitions.models import KeptFile
from petitions.views.viewer import Viewer

FIELD = "files"
TOKENS = "kept"
"""The name of the boxes that stand for kept files; one that is cleared is left out."""
PLACE_LENGTH = 120


class KeptFiles:
    """The files of one request for one form: those sent now, and those sent before."""

    def __init__(self, viewer: Viewer) -> None:
        self.request = viewer.request
        self.owner: dict[str, Any] = {
            "cadre_id": viewer.user.pk,
            "place": viewer.request.path[:PLACE_LENGTH],
            "now": viewer.now,
        }
        tokens = self.request.POST.getlist(TOKENS)[:MOST_FILES]
        self.before = kept_files(tokens, **self.owner) if tokens else []

    @property
    def files(self) -> MultiValueDict[str, Any]:
        """What the form is given as its files."""
        if not self.before:
            return self.request.FILES
        files: MultiValueDict[str, Any] = self.request.FILES.copy()
        files.setlist(FIELD, [*files.getlist(FIELD), *opened(self.before)])
        return files

    def keep(self) -> list[KeptFile]:
        """After a refusal: what is kept now, for the boxes. As much as one form may send."""
        sent: list[Any] = self.request.FILES.getlist(FIELD)
        total = sum(file.size for file in sent) + sum(row.size for row in self.before)
        if total > MAX_TOTAL or len(sent) + len(self.before) > MOST_FILES:
            sent = []
        return [*self.before, *keep(sent, **self.owner)]

    def done(self) -> None:
        """After success: they are the case's now."""
        if self.before:
            forget(self.before)
