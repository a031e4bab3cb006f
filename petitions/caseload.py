"""What one cadre holds, and to whom of the unit each of their cases could go.

A sealed case is nobody's caseload: it has no handler and no agent.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from agents.directory import Directory
from agents.matching import rank
from agents.models import Absence, Charge, DutyShift, TeamMember
from agents.roles import Role
from petitions.conflicts import Found
from petitions.models import HandoverCase, Petition
from petitions.proposals import open_cases
from petitions.queries import PetitionQuerySet
from workflow.answering import kept_away
from workflow.calendar import day_of
from workflow.models import Call, Instruction, Promise, Request
from workflow.models.joint import UNANSWERED
from workflow.steps import OPEN_STATES, State
from workflow.terms import RuleBook

HOLDERS = (Role.HANDLER, Role.AGENT, Role.UNIT_HEAD)
"""Who answers for cases or acts for petitioners."""
LAMPS = ("black", "red", "yellow", "green", "none")
COLUMNS = (
    "number", "state", "urgency", "sealed", "due_at", "due_term", "unit", "unit_l1", "unit_l2",
    "unit_l3", "handler", "agent", "category", "problem_area", "accused_unit", "accused_cadre",
    "recused", "petitioner", "first_petition", "hops",
)  # fmt: skip
Ground = HandoverCase.Ground


def held(cases: PetitionQuerySet, cadre_id: int) -> PetitionQuerySet:
    """Those of the cases that the cadre holds as handler or agent, and that have not ended."""
    return cases.filter(sealed=False).open().with_cadre(cadre_id)


def read_held(cases: PetitionQuerySet, cadre_id: int) -> list[Petition]:
    """The same, by the date they are due, with no more than the hand-over asks of them."""
    return list(held(cases, cadre_id).only(*COLUMNS).order_by("due_at", "id"))


@dataclass(frozen=True)
class Counted:
    """How many of the cases are in each state and under each lamp."""

    total: int
    states: list[tuple[Any, int]]
    lamps: list[tuple[str, int]]

    @classmethod
    def of(cls, cases: Iterable[Petition], now: datetime) -> Counted:
        """Counted in memory: the rows are read for the page anyway."""
        cases, book = list(cases), RuleBook.kept()
        states = Counter(case.state for case in cases)
        lamps = Counter(book.lamp(case, now) for case in cases)
        return cls(
            total=len(cases),
            states=[(State(one).label, states[one]) for one in map(str, State) if states[one]],
            lamps=[(one, lamps[one]) for one in LAMPS if lamps[one]],
        )


# To whom ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Proposed:
    """Who could take a case, and why; None: nobody of the unit."""

    cadre_id: int | None
    ground: str
    load: int = 0


class Proposer:
    """Proposes for one case after the other; who was proposed already counts as having it."""

    def __init__(self, whose: int, directory: Directory, now: datetime) -> None:
        self.whose, self.directory = whose, directory
        self.today: date = day_of(now)
        own = directory.cadres[whose].unit_id
        holders = {one for role in HOLDERS for one in directory.holders(role)}
        self.load: Counter[int] = Counter(open_cases(holders))
        self.own_unit = own

    def propose(self, case: Petition, known: Found) -> Proposed:
        """The most specific charge of the unit's people, else who holds the fewest cases.

        `known`: what the register says against somebody in this case (`conflicts.of_cases`).
        """
        fit = eligible(case, self.whose, self.directory, self.today, self.own_unit, known)
        # Without whom it leaves, a charge falls to the head, who decides: the work is for the
        # others as long as there are any.
        workers = [one for one in fit if not self._heads(one)] or fit
        units, cadres = kept_away(case)
        for candidate in rank(
            self.directory.categories.get(case.category_id or 0),
            self.directory.areas.get(case.problem_area_id or 0),
            self.today,
            load=self.load,
            exclude_units=units,
            exclude_cadres={self.whose, *cadres},
            directory=self.directory,
        ):
            if candidate.charge_id and candidate.cadre_id in workers:
                return self._take(candidate.cadre_id, Ground.CHARGE)
        if not fit:
            return Proposed(None, Ground.NOBODY)
        return self._take(min(workers, key=lambda one: (self.load[one], one)), Ground.LOAD)

    def _take(self, cadre_id: int, ground: str) -> Proposed:
        load = self.load[cadre_id]
        self.load[cadre_id] += 1
        return Proposed(cadre_id, ground, load)

    def _heads(self, cadre_id: int) -> bool:
        return Role.UNIT_HEAD in self.directory.cadres[cadre_id].roles


def eligible(
    case: Petition,
    whose: int,
    directory: Directory,
    today: date,
    own_unit: int | None,
    known: Found,
) -> list[int]:
    """Who may take over the case: of its unit, in service, present, not the accused's side, and
    without a conflict of interest that the register shows.

    Where only the agent changes and does not belong to the case's unit: of the agent's own.
    """
    unit_id = case.unit_id
    if case.handler_id != whose and not directory.in_subtree(own_unit, unit_id or 0):
        unit_id = own_unit
    return sorted(
        one
        for one in {one for role in HOLDERS for one in directory.holders(role, within=unit_id)}
        if one not in (whose, case.accused_cadre_id, *case.recused, *known.cadres)
        and not directory.is_absent(one, today)
        and not (
            case.accused_unit_id
            and directory.in_subtree(directory.cadres[one].unit_id, case.accused_unit_id)
        )
    )


# What else is theirs ------------------------------------------------------------------------


@dataclass(frozen=True)
class Item:
    """One kind of thing that is theirs, and how many. `holds`: while there are any, the account
    can't be switched off.
    """

    kind: str
    label: Any
    count: int
    holds: bool
    url: str = ""


def items(cadre_id: int, now: datetime) -> list[Item]:
    """Everything of theirs that a successor must know of. A query a kind, whatever there is."""
    today = day_of(now)
    lies_ahead = Q(valid_to=None) | Q(valid_to__gte=today)
    kinds: tuple[tuple[str, Any, Any, bool, str], ...] = (
        ("cases", _("Open cases"), held(Petition.objects.all(), cadre_id), True, ""),
        ("promises", _("Promises not kept yet"),
         Promise.objects.filter(agent=cadre_id, ended_at=None), False, ""),
        ("requests", _("Requests of theirs that are undecided"),
         Request.objects.filter(asker=cadre_id, decision=""), False, ""),
        ("instructions", _("Leaders' instructions to carry out"),
         Instruction.objects.filter(to=cadre_id, done_at=None), True, ""),
        ("charges", _("Charges"), Charge.objects.filter(lies_ahead, cadre=cadre_id), True, ""),
        ("teams", _("Teams"), TeamMember.objects.filter(lies_ahead, cadre=cadre_id), True, ""),
        ("calls", _("Calls of other units to answer"),
         Call.objects.filter(UNANSWERED, cadre=cadre_id), True, ""),
        ("shifts", _("Duty shifts to come"),
         DutyShift.objects.filter(cadre=cadre_id, ends_at__gt=now), True, reverse("duty")),
        ("stands_in", _("People they stand in for"),
         Absence.objects.filter(stand_in=cadre_id, ended_at=None, ends_on__gte=today), True, ""),
    )  # fmt: skip
    return [
        Item(kind, label, rows.order_by().count(), holds, url)
        for kind, label, rows, holds, url in kinds
    ]


def undecided(roles: Collection[str]) -> list[str]:
    """The roles in which decisions come to them: they go to whoever holds the role next."""
    deciding = (Role.UNIT_HEAD, Role.DISPATCHER, Role.SUPERVISOR, Role.LEADER)
    return [str(role.label) for role in deciding if role in roles]


def holding(cadre_ids: Collection[int]) -> Mapping[int, int]:
    """How many open cases each of these holds, as handler or as agent. Two queries."""
    found: Counter[int] = Counter(open_cases(cadre_ids))
    rows = Petition.objects.filter(agent__in=cadre_ids, sealed=False, state__in=OPEN_STATES)
    alone = rows.exclude(handler=F("agent")).order_by()
    found.update(dict(alone.values_list("agent").annotate(n=Count("pk"))))
    return found
