"""Who is in charge of what, and who stands in when they are away."""

from typing import ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agents.models.cadre import Cadre
from agents.models.stamp import DirectoryManager, DirectoryModel
from agents.models.team import Team, within
from agents.models.tree import Area, Category
from agents.models.unit import Unit


class Charge(DirectoryModel):
    """A unit, or one cadre or team of it, is in charge of a category in an area, with all below.

    Neither cadre nor team: the unit's head takes it. No category: all matters. No area: everywhere.
    A cadre's charges are their portfolio (分管范围); by 谁分管、谁代理 they are the agent too.
    `called_off_at`: it was called off before its first day, and never was in force.
    """

    directory_fields: ClassVar[frozenset[str] | None] = frozenset(
        {"unit", "cadre", "team", "category", "area", "valid_from", "valid_to", "called_off_at"}
    )

    unit = models.ForeignKey(
        Unit, verbose_name=_("unit"), on_delete=models.PROTECT, related_name="charges"
    )
    cadre = models.ForeignKey(
        Cadre,
        verbose_name=_("cadre"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="charges",
    )
    team = models.ForeignKey(
        Team,
        verbose_name=_("team"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="charges",
    )
    category = models.ForeignKey(
        Category,
        verbose_name=_("category"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="charges",
    )
    area = models.ForeignKey(
        Area,
        verbose_name=_("area"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="charges",
    )
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to"), null=True, blank=True, help_text=_("Last day."))
    # Translators: 依据
    basis = models.TextField(_("basis"), blank=True, help_text=_("The paper that says so."))
    called_off_at = models.DateTimeField(_("called off"), null=True, blank=True, editable=False)

    objects = DirectoryManager()

    class Meta:
        # Translators: 分管事项
        verbose_name = _("charge")
        verbose_name_plural = _("charges")
        ordering = ["unit", "valid_from", "pk"]
        indexes = [models.Index(fields=["category", "area"], name="charge_category_area")]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="charge_ends_after_start",
            ),
            models.CheckConstraint(
                condition=Q(cadre__isnull=True) | Q(team__isnull=True), name="charge_one_holder"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit}: {self.category or '*'} / {self.area or '*'}"

    def clean(self) -> None:
        """Refuses an inverted period, a closed unit, a holder who can't be one, and a double."""
        super().clean()
        if self.valid_to and self.valid_from and self.valid_to < self.valid_from:
            raise ValidationError({"valid_to": _("The last day lies before the first.")})
        if self.unit_id and not self.unit.is_active:
            raise ValidationError({"unit": _("This unit is no longer active.")})
        if self.unit_id:
            self._check_holder()
        if self.unit_id and self.valid_from:
            self._refuse_double()

    def _check_holder(self) -> None:
        cadre, team = self.cadre, self.team
        if cadre and team:
            raise ValidationError({"team": _("Name a cadre or a team, not both.")})
        if cadre and cadre.unit_id != self.unit_id:
            raise ValidationError({"cadre": _("This cadre belongs to another unit.")})
        if cadre and self._state.adding and not cadre.is_active:
            raise ValidationError({"cadre": _("This cadre is no longer in service.")})
        if team and team.unit_id != self.unit_id:
            raise ValidationError({"team": _("This team belongs to another unit.")})
        if team and self.valid_from:
            first_day = within(self.valid_from, self.valid_from)
            if not team.members.filter(first_day).exists():
                raise ValidationError(
                    {"team": _("The team has no members on the first day: name them before.")}
                )

    def _refuse_double(self) -> None:
        """The same holder is in charge of the same once: two rows could be ended apart."""
        same = Charge.objects.filter(
            within(self.valid_from, self.valid_to),
            unit=self.unit_id, cadre=self.cadre_id, team=self.team_id, category=self.category_id,
            area=self.area_id, called_off_at=None,
        )  # fmt: skip
        other = same.exclude(pk=self.pk).first()
        if other:
            raise ValidationError(
                {
                    "valid_from": _("The same charge is in force in these days: since %(day)s.")
                    % {"day": other.valid_from}
                }
            )


class Absence(DirectoryModel):
    """A cadre is away from `starts_on` to `ends_on`, both days included; another stands in.

    `kinds`: names of decisions. Where there are any the cadre is not away, but hands over just
    these. `ended_at`: it was ended early, from that moment on it is as if it weren't there.
    """

    directory_fields: ClassVar[frozenset[str] | None] = frozenset(
        {"cadre", "stand_in", "starts_on", "ends_on", "kinds", "ended_at"}
    )

    cadre = models.ForeignKey(
        Cadre, verbose_name=_("cadre"), on_delete=models.CASCADE, related_name="absences"
    )
    stand_in = models.ForeignKey(
        Cadre, verbose_name=_("stand-in"), on_delete=models.PROTECT, related_name="standing_in"
    )
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    reason = models.CharField(_("reason"), max_length=100, blank=True)
    kinds = models.JSONField(_("decisions handed over"), default=list, blank=True, editable=False)
    ended_at = models.DateTimeField(_("ended early"), null=True, blank=True, editable=False)

    objects = DirectoryManager()

    class Meta:
        verbose_name = _("absence")
        verbose_name_plural = _("absences")
        ordering = ["-starts_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="absence_ends_after_start"
            ),
            models.CheckConstraint(
                condition=~Q(cadre=F("stand_in")), name="absence_not_own_stand_in"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cadre} {self.starts_on} - {self.ends_on}"

    def clean(self) -> None:
        """The stand-in is somebody else, in service, and not away in the same days."""
        super().clean()
        if self.starts_on and self.ends_on and self.ends_on < self.starts_on:
            raise ValidationError({"ends_on": _("The last day lies before the first.")})
        if not (self.cadre_id and self.stand_in_id and self.starts_on and self.ends_on):
            return
        if self.stand_in_id == self.cadre_id:
            raise ValidationError({"stand_in": _("Nobody stands in for themselves.")})
        if not self.stand_in.is_active or any(not one.kinds for one in self._same_days("stand_in")):
            raise ValidationError({"stand_in": _("The stand-in is away in these days too.")})
        self._refuse_twice()

    def _refuse_twice(self) -> None:
        """Nothing is handed over to two people on the same day."""
        for other in self._same_days("cadre"):
            if not other.kinds:
                raise ValidationError({"starts_on": _("They are recorded as away in these days.")})
            if not self.kinds:
                raise ValidationError(
                    {
                        "starts_on": _(
                            "Some decisions are handed over in these days: end that first."
                        )
                    }
                )
            if not set(other.kinds).isdisjoint(self.kinds):
                raise ValidationError(_("One of these is handed over in these days already."))

    def _same_days(self, whose: str) -> list["Absence"]:
        """Other absences of the cadre or of the stand-in that share a day with this one."""
        same_days = Absence.objects.filter(
            cadre=getattr(self, whose),
            starts_on__lte=self.ends_on,
            ends_on__gte=self.starts_on,
            ended_at=None,
        )
        return list(same_days.exclude(pk=self.pk))
