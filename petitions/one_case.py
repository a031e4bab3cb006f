"""Reading one case by its number, which nearly every page and answer begins with."""

from __future__ import annotations

from datetime import date
from weakref import WeakKeyDictionary

from agents.directory import Directory
from agents.kept_queries import MARK, KeptQuery
from petitions.models import Petition
from petitions.queries import any_of
from workflow.actors import Actor

MOST_KEPT = 256
"""People whose statement each process keeps; it forgets all when there are more."""
_kept: WeakKeyDictionary[Directory, dict[tuple[Actor, date], KeptQuery[Petition]]] = (
    WeakKeyDictionary()
)


def cases_seen_by(actor: Actor, directory: Directory, day: date) -> KeptQuery[Petition]:
    """What `visible_to` lets this actor see on that day, each case with its petitioner, to be asked
    by a case's number.

    The rule depends on nothing else: so long is its statement kept, and no row with it.
    """
    statements = _kept.setdefault(directory, {})
    if (actor, day) not in statements:
        if len(statements) >= MOST_KEPT:
            statements.clear()
        rows, arms = Petition.objects.seen_by(actor, directory, day)
        seen = rows.filter(any_of(arms), number=MARK).select_related("petitioner")
        statements[actor, day] = KeptQuery(seen)
    return statements[actor, day]
