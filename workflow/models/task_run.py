"""What the scheduled tasks left behind: when each ran last, for how long, and what it did."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class TaskRun(models.Model):
    """The last run of one scheduled task, and the last in which there was something to do.

    Written by the tasks themselves, not at each step: operations, `/readyz` and `/metrics` read
    here what they would otherwise have to count. `failed` is the type of the error, never its text.
    """

    name = models.CharField(max_length=100, primary_key=True)
    at = models.DateTimeField()
    seconds = models.FloatField(default=0)
    failed = models.CharField(max_length=100, blank=True)
    busy_at = models.DateTimeField(null=True)
    busy_seconds = models.FloatField(null=True)
    done = models.PositiveIntegerField(null=True)

    class Meta:
        verbose_name = _("run of a scheduled task")
        ordering: ClassVar[list[str]] = ["name"]
