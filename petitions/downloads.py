"""Handing out the contents of an attachment, in one way for pages and programs.

Whoever calls has checked that the reader may see the case.
"""

from __future__ import annotations

import logging

from django.http import FileResponse, Http404
from django.utils.translation import gettext as _

from petitions.models import Attachment, PolicyText

log = logging.getLogger(__name__)

SHOWN_INLINE = frozenset({"application/pdf", "image/jpeg", "image/png"})
"""What a browser may show itself: kinds that carry no script of ours to run."""
ALONE = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
SANDBOX = f"{ALONE}; sandbox"
"""A file opens nothing, runs nothing, and belongs to no site."""
PDF = f"{ALONE}; object-src 'self'"
"""The browsers' own viewers don't start in a sandbox, and have one of their own."""


def contents(stored: Attachment | PolicyText, *, inline: bool) -> FileResponse:
    """The file as it was received. `inline`: shown by the browser, where its kind allows it.

    Raises Http404 with a sentence if it lies there no more or can't be opened.
    """
    try:
        content = stored.file.open("rb")
    except OSError as error:
        # Never the path: it would tell where files lie.
        log.error("attachment %s can't be opened: %s", stored.pk, type(error).__name__)
        raise Http404(
            _("The file is missing or damaged where it is kept. Tell the administrator: file %d.")
            % stored.pk
        ) from error
    response = FileResponse(
        content,
        as_attachment=not inline or stored.content_type not in SHOWN_INLINE,
        filename=stored.name,
        content_type=stored.content_type,
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Content-Security-Policy"] = (
        PDF if stored.content_type == "application/pdf" else SANDBOX
    )
    return response
