"""Conflicts of interest that the register itself can find (Regulation, art. 28), and with them the
units that have said "not ours" and were right: one look at all that speaks against somebody.

What a person knows and the register does not, they declare: `recuse`. The machine's guards refuse
the accused, their unit and the recused from memory; what must be looked up is found here, for the
matching and for the forms that put a case into somebody's hands.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, Q, QuerySet, Value
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
    asked = [*_declared(case), *_decided(case), *_objected(case)]
    rows = list(asked[0].union(*asked[1:])) if asked else []
    relatives = {one for one, ground in rows if ground == RecusalGround.RELATIVE}
    deciders = {one for one, ground in rows if ground == RecusalGround.EARLIER}
    return Found(
        cadres={
            **{one: Conflict(one, RecusalGround.EARLIER, DECIDED) for one in deciders},
            **{one: Conflict(one, RecusalGround.RELATIVE, DECLARED) for one in relatives},
        },
        objectors={one for one, ground in rows if ground == OBJECTED},
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


def _declared(case: Petition) -> Iterator[QuerySet[Any, Any]]:
    """Whoever was recused as a relative in another case of the same petitioner."""
    if case.petitioner_id is not None:
        rows = Recusal.objects.filter(
            ground=RecusalGround.RELATIVE, case__petitioner=case.petitioner_id
        ).exclude(case=case.pk)
        yield _as(RecusalGround.RELATIVE, rows, "cadre")


def _decided(case: Petition) -> Iterator[QuerySet[Any, Any]]:
    """Whoever drafted or approved an opinion on the first petition or another repeat of it."""
    if (first := case.first_petition_id) is not None:
        same = Petition.objects.filter(Q(pk=first) | Q(first_petition=first)).exclude(pk=case.pk)
        rows = Event.objects.filter(case__in=same.values("pk"), name__in=DECIDING)
        yield _as(RecusalGround.EARLIER, rows.exclude(actor_id=None), "actor_id")


def _objected(case: Petition) -> Iterator[QuerySet[Any, Any]]:
    """Every unit from which an upheld objection took the case."""
    if case.hops:
        yield _as(OBJECTED, Holding.objects.filter(case=case.pk, left_by=UPHELD), "unit")


def _as(ground: str, rows: QuerySet[Any], column: str) -> QuerySet[Any, Any]:
    """What the column names, and what speaks against it."""
    return rows.order_by().values_list(column, Value(ground, output_field=CharField()))
