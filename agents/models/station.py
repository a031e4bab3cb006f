"""Agency stations (代理站): where petitioners find an agent, at district, street and community."""

from __future__ import annotations

from typing import ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from agents.models.tree import Area
from agents.models.unit import Unit


class Station(models.Model):
    """One place of the network (区街社三级). Its telephone and hours are public.

    A station that is given up is switched off, never deleted: mandates still name it.
    """

    class Kind(models.TextChoices):
        """Where in the network it stands; each kind has its own level of the area tree."""

        # Translators: 代理中心
        CENTRE = "CENTRE", _("agency centre")
        # Translators: 代理站
        STATION = "STATION", _("agency station")
        # Translators: 代理点
        POINT = "POINT", _("agency point")

    #: The level of the area each kind serves.
    LEVELS: ClassVar[dict[str, int]] = {
        Kind.CENTRE: Area.Level.DISTRICT,
        Kind.STATION: Area.Level.STREET,
        Kind.POINT: Area.Level.COMMUNITY,
    }

    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    name = models.CharField(pgettext_lazy("of a thing", "name"), max_length=100, unique=True)
    unit = models.ForeignKey(
        Unit,
        verbose_name=_("unit"),
        help_text=_("Whose staff runs it."),
        on_delete=models.PROTECT,
        related_name="stations",
    )
    area = models.ForeignKey(
        Area,
        verbose_name=_("area"),
        help_text=_("District, street or community that it serves."),
        on_delete=models.PROTECT,
        related_name="stations",
    )
    address = models.CharField(_("address"), max_length=200)
    phone = models.CharField(_("phone"), max_length=40)
    # Translators: 接待时间
    hours = models.CharField(_("opening hours"), max_length=100)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        # Translators: 代理站
        verbose_name = _("agency station")
        verbose_name_plural = _("agency stations")
        ordering: ClassVar[list[str]] = ["area__path", "kind", "name"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(kind__in=["CENTRE", "STATION", "POINT"]),
                name="station_known_kind",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """The area is of the level that this kind serves; the unit is in use."""
        super().clean()
        if self.unit_id and self.is_active and not self.unit.is_active:
            raise ValidationError({"unit": _("This unit is no longer active.")})
        if self.kind and self.area_id and self.area.level != self.LEVELS[self.kind]:
            raise ValidationError(
                {"area": _("A centre serves a district, a station a street, a point a community.")}
            )
