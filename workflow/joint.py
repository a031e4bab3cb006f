"""Guards and checks of joint handling: co-handling units, whistles, conferences.

A guard speaks of all calls of the case; which of them a step is about is entered with it, so that
whoever comes too late is told what has become of that one (409).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agents.models import Cadre
from agents.roles import Role
from workflow import permissions
from workflow.calendar import Span
from workflow.codes import CallKind, WhistleKind
from workflow.errors import InvalidData, NotAllowedNow, NotPermitted
from workflow.guards import guard
from workflow.models import Call, Whistle
from workflow.models.joint import BEST
from workflow.steps import S, Term

if TYPE_CHECKING:
    from workflow.actors import Actor
    from workflow.lifecycle import Lifecycle

CALLING_IN = [S.DISPATCHED, S.SIGNED, S.HANDLING]
"""Where a unit leads, and may call others."""
CALLED_IN = [*CALLING_IN, S.OBJECTED]
"""Where those called act; what leads out of it, but back to the office, waits for them."""
SCORED_IN = [*CALLED_IN, S.APPROVAL, S.ANSWERED, S.FOLLOW_UP]
MOST_DAYS = 60
MOST_MINUTES = 7 * 24 * 60
MOST_UNITS = 20
WORKERS = (Role.HANDLER, Role.AGENT, Role.UNIT_HEAD)
"""Who can answer for a called unit."""


# Guards -------------------------------------------------------------------------------------


@guard(gettext_lazy("A co-handling unit has not answered: wait for it, or release it."))
def co_handlers_answered(case: Lifecycle) -> bool:
    """The case does not end over the head of a unit that was asked."""
    return not any(call.is_open for call in case.context.calls if not call.is_whistle)


@guard(gettext_lazy("A unit called by a whistle has not answered: wait for it, or release it."))
def whistles_answered(case: Lifecycle) -> bool:
    """The matter is not done before those called have done their part (事不完，人不走)."""
    return not any(call.is_open for call in case.context.calls if call.is_whistle)


JOINT_WORK_DONE = [co_handlers_answered, whistles_answered]
"""Asked of every step that ends the case, or answers the petitioner."""


@guard(gettext_lazy("No unit called into this case owes an answer."))
def call_open(case: Lifecycle) -> bool:
    """There is something to take on or to release."""
    return any(call.is_open for call in case.context.calls)


@guard(gettext_lazy("No called unit can answer now: after a whistle it checks in first."))
def answer_ready(case: Lifecycle) -> bool:
    """A co-handler answers at any time, a whistle's unit once it is there."""
    return any(call.is_open and not _to_arrive(call) for call in case.context.calls)


@guard(gettext_lazy("No co-handling unit owes an answer."))
def co_handling_open(case: Lifecycle) -> bool:
    """There is something to decline; a whistle can't be declined."""
    return any(call.is_open for call in case.context.calls if not call.is_whistle)


@guard(gettext_lazy("No unit called by a whistle is still to arrive."))
def arrival_awaited(case: Lifecycle) -> bool:
    """Somebody is on the way."""
    return any(_to_arrive(call) for call in case.context.calls)


@guard(gettext_lazy("No unit awaits your score: it must have arrived and answered first."))
def score_owed(case: Lifecycle) -> bool:
    """A whistle's unit has answered."""
    return any(call.score_owed for call in case.context.calls)


# Checks of what was entered ---------------------------------------------------------------


def units_can_be_called(case: Lifecycle, data: Mapping[str, Any]) -> None:
    """In service, not the leading one, not the accused's, not called already, with somebody."""
    kind = CallKind.WHISTLE if "units" in data else CallKind.CO_HANDLING
    field = "units" if kind == CallKind.WHISTLE else "unit"
    wanted = data["units"] if kind == CallKind.WHISTLE else [data["unit"].pk]
    if not wanted or len(wanted) > MOST_UNITS:
        raise InvalidData(field, _("Choose one to twenty units."))
    if len(set(wanted)) < len(wanted):
        raise InvalidData(field, _("The same unit is named twice."))
    owing = {call.unit_id for call in case.context.calls if call.is_open and call.kind == kind}
    for unit_id in wanted:
        sentence = _why_not(case, unit_id)
        if not sentence and unit_id in owing:
            sentence = _("%s was called already and has not answered.")
        if not sentence and answerer(case, unit_id) is None:
            sentence = _("%s has nobody who could answer: it has no head and no handler.")
        if sentence:
            raise InvalidData(field, sentence % _name(case, unit_id))


def answer_is_dated(case: Lifecycle, data: Mapping[str, Any]) -> None:
    """A co-handling unit answers by a day to come."""
    first, last = case.context.day, case.context.day + timedelta(days=MOST_DAYS)
    if not first <= data["due_on"] <= last:
        raise InvalidData("due_on", _("The answer is due from today on, within 60 days."))


def whistle_is_timed(case: Lifecycle, data: Mapping[str, Any]) -> None:
    """Thirty minutes in an emergency; else the whistle says within what time."""
    minutes = data.get("minutes")
    if data["kind"] != WhistleKind.EMERGENCY and not 1 <= (minutes or 0) <= MOST_MINUTES:
        raise InvalidData("minutes", _("Say within what time they shall arrive: at most a week."))


def call_is_theirs(case: Lifecycle, data: Mapping[str, Any]) -> None:
    """The call is the actor's own to act on, and its answer is still owed."""
    call = standing(case, data["call"])
    if not call.is_for(_who(case)):
        raise NotPermitted(permissions.called.sentence)


def co_handling_can_be_declined(case: Lifecycle, data: Mapping[str, Any]) -> None:
    """Who is called by a whistle comes."""
    if standing(case, data["call"]).is_whistle:
        raise NotAllowedNow(_("Who is called by a whistle comes: it can't be declined."))


def whistle_s_unit_is_there(case: Lifecycle, data: Mapping[str, Any]) -> None:
    """What was done at a place is told by who came there."""
    call = standing(case, data["call"])
    if call.is_whistle and call.arrived_at is None:
        raise NotAllowedNow(_("Check in first: the unit has not arrived."))


def call_stands(case: Lifecycle, data: Mapping[str, Any]) -> None:
    """Its answer is still owed."""
    standing(case, data["call"])


def taker_is_fit(case: Lifecycle, data: Mapping[str, Any]) -> None:
    """Somebody of the called unit, who is there and is not the accused."""
    cadre, call = data.get("cadre"), standing(case, data["call"])
    if cadre is None:
        return
    if not _can_answer(case, cadre.pk, call.unit_id):
        raise InvalidData("cadre", _("This cadre can't answer for the called unit."))
    if case.context.directory.is_absent(cadre.pk, case.context.day):
        raise InvalidData("cadre", _("This cadre is absent; choose the stand-in."))


def arrival_fits(case: Lifecycle, data: Mapping[str, Any]) -> None:
    """Once; now by the unit itself, or at a moment that whoever called it enters."""
    call, at, who = standing(case, data["call"]), data.get("arrived_at"), _who(case)
    if not call.is_whistle:
        raise NotAllowedNow(_("A co-handling unit has nowhere to arrive: it answers."))
    if call.arrived_at is not None:
        raise NotAllowedNow(_("The arrival of this unit is recorded already."))
    leads = permissions.handler.allows(case, who) or permissions.unit_head.allows(case, who)
    if not leads and not call.is_for(who):
        raise NotPermitted(permissions.called.sentence)
    if at is None:
        return
    if not leads:
        raise InvalidData("arrived_at", _("You check in now: only who called you enters a moment."))
    if at < call.called_at:
        raise InvalidData("arrived_at", _("The unit can't have arrived before it was called."))
    if at > case.context.now:
        raise InvalidData("arrived_at", _("The arrival lies in the future."))


def score_fits(case: Lifecycle, data: Mapping[str, Any]) -> None:
    """Once, from 1 to 5, for arrival and result, after both."""
    call = named(case, data["call"])
    if call.scored_at is not None:
        raise NotAllowedNow(_("This unit was scored already."))
    if call.arrived_at is None:
        raise NotAllowedNow(_("Score a unit once it has arrived and answered."))
    if not call.score_owed:
        raise NotAllowedNow(_("This unit has not answered yet, or was released."))
    for field in ("arrival_score", "result_score"):
        if not 1 <= data[field] <= BEST:
            raise InvalidData(field, _("A score is 1 to 5."))


def conference_fits(case: Lifecycle, data: Mapping[str, Any]) -> None:
    """At least two units met, not in the future; whoever shall lead can do so."""
    units, lead = data["units"], data.get("lead")
    if data["held_on"] > case.context.day:
        raise InvalidData("held_on", _("This day is still to come."))
    if len(set(units)) < len(units):
        raise InvalidData("units", _("The same unit is named twice."))
    if len(units) < 2:
        raise InvalidData("units", _("A joint conference is of two units or more."))
    for unit_id in units:
        if unit_id not in case.context.directory.units:
            raise InvalidData("units", _("There is no such unit."))
    if lead is not None and (sentence := _unfit(case, lead.pk)):
        raise InvalidData("lead", sentence % _name(case, lead.pk))


# What the steps are about -----------------------------------------------------------------


def named(case: Lifecycle, pk: int) -> Call:
    """The call of that id on this case; NotAllowedNow if it is over with it."""
    found = next((call for call in case.context.calls if call.pk == pk), None)
    if found is None:
        raise NotAllowedNow(_("There is no such call on this case any more."))
    return found


def standing(case: Lifecycle, pk: int) -> Call:
    """The same, if its answer is still owed; else NotAllowedNow with what has become of it."""
    call = named(case, pk)
    if call.answered_at is not None:
        raise NotAllowedNow(_("This call has been answered already."))
    if call.released_at is not None:
        raise NotAllowedNow(_("This call was withdrawn meanwhile: no answer is owed any more."))
    if call.declined_at is not None:
        raise NotAllowedNow(_("This call was declined already."))
    return call


def about(case: Lifecycle, pk: int, **columns: Any) -> Call:
    """The call that the step is about, with these columns changed."""
    call = named(case, pk)
    for name, value in columns.items():
        setattr(call, name, value)
    case.context.called = [call]
    return call


def co_handler(case: Lifecycle, unit_id: int, until: Any) -> Call:
    """The call of a unit that shall co-handle."""
    call = _call(case, CallKind.CO_HANDLING, unit_id)
    call.until = until
    return call


def whistled(
    case: Lifecycle, kind: str, units: Iterable[int], minutes: int | None
) -> tuple[Whistle, list[Call]]:
    """The whistle and the calls of its units. In an emergency the rule's own minutes hold."""
    blown_by = case.context.actor.id or 0
    whistle = Whistle(
        kind=kind, unit_id=case.unit_id or 0, blown_by_id=blown_by, at=case.context.now
    )
    calls = []
    for unit_id in units:
        call = _call(case, CallKind.WHISTLE, unit_id)
        call.whistle = whistle
        call.within = _span(minutes) if minutes and kind != WhistleKind.EMERGENCY else None
        calls.append(call)
    return whistle, calls


def answerer(case: Lifecycle, unit_id: int) -> int | None:
    """Who answers for a called unit until it says otherwise: its head, else one of its people."""
    directory = case.context.directory
    heads = [one for one in directory.heads(unit_id) if one != case.accused_cadre_id]
    if heads:
        return heads[0]
    people = (one for role in WORKERS for one in directory.holders(role, within=unit_id))
    return next((one for one in people if one != case.accused_cadre_id), None)


def usual_day(case: Lifecycle) -> Any:
    """By when a co-handling unit answers unless somebody says otherwise."""
    rule = case.context.book.rule(Term.CO_HANDLING, case.urgency, case.context.day)
    return case.context.day + timedelta(days=rule.length)


def _call(case: Lifecycle, kind: str, unit_id: int) -> Call:
    now = case.context.now
    cadre = answerer(case, unit_id) or 0
    return Call(kind=kind, unit_id=unit_id, cadre_id=cadre, called_at=now, due_at=now)


def _span(minutes: int) -> Span:
    """Whole hours are said as hours."""
    hours, rest = divmod(minutes, 60)
    return Span(minutes, "minute") if rest or not hours else Span(hours, "hour")


def _who(case: Lifecycle) -> Actor:
    """The actor, or as whom they act."""
    return case.context.acting or case.context.actor


def _why_not(case: Lifecycle, unit_id: int) -> str:
    """Why this unit can't be called; "" if it can."""
    if unit_id == case.unit_id:
        return _("%s leads in this case: it can't be called into it.")
    return _unfit(case, unit_id)


def _unfit(case: Lifecycle, unit_id: int) -> str:
    unit = case.context.directory.units.get(unit_id)
    if unit is None or not unit.is_active:
        return _("%s is closed: choose the unit that took over its duties.")
    if case.accused_unit_id and case.context.directory.in_subtree(unit_id, case.accused_unit_id):
        return _("%s is accused in this case: it can't take part in it.")
    return ""


def _name(case: Lifecycle, unit_id: int) -> str:
    unit = case.context.directory.units.get(unit_id)
    return unit.name if unit else "—"


def _can_answer(case: Lifecycle, cadre_id: int, unit_id: int) -> bool:
    directory = case.context.directory
    cadre = directory.cadres.get(cadre_id)
    if cadre is None or not cadre.is_active or cadre_id == case.accused_cadre_id:
        return False
    return bool(cadre.roles & {*WORKERS}) and directory.in_subtree(cadre.unit_id, unit_id)


def _to_arrive(call: Call) -> bool:
    return call.is_whistle and call.is_open and call.arrived_at is None


def takes_it_on(case: Lifecycle, call_id: int, cadre: Cadre | None) -> int:
    """Who answers for the unit from now: the one named, else whoever takes it on for it."""
    if cadre is not None:
        return cadre.pk
    who, call = case.context.actor.id, named(case, call_id)
    return who if who and _can_answer(case, who, call.unit_id) else call.cadre_id
