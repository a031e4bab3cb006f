"""What machines around us ask: is the process alive, can the product work, how is it doing?

The figures are those of the operations page: all three show what `petitions.operations` finds.
"""

import hmac
import ipaddress
import logging
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from petitions.operations import Operations, examine
from petitions.operations.check import SEVERITY

logger = logging.getLogger(__name__)

#: The two processes whose ticks are told to everybody.
PARTS = ("worker", "beat")
#: Headers of a request that came through a proxy: then its address says nothing.
FORWARDED = ("X-Forwarded-For", "X-Real-Ip", "Forwarded")


@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """The process answers. Asks nobody else, so that a slow database restarts no web server."""
    return JsonResponse({"ok": True})


@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """Database, worker and beat, how long the oldest notice has waited, the lamp of every check.

    503 unless database, worker and beat work.
    """
    found = _examined()
    if found is None:
        return JsonResponse({"ok": False, "database": {"ok": False}}, status=503)
    report = readiness(found)
    return JsonResponse(report, status=200 if report["ok"] else 503)


@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Every figure, for Prometheus; only to who brings the token, or asks from near by."""
    if not _may_measure(request):
        return HttpResponse("forbidden\n", status=403, content_type="text/plain")
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collector(_examined()))
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def readiness(found: Operations) -> dict[str, Any]:
    """What each part last said, ages in seconds; null when it never did."""
    parts = {}
    for name in PARTS:
        check = found.check(name)
        age = check.measures.get(f"{name}_silent_seconds")
        parts[name] = {
            "ok": check.lamp != "red",
            "age": None if age is None else round(age, 1),
        }
    waiting = found.check("undelivered").measures
    oldest = round(waiting["oldest_undelivered_seconds"], 1) if waiting["undelivered"] else None
    return {
        "ok": found.ready,
        "database": {"ok": True, "vendor": connection.vendor},
        **parts,
        "oldest_undelivered": oldest,
        "checks": {check.id: check.lamp for check in found.checks},
    }


def _examined() -> Operations | None:
    """What is found; None while the database does not answer."""
    try:
        return examine(timezone.now())
    except DatabaseError:
        # The reason may name hosts: it belongs in the log, not in the answer.
        logger.warning("The database does not answer", exc_info=True)
        return None


def _may_measure(request: HttpRequest) -> bool:
    token = settings.METRICS_TOKEN
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if token and hmac.compare_digest(given.encode(), token.encode()):
        return True
    if any(name in request.headers for name in FORWARDED):
        return False
    try:
        address = ipaddress.ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return False
    return any(address in ipaddress.ip_network(one) for one in settings.METRICS_NETWORKS)


class _Collector:
    """What was found, as Prometheus reads it.

    Gauges only, from rows that every process shares: a counter would count in one process of many.
    """

    def __init__(self, found: Operations | None) -> None:
        self.found = found

    def collect(self) -> Iterator[GaugeMetricFamily]:
        up = 0 if self.found is None else 1
        yield GaugeMetricFamily("xinfang_up", "1 while the database answers.", value=up)
        if self.found is None:
            return
        lamps = GaugeMetricFamily(
            "xinfang_check", "Lamp of a check: 0 green, 1 yellow, 2 red.", labels=["check"]
        )
        for check in self.found.checks:
            lamps.add_metric([check.id], SEVERITY[check.lamp])
            for name, value in check.measures.items():
                yield GaugeMetricFamily(f"xinfang_{name}", f"Check {check.id}.", value=value)
        yield lamps
        yield from self._tasks(self.found)

    def _tasks(self, found: Operations) -> Iterator[GaugeMetricFamily]:
        at = GaugeMetricFamily(
            "xinfang_task_last_run_timestamp_seconds",
            "When a scheduled task last ran.",
            labels=["task"],
        )
        took = GaugeMetricFamily(
            "xinfang_task_last_run_seconds", "How long that run took.", labels=["task"]
        )
        failed = GaugeMetricFamily(
            "xinfang_task_failed", "1 when that run ended with an error.", labels=["task"]
        )
        for task in found.tasks:
            if task.run is not None:
                at.add_metric([task.name], task.run.at.timestamp())
                took.add_metric([task.name], task.run.seconds)
                failed.add_metric([task.name], int(bool(task.run.failed)))
        yield from (at, took, failed)
