"""Joint handling (联动): units called into a case, whistles, joint conferences.

Words that people wrote stand in the notes of the events; `event` is the step that made the row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agents.roles import Role
from workflow.codes import CallKind, WhistleKind
from workflow.steps import Term

if TYPE_CHECKING:
    from datetime import date

    from workflow.actors import Actor
    from workflow.calendar import Span

BEST = 5
"""The highest score; the lowest is 1."""
TERMS = {
    CallKind.CO_HANDLING: (Term.CO_HANDLING, Term.CO_SILENCE),
    CallKind.WHISTLE: (Term.WHISTLE,),
}
"""The clocks that run for a called unit; the first says when its answer or arrival is due."""
UNANSWERED = Q(answered_at=None, declined_at=None, released_at=None, is_over=False)


class Whistle(models.Model):
    """A street calls departments to a place (吹哨): for daily enforcement, key work, an emergency.

    It is always about a case. Place and demand are notes of `event`; each called unit is a `Call`.
    """

    case = models.ForeignKey("petitions.Petition", models.CASCADE, related_name="whistles")
    event = models.ForeignKey("workflow.Event", models.CASCADE, related_name="+")
    kind = models.CharField(max_length=12, choices=WhistleKind.choices)
    unit = models.ForeignKey("agents.Unit", models.PROTECT, related_name="+", db_index=False)
    blown_by = models.ForeignKey("agents.Cadre", models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("whistle")
        ordering: ClassVar[list[str]] = ["id"]


class Call(models.Model):
    """One unit called into a case: as co-handler (协办), or by a whistle (报到).

    `cadre`: who answers for the unit; whoever takes it on may name another of the unit. They and
    the unit's head see the case until it `is_over`: once the case ends or goes back to the office.
    `due_at`: when answer or arrival is due, as its clock says. A whistle's unit is scored by the
    street, from 1 to 5, for its arrival and for its result.
    """

    STANDING: ClassVar[dict[str, Any]] = {"is_over": False}
    #: What steps change of a stored call.
    WRITTEN: ClassVar[tuple[str, ...]] = (
        "cadre_id", "taken_at", "arrived_at", "answered_at", "declined_at", "released_at",
        "arrival_score", "result_score", "scored_at",
    )  # fmt: skip

    case = models.ForeignKey(
        "petitions.Petition", models.CASCADE, related_name="unit_calls", db_index=False
    )
    event = models.ForeignKey("workflow.Event", models.CASCADE, related_name="+")
    kind = models.CharField(max_length=12, choices=CallKind.choices)
    whistle = models.ForeignKey(Whistle, models.CASCADE, null=True, related_name="calls")
    unit = models.ForeignKey("agents.Unit", models.PROTECT, related_name="+", db_index=False)
    cadre = models.ForeignKey("agents.Cadre", models.PROTECT, related_name="+", db_index=False)
    called_at = models.DateTimeField()
    due_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True)
    arrived_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    declined_at = models.DateTimeField(null=True)
    released_at = models.DateTimeField(null=True)
    arrival_score = models.PositiveSmallIntegerField(null=True)
    result_score = models.PositiveSmallIntegerField(null=True)
    scored_at = models.DateTimeField(null=True)
    is_over = models.BooleanField(default=False)

    #: How long its first clock runs where the call itself says so; not columns.
    until: date | None = None
    within: Span | None = None

    class Meta:
        verbose_name = _("called unit")
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["case", "unit", "kind"], condition=UNANSWERED, name="call_open_once"
            ),
            models.CheckConstraint(
                condition=Q(arrived_at=None) | Q(arrived_at__gte=F("called_at")),
                name="call_before_arrival",
            ),
            models.CheckConstraint(
                condition=Q(scored_at=None)
                | Q(
                    answered_at__isnull=False,
                    arrival_score__range=(1, BEST),
                    result_score__range=(1, BEST),
                ),
                name="call_scored_after_answer",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["case", "id"], name="call_case"),
            models.Index(fields=["unit", "id"], name="call_of_unit"),
            models.Index(fields=["cadre", "id"], name="call_of_cadre"),
            # Who sees which cases: read with every list of somebody who can be called.
            models.Index(
                fields=["unit", "case"], name="call_seen_unit", condition=Q(is_over=False)
            ),
            models.Index(
                fields=["cadre", "case"], name="call_seen_cadre", condition=Q(is_over=False)
            ),
        ]

    @property
    def is_whistle(self) -> bool:
        return self.kind == CallKind.WHISTLE

    @property
    def is_open(self) -> bool:
        """Its answer is still owed: the case can't end."""
        ended = (self.answered_at, self.declined_at, self.released_at)
        return not self.is_over and not any(ended)

    @property
    def score_owed(self) -> bool:
        """A whistle's unit has answered, and the street has not scored it yet."""
        answered = self.answered_at is not None and not self.is_over
        return self.is_whistle and answered and self.scored_at is None

    @property
    def was_late(self) -> bool:
        """It came, or answered, after the moment it was due."""
        came = self.arrived_at if self.is_whistle else self.answered_at
        return came is not None and came > self.due_at

    def is_for(self, actor: Actor) -> bool:
        """The actor answers for it: as the one named, or as the unit's head."""
        heads = actor.has(Role.UNIT_HEAD) and actor.unit_id == self.unit_id
        return heads or self.cadre_id in actor.covers

    @classmethod
    def seen_by(cls, cadres: list[int], units: list[int]) -> models.QuerySet[Call]:
        """The calls by which these cadres, and the heads of these units, see cases."""
        mine = Q(cadre__in=cadres) | Q(unit__in=units) if units else Q(cadre__in=cadres)
        return cls._default_manager.filter(mine, is_over=False)


class Conference(models.Model):
    """A joint conference (联席会议, art. 24): who took part, and which unit it says shall lead.

    Points and decision are notes of `event`; the minutes are attached to it.
    """

    case = models.ForeignKey("petitions.Petition", models.CASCADE, related_name="conferences")
    event = models.ForeignKey("workflow.Event", models.CASCADE, related_name="+")
    held_on = models.DateField()
    units = models.JSONField(default=list)
    lead = models.ForeignKey(
        "agents.Unit", models.PROTECT, null=True, related_name="+", db_index=False
    )
    recorded_by = models.ForeignKey(
        "agents.Cadre", models.PROTECT, related_name="+", db_index=False
    )

    class Meta:
        verbose_name = _("joint conference")
        ordering: ClassVar[list[str]] = ["id"]
