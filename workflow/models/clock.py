"""Clocks, the versioned rule table behind them, and the official calendar."""

from __future__ import annotations

from datetime import timedelta
from functools import cached_property
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from workflow import ladder as ladders
from workflow.codes import Cause, Urgency
from workflow.steps import Term


def clock_key(term: str, for_unit: int = 0) -> str:
    """The name of a clock within its case: the term alone, unless it runs for a called unit."""
    return f"{term}:{for_unit}" if for_unit else str(term)


class TermRule(models.Model):
    """One version of one term: how long, from when, by what law, and who is told.

    `starts` names the case's column that holds the moment of start. `basis` says whether it is
    law (with its article), a standard, or a rule of this office. `urgency` blank means any level.
    `owed`: the office owes it, so it drives the case's lamp; else it is the petitioner's own time.
    `ladder`: who is told before, at and after the due moment, as `workflow/ladder.py` reads it, in
    working hours unless the term runs `at_any_hour`. The lamp is yellow from `yellow_before` the
    due moment ("3d", "6h") and black from `black_after` it. `extendable_days`: the longest
    extension, 0 for none. `pauses_for`: the causes (`codes.Cause`) for which the term stands still;
    a merged case stands still as a whole. `then` is a step that the system tries when the term
    runs out.
    """

    class Unit(models.TextChoices):
        SECOND = "second", _("seconds")
        MINUTE = "minute", _("minutes")
        HOUR = "hour", _("hours")
        DAY = "day", _("days")
        WORKING_DAY = "working_day", _("working days")
        DATE = "date", _("date on the sheet")

    term = models.CharField(max_length=20, choices=Term.choices)
    urgency = models.CharField(max_length=10, choices=Urgency.choices, blank=True)
    basis = models.CharField(max_length=120)
    basis_en = models.CharField(max_length=120, blank=True)
    starts = models.CharField(max_length=30)
    length = models.PositiveIntegerField()
    unit = models.CharField(max_length=12, choices=Unit.choices)
    roll = models.BooleanField(default=True)
    owed = models.BooleanField(default=True)
    ladder = models.JSONField(default=list)
    at_any_hour = models.BooleanField(default=False)
    yellow_before = models.CharField(max_length=6, default="3d")
    black_after = models.CharField(max_length=6, default="7d")
    extendable_days = models.PositiveSmallIntegerField(default=0)
    pauses_for = models.JSONField(default=list)
    then = models.CharField(max_length=40, blank=True)
    version = models.CharField(max_length=20)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    #: A term shortened for a watch period: in force beside the table's own rule, on its days.
    watch = models.ForeignKey(
        "workflow.WatchPeriod", models.CASCADE, null=True, related_name="rules", db_index=False
    )

    class Meta:
        verbose_name = _("rule of a term")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["term", "urgency", "valid_from"],
                condition=Q(watch__isnull=True),
                name="termrule_one_a_day",
            ),
            models.UniqueConstraint(
                fields=["watch", "term", "urgency"], name="termrule_once_a_watch"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.term} {self.urgency} {self.length} {self.unit} ({self.basis})"

    @property
    def is_law(self) -> bool:
        """Whether more than this office stands behind it (a law, a standard)."""
        return not self.basis.startswith("本办规定")

    @cached_property
    def rungs(self) -> tuple[ladders.Rung, ...]:
        """The ladder as the machine climbs it; the due moment is always one of them."""
        return ladders.parse(self.ladder)

    @cached_property
    def near(self) -> timedelta:
        """The lamp is yellow this long before the due moment."""
        return ladders.span(self.yellow_before)

    @cached_property
    def long_overdue(self) -> timedelta:
        """The lamp is black this long after the due moment."""
        return ladders.span(self.black_after)


class Holiday(models.Model):
    """A day of the official notice: a public holiday, or a weekend that is worked (调休)."""

    day = models.DateField(unique=True)
    name = models.CharField(max_length=40)
    is_off = models.BooleanField()
    year_file = models.PositiveSmallIntegerField()

    class Meta:
        verbose_name = _("day of the official calendar")
        ordering: ClassVar[list[str]] = ["day"]


class Clock(models.Model):
    """One running or ended term of one case.

    `due_at` is the last moment in time; `next_at` the next moment at which the sweep has something
    to do (a rung of the ladder, the expiry among them), NULL when nothing is left. `warned`: how
    many rungs lie behind. `derivation` explains `due_at` and replays to it. Expiry runs from the
    clock, never from the last edit of the case.
    `suspended_at`: since when it stands still, `stopped_by`: why. `for_unit`: the unit that was
    called into the case and for which it runs; 0: it is the case's own.
    """

    case = models.ForeignKey(
        "petitions.Petition", models.CASCADE, related_name="clocks", db_index=False
    )
    term = models.CharField(max_length=20, choices=Term.choices)
    rule = models.ForeignKey(TermRule, models.PROTECT, db_index=False, related_name="+")
    for_unit = models.PositiveIntegerField(default=0, db_default=0)
    started_at = models.DateTimeField()
    due_at = models.DateTimeField()
    next_at = models.DateTimeField(null=True)
    warned = models.PositiveSmallIntegerField(default=0)
    expired_at = models.DateTimeField(null=True)
    #: It ran out, and the step that its rule names has not been tried yet.
    untried = models.BooleanField(default=False)
    closed_at = models.DateTimeField(null=True)
    suspended_at = models.DateTimeField(null=True)
    stopped_by = models.CharField(max_length=12, choices=Cause.choices, blank=True)
    extended_days = models.PositiveSmallIntegerField(default=0)
    derivation = models.JSONField()

    class Meta:
        verbose_name = _("clock")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["case", "id"], name="clock_case"),
            models.Index(fields=["next_at"], name="clock_next", condition=Q(next_at__isnull=False)),
            models.Index(fields=["expired_at"], name="clock_untried", condition=Q(untried=True)),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["case", "term", "for_unit"],
                condition=Q(closed_at__isnull=True),
                name="clock_open_once",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(next_at__isnull=True),
                name="clock_closed_is_quiet",
            ),
        ]

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    @property
    def key(self) -> str:
        """Under what name it runs in its case: of these one is open at a time."""
        return clock_key(self.term, self.for_unit)
