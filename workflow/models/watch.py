"""Watch periods (重点时期): days in which terms shorten and every unit reports up daily."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from agents.encryption import EncryptedTextField
from workflow.calendar import ZONE


class WatchPeriod(models.Model):
    """A named period with its first and last day, for the whole office or some units.

    `unit_ids`: the units in scope, each with all below it; empty: the whole office. Its shortened
    terms are `TermRule` rows that point here. `report_by`: the hour by which each unit in scope
    sends its daily report, zero cases included.
    """

    name = models.CharField(pgettext_lazy("of a thing", "name"), max_length=40)
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    unit_ids = models.JSONField(default=list)
    report_by = models.TimeField(_("report by"))
    set_by = models.ForeignKey("agents.Cadre", models.PROTECT, related_name="+", db_index=False)
    set_at = models.DateTimeField()
    ended_by = models.ForeignKey(
        "agents.Cadre", models.PROTECT, null=True, related_name="+", db_index=False
    )
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("watch period")
        verbose_name_plural = _("watch periods")
        ordering: ClassVar[list[str]] = ["-starts_on", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="watchperiod_ends_after_start"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def runs_on(self, day: date) -> bool:
        """Is `day` one of its days?"""
        return self.starts_on <= day <= self.ends_on

    def covers(self, path: Any) -> bool:
        """Does it hold for a unit whose ancestors and self have these ids?"""
        return not self.unit_ids or not set(self.unit_ids).isdisjoint(path)

    def report_due(self, day: date) -> datetime:
        """The moment by which that day's reports are to be there."""
        return datetime.combine(day, self.report_by, ZONE)


class DailyReport(models.Model):
    """What one unit reported up on one day: how many urgent cases, zero said as zero."""

    period = models.ForeignKey(WatchPeriod, models.CASCADE, related_name="reports", db_index=False)
    unit = models.ForeignKey("agents.Unit", models.PROTECT, related_name="+", db_index=False)
    day = models.DateField(_("day"))
    urgent = models.PositiveIntegerField(_("urgent cases"))
    remark = EncryptedTextField(_("remark"), blank=True)
    reported_by = models.ForeignKey(
        "agents.Cadre", models.PROTECT, related_name="+", db_index=False
    )
    reported_at = models.DateTimeField()
    changed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("daily report")
        verbose_name_plural = _("daily reports")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["period", "day", "unit"], name="dailyreport_one_a_day"),
        ]


class WatchDay(models.Model):
    """A day whose reports were looked through at the set hour; there once, so told once."""

    period = models.ForeignKey(WatchPeriod, models.CASCADE, related_name="+", db_index=False)
    day = models.DateField()
    looked_at = models.DateTimeField()
    missing = models.JSONField(default=list)

    class Meta:
        verbose_name = _("day of a watch period")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["period", "day"], name="watchday_once"),
        ]
