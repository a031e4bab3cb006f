"""Keeping charges: each change is dated, so that who was in charge on a day stays true.

A charge in force ends with a last day; one that has not begun is called off. No row is deleted.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.dispatch import receiver
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agents.models import Charge, Team, TeamMember, Unit
from agents.models.team import within
from agents.signals import unit_closing

ONE_DAY = timedelta(days=1)


def in_force(rows: QuerySet[Any], on: date) -> QuerySet[Any]:
    """Those of the charges or members that hold on the day."""
    return rows.filter(within(on, on))


def to_come(rows: QuerySet[Any], on: date) -> QuerySet[Any]:
    """Those that begin after the day."""
    return rows.filter(valid_from__gt=on)


def over(rows: QuerySet[Any], on: date) -> QuerySet[Any]:
    """Those whose last day lies before the day."""
    return rows.filter(valid_to__lt=on)


def add(charge: Charge) -> Charge:
    """Store a new charge; ValidationError says at which field it can't stand."""
    charge.full_clean()
    charge.save()
    return charge


def change(charge: Charge, *, first_day: date, now: datetime, **new: Any) -> Charge:
    """From `first_day` on the charge is as `new` says (cadre, team, category, area, valid_to,
    basis); until then it was as it is.

    One in force gets the day before as its last; one that has not begun is called off. Returns
    the new row. ValidationError at `valid_from` for a day that would change the past.
    """
    today = timezone.localdate(now)
    with transaction.atomic():
        old = _locked(charge)
        if first_day < today:
            raise ValidationError({"valid_from": _("The past can't be changed: from today on.")})
        if old.valid_to is not None and old.valid_to < first_day:
            raise ValidationError({"valid_from": _("It has ended before that day.")})
        if first_day > old.valid_from:
            old.valid_to = first_day - ONE_DAY
        elif old.valid_from > today:
            old.called_off_at = now
        else:
            raise ValidationError(
                {"valid_from": _("It begins on that day: change it from the next day on.")}
            )
        old.save(update_fields=["valid_to", "called_off_at"])
        return add(_successor(old, charge.valid_to, first_day, new))


def end(charge: Charge, *, last_day: date, now: datetime) -> None:
    """The charge ends with that day; one that begins later is called off.

    ValidationError at `valid_to` for a day that would change the past.
    """
    with transaction.atomic():
        row = _locked(charge)
        if last_day < timezone.localdate(now) and row.valid_from <= timezone.localdate(now):
            raise ValidationError({"valid_to": _("The past can't be changed: from today on.")})
        if row.valid_to is not None and row.valid_to < last_day:
            raise ValidationError({"valid_to": _("It ends before that day already.")})
        if last_day < row.valid_from:
            row.called_off_at = now
        else:
            row.valid_to = last_day
        row.save(update_fields=["valid_to", "called_off_at"])


def dissolve(team: Team, *, last_day: date, now: datetime) -> None:
    """End the team's members and charges with that day; a ValidationError leaves all as it is."""
    with transaction.atomic():
        for charge in _not_over(team.charges.filter(called_off_at=None), last_day):
            end(charge, last_day=max(last_day, charge.valid_from - ONE_DAY), now=now)
        for member in _not_over(team.members.all(), last_day):
            leave(member, last_day=last_day, now=now)


def leave(member: TeamMember, *, last_day: date, now: datetime) -> None:
    """A member belongs to the team until that day; who has not come yet, never does."""
    if member.valid_from > max(last_day, timezone.localdate(now)):
        member.delete()
        return
    if last_day < timezone.localdate(now):
        raise ValidationError({"valid_to": _("The past can't be changed: from today on.")})
    if last_day < member.valid_from:
        raise ValidationError({"valid_to": _("The last day lies before the first.")})
    member.valid_to = last_day
    member.save(update_fields=["valid_to"])


def _not_over(rows: QuerySet[Any], last_day: date) -> Iterable[Any]:
    return rows.filter(Q(valid_to=None) | Q(valid_to__gt=last_day))


def _locked(charge: Charge) -> Charge:
    """The row as it is now; ValidationError if another has ended or called it off meanwhile."""
    row = Charge.objects.select_for_update(no_key=True).get(pk=charge.pk)
    if row.called_off_at is not None or row.valid_to != charge.valid_to:
        raise ValidationError(_("Somebody changed this charge meanwhile: look at it again."))
    return row


def _successor(old: Charge, valid_to: date | None, first_day: date, new: dict[str, Any]) -> Charge:
    kept = {
        "unit": old.unit, "cadre": old.cadre, "team": old.team, "category": old.category,
        "area": old.area, "valid_to": valid_to, "basis": old.basis,
    }  # fmt: skip
    return Charge(**{**kept, **new}, valid_from=first_day)


@receiver(unit_closing, dispatch_uid="agents.portfolio.still_in_charge")
def still_in_charge(unit: Unit, **_kwargs: Any) -> str | None:
    """How many charges a closed unit still has: none of them counts any more."""
    today = timezone.localdate()
    rows = Charge.objects.filter(unit=unit, called_off_at=None)
    count = rows.filter(Q(valid_to=None) | Q(valid_to__gte=today)).count()
    if not count:
        return None
    sentence: str = ngettext(
        "%(count)s charge of this unit counts no more: give it to another unit.",
        "%(count)s charges of this unit count no more: give them to other units.",
        count,
    )
    return sentence % {"count": count}
