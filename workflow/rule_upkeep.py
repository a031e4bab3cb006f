"""A new version of a term's rule: checked, stored, and if asked for applied to open clocks, too."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from copy import copy
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from django.db import transaction
from django.utils.translation import gettext as _

from agents.models import Stamp
from workflow import ladder as ladders
from workflow.actors import Actor
from workflow.audiences import AUDIENCES
from workflow.calendar import day_of
from workflow.errors import InvalidData, NotAllowedNow
from workflow.models import RuleChange, TermRule, Trigger
from workflow.terms import RULES, RuleBook

Row = TypeVar("Row", TermRule, Trigger)

EDITABLE = (
    "basis", "basis_en", "length", "unit", "roll", "owed", "ladder", "at_any_hour",
    "yellow_before", "black_after", "extendable_days", "valid_from",
)  # fmt: skip
"""What a new version may say otherwise. Term, level and start are the machine's."""


def version_of(base: TermRule, **said: Any) -> TermRule:
    """The next version of a rule, unsaved; what is not said stays as it was."""
    new = next_version(base, EDITABLE, said)
    for kept in ("rungs", "near", "long_overdue"):
        new.__dict__.pop(kept, None)
    return new


def next_version(base: Row, editable: Collection[str], said: Mapping[str, Any]) -> Row:
    """A copy of a stored version to be stored beside it, with what is said of what may be."""
    new = copy(base)
    new.pk, new.valid_to, new._state = None, None, type(base._state)()
    for name in editable:
        if name in said:
            setattr(new, name, said[name])
    new.version = str(new.valid_from)
    return new


def require_unchanged(seen: int) -> None:
    """Nobody has changed rules or triggers since their stamp was `seen`, and nobody does until this
    transaction ends; else NotAllowedNow.
    """
    stamp = Stamp.objects.select_for_update().filter(name=RULES).first()
    if stamp is None or stamp.version != seen:
        raise NotAllowedNow(_("Somebody has changed the rules since: look again."))


def problems(new: TermRule, book: RuleBook) -> list[tuple[str, str]]:
    """What is wrong with a version, as pairs of field and sentence. No query."""
    found = [*_problems_of_length(new), *_problems_of_validity(new, book)]
    try:
        ladders.check(new.ladder, length=new.length, unit=new.unit, audiences=AUDIENCES)
    except ladders.LadderError as wrong:
        found += [("ladder", sentence) for sentence in wrong.problems]
    for name in ("yellow_before", "black_after"):
        try:
            ladders.span(getattr(new, name))
        except ladders.LadderError as wrong:
            found += [(name, sentence) for sentence in wrong.problems]
    return found


def _problems_of_length(new: TermRule) -> list[tuple[str, str]]:
    if new.unit != TermRule.Unit.DATE and not new.length:
        return [("length", _("A term has a length."))]
    return []


def _problems_of_validity(new: TermRule, book: RuleBook) -> list[tuple[str, str]]:
    """Versions follow each other without overlap; one without an end is ended the day before."""
    for other in versions(new, book):
        words = {"from": other.valid_from, "to": other.valid_to}
        if other.valid_from >= new.valid_from:
            sentence = _("A version is in force from %(from)s already: this one would overlap it.")
            return [("valid_from", sentence % words)]
        if other.valid_to and other.valid_to >= new.valid_from:
            sentence = _("A version is in force until %(to)s: this one would overlap it.")
            return [("valid_from", sentence % words)]
    return []


def versions(rule: TermRule, book: RuleBook) -> list[TermRule]:
    """All stored versions for the same term and level, those of watch periods apart."""
    key = (rule.term, rule.urgency)
    return [one for one in book.table() if (one.term, one.urgency) == key]


def add_version(
    new: TermRule, ground: str, *, to_open: bool, seen: int, actor: Actor, now: datetime
) -> RuleChange:
    """Store the version from its day on, and what it changes in the log.

    `to_open`: open clocks are counted anew by it; else it holds for those opened from then on.
    `seen`: the stamp of the rules when it was shown. Raises InvalidData or NotAllowedNow.
    """
    if to_open and new.valid_from > day_of(now):
        raise InvalidData("to_open", _("It is not in force yet: open terms go by what is."))
    with transaction.atomic():
        require_unchanged(seen)
        for field, sentence in problems(new, RuleBook.current()):
            raise InvalidData(field, sentence)
        _end_former(new, new.valid_from)
        new.save()
        Stamp.bump(RULES)
        stages = RuleChange.Stage
        return RuleChange.objects.create(
            kind=RuleChange.Kind.RULE,
            rule=new,
            basis=ground,
            made_by_id=actor.id,
            made_at=now,
            stage=stages.WAITING if to_open else stages.NONE,
        )


def _end_former(new: TermRule, day: date) -> None:
    former = TermRule.objects.filter(term=new.term, urgency=new.urgency, watch=None, valid_to=None)
    former.update(valid_to=day - timedelta(days=1))
