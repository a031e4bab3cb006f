"""Who has had a case, unit by unit, and what was ruled when one said: not ours (踢皮球台账, 先例).

Of one case the events tell it all (`petitions.holders`); these rows are for figures of the whole
district and for the matching, which can't read events. The machine writes them with its steps.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Holding(models.Model):
    """One unit's turn with a case: from its arrival until the case went back to the office.

    The time of a ruling counts: until then the unit stays answerable (首接负责制). `left_at` is
    empty as long as the case is the unit's, whatever becomes of it there; `left_by` names the step
    that took it away. `from_unit`: the unit that had it before.
    """

    #: Which rows of a case a step settles.
    STANDING: ClassVar[dict[str, Any]] = {"left_at": None}

    case = models.ForeignKey("petitions.Petition", models.CASCADE, related_name="holdings")
    unit = models.ForeignKey("agents.Unit", models.PROTECT, related_name="+", db_index=False)
    from_unit = models.ForeignKey(
        "agents.Unit", models.PROTECT, null=True, related_name="+", db_index=False
    )
    arrived_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)
    left_by = models.CharField(max_length=40, blank=True)

    class Meta:
        verbose_name = _("turn of a unit")
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(left_at=None), name="holding_stands_once"
            ),
            models.CheckConstraint(
                condition=Q(left_at=None, left_by="") | (Q(left_at__isnull=False) & ~Q(left_by="")),
                name="holding_left_by_a_step",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["arrived_at", "unit"], name="holding_arrived"),
            models.Index(
                fields=["arrived_at"],
                name="holding_moved",
                condition=Q(from_unit__isnull=False),
            ),
            models.Index(
                fields=["left_at"], name="holding_left", condition=Q(left_at__isnull=False)
            ),
        ]


class Precedent(models.Model):
    """A ruling on an objection, heeded the next time (先例): whose such a matter is in that place.

    Rejected: it is the objector's, `from_unit`. Upheld: it is not; `to_unit` is who got it then.
    Why stands in the note of the ruling's `event`. `hop`: how many objections had been upheld
    before; from the first on a leader ruled. Withdrawn, it is heeded no more: `withdrawal` is the
    event whose note says why.
    """

    #: An upheld ruling says whose it is once somebody else got the case.
    STANDING: ClassVar[dict[str, Any]] = {"to_unit": None}

    case = models.ForeignKey("petitions.Petition", models.CASCADE, related_name="precedents")
    event = models.ForeignKey("workflow.Event", models.CASCADE, related_name="+")
    category = models.ForeignKey(
        "agents.Category", models.PROTECT, null=True, related_name="+", db_index=False
    )
    area = models.ForeignKey(
        "agents.Area", models.PROTECT, null=True, related_name="+", db_index=False
    )
    upheld = models.BooleanField()
    from_unit = models.ForeignKey("agents.Unit", models.PROTECT, related_name="+", db_index=False)
    to_unit = models.ForeignKey(
        "agents.Unit", models.PROTECT, null=True, related_name="+", db_index=False
    )
    hop = models.PositiveSmallIntegerField()
    ruled_by = models.ForeignKey("agents.Cadre", models.PROTECT, related_name="+", db_index=False)
    ruled_at = models.DateTimeField()
    valid_from = models.DateField()
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(
        "agents.Cadre", models.PROTECT, null=True, related_name="+", db_index=False
    )
    withdrawal = models.ForeignKey(
        "workflow.Event", models.CASCADE, null=True, related_name="+", db_index=False
    )

    class Meta:
        verbose_name = _("precedent")
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="precedent_withdrawn_by",
            ),
            models.CheckConstraint(
                condition=Q(upheld=True) | Q(to_unit=F("from_unit")),
                name="precedent_rejected_stays",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["category", "area", "-ruled_at"],
                name="precedent_heeded",
                condition=Q(withdrawn_at=None),
            ),
            models.Index(fields=["ruled_at"], name="precedent_ruled"),
        ]
