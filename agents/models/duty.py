"""The duty roster (值班表, 7x24): who is there from when to when, swaps, and shift notes."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from agents.encryption import EncryptedTextField
from agents.models.cadre import Cadre
from agents.models.stamp import DirectoryManager, DirectoryModel
from agents.models.station import Station
from agents.models.unit import Unit

_HOURS = re.compile(r"(\d{1,2})[:：](\d{2})\s*[-–—~～至到]\s*(\d{1,2})[:：](\d{2})")
LONGEST = timedelta(hours=16)
"""A shift over midnight that lasted longer has its two hours the wrong way round."""


def span_of(day: date, shift: str) -> tuple[datetime, datetime]:
    """From when to when a shift of that day is, by the hours in its name ("夜班 17:30-08:30").

    An end that does not lie after the beginning is the next day's; without hours it is the whole
    day. ValueError says what is wrong with the hours, in the reader's language.
    """
    zone = timezone.get_default_timezone()
    found = _HOURS.search(shift)
    if found is None:
        begin = datetime.combine(day, time(), zone)
        return begin, datetime.combine(day + timedelta(days=1), time(), zone)
    try:
        hours = [int(text) for text in found.groups()]
        first, last = time(hours[0], hours[1]), time(hours[2] % 24, hours[3])
        if hours[2] > 24:
            raise ValueError
    except ValueError:
        raise ValueError(_now("“%(text)s” are no hours.") % {"text": found.group()}) from None
    begin = datetime.combine(day, first, zone)
    end = datetime.combine(day + timedelta(days=last <= first), last, zone)
    if first == last or (last < first and last != time() and end - begin > LONGEST):
        sentence = _now("The shift “%(text)s” ends before it begins.")
        raise ValueError(sentence % {"text": found.group()})
    return begin, end


class DutyShift(DirectoryModel):
    """One person on duty for a unit or at one of its stations.

    `cadre`: their account, if they have one; else whoever is on the list, typed as it says.
    `day`: the day on which it begins; it may end on the next.
    """

    directory_fields: ClassVar[frozenset[str] | None] = frozenset(
        {"unit", "station", "cadre", "name", "starts_at", "ends_at"}
    )

    unit = models.ForeignKey(
        Unit, verbose_name=_("unit"), on_delete=models.CASCADE, related_name="+", db_index=False
    )
    station = models.ForeignKey(
        Station,
        verbose_name=_("agency station"),
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
    )
    day = models.DateField(_("day"))
    shift = models.CharField(_("shift"), max_length=20)
    cadre = models.ForeignKey(
        Cadre,
        verbose_name=_("cadre"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="duty_shifts",
        db_index=False,
    )
    name = models.CharField(_("name"), max_length=50)
    phone = EncryptedTextField(_("phone"))
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))

    objects = DirectoryManager()

    class Meta:
        verbose_name = _("duty")
        verbose_name_plural = _("duty roster")
        ordering: ClassVar[list[str]] = ["day", "unit", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["day", "unit", "shift", "name"],
                condition=Q(station=None),
                name="dutyshift_once",
            ),
            models.UniqueConstraint(
                fields=["day", "station", "shift", "name"],
                condition=Q(station__isnull=False),
                name="dutyshift_once_at_station",
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="dutyshift_ends_after_start"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["ends_at"], name="dutyshift_end"),
            models.Index(
                fields=["cadre", "ends_at"],
                name="dutyshift_of_cadre",
                condition=Q(cadre__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.shift} {self.name}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """From when to when it is stands in its name, unless somebody says otherwise."""
        if self.starts_at is None or self.ends_at is None:
            self.starts_at, self.ends_at = span_of(self.day, self.shift)
        super().save(*args, **kwargs)


class DutySwap(models.Model):
    """A shift offered to a colleague: in return for one of theirs, or for nothing.

    Asked by who has the shift, decided by the colleague; the unit's head sees it.
    """

    class Decision(models.TextChoices):
        PENDING = "", _("Undecided")
        # Translators: 已同意换班
        AGREED = "AGREED", _("Agreed")
        # Translators: 未同意换班
        REFUSED = "REFUSED", _("Refused")
        # Translators: 已收回
        WITHDRAWN = "WITHDRAWN", _("Withdrawn")

    shift = models.ForeignKey(
        DutyShift, verbose_name=_("shift"), on_delete=models.CASCADE, related_name="swaps"
    )
    in_return = models.ForeignKey(
        DutyShift, verbose_name=_("in return"), on_delete=models.CASCADE, null=True,
        related_name="+",
    )  # fmt: skip
    asked_by = models.ForeignKey(Cadre, models.CASCADE, related_name="+", db_index=False)
    asked_of = models.ForeignKey(Cadre, models.CASCADE, related_name="+", db_index=False)
    asked_at = models.DateTimeField()
    decision = models.CharField(max_length=10, choices=Decision.choices, blank=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        # Translators: 换班
        verbose_name = _("swap of shifts")
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["shift"], condition=Q(decision=""), name="dutyswap_asked_once"
            ),
            models.CheckConstraint(
                condition=Q(decision="", decided_at=None)
                | (~Q(decision="") & Q(decided_at__isnull=False)),
                name="dutyswap_decided_when",
            ),
            models.CheckConstraint(
                condition=~Q(asked_by=F("asked_of")), name="dutyswap_with_another"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["asked_of"], name="dutyswap_waiting", condition=Q(decision="")),
        ]


class ShiftNote(models.Model):
    """What the next on duty must know (交接班记录): written as a shift ends, read by the next.

    It outlives its shift, whose list may be pasted anew.
    """

    unit = models.ForeignKey(
        Unit, verbose_name=_("unit"), on_delete=models.CASCADE, related_name="+", db_index=False
    )
    station = models.ForeignKey(
        Station, verbose_name=_("agency station"), on_delete=models.CASCADE, null=True,
        related_name="+", db_index=False,
    )  # fmt: skip
    day = models.DateField(_("day"))
    shift = models.CharField(_("shift"), max_length=20)
    by = models.ForeignKey(Cadre, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()
    text = EncryptedTextField(_("what the next must know"))
    read_by = models.ForeignKey(Cadre, models.PROTECT, null=True, related_name="+", db_index=False)
    read_at = models.DateTimeField(null=True)

    class Meta:
        # Translators: 交接班记录
        verbose_name = _("shift note")
        verbose_name_plural = _("shift notes")
        ordering: ClassVar[list[str]] = ["-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(read_by=None, read_at=None)
                | Q(read_by__isnull=False, read_at__isnull=False),
                name="shiftnote_read_by_whom",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["unit", "id"], name="shiftnote_of_unit"),
        ]
