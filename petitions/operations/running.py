"""Whether the processes run: beat, the workers, the broker between them, each scheduled task."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from celery import current_app
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from kombu.exceptions import OperationalError

from petitions.operations.check import GREEN, RED, YELLOW, Check, check, lamp, lasting
from workflow.models import Heartbeat, TaskRun
from workflow.pulse import NODE, scheduled

LATE_AFTER, SILENT_AFTER = 10, 30
"""Seconds without a tick of beat or worker, which come every second: yellow, red."""
QUEUE_LONG, QUEUE_TOO_LONG = 100, 1_000
SWEEP = "workflow.tasks.sweep_clocks"
SWEEP_LATE, SWEEP_SILENT = 60, 300
"""Seconds since the last sweep."""
SLEPT = 3
"""A task is late when so many of its turns, and a minute, have passed without a run."""

TASKS: dict[str, Any] = {
    "workflow.tasks.beat_tick": gettext_lazy("Heartbeat"),
    "workflow.tasks.deliver": gettext_lazy("Hand over notices"),
    "workflow.tasks.sweep_clocks": gettext_lazy("Sweep the clocks"),
    "workflow.tasks.look_for_daily_reports": gettext_lazy("Look for daily reports"),
    "workflow.tasks.recalculate": gettext_lazy("Count clocks anew"),
    "petitions.tasks.carry_on_imports": gettext_lazy("Go on importing"),
    "petitions.tasks.carry_on_group_acts": gettext_lazy("Go on with acts on groups"),
    "petitions.tasks.forget_old_drafts": gettext_lazy("Forget imports never started"),
    "petitions.tasks.clean_files": gettext_lazy("Clean up files"),
    "petitions.tasks.forget_sendings": gettext_lazy("Forget programs' keys"),
}
"""What the tasks that beat sends are called."""


@dataclass(frozen=True)
class Pulse:
    """What the processes last said of themselves, read in two queries."""

    heard: Mapping[str, datetime]
    runs: Mapping[str, TaskRun]

    @classmethod
    def read(cls) -> Pulse:
        return cls(
            dict(Heartbeat.objects.values_list("name", "at")),
            {run.name: run for run in TaskRun.objects.all()},
        )


@dataclass(frozen=True)
class Task:
    """A scheduled task with its last run, which may be None."""

    name: str
    label: Any
    every: str
    lamp: str
    run: TaskRun | None
    late_seconds: float


def checks(pulse: Pulse, now: datetime) -> list[Check]:
    """Beat, workers, broker, sweep."""
    return [_beat(pulse, now), _workers(pulse, now), _broker(), _sweep(pulse, now)]


def tasks(pulse: Pulse, now: datetime) -> list[Task]:
    """Every task that beat sends. One that failed, or missed its turns, is not green."""
    return [_task(name, every, pulse.runs.get(name), now) for name, every in scheduled().items()]


def _task(name: str, every: float, run: TaskRun | None, now: datetime) -> Task:
    late = max((now - run.at).total_seconds() - max(every * SLEPT, 60), 0.0) if run else 0.0
    colour = GREEN
    if late:
        colour = RED
    elif run is not None and run.failed:
        colour = YELLOW
    return Task(name, TASKS.get(name, name), lasting(every), colour, run, late)


def _age(at: datetime | None, now: datetime) -> float | None:
    return None if at is None else max((now - at).total_seconds(), 0.0)


def _beat(pulse: Pulse, now: datetime) -> Check:
    age = _age(pulse.heard.get("beat"), now)
    measures: dict[str, Any] = {} if age is None else {"beat_silent_seconds": age}
    return check(
        "beat",
        _("Beat: keeps the time"),
        lamp(age, LATE_AFTER, SILENT_AFTER),
        _("never heard") if age is None else _("last tick %(time)s ago") % {"time": lasting(age)},
        _("Start beat; why it stopped stands in its log. Until then nothing is swept or sent."),
        **measures,
    )


def _workers(pulse: Pulse, now: datetime) -> Check:
    age = _age(pulse.heard.get("worker"), now)
    alive = now - timedelta(seconds=SILENT_AFTER)
    nodes = {name.removeprefix(NODE): at for name, at in pulse.heard.items() if NODE in name}
    answering = sorted(name for name, at in nodes.items() if at >= alive)
    colour = lamp(age, LATE_AFTER, SILENT_AFTER)
    silent = sorted(nodes.keys() - set(answering))
    if colour == GREEN and silent:
        colour = YELLOW
    words = ngettext("%(n)d worker answers", "%(n)d workers answer", len(answering))
    shown = words % {"n": len(answering)}
    if silent:
        shown += _("; silent: %(names)s") % {"names": ", ".join(silent)}
    measures: dict[str, Any] = {"workers_answering": len(answering)}
    if age is not None:
        measures["worker_silent_seconds"] = age
    return check(
        "worker",
        _("Workers: deliver, sweep the clocks, import"),
        colour,
        shown,
        _("Start the worker; why it stopped stands in its log. One taken away for good is "
          "forgotten after a day."),
        **measures,
    )  # fmt: skip


def _broker() -> Check:
    length = queue_length()
    label = _("Broker: wakes the workers")
    if length is None:
        return check(
            "broker",
            label,
            RED,
            _("does not answer"),
            _("Start Redis or look at REDIS_URL. Steps go on and lose nothing; notices and "
              "clocks wait until it is back."),
        )  # fmt: skip
    words = ngettext("%(n)d task waits", "%(n)d tasks wait", length)
    return check(
        "broker",
        label,
        lamp(length, QUEUE_LONG, QUEUE_TOO_LONG),
        words % {"n": length},
        _("More arrives than the workers take: start another worker."),
        queue_length=length,
    )


def queue_length() -> int | None:
    """Messages in the queue, on Redis as on files; None when the broker does not answer."""
    with current_app.connection_for_write() as connection:
        lost = (OperationalError, OSError, *connection.connection_errors)
        try:
            channel = connection.default_channel
            declared = channel.queue_declare(current_app.conf.task_default_queue)
        except lost:
            return None
        return int(declared.message_count)


def _sweep(pulse: Pulse, now: datetime) -> Check:
    run = pulse.runs.get(SWEEP)
    label = _("Last sweep of the clocks")
    do = _("Without the sweep nobody is reminded and nothing expires: see beat and the workers.")
    if run is None:
        return check("sweep", label, RED, _("none yet"), do)
    age = (now - run.at).total_seconds()
    colour = YELLOW if run.failed else lamp(age, SWEEP_LATE, SWEEP_SILENT)
    if run.failed:
        do = _("The sweep ended with %(error)s: its log says where.") % {"error": run.failed}
    shown = _("%(time)s ago, took %(seconds)s s") % {
        "time": lasting(age),
        "seconds": f"{run.seconds:.2f}",
    }
    measures: dict[str, Any] = {"sweep_age_seconds": age, "sweep_seconds": run.seconds}
    if run.busy_at is not None:
        shown += _("; the last with work, %(time)s ago: %(done)s in %(seconds)s s") % {
            "time": lasting((now - run.busy_at).total_seconds()),
            "done": f"{run.done:,}",
            "seconds": f"{run.busy_seconds:.2f}",
        }
        measures |= {"sweep_busy_done": run.done or 0, "sweep_busy_seconds": run.busy_seconds or 0}
    return check("sweep", label, colour, shown, do, **measures)
