"""Swaps of duty shifts (换班), and shift notes (交接班记录): asked, agreed, written, read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from agents.directory import Directory
from agents.models import Cadre, DutyShift, DutySwap, ShiftNote
from agents.roles import Role
from workflow.actors import Actor
from workflow.calendar import day_of
from workflow.errors import InvalidData, NotAllowedNow, NotPermitted

Decision = DutySwap.Decision
WRITTEN_WITHIN = timedelta(hours=12)
"""How long after its end the note of a shift may still be written."""


def coming(cadre_id: int, now: datetime) -> QuerySet[DutyShift]:
    """The cadre's own shifts that run or are to come."""
    mine = DutyShift.objects.filter(cadre=cadre_id, ends_at__gt=now)
    return mine.select_related("unit", "station").order_by("starts_at", "pk")


def of_colleagues(cadre_id: int, units: Iterable[int], now: datetime) -> QuerySet[DutyShift]:
    """Shifts to come of others in these units, for which one of one's own can be offered."""
    others = DutyShift.objects.filter(cadre__isnull=False, starts_at__gt=now, unit__in=set(units))
    rows = others.exclude(cadre=cadre_id).select_related("cadre", "station")
    return rows.order_by("starts_at", "pk")


def seen_by(actor: Actor) -> QuerySet[DutySwap]:
    """Those that the cadre has a part in; a unit's head also sees those of the unit."""
    seen = Q(asked_by=actor.id) | Q(asked_of=actor.id)
    if actor.has(Role.UNIT_HEAD) and actor.unit_id:
        seen |= Q(shift__unit=actor.unit_id)
    return DutySwap.objects.filter(seen).select_related(
        "shift", "in_return", "asked_by", "asked_of"
    )


def ask(
    shift: DutyShift, to: Cadre, in_return: DutyShift | None, *, actor: Actor, now: datetime
) -> DutySwap:
    """Offer a shift of one's own to a colleague. InvalidData names what can't be, at `shift` or
    `to`.
    """
    if shift.cadre_id != actor.id:
        raise NotPermitted(_("Only whose shift it is offers it."))
    refuse_impossible(shift, to.pk, in_return, now)
    if DutySwap.objects.filter(shift=shift, decision=Decision.PENDING).exists():
        raise InvalidData("shift", _("This shift is offered to somebody already."))
    return DutySwap.objects.create(
        shift=shift, in_return=in_return, asked_by_id=actor.id or 0, asked_of=to, asked_at=now
    )


def refuse_impossible(
    shift: DutyShift, to: int, in_return: DutyShift | None, now: datetime
) -> None:
    """InvalidData for a shift that has begun, with oneself, with somebody of another unit, away, or
    on duty already.
    """
    directory = Directory.current()
    if to == shift.cadre_id:
        raise InvalidData("to", _("A swap needs a colleague."))
    if shift.starts_at <= now or (in_return is not None and in_return.starts_at <= now):
        raise InvalidData("shift", _("A shift that has begun is swapped no more."))
    if in_return is not None and in_return.cadre_id != to:
        raise InvalidData("to", _("This shift is no longer theirs."))
    if sentence := _unfit(shift, to, directory):
        raise InvalidData("to", sentence)
    swapped = [one.pk for one in (shift, in_return) if one is not None]
    if _is_on_duty(to, shift, swapped):
        raise InvalidData("to", _("They are on duty already at that time."))
    if in_return is not None and _is_on_duty(shift.cadre_id or 0, in_return, swapped):
        raise InvalidData("to", _("You are on duty already at that time."))


def _unfit(shift: DutyShift, to: int, directory: Directory) -> str:
    """Why the cadre can't do the shift, as far as the directory knows; "" when nothing is known."""
    info = directory.cadres.get(to)
    if info is None or not info.is_active or not directory.in_subtree(info.unit_id, shift.unit_id):
        return _("Choose a colleague of the same unit.")
    if directory.is_absent(to, day_of(shift.starts_at)):
        return _("They are away on that day.")
    return ""


def against(shifts: Sequence[DutyShift], to: int, directory: Directory) -> dict[int, str]:
    """Of many shifts those that the cadre can't take over, by id, each with its sentence: of
    another unit, away, or on duty already, also by one of these shifts. One query.
    """
    if not shifts:
        return {}
    info = directory.cadres[to]
    rows = DutyShift.objects.filter(
        # Who stands on a unit's list without an account stands there all the same.
        Q(cadre=to) | Q(name=info.name, unit__in={one.unit_id for one in shifts}),
        ends_at__gt=min(one.starts_at for one in shifts),
        starts_at__lt=max(one.ends_at for one in shifts),
    )
    rows = rows.exclude(pk__in=[one.pk for one in shifts])
    theirs, found = list(rows.order_by("starts_at", "pk")), {}
    for shift in shifts:
        at_once = (
            one for one in theirs if one.ends_at > shift.starts_at and one.starts_at < shift.ends_at
        )
        if sentence := _unfit(shift, to, directory):
            found[shift.pk] = sentence
        elif other := next(at_once, None):
            said = _("%(name)s is on duty at that time already: %(day)s %(shift)s.")
            found[shift.pk] = said % {"name": info.name, "day": other.day, "shift": other.shift}
        else:
            theirs.append(shift)
    return found


def take_over(shifts: Iterable[DutyShift], whose: int, to: Cadre, now: datetime) -> None:
    """The shifts are another's from now on, as far as they are still `whose`; offers of them to
    colleagues are withdrawn. Whether the other can do them, the caller asked `against`.
    """
    moved = [one.pk for one in shifts]
    rows = DutyShift.objects.filter(pk__in=moved, cadre=whose)
    rows.update(cadre=to, name=str(to), phone=to.phone)
    offers = DutySwap.objects.filter(
        Q(shift__in=moved) | Q(in_return__in=moved), decision=Decision.PENDING
    )
    offers.update(decision=Decision.WITHDRAWN, decided_at=now)


def decide(pk: int, *, agree: bool, actor: Actor, now: datetime) -> DutySwap:
    """Agree, and the shifts change hands; or not. By who was asked, once."""
    with transaction.atomic():
        swap = _locked(pk)
        if swap.asked_of_id != actor.id:
            raise NotPermitted(_("Only who was asked decides on a swap."))
        if agree:
            _change_hands(swap, now)
        return _close(swap, Decision.AGREED if agree else Decision.REFUSED, now)


def withdraw(pk: int, *, actor: Actor, now: datetime) -> DutySwap:
    """Take the offer back, as long as it is undecided."""
    with transaction.atomic():
        swap = _locked(pk)
        if swap.asked_by_id != actor.id:
            raise NotPermitted(_("Only whose shift it is offers it."))
        return _close(swap, Decision.WITHDRAWN, now)


def _locked(pk: int) -> DutySwap:
    rows = DutySwap.objects.select_for_update(no_key=True, of=("self",))
    swap = rows.select_related("shift", "in_return").filter(pk=pk).first()
    if swap is None or swap.decision:
        raise NotAllowedNow(_("This swap has been decided already."))
    return swap


def _change_hands(swap: DutySwap, now: datetime) -> None:
    shift, back = swap.shift, swap.in_return
    if shift.cadre_id != swap.asked_by_id:
        raise NotAllowedNow(_("The roster was changed since: ask again."))
    refuse_impossible(shift, swap.asked_of_id, back, now)
    people = Cadre.objects.in_bulk([swap.asked_by_id, swap.asked_of_id])
    # Each is reached under the number that stood on the list beside their name.
    phones = (shift.phone, back.phone if back else people[swap.asked_of_id].phone)
    _give(shift, people[swap.asked_of_id], phones[1])
    if back is not None:
        _give(back, people[swap.asked_by_id], phones[0])


def _give(shift: DutyShift, cadre: Cadre, phone: str) -> None:
    shift.cadre, shift.name, shift.phone = cadre, str(cadre), phone
    shift.save(update_fields=["cadre", "name", "phone"])


def _is_on_duty(cadre_id: int, during: DutyShift, but: Iterable[int]) -> bool:
    """Have they a shift that shares a moment with that one, those that change hands apart?"""
    theirs = DutyShift.objects.filter(
        cadre=cadre_id, ends_at__gt=during.starts_at, starts_at__lt=during.ends_at
    )
    return theirs.exclude(pk__in=list(but)).exists()


def _close(swap: DutySwap, decision: str, now: datetime) -> DutySwap:
    swap.decision, swap.decided_at = decision, now
    swap.save(update_fields=["decision", "decided_at"])
    return swap


# What the next must know --------------------------------------------------------------------


def to_write(cadre_id: int, now: datetime) -> QuerySet[DutyShift]:
    """The cadre's shifts that run or ended lately: of these a note can be written."""
    mine = DutyShift.objects.filter(
        cadre=cadre_id, starts_at__lte=now, ends_at__gt=now - WRITTEN_WITHIN
    )
    return mine.select_related("unit", "station").order_by("-starts_at")


def write_note(shift: DutyShift, text: str, *, actor: Actor, now: datetime) -> ShiftNote:
    """What happened and what is left, for whoever comes next."""
    if shift.cadre_id != actor.id:
        raise NotPermitted(_("Who was on duty writes the note of the shift."))
    if not shift.starts_at <= now < shift.ends_at + WRITTEN_WITHIN:
        raise InvalidData("shift", _("A note is written while the shift runs or soon after."))
    return ShiftNote.objects.create(
        unit_id=shift.unit_id,
        station_id=shift.station_id,
        day=shift.day,
        shift=shift.shift,
        by_id=actor.id or 0,
        at=now,
        text=text,
    )


def notes_of(units: Iterable[int]) -> QuerySet[ShiftNote]:
    """The notes of these units and their stations, newest first."""
    rows = ShiftNote.objects.filter(unit__in=set(units))
    return rows.select_related("unit", "station", "by", "read_by").order_by("-pk")


def unread(cadre_id: int, now: datetime) -> QuerySet[ShiftNote]:
    """Notes of others that wait for the cadre, whose shift runs at the same place."""
    here = Q(pk__in=())
    for shift in DutyShift.objects.filter(cadre=cadre_id, starts_at__lte=now, ends_at__gt=now):
        here |= Q(unit=shift.unit_id, station=shift.station_id)
    return notes_of_others(cadre_id).filter(here, read_at=None)


def notes_of_others(cadre_id: int) -> QuerySet[ShiftNote]:
    """Nobody reads their own note for the next."""
    rows = ShiftNote.objects.exclude(by=cadre_id)
    return rows.select_related("unit", "station", "by").order_by("pk")


def read_note(pk: int, *, actor: Actor, now: datetime) -> ShiftNote:
    """The next on duty has read it; a second time nothing happens."""
    note = unread(actor.id or 0, now).filter(pk=pk).first()
    if note is None:
        raise NotAllowedNow(_("Who is on duty next reads the note; it may be read already."))
    ShiftNote.objects.filter(pk=pk, read_at=None).update(read_by=actor.id, read_at=now)
    return note
