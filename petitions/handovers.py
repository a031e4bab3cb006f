"""Handing a whole caseload over (交接): begun, looked at, done in one act, signed by both sides.

Every case goes through the machine's own step, so that whoever may not do it there can't here,
and each row has its own result. What was handed over is no longer held: done again, nothing
happens twice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from agents.directory import Directory
from agents.models import Absence, Cadre
from agents.roles import Role
from petitions import caseload, conflicts, handover_items
from petitions.handover_items import Act
from petitions.models import Handover, HandoverCase, HandoverSignature, Petition
from workflow import engine
from workflow.actors import Actor
from workflow.errors import Blocked, NotAllowedNow, NotPermitted, Stale

Reason, Result, Ground = Handover.Reason, HandoverCase.Result, HandoverCase.Ground
UNREAD = tuple(
    f"case__{name}"
    for name in (
        "demand", "summary", "problem_place", "accused_name", "accused_post", "query_code",
        "source_note",
    )
)  # fmt: skip
"""What nobody needs to know of a case to hand it over."""


# Who may -----------------------------------------------------------------------------------


def heads(actor: Actor, directory: Directory, unit_id: int | None) -> bool:
    """Does the actor head that unit or one above it, in their own right or in a head's place?"""
    return any(
        one.has(Role.UNIT_HEAD) and bool(one.unit_id) and directory.in_subtree(unit_id, one.unit_id)
        for one in (actor, *(place for place in actor.in_place if not place.of_kinds))
    )


def counts_only(actor: Actor) -> bool:
    """The system administrator prepares a hand-over and sees of its cases only how many."""
    return actor.has(Role.SYSTEM_ADMIN)


def may_begin(actor: Actor, directory: Directory, whose: int, reason: str) -> bool:
    """The head, the system administrator, and for days away the cadre themselves."""
    if reason == Reason.STAND_IN and whose == actor.id:
        return True
    info = directory.cadres.get(whose)
    if info is None or (counts_only(actor) and reason == Reason.STAND_IN):
        return False
    return counts_only(actor) or heads(actor, directory, info.unit_id)


def may_see(handover: Handover, actor: Actor, directory: Directory) -> bool:
    """Both sides, who began it, the head of the unit, and the system administrator."""
    mine = actor.id in {handover.begun_by_id, *parties(handover)}
    return mine or counts_only(actor) or heads(actor, directory, handover.unit_id)


def may_carry_out(handover: Handover, actor: Actor, directory: Directory) -> bool:
    """The head of the unit; each case is judged by the machine besides."""
    return heads(actor, directory, handover.unit_id)


def rows_of(handover: Handover, actor: Actor) -> QuerySet[HandoverCase]:
    """Its cases by the date they are due, without what they say; none against the reader."""
    rows = handover.cases.exclude(case__accused_cadre__in=sorted(actor.selves))
    return rows.select_related("case").defer(*UNREAD).order_by("due_at", "pk")


def parties(handover: Handover) -> list[int]:
    """Whose it was, and to whom it goes: they sign."""
    passed = set(handover.items.filter(refusal="").order_by().values_list("to", flat=True))
    if handover.to_id:
        return [handover.whose_id, handover.to_id, *sorted(passed - {handover.to_id})]
    done = handover.cases.filter(result=Result.DONE).values_list("handler", "agent")
    found = {one for row in done.distinct() for one in row if one}
    return [handover.whose_id, *sorted(found | passed)]


# Begin -------------------------------------------------------------------------------------


def begin(handover: Handover, act: Act) -> Handover:
    """Store it with a row for each case; one that only says who stands in is done at once.

    `handover`: unsaved, as the form made it. ValidationError (of the absence) as
    `Absence.clean`.
    """
    if not may_begin(act.actor, act.directory, handover.whose_id, handover.reason):
        raise NotPermitted(_("Only the head of their unit hands over what somebody holds."))
    handover.begun_by_id, handover.begun_at = act.actor.id or 0, act.now
    handover.unit_id = act.directory.cadres[handover.whose_id].unit_id
    if handover.moves_cases:
        handover.shifts_to_id = handover.instructions_to_id = handover.to_id
    with transaction.atomic():
        if not handover.moves_cases:
            absence = absence_of(handover)
            absence.clean()
            absence.save()
            handover.done_by_id, handover.done_at = act.actor.id, act.now
        handover.save()
        if not counts_only(act.actor):
            refresh(handover, act)
    return handover


def absence_of(handover: Handover) -> Absence:
    """The days away that a stand-in covers, not stored yet."""
    return Absence(
        cadre_id=handover.whose_id,
        stand_in_id=handover.to_id or 0,
        starts_on=handover.starts_on,
        ends_on=handover.ends_on or handover.starts_on,
        reason=handover.remark[:100],
    )


def refresh(handover: Handover, act: Act) -> Mapping[int, Petition]:
    """Bring the rows up to what is held now: the cases by their ids.

    New ones get a successor, those that went elsewhere meanwhile are marked so.
    """
    found = {case.pk: case for case in caseload.read_held(act.cases, handover.whose_id)}
    rows = {row.case_id: row for row in handover.cases.all()}
    fresh = [case for pk, case in found.items() if pk not in rows]
    _add(handover, fresh, act)
    gone = [row.pk for pk, row in rows.items() if row.is_waiting and pk not in found]
    if gone:
        HandoverCase.objects.filter(pk__in=gone).update(result=Result.GONE, refusal="")
    back = [row.pk for pk, row in rows.items() if not row.is_waiting and pk in found]
    if back and handover.is_open:
        HandoverCase.objects.filter(pk__in=back).update(result=Result.PENDING)
    return found


def _add(handover: Handover, cases: Sequence[Petition], act: Act) -> None:
    if not cases:
        return
    proposer = None
    if handover.to_id is None:
        proposer = caseload.Proposer(handover.whose_id, act.directory, act.now)
    rows, known = [], conflicts.of_cases(cases) if proposer else {}
    for case in cases:
        to = caseload.Proposed(handover.to_id, Ground.NAMED)
        if proposer:
            to = proposer.propose(case, known[case.pk])
        row = HandoverCase(handover=handover, case=case, ground=to.ground, load=to.load)
        _give(row, case, handover.whose_id, to.cadre_id)
        row.state, row.due_at, row.due_term = case.state, case.due_at, case.due_term
        rows.append(row)
    HandoverCase.objects.bulk_create(rows)


def _give(row: HandoverCase, case: Petition, whose: int, to: int | None) -> None:
    """Name the successor in the part or parts that are theirs to hand over."""
    row.handler_id = to if case.handler_id == whose else None
    row.agent_id = to if case.agent_id == whose else None


def choose(handover: Handover, chosen: Mapping[int, int], act: Act) -> list[int]:
    """Other successors for some rows, by the row's id; those rows whose successor was not fit."""
    refuse_closed(handover, act)
    unfit: list[int] = []
    changed: list[HandoverCase] = []
    rows = list(rows_of(handover, act.actor).filter(pk__in=chosen))
    known = conflicts.of_cases([row.case for row in rows])
    for row in rows:
        case, to = row.case, chosen[row.pk]
        if not row.is_waiting or to == row.successor_id:
            continue
        own = act.directory.cadres[handover.whose_id].unit_id
        fit = caseload.eligible(
            case, handover.whose_id, act.directory, act.today, own, known[case.pk]
        )
        if to not in fit:
            unfit.append(row.pk)
            continue
        _give(row, case, handover.whose_id, to)
        row.ground, row.result, row.refusal = Ground.CHOSEN, Result.PENDING, ""
        changed.append(row)
    HandoverCase.objects.bulk_update(changed, ["handler", "agent", "ground", "result", "refusal"])
    return unfit


# Do ----------------------------------------------------------------------------------------


def refuse_closed(handover: Handover, act: Act) -> None:
    """NotPermitted to any but the head; NotAllowedNow once it is withdrawn or moves nothing."""
    if not may_carry_out(handover, act.actor, act.directory):
        raise NotPermitted(_("Only the head of their unit hands over what somebody holds."))
    if handover.withdrawn_at or not handover.moves_cases:
        raise NotAllowedNow(_("This hand-over is closed."))


def carry_out(handover: Handover, act: Act, seen: int) -> Handover:
    """Hand over what is still held, with charges, shifts and instructions; each row gets its
    result.

    `seen`: how many cases were shown; Stale, with the rows brought up to date, when it is another
    number by now. May be done again: for rows that were refused, and for what came since.
    """
    with transaction.atomic():
        locked = Handover.objects.select_for_update(no_key=True).get(pk=handover.pk)
        refuse_closed(locked, act)
        found = refresh(locked, act)
        if len(found) == seen:
            rows = [row for row in locked.cases.all() if row.case_id in found]
            _reassign(locked, rows, found, act)
            handover_items.pass_on(locked, act)
            locked.done_by_id, locked.done_at = act.actor.id, locked.done_at or act.now
            locked.save(update_fields=["done_by", "done_at"])
    if len(found) != seen:
        raise Stale
    return locked


def _reassign(
    handover: Handover,
    rows: Iterable[HandoverCase],
    found: Mapping[int, Petition],
    act: Act,
) -> None:
    """One step for all cases that go into the same hands."""
    groups: dict[tuple[int | None, int | None], list[HandoverCase]] = defaultdict(list)
    touched, known = [], conflicts.of_cases(list(found.values()))
    for row in rows:
        case, whose, to = found[row.case_id], handover.whose_id, row.successor_id
        touched.append(row)
        if to is None:
            row.result, row.refusal = Result.REFUSED, _("Nobody is chosen for it.")
            continue
        if conflict := known[case.pk].cadres.get(to):
            row.result, row.refusal = Result.REFUSED, str(conflict.sentence)
            continue
        handler = to if case.handler_id == whose else case.handler_id
        agent = to if case.agent_id == whose else case.agent_id
        groups[handler, agent].append(row)
    reason = _("Hand-over: %(why)s") % {"why": handover.get_reason_display()}
    for (handler, agent), group in sorted(groups.items(), key=lambda one: str(one[0])):
        outcome = engine.perform_many(
            [row.case_id for row in group],
            "reassign",
            actor=act.actor,
            now=act.now,
            handler=_row(handler, act.directory),
            agent=_row(agent, act.directory),
            reason=reason,
        )
        refused = {pk: str(error) for pk, error in outcome.refused}
        for row in group:
            row.refusal = refused.get(row.case_id, "")[:500]
            row.result = Result.REFUSED if row.case_id in refused else Result.DONE
    HandoverCase.objects.bulk_update(touched, ["result", "refusal"])


def _row(cadre_id: int | None, directory: Directory) -> Cadre | None:
    return directory.cadres[cadre_id].as_row() if cadre_id else None


# Afterwards ----------------------------------------------------------------------------------


def withdraw(handover: Handover, act: Act) -> None:
    """Take back what was begun and not done."""
    mine = handover.begun_by_id == act.actor.id
    if not mine and not may_carry_out(handover, act.actor, act.directory):
        raise NotPermitted(_("Only the head of their unit hands over what somebody holds."))
    undone = Handover.objects.filter(pk=handover.pk, done_at=None, withdrawn_at=None)
    if not undone.update(withdrawn_at=act.now):
        raise NotAllowedNow(_("This hand-over is closed."))


def sign(handover: Handover, act: Act) -> None:
    """Read and signed by one of the sides; a second time nothing happens."""
    if act.actor.id not in parties(handover):
        raise NotPermitted(_("The two sides of a hand-over sign it."))
    if handover.done_at is None:
        raise NotAllowedNow(_("It is signed once it is done."))
    HandoverSignature.objects.get_or_create(
        handover=handover, cadre_id=act.actor.id, defaults={"at": act.now}
    )


def standing_against(handover: Handover, act: Act) -> list[str]:
    """Why the leaver's account can't be switched off yet; nothing: it can."""
    if handover.reason != Reason.LEAVER or handover.done_at is None:
        return [_("The hand-over of who leaves must be done first.")]
    left = [item for item in caseload.items(handover.whose_id, act.now) if item.holds]
    return [f"{item.label}: {item.count}" for item in left if item.count]


def switch_off(handover: Handover, act: Act) -> None:
    """The last act: the leaver's account, once nothing is theirs any more."""
    if not counts_only(act.actor):
        raise NotPermitted(_("The system administrator switches accounts off."))
    if reasons := standing_against(handover, act):
        raise Blocked(reasons)
    with transaction.atomic():
        leaver = Cadre.objects.select_for_update(no_key=True).get(pk=handover.whose_id)
        leaver.is_active = False
        leaver.save(update_fields=["is_active"])
        handover.switched_off_at = act.now
        handover.save(update_fields=["switched_off_at"])
