"""Teams and blocks: several cadres of a unit who hold charges together."""

from datetime import date
from typing import ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from agents.models.cadre import Cadre
from agents.models.stamp import DirectoryManager, DirectoryModel
from agents.models.unit import Unit


def within(first: date, last: date | None) -> Q:
    """Rows with `valid_from` and `valid_to` that share a day with these; no last day: for good."""
    shared = Q(valid_to__isnull=True) | Q(valid_to__gte=first)
    return shared & Q(valid_from__lte=last) if last else shared


class Team(DirectoryModel):
    """Cadres who answer for a charge together: a block of streets or a team that walks them.

    It is dissolved by ending its members and its charges; it stays as a part of the history.
    """

    class Kind(models.TextChoices):
        # Translators: 街区（街区制）
        BLOCK = "block", _("Block")
        # Translators: 走动式工作组
        WALKING = "walking", _("Walking work team")
        # Translators: 组团式服务组
        SERVICE = "service", _("Service group")

    directory_fields: ClassVar[frozenset[str] | None] = frozenset({"unit", "name", "kind"})

    unit = models.ForeignKey(
        Unit, verbose_name=_("unit"), on_delete=models.PROTECT, related_name="teams"
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    name = models.CharField(pgettext_lazy("of a thing", "name"), max_length=50)

    objects = DirectoryManager()

    class Meta:
        # Translators: 工作组
        verbose_name = _("team")
        verbose_name_plural = _("teams")
        ordering = ["unit", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "name"],
                name="team_name_once_a_unit",
                violation_error_message=_("This unit has a team of that name already."),
            )
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """A closed unit forms no team."""
        super().clean()
        if self.unit_id and not self.unit.is_active:
            raise ValidationError({"unit": _("This unit is no longer active.")})


class TeamMember(DirectoryModel):
    """A cadre belongs to a team from `valid_from` to `valid_to`, both days included.

    One of them leads it: charges of the team fall to the lead first.
    """

    directory_fields: ClassVar[frozenset[str] | None] = None

    team = models.ForeignKey(
        Team, verbose_name=_("team"), on_delete=models.PROTECT, related_name="members"
    )
    cadre = models.ForeignKey(
        Cadre, verbose_name=_("cadre"), on_delete=models.PROTECT, related_name="memberships"
    )
    is_lead = models.BooleanField(_("leads the team"), default=False)
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to"), null=True, blank=True, help_text=_("Last day."))

    objects = DirectoryManager()

    class Meta:
        verbose_name = _("member of a team")
        verbose_name_plural = _("members of teams")
        ordering = ["team", "-is_lead", "valid_from", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="teammember_ends_after_start",
            )
        ]

    def __str__(self) -> str:
        return f"{self.team}: {self.cadre}"

    def clean(self) -> None:
        """A cadre in service of the unit or below, in the team once, and one lead at a time."""
        super().clean()
        if self.valid_to and self.valid_from and self.valid_to < self.valid_from:
            raise ValidationError({"valid_to": _("The last day lies before the first.")})
        if not (self.team_id and self.cadre_id and self.valid_from):
            return
        if not self.cadre.is_active:
            raise ValidationError({"cadre": _("This cadre is no longer in service.")})
        unit = self.cadre.unit
        if unit is None or self.team.unit_id not in unit.path:
            raise ValidationError({"cadre": _("This cadre belongs to another unit.")})
        same_days = self.team.members.filter(within(self.valid_from, self.valid_to))
        others = list(same_days.exclude(pk=self.pk))
        if any(one.cadre_id == self.cadre_id for one in others):
            raise ValidationError({"cadre": _("This cadre belongs to the team in these days.")})
        if self.is_lead and any(one.is_lead for one in others):
            raise ValidationError(
                {"is_lead": _("Another leads the team in these days: end that first.")}
            )
