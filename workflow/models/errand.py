"""What an agent does and promises: errands run (代办), promises with a date (承诺).

Words that people wrote stand in the notes of the events; `event` is the step that made the row.
"""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from workflow.codes import ErrandKind


class Errand(models.Model):
    """One errand for the petitioner, as logged by whoever ran it; rows are added, never changed.

    `minutes`: of the agent's time. `trips_spared`: the petitioner's own ways that it saved.
    `unit`: the unit that was chased or called on, if it is one of this office's.
    """

    case = models.ForeignKey("petitions.Petition", models.CASCADE, related_name="errands")
    event = models.ForeignKey("workflow.Event", models.CASCADE, related_name="+")
    agent = models.ForeignKey(
        "agents.Cadre", models.PROTECT, related_name="errands", db_index=False
    )
    kind = models.CharField(max_length=12, choices=ErrandKind.choices)
    minutes = models.PositiveSmallIntegerField(_("minutes"), default=0)
    trips_spared = models.PositiveSmallIntegerField(_("trips spared"), default=0)
    unit = models.ForeignKey(
        "agents.Unit", models.PROTECT, null=True, related_name="+", db_index=False
    )
    made_at = models.DateTimeField()

    class Meta:
        verbose_name = _("errand")
        ordering: ClassVar[list[str]] = ["id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["agent", "made_at"], name="errand_of_agent"),
        ]


class Promise(models.Model):
    """A word given to the petitioner for a day; its clock is the case's (`Term.PROMISE`).

    One stands on a case at a time and comes back as a check: `kept_at` with proof, or `broken_at`
    with the reason. Broken, it may be moved once to another day (`moved_to`), and kept then:
    `kept_at` beside `broken_at` means kept, but not as first promised. `ended_at`: it stands no
    more; with neither kept nor broken it lapsed (the case was sealed).
    """

    STANDING: ClassVar[dict[str, Any]] = {"ended_at": None}

    case = models.ForeignKey("petitions.Petition", models.CASCADE, related_name="promises")
    event = models.ForeignKey("workflow.Event", models.CASCADE, related_name="+")
    agent = models.ForeignKey(
        "agents.Cadre", models.PROTECT, related_name="promises", db_index=False
    )
    made_at = models.DateTimeField()
    due_on = models.DateField()
    moved_to = models.DateField(null=True)
    kept_at = models.DateTimeField(null=True)
    broken_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("promise")
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(ended_at=None), name="promise_stands_once"
            ),
            models.CheckConstraint(
                condition=Q(kept_at=None) | Q(ended_at__isnull=False), name="promise_kept_ends"
            ),
            models.CheckConstraint(
                condition=Q(moved_to=None) | Q(broken_at__isnull=False), name="promise_moved_broken"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["agent", "due_on"], name="promise_of_agent"),
        ]

    @property
    def day(self) -> date:
        """The day that counts now."""
        return self.moved_to or self.due_on
