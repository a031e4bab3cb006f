"""Cases passed from unit to unit: `receive`, `object_to`, `rule`, each at its own moment."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from agents.models import Cadre
from agents.roles import Role
from petitions.models import Petition
from tests.cast import Cast
from tests.factories import CadreFactory, UnitFactory
from workflow import engine
from workflow.actors import Actor
from workflow.codes import Way


def department(cast: Cast, name: str) -> Cadre:
    """The one cadre of a new department: heads it, and handles what comes to it."""
    unit = UnitFactory(name=name, parent=cast.unit["root"])
    cadre: Cadre = CadreFactory(
        unit=unit, name=f"{name[0]}主任", roles=[Role.HANDLER, Role.UNIT_HEAD]
    )
    return cadre


def receive(case: Petition, by: Cadre, cast: Cast, now: datetime, **data: Any) -> Petition:
    """The office dispatches the case to that cadre's unit."""
    given: dict[str, Any] = {
        "unit": by.unit, "handler": by, "agent": by, "way": Way.TRANSFER, **data,
    }  # fmt: skip
    return _done(case, "dispatch", cast.actor("dispatcher", now), now, **given)


def object_to(case: Petition, by: Cadre, now: datetime, **data: Any) -> Petition:
    """The unit says: not ours."""
    given: dict[str, Any] = {"reason_code": "NOT_COMPETENT", "proof": "职责清单第三条", **data}
    return _done(case, "object", Actor.of(by, now), now, **given)


def rule(case: Petition, cast: Cast, now: datetime, *, upheld: bool = True) -> Petition:
    """The dispatcher rules, from the second hop on the leader."""
    ruler = cast.actor("leader" if case.hops else "dispatcher", now)
    name = "uphold_objection" if upheld else "reject_objection"
    return _done(case, name, ruler, now, reason="理由成立" if upheld else "首接负责")


def pass_on(case: Petition, by: Cadre, cast: Cast, now: datetime) -> Petition:
    """The unit receives the case, objects, and is right; all at one moment."""
    case = receive(case, by, cast, now)
    return rule(object_to(case, by, now), cast, now)


def _done(case: Petition, name: str, actor: Actor, now: datetime, **data: Any) -> Petition:
    after: Any = engine.perform(case.pk, name, actor=actor, now=now, **data)
    return after  # type: ignore[no-any-return]
