"""Changes of the rule table and of the official calendar, and what they did to running clocks."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class RuleChange(models.Model):
    """One change that a security administrator made: who, when, on what ground, and its effect.

    The row is the order for the recalculation of the open clocks and its log. `basis` is the
    official notice or the law. Of the calendar `year` and `days` say what changed (three lists:
    added, changed, removed); of a rule `rule`, of a trigger `trigger` is the new version. Clocks
    whose count touches a day from `first_day` to `last_day` are counted anew. `position` is the
    last case that was looked at, saved in the transaction of its clocks: whoever goes on begins
    behind it. `moved` and `explained` count clocks whose due moment moved, or only its reason;
    those of sealed accusations are counted in neither. `holder`, `lease_until`: who works on it,
    until when nobody else may.
    """

    class Kind(models.TextChoices):
        CALENDAR = "CALENDAR", _("Official calendar")
        RULE = "RULE", _("Rule of a term")
        TRIGGER = "TRIGGER", _("Trigger of supervision")

    class Stage(models.TextChoices):
        # Translators: 等待重算
        WAITING = "WAITING", pgettext_lazy("recalculation", "Waiting")
        # Translators: 正在重算
        RUNNING = "RUNNING", pgettext_lazy("recalculation", "Running")
        # Translators: 已完成
        DONE = "DONE", pgettext_lazy("recalculation", "Done")
        # Translators: 不重算
        NONE = "NONE", pgettext_lazy("recalculation", "For new clocks only")

    kind = models.CharField(_("what changed"), max_length=8, choices=Kind.choices)
    basis = models.CharField(_("ground of the change"), max_length=200)
    made_by = models.ForeignKey(
        "agents.Cadre", models.PROTECT, null=True, related_name="+", db_index=False
    )
    made_at = models.DateTimeField()
    year = models.PositiveSmallIntegerField(_("year"), null=True)
    days = models.JSONField(default=dict)
    rule = models.ForeignKey("workflow.TermRule", models.PROTECT, null=True, related_name="+")
    trigger = models.ForeignKey("workflow.Trigger", models.PROTECT, null=True, related_name="+")
    first_day = models.DateField(null=True)
    last_day = models.DateField(null=True)

    stage = models.CharField(max_length=8, choices=Stage.choices, default=Stage.WAITING)
    position = models.BigIntegerField(default=0)
    seen = models.PositiveIntegerField(_("clocks looked at"), default=0)
    moved = models.PositiveIntegerField(_("due moments moved"), default=0)
    explained = models.PositiveIntegerField(_("explained anew"), default=0)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    holder = models.CharField(max_length=32, blank=True)
    lease_until = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("change of rules or calendar")
        ordering: ClassVar[list[str]] = ["-id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["id"],
                name="rulechange_open",
                condition=Q(stage__in=["WAITING", "RUNNING"]),
            ),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(kind="CALENDAR", year__isnull=False)
                | Q(kind="RULE", rule__isnull=False)
                | Q(kind="TRIGGER", trigger__isnull=False),
                name="rulechange_of_what",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.year or self.rule_id or self.trigger_id}"

    def get_absolute_url(self) -> str:
        """Its page: what was changed, and how far the recalculation is."""
        return reverse("rule_change", args=[self.pk])

    @property
    def is_working(self) -> bool:
        """Whether clocks are still to be counted anew."""
        return self.stage in (self.Stage.WAITING, self.Stage.RUNNING)

    def listed(self, part: str) -> list[tuple[date, str, bool]]:
        """The days of one part ("added", "changed", "removed"): day, holiday, whether it is off."""
        rows: Any = self.days.get(part, [])
        return [(date.fromisoformat(day), name, is_off) for day, name, is_off in rows]


class ClockMove(models.Model):
    """One clock that a change moved: its due moment before and after."""

    change = models.ForeignKey(RuleChange, models.PROTECT, related_name="moves", db_index=False)
    clock = models.ForeignKey("workflow.Clock", models.CASCADE, related_name="moves")
    old_due = models.DateTimeField()
    new_due = models.DateTimeField()
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("moved clock")
