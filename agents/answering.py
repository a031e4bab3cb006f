"""Who answers for this now? Exactly one answer, whoever is away, has left or is shut out.

Everything that asks whose a case is at this moment asks here: pages, notices, the petitioner's
progress, lists of what is nobody's.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import models
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from agents.directory import Directory
from agents.models import Unit
from agents.question import NEVER_ASKED, Question
from agents.roles import Role


class Ground(models.TextChoices):
    """Why it is this one, in the order in which they are asked."""

    HOLDER = "holder", _("It is in their hands.")
    STAND_IN = "stand_in", _("Stands in for who is away.")
    # Translators: 承办人不能承办，由单位负责人负责。
    UNIT_HEAD = "unit_head", _("Nobody who holds it can: it falls to the unit's head.")
    # Translators: 本单位无人能负责，由上级单位负责人负责。
    HEAD_ABOVE = "head_above", _("Nobody of the unit can: it falls to the head above.")
    # Translators: 由区级兜底单位负责。
    LAST_RESORT = "last_resort", _("Nobody above can: it falls to the last resort.")
    # Translators: 兜底单位也无人在岗，由在岗的其他人员负责。
    ANYBODY = "anybody", _("The last resort has nobody present: it falls to whoever is.")
    LIAISON = "liaison", _("Sealed: the discipline liaison alone.")
    # Translators: 现在无人能负责，请指定人员。
    NOBODY = "nobody", _("Nobody can answer for this now: name somebody.")


@dataclass(frozen=True)
class Answer:
    """The one who answers. `instead_of`: for whom they stand in.

    `cadre_id` is None only if nobody in service is present and may; `unit_id` is then the unit
    that has to name somebody, None if all are shut out: a matter for the organ above.
    """

    cadre_id: int | None
    unit_id: int | None
    ground: Ground
    instead_of: int | None = None

    @property
    def is_red(self) -> bool:
        """Nobody whose task it is can answer: somebody must be named."""
        return self.ground in (Ground.ANYBODY, Ground.NOBODY)

    def sentence(self, directory: Directory) -> Any:
        """Why it is this one, for a page."""
        absent = directory.cadres.get(self.instead_of or 0)
        if absent is not None:
            # Translators: {name}离岗，由其代岗。
            return format_lazy(_("Stands in for {name}, who is away."), name=absent.name)
        return self.ground.label


def answers_for(
    holders: Iterable[int | None],
    unit_id: int | None,
    on: date,
    *,
    exclude_units: Collection[int] = (),
    exclude_cadres: Collection[int] = (),
    sealed: bool = False,
    directory: Directory | None = None,
) -> Answer:
    """Who answers on that day for what `holders` (first to last) of the unit have in their hands.

    A holder who can, or who stands in for them; the head of the unit; the heads of those above;
    whoever the last resort has; anybody present. Never one who is away, has left, is excluded or
    belongs to an excluded unit. What is sealed is the liaison's alone. Asks as `rank` does.
    """
    question = Question(on, directory or Directory.current(), exclude_units, exclude_cadres)
    if sealed:
        return _liaison(question)
    return next(_answers(question, holders, unit_id))


def _answers(
    question: Question, holders: Iterable[int | None], unit_id: int | None
) -> Iterator[Answer]:
    named = [holder for holder in holders if holder is not None]
    yield from _acting(question, unit_id, named, Ground.HOLDER)
    for above in _upwards(question.directory, unit_id):
        if question.is_open(above):
            ground = Ground.UNIT_HEAD if above == unit_id else Ground.HEAD_ABOVE
            yield from _acting(question, above, question.directory.heads(above), ground)
    yield from _without_unit(question)
    yield Answer(None, next(question.resorts(), None), Ground.NOBODY)


def _without_unit(question: Question) -> Iterator[Answer]:
    """Those of the last resort, then anybody at all."""
    for resort in question.resorts():
        found = question.present_in(resort)
        if found is not None:
            yield Answer(found, resort, Ground.LAST_RESORT)
    for anybody in _everybody(question.directory):
        if question.can_take(anybody):
            home = question.directory.cadres[anybody].unit_id
            yield Answer(anybody, home, Ground.ANYBODY)


def _acting(
    question: Question, unit_id: int | None, cadres: Iterable[int], ground: Ground
) -> Iterator[Answer]:
    for cadre_id in cadres:
        acting = question.acting(cadre_id)
        if acting == cadre_id:
            yield Answer(cadre_id, unit_id, ground)
        elif acting is not None:
            own = Ground.STAND_IN if ground == Ground.HOLDER else ground
            yield Answer(acting, unit_id, own, instead_of=cadre_id)


def _upwards(directory: Directory, unit_id: int | None) -> list[int]:
    """The unit and those above it. By its path, which ends: a circle of parents would not."""
    unit = directory.units.get(unit_id or 0)
    return [one for one in reversed(unit.path) if one] if unit else []


def _everybody(directory: Directory) -> Iterator[int]:
    """Whoever handles cases, those who decide first."""
    for role in (Role.LEADER, Role.UNIT_HEAD, Role.DISPATCHER, Role.HANDLER):
        yield from directory.holders(role)
    for cadre in directory.cadres.values():
        if cadre.roles and cadre.roles.isdisjoint(NEVER_ASKED):
            yield cadre.id


def _liaison(question: Question) -> Answer:
    """The liaison in person: the sealed box is never handed on."""
    directory = question.directory
    for cadre_id in directory.holders(Role.LIAISON):
        is_here = not directory.is_absent(cadre_id, question.on)
        if is_here and not question.is_kept_out(cadre_id):
            return Answer(cadre_id, directory.cadres[cadre_id].unit_id, Ground.LIAISON)
    organs = (unit.id for unit in directory.units.values() if unit.kind == Unit.Kind.DISCIPLINE)
    keeper = next((one for one in organs if question.is_open(one)), None)
    return Answer(None, keeper, Ground.NOBODY)
