"""What a decision would bring, in sentences, before anybody makes it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from petitions.derivations import why
from petitions.models import Petition
from petitions.templatetags.look import listed, moment
from workflow.clocks import STANDING, what_if_extended
from workflow.documents import DOCUMENTS
from workflow.steps import STEPS, State, Step, Term


@dataclass(frozen=True)
class Effect:
    """One thing that comes of it, and the sentences that say why."""

    sentence: str
    because: list[str] = field(default_factory=list)


def effects(case: Petition, name: str, entered: Mapping[str, Any]) -> list[Effect]:
    """What saying yes to the step on this case brings. Asks the database nothing.

    The machine's context is attached to the case. A new step has its words by its declaration.
    """
    step = STEPS[name]
    special = SPECIAL.get(name)
    return [*(special(case, entered) if special else ()), *_declared(case, step)]


def _declared(case: Petition, step: Step) -> list[Effect]:
    said = [*_state(step), *_dates(case, step)]
    papers = [str(DOCUMENTS[kind].title) for kind in step.documents]
    if papers:
        said.append(_("Issued: %(papers)s.") % {"papers": listed(papers)})
    if not said:
        said.append(_("Done at once: %(step)s.") % {"step": step.label})
    return [Effect(sentence) for sentence in said]


def _state(step: Step) -> list[str]:
    if len(step.targets) != 1:
        return []
    return [_("The case becomes “%(state)s”.") % {"state": State(step.targets[0]).label}]


def _dates(case: Petition, step: Step) -> list[str]:
    clocks, book = case.context.clocks.values(), case.context.book
    opened = [one.term for one in (*step.opens, *step.restarts) if not one.condition]
    opened += step.calls
    closed = [one.term for one in step.closes if one.term in case.context.clocks]
    stops = {STANDING[term] for term in opened if term in STANDING}
    ends = {STANDING[term] for term in closed if term in STANDING}
    held = [one for one in clocks if not stops.isdisjoint(book.by_id(one.rule_id).pauses_for)]
    freed = [one for one in clocks if one.stopped_by in ends]
    sentences = (
        (step.closes_all, _("All its dates end.")),
        (State.MERGED in step.targets, _("All its dates stand still.")),
        (closed, _("Settled with it: %(terms)s.") % {"terms": _named(closed)}),
        (opened, _("A date begins to run: %(terms)s.") % {"terms": _named(opened)}),
        (held, _("Stands still meanwhile: %(terms)s.") % {"terms": _named(c.term for c in held)}),
        (freed, _("Runs on: %(terms)s.") % {"terms": _named(c.term for c in freed)}),
    )
    return [sentence for holds, sentence in sentences if holds]


def _named(terms: Iterable[str]) -> str:
    return listed(str(Term(term).label) for term in terms)


def _extended(case: Petition, entered: Mapping[str, Any]) -> list[Effect]:
    """The date as it would be, counted by the rule by which the clock itself is counted."""
    clock, days = case.context.clocks.get(Term.HANDLING), entered.get("days")
    if clock is None or not isinstance(days, int):
        return []
    new, rule = what_if_extended(case, days), case.context.book.by_id(clock.rule_id)
    words = {"new": moment(new.due_at), "old": moment(clock.due_at)}
    sentence = _("The new due date would be %(new)s, instead of %(old)s.") % words
    return [Effect(sentence, [str(one) for one in why(new, rule, case.context.directory)])]


SPECIAL: dict[str, Callable[[Petition, Mapping[str, Any]], list[Effect]]] = {"extend": _extended}
"""What the declaration alone can't say, by step."""
