"""Conflicts of interest that the register itself can find (Regulation, art. 28), and with them the
units that have said "not ours" and were right: one look at all that speaks against somebody.

What a person knows and the register does not, they declare: `recuse`. The machine's guards refuse
the accused, their unit and the recused from memory; what must be looked up is found here, for the
matching and for the forms that put a case into somebody's hands.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, F, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from agents.directory import Directory
from petitions.models import Petition
from workflow.mandate_codes import RecusalGround
from workflow.models import Event, Holding, Recusal
from workflow.recusals import barred

DECIDING = ("submit_opinion", "approve_opinion")
"""Steps by which somebody decides on a matter."""
UPHELD, OBJECTED = "uphold_objection", "OBJECTED"
"""The step by which a unit is relieved of a case, and what stands for it beside the grounds."""
DECLARED: Any = _("Declared as a relative of this petitioner in another case.")
DECIDED: Any = _("Drafted or approved the opinion on an earlier petition of this matter.")


@dataclass(frozen=True)
class Conflict:
    """Why this cadre should have no part in the case. `ground`: a `RecusalGround`."""

    cadre_id: int
    ground: str
    sentence: Any


@dataclass(frozen=True)
class Found:
    """By cadre, their conflict of interest; the units whose objection to the case was upheld."""

    cadres: dict[int, Conflict]
    objectors: set[int]


def found(case: Petition) -> Found:
    """Relatives of this petitioner declared elsewhere, who decided on this matter before, and the
    units whose matter it is not. At most one query.
    """
    return of_cases([case])[case.pk]


def of_cases(cases: Sequence[Petition]) -> dict[int, Found]:
    """The same of each of many cases, by its id. At most one query, however many there are."""
    asked = [*_declared(cases), *_decided(cases), *_objected(cases)]
    spoken: dict[tuple[str, int], list[tuple[int, int]]] = defaultdict(list)
    for who, ground, about, where in list(asked[0].union(*asked[1:])) if asked else ():
        spoken[ground, about].append((who, where))
    return {case.pk: _of_one(case, spoken) for case in cases}


def _of_one(case: Petition, spoken: Mapping[tuple[str, int], list[tuple[int, int]]]) -> Found:
    """Out of what was found for all: the petitioner's and the matter's, but not from this case."""

    def elsewhere(ground: str, about: int | None) -> set[int]:
        return {who for who, where in spoken.get((ground, about or 0), ()) if where != case.pk}

    relatives = elsewhere(RecusalGround.RELATIVE, case.petitioner_id)
    deciders = elsewhere(RecusalGround.EARLIER, case.first_petition_id)
    return Found(
        cadres={
            **{one: Conflict(one, RecusalGround.EARLIER, DECIDED) for one in deciders},
            **{one: Conflict(one, RecusalGround.RELATIVE, DECLARED) for one in relatives},
        },
        objectors={unit for unit, _where in spoken.get((OBJECTED, case.pk), ())},
    )


def of_all(case: Petition, cadre_ids: Collection[int], directory: Directory) -> list[Conflict]:
    """The conflicts of these cadres: accused, of the accused unit, or as `found`."""
    barred_ones = {
        one: Conflict(one, RecusalGround.ACCUSED, sentence)
        for one in cadre_ids
        if (sentence := barred(case, one, directory))
    }
    known = {**found(case).cadres, **barred_ones} if cadre_ids else {}
    return [known[one] for one in cadre_ids if one in known]


def _declared(cases: Iterable[Petition]) -> Iterator[QuerySet[Any, Any]]:
    """Whoever was recused as a relative in a case of one of these petitioners."""
    if petitioners := {case.petitioner_id for case in cases} - {None}:
        rows = Recusal.objects.filter(
            ground=RecusalGround.RELATIVE, case__petitioner__in=petitioners
        )
        yield _as(RecusalGround.RELATIVE, rows, "cadre", F("case__petitioner"))


def _decided(cases: Iterable[Petition]) -> Iterator[QuerySet[Any, Any]]:
    """Whoever drafted or approved an opinion on a first petition or another repeat of it."""
    if firsts := {case.first_petition_id for case in cases} - {None}:
        same = Petition.objects.filter(Q(pk__in=firsts) | Q(first_petition__in=firsts))
        rows = Event.objects.filter(case__in=same.values("pk"), name__in=DECIDING)
        matter = Coalesce("case__first_petition", "case")
        yield _as(RecusalGround.EARLIER, rows.exclude(actor_id=None), "actor_id", matter)


def _objected(cases: Iterable[Petition]) -> Iterator[QuerySet[Any, Any]]:
    """Every unit from which an upheld objection took one of the cases."""
    if taken := {case.pk for case in cases if case.hops}:
        rows = Holding.objects.filter(case__in=taken, left_by=UPHELD)
        yield _as(OBJECTED, rows, "unit", F("case"))


def _as(ground: str, rows: QuerySet[Any], column: str, about: Any) -> QuerySet[Any, Any]:
    """What the column names, what speaks against it, about what, and in which case."""
    said = Value(ground, output_field=CharField())
    return rows.order_by().values_list(column, said, about, "case")
