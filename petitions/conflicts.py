"""Conflicts of interest that the register itself can find (Regulation, art. 28).

What a person knows and the register does not, they declare: `recuse`. The machine's guards refuse
the accused, their unit and the recused from memory; what must be looked up is found here, for the
matching and for the forms that put a case into somebody's hands.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agents.directory import Directory
from petitions.models import Petition
from workflow.mandate_codes import RecusalGround
from workflow.models import Event, Recusal
from workflow.recusals import barred

DECIDING = ("submit_opinion", "approve_opinion")
"""Steps by which somebody decides on a matter."""
DECLARED: Any = _("Declared as a relative of this petitioner in another case.")
DECIDED: Any = _("Drafted or approved the opinion on an earlier petition of this matter.")


@dataclass(frozen=True)
class Conflict:
    """Why this cadre should have no part in the case. `ground`: a `RecusalGround`."""

    cadre_id: int
    ground: str
    sentence: Any


def found(case: Petition) -> dict[int, Conflict]:
    """By cadre: relatives of this petitioner declared elsewhere, and who decided on this matter
    before. One query, and one more for a repeat petition.
    """
    kept = {one: Conflict(one, RecusalGround.RELATIVE, DECLARED) for one in _declared(case) if one}
    if case.first_petition_id is not None:
        for one in _decided(case):
            kept.setdefault(one, Conflict(one, RecusalGround.EARLIER, DECIDED))
    return kept


def of_all(case: Petition, cadre_ids: Collection[int], directory: Directory) -> list[Conflict]:
    """The conflicts of these cadres: accused, of the accused unit, or as `found`."""
    barred_ones = {
        one: Conflict(one, RecusalGround.ACCUSED, sentence)
        for one in cadre_ids
        if (sentence := barred(case, one, directory))
    }
    known = {**found(case), **barred_ones} if cadre_ids else {}
    return [known[one] for one in cadre_ids if one in known]


def _declared(case: Petition) -> list[int]:
    """Whoever was recused as a relative in another case of the same petitioner."""
    if case.petitioner_id is None:
        return []
    rows = Recusal.objects.filter(
        ground=RecusalGround.RELATIVE, case__petitioner=case.petitioner_id
    )
    return list(rows.exclude(case=case.pk).values_list("cadre", flat=True).distinct())


def _decided(case: Petition) -> list[int]:
    """Whoever drafted or approved an opinion on the first petition or another repeat of it."""
    first = case.first_petition_id
    same = Petition.objects.filter(Q(pk=first) | Q(first_petition=first)).exclude(pk=case.pk)
    events = Event.objects.filter(case__in=same.values("pk"), name__in=DECIDING)
    return [one for one in events.values_list("actor_id", flat=True).distinct() if one]
