"""What passes with a caseload: charges, duty shifts to come, leaders' instructions (批示).

Shifts and instructions go to the receivers chosen on the hand-over, in the same act as the cases;
what can't go says why and stays whose it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from agents.directory import Directory
from agents.models import Cadre, Charge, DutyShift
from agents.roles import ADMIN_ROLES, Role
from petitions import swaps
from petitions.models import Handover, HandoverItem
from petitions.queries import PetitionQuerySet
from workflow import instructions
from workflow.actors import Actor
from workflow.calendar import day_of
from workflow.errors import InvalidData, WorkflowError
from workflow.models import Instruction

NEVER = ADMIN_ROLES | {Role.LIAISON}
"""The administrators hold no case, the liaison none but the sealed ones."""
RECEIVERS = ("shifts_to", "instructions_to")
"""Columns of a hand-over: who gets the shifts, and who the instructions."""


@dataclass(frozen=True)
class Act:
    """Who hands over, at which moment, and what they see of the register."""

    actor: Actor
    now: datetime
    directory: Directory
    cases: PetitionQuerySet

    @property
    def today(self) -> date:
        """The day in the office's zone."""
        return day_of(self.now)


@dataclass(frozen=True)
class Piece:
    """A shift or an instruction in words. `to_id`: who has it or shall get it; `against`: why they
    have not got it, or can't.
    """

    kind: str
    what: str
    url: str
    to_id: int | None
    to: str
    done: bool
    against: str = ""


def is_over(handover: Handover) -> bool:
    """Done, and what they got since is none of its concern: only a leaver keeps nothing."""
    return handover.done_at is not None and handover.reason != Handover.Reason.LEAVER


def shifts_left(handover: Handover, act: Act) -> list[DutyShift]:
    """The leaver's shifts to come, from the first day of the hand-over on."""
    coming = swaps.coming(handover.whose_id, act.now).filter(starts_at__gt=act.now)
    if is_over(handover):
        coming = coming.filter(pk__in=handover.items.values("shift"))
    return list(coming.filter(day__gte=handover.effective_from(act.today)))


def instructions_left(handover: Handover, act: Act) -> list[Instruction]:
    """What they have not reported on yet, of the cases that the reader sees."""
    rows = Instruction.objects.filter(to=handover.whose_id, done_at=None, case__in=act.cases)
    if is_over(handover):
        rows = rows.filter(pk__in=handover.items.values("instruction"))
    return list(rows.select_related("case").only("to", "case__number").order_by("pk"))


def receivers(handover: Handover, directory: Directory) -> list[int]:
    """Who can be chosen: the people of the leaver's unit and below, and who takes the caseload."""
    return sorted(
        one.id
        for one in directory.cadres.values()
        if one.id == handover.to_id
        or (
            one.is_active
            and one.id != handover.whose_id
            and one.roles
            and one.roles.isdisjoint(NEVER)
            and directory.in_subtree(one.unit_id, handover.unit_id or 0)
        )
    )


def choose(handover: Handover, chosen: Mapping[str, int | None], act: Act) -> None:
    """Name the receivers; who may, the caller has judged. InvalidData at one who is not offered."""
    offered = receivers(handover, act.directory)
    for name in RECEIVERS:
        if name in chosen and chosen[name] not in (None, *offered):
            raise InvalidData(name, _("Choose somebody of their unit."))
    for name in RECEIVERS:
        setattr(handover, f"{name}_id", chosen.get(name))
    handover.save(update_fields=RECEIVERS)


# Do -----------------------------------------------------------------------------------------


def pass_on(handover: Handover, act: Act) -> None:
    """Everything that can go goes, once; of each it is written down what became of it.

    The cases come first: an instruction passes only to somebody who sees its case.
    """
    _pass_charges(handover, act)
    _store(_pass_shifts(handover, act), "shift")
    _store(_pass_instructions(handover, act), "instruction")


def _pass_charges(handover: Handover, act: Act) -> None:
    """End their charges and open the same for the successor.

    From the first day of the hand-over, or from today. A successor of another unit, or none,
    leaves the charge to the unit, whose head then takes it.
    """
    day = handover.effective_from(act.today)
    theirs = Charge.objects.filter(Q(valid_to=None) | Q(valid_to__gte=day), cadre=handover.whose_id)
    charges = list(theirs.order_by("pk"))
    to = act.directory.cadres.get(handover.to_id or 0)
    for charge in charges:
        successor = to.id if to and to.unit_id == charge.unit_id else None
        if charge.valid_from >= day:
            charge.cadre_id = successor
            charge.save(update_fields=["cadre"])
            continue
        last = charge.valid_to
        charge.valid_to = day - timedelta(days=1)
        charge.save(update_fields=["valid_to"])
        Charge.objects.create(
            unit_id=charge.unit_id,
            cadre_id=successor,
            category_id=charge.category_id,
            area_id=charge.area_id,
            valid_from=day,
            valid_to=last,
            basis=charge.basis,
        )


def _pass_shifts(handover: Handover, act: Act) -> list[HandoverItem]:
    left, to_id = shifts_left(handover, act), handover.shifts_to_id
    if to_id is None:
        refused = {one.pk: _("Nobody is chosen for it.") for one in left}
    else:
        refused = swaps.against(left, to_id, act.directory)
    free = [one for one in left if one.pk not in refused]
    if free:
        to = Cadre.objects.get(pk=to_id)
        swaps.take_over(free, handover.whose_id, to, act.now)
    return [
        HandoverItem(
            handover=handover, shift=one, what=in_words(one), to_id=to_id, at=act.now,
            refusal=refused.get(one.pk, ""),
        )
        for one in left
    ]  # fmt: skip


def _pass_instructions(handover: Handover, act: Act) -> list[HandoverItem]:
    to = act.directory.cadres.get(handover.instructions_to_id or 0)
    found = []
    for one in instructions_left(handover, act):
        item = HandoverItem(handover=handover, instruction=one, at=act.now)
        found.append(item)
        if to is None:
            item.refusal = _("Nobody is chosen for it.")
            continue
        item.to_id = to.id
        try:
            instructions.pass_on(one.pk, to=to.as_row(), actor=act.actor, now=act.now)
        except WorkflowError as refused:
            item.refusal = str(refused)[:500]
    return found


def _store(items: list[HandoverItem], of: str) -> None:
    """One row for each, also when it is tried again."""
    HandoverItem.objects.bulk_create(
        items,
        update_conflicts=True,
        unique_fields=["handover", of],
        update_fields=["what", "to", "at", "refusal"],
    )


# In words -----------------------------------------------------------------------------------


def listed(handover: Handover, act: Act) -> list[Piece]:
    """What has passed, and what is left with what speaks against it. Four queries at most."""
    if not handover.moves_cases:
        return []
    rows = HandoverItem.objects.filter(handover=handover)
    seen = [*rows.filter(instruction=None), *_of_cases(rows, act)] if handover.done_at else []
    passed = [_passed(row, act.directory) for row in seen if not row.refusal]
    refused = {row.instruction_id: row.refusal for row in seen if row.instruction_id}
    return [*passed, *_planned(handover, act, refused)]


def _of_cases(rows: QuerySet[HandoverItem], act: Act) -> QuerySet[HandoverItem]:
    found = rows.filter(instruction__isnull=False, instruction__case__in=act.cases)
    return found.select_related("instruction__case").only(
        "handover", "shift", "what", "to", "at", "refusal", "instruction__case__number"
    )


def _passed(row: HandoverItem, directory: Directory) -> Piece:
    to = directory.cadres[row.to_id or 0].name
    if row.instruction is None:
        return Piece("shift", row.what, "", row.to_id, to, done=True)
    case: Any = row.instruction.case
    return Piece("instruction", case.number, case.get_absolute_url(), row.to_id, to, done=True)


def _planned(handover: Handover, act: Act, refused: Mapping[int, str]) -> Iterable[Piece]:
    known, shifts = act.directory.cadres, shifts_left(handover, act)
    to = known.get(handover.shifts_to_id or 0)
    against = swaps.against(shifts, to.id, act.directory) if to else {}
    for shift in shifts:
        yield Piece(
            "shift", in_words(shift), "", to.id if to else None, to.name if to else "",
            done=False, against=against.get(shift.pk, ""),
        )  # fmt: skip
    to = known.get(handover.instructions_to_id or 0)
    for one in instructions_left(handover, act):
        yield Piece(
            "instruction", one.case.number, one.case.get_absolute_url(), to.id if to else None,
            to.name if to else "", done=False, against=refused.get(one.pk, ""),
        )  # fmt: skip


def in_words(shift: DutyShift) -> str:
    """A shift as its roster names it, in no language of ours."""
    place = shift.station.name if shift.station else shift.unit.name
    return f"{shift.day} {shift.shift} · {place}"[:160]
