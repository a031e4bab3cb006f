"""Reading one case by its number, which nearly every page and answer begins with, and the cases
tied to it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from weakref import WeakKeyDictionary

from django.db.models import Case, Q, When

from agents.directory import Directory
from agents.kept_queries import MARK, MARK_IDS, KeptQuery
from petitions.models import Petition
from petitions.queries import PetitionQuerySet, any_of
from workflow.actors import Actor

MOST_KEPT = 512
"""Statements that each process keeps, one or two a person; it forgets all when there are more."""
TIED_READ = 60
"""Beyond so many, the oldest cases merged into one are not listed on its page."""
TIED_COLUMNS = ("state", "number", "summary", "demand", "petitioner", "merged_into")

Narrowing = Callable[[PetitionQuerySet], PetitionQuerySet]
_kept: WeakKeyDictionary[Directory, dict[tuple[Narrowing, Actor, date], KeptQuery[Petition]]] = (
    WeakKeyDictionary()
)


def cases_seen_by(actor: Actor, directory: Directory, day: date) -> KeptQuery[Petition]:
    """What `visible_to` lets this actor see on that day, each case with its petitioner, to be asked
    by a case's number.
    """
    return _seen_by(actor, directory, day, _with_its_number)


def cases_tied_to(case: Petition, actor: Actor, directory: Directory, day: date) -> list[Petition]:
    """Cases of the same petitioner, merged into this one, the one it is merged into and the first
    of its matter, as far as `visible_to` lets this actor see them: the last two come first, then
    the newest. One query.
    """
    seen = _seen_by(actor, directory, day, _tied)
    main, first = case.merged_into_id or 0, case.first_petition_id or 0  # no case has the id 0
    return seen.all(case.pk, case.petitioner_id, main, first)


def _seen_by(
    actor: Actor, directory: Directory, day: date, narrowed: Narrowing
) -> KeptQuery[Petition]:
    """The read rule depends on nothing else: so long is its statement kept, and no row with it."""
    statements = _kept.setdefault(directory, {})
    key = (narrowed, actor, day)
    if key not in statements:
        if len(statements) >= MOST_KEPT:
            statements.clear()
        rows, arms = Petition.objects.seen_by(actor, directory, day)
        statements[key] = KeptQuery(narrowed(rows.filter(any_of(arms))))
    return statements[key]


def _with_its_number(rows: PetitionQuerySet) -> PetitionQuerySet:
    return rows.filter(number=MARK).select_related("petitioner")


def _tied(rows: PetitionQuerySet) -> PetitionQuerySet:
    case, petitioner, main, first = MARK_IDS
    named = (main, first)
    tied = Q(petitioner=petitioner) | Q(merged_into=case) | Q(pk__in=named)
    last = Case(When(pk__in=named, then=0), default=1)
    found = rows.filter(tied).exclude(pk=case).only(*TIED_COLUMNS).order_by(last, "-pk")
    return found[:TIED_READ]
