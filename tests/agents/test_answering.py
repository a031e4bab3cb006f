"""Who answers for this now: one answer, never the accused, the recused or the absent."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.answering import Ground, answers_for
from agents.directory import AbsenceInfo, CadreInfo, Directory, UnitInfo
from agents.models import Unit
from agents.roles import ADMIN_ROLES, Role

ON = date(2026, 11, 24)
AWAY = {"starts_on": date(2026, 11, 23), "ends_on": date(2026, 11, 29)}
NOT_ASKED = ADMIN_ROLES | {Role.LIAISON}


def unit(pk: int, parent: UnitInfo | None = None, **facts: Any) -> UnitInfo:
    """A unit below `parent`, one to three deep."""
    depth = parent.depth + 1 if parent else 1
    path = [*parent.path] if parent else [0, 0, 0]
    path[depth - 1] = pk
    told: dict[str, Any] = {"is_active": True, "is_last_resort": False} | facts
    return UnitInfo(
        id=pk, code=f"U{pk}", name=f"U{pk}", parent_id=parent.id if parent else None,
        path=(path[0], path[1], path[2]), depth=depth, scope_id=pk, scope_depth=depth,
        area_id=None, **told,
    )  # fmt: skip


def cadre(pk: int, unit_id: int | None, *roles: Role, is_active: bool = True) -> CadreInfo:
    return CadreInfo(pk, f"C{pk}", unit_id, frozenset(roles), is_active)


def away(cadre_id: int, stand_in_id: int) -> AbsenceInfo:
    return AbsenceInfo(cadre_id, stand_in_id, **AWAY)


@dataclass
class Asked:
    """An organisation and a case of it."""

    directory: Directory
    case: dict[str, Any] = field(default_factory=dict)

    def answer(self) -> Any:
        return answers_for(**self.case, on=ON, directory=self.directory)

    def is_shut_out(self, one: CadreInfo) -> bool:
        selves = {one.id, *self.directory.stands_in_for(one.id, ON)}
        return not selves.isdisjoint(self.case["exclude_cadres"]) or any(
            self.directory.in_subtree(one.unit_id, unit_id)
            for unit_id in self.case["exclude_units"]
        )

    def may_answer(self, one: CadreInfo) -> bool:
        """Somebody in service who is there and whose work it is."""
        wanted = Role.LIAISON in one.roles if self.case["sealed"] else (
            bool(one.roles) and one.roles.isdisjoint(NOT_ASKED)
        )  # fmt: skip
        present = one.is_active and not self.directory.is_absent(one.id, ON)
        return wanted and present and not self.is_shut_out(one)


@st.composite
def organisations(draw: st.DrawFn) -> Asked:
    """Any tree of units, closed ones too; heads or none; absences with stand-ins who may be away
    as well, in chains and circles; any case of it.
    """
    units: list[UnitInfo] = []
    last_resort = draw(st.integers(0, 6))
    for pk in range(1, draw(st.integers(1, 6)) + 1):
        upper = [one for one in units if one.depth < 3]
        parent = draw(st.sampled_from([None, *upper]))
        kind = draw(st.sampled_from([*Unit.Kind]))
        units.append(
            unit(pk, parent, kind=kind, is_active=draw(st.booleans()),
                 is_last_resort=pk == last_resort)
        )  # fmt: skip
    unit_ids = [one.id for one in units]
    roles = st.frozensets(st.sampled_from([*Role]), max_size=3)
    places = st.sampled_from([None, *unit_ids])
    cadres = [
        CadreInfo(pk, f"C{pk}", draw(places), draw(roles), draw(st.booleans()))
        for pk in range(1, draw(st.integers(0, 8)) + 1)
    ]
    people = [one.id for one in cadres]
    absences = [
        away(one, draw(st.sampled_from([other for other in people if other != one])))
        for one in people
        if len(people) > 1 and draw(st.booleans())
    ]
    anybody = st.sampled_from([None, *people])
    case = {
        "holders": draw(st.lists(anybody, max_size=2)),
        "unit_id": draw(places),
        "exclude_units": draw(st.sets(st.sampled_from(unit_ids), max_size=2)),
        "exclude_cadres": draw(st.sets(st.sampled_from(people), max_size=3)) if people else set(),
        "sealed": draw(st.booleans()),
    }
    return Asked(Directory(1, units, cadres, absences), case)


@pytest.mark.property
@given(organisations())
def test_answers_for_any_case_is_one_who_is_there_and_may(asked: Asked) -> None:
    answer = asked.answer()

    possible = {one.id for one in asked.directory.cadres.values() if asked.may_answer(one)}
    if answer.cadre_id is None:
        assert possible == set()
        assert not any(
            asked.directory.in_subtree(answer.unit_id, shut) for shut in asked.case["exclude_units"]
        )
    else:
        found = asked.directory.cadres[answer.cadre_id]
        assert found.is_active
        assert not asked.directory.is_absent(found.id, ON)
        assert not asked.is_shut_out(found)
        assert (Role.LIAISON in found.roles) is asked.case["sealed"]
        assert asked.case["sealed"] or found.roles.isdisjoint(ADMIN_ROLES)
    assert asked.answer() == answer


@pytest.mark.property
@given(organisations())
def test_answers_for_is_the_holder_whenever_they_can(asked: Asked) -> None:
    first = next((one for one in asked.case["holders"] if one is not None), None)
    if first is None or asked.case["sealed"]:
        return
    if asked.may_answer(asked.directory.cadres[first]):
        assert (asked.answer().cadre_id, asked.answer().ground) == (first, Ground.HOLDER)


# One after the other ------------------------------------------------------------------------

ROOT = unit(1, kind=Unit.Kind.DISTRICT)
STREET = unit(2, ROOT, kind=Unit.Kind.STREET)
OFFICE = unit(3, ROOT, kind=Unit.Kind.OFFICE, is_last_resort=True)
DISCIPLINE = unit(4, ROOT, kind=Unit.Kind.DISCIPLINE)
HANDLER, STAND_IN, HEAD, ABOVE, DISPATCHER, LIAISON = 11, 12, 13, 14, 15, 16
PEOPLE = [
    cadre(HANDLER, 2, Role.HANDLER),
    cadre(STAND_IN, 2, Role.HANDLER),
    cadre(HEAD, 2, Role.UNIT_HEAD),
    cadre(ABOVE, 1, Role.UNIT_HEAD),
    cadre(DISPATCHER, 3, Role.DISPATCHER),
    cadre(LIAISON, 4, Role.LIAISON),
]


def ask(*absences: AbsenceInfo, **case: Any) -> tuple[int | None, Ground]:
    directory = Directory(1, [ROOT, STREET, OFFICE, DISCIPLINE], PEOPLE, absences)
    given_: dict[str, Any] = {"holders": [HANDLER], "unit_id": 2} | case
    answer = answers_for(**given_, on=ON, directory=directory)
    return answer.cadre_id, answer.ground


def test_answers_for_an_absent_handler_is_the_stand_in() -> None:
    assert ask(away(HANDLER, STAND_IN)) == (STAND_IN, Ground.STAND_IN)


def test_answers_for_an_absent_stand_in_is_the_head() -> None:
    circle = (away(HANDLER, STAND_IN), away(STAND_IN, HANDLER))

    assert ask(*circle) == (HEAD, Ground.UNIT_HEAD)


def test_answers_for_a_unit_whose_head_is_away_too_is_the_head_above() -> None:
    gone = (away(HANDLER, HEAD), away(HEAD, HANDLER))

    assert ask(*gone) == (ABOVE, Ground.HEAD_ABOVE)


def test_answers_for_nobody_above_is_the_last_resort() -> None:
    assert ask(holders=[], unit_id=None) == (DISPATCHER, Ground.LAST_RESORT)


def test_answers_for_the_accused_unit_lies_outside_it() -> None:
    assert ask(exclude_units={2}) == (ABOVE, Ground.HEAD_ABOVE)


def test_answers_for_the_accused_is_never_their_stand_in() -> None:
    assert ask(away(HANDLER, STAND_IN), exclude_cadres={HANDLER}) == (HEAD, Ground.UNIT_HEAD)


def test_answers_for_an_accusation_is_the_liaison_alone() -> None:
    assert ask(sealed=True) == (LIAISON, Ground.LIAISON)
    assert ask(away(LIAISON, HEAD), sealed=True) == (None, Ground.NOBODY)


def test_answers_for_an_accused_district_is_nobody_of_it() -> None:
    directory = Directory(1, [ROOT, STREET], PEOPLE[:4], [])

    answer = answers_for([HANDLER], 2, ON, exclude_units={1}, directory=directory)

    assert (answer.cadre_id, answer.unit_id, answer.is_red) == (None, None, True)
