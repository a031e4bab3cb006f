"""Two questions machines ask: is the process alive, and can the product do its work?"""

import logging
from datetime import datetime
from typing import Any

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache

from workflow.models import Delivery, Heartbeat

logger = logging.getLogger(__name__)

#: Seconds after which a silent worker or beat counts as down; both tick every second.
SILENT_AFTER = 30
#: The two processes whose ticks are read.
PARTS = ("worker", "beat")


@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """The process answers. Asks nobody else, so that a slow database restarts no web server."""
    return JsonResponse({"ok": True})


@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """Database, worker and beat, and how long the oldest notice has waited; 503 unless all work."""
    try:
        report = readiness(timezone.now())
    except DatabaseError:
        # The reason may name hosts: it belongs in the log, not in the answer.
        logger.warning("The database does not answer", exc_info=True)
        report = {"ok": False, "database": {"ok": False}}
    return JsonResponse(report, status=200 if report["ok"] else 503)


def readiness(now: datetime) -> dict[str, Any]:
    """What each part last said, ages in seconds; null when it never did."""
    ticks = dict(Heartbeat.objects.values_list("name", "at"))
    parts = {name: _part(ticks.get(name), now) for name in PARTS}
    oldest = (
        Delivery.objects.filter(send_after__lte=now, sent_at=None)
        .order_by("send_after")
        .values_list("send_after", flat=True)
        .first()
    )
    return {
        "ok": all(part["ok"] for part in parts.values()),
        "database": {"ok": True, "vendor": connection.vendor},
        **parts,
        "oldest_undelivered": None if oldest is None else round((now - oldest).total_seconds(), 1),
    }


def _part(at: datetime | None, now: datetime) -> dict[str, Any]:
    if at is None:
        return {"ok": False, "age": None}
    age = (now - at).total_seconds()
    return {"ok": age <= SILENT_AFTER, "age": round(max(age, 0.0), 1)}
