"""Which petitions: the one read rule (`visible_to`) and the filters people need.

HTML, API, files, exports, counts and search all start at `visible_to`; nothing else decides who
may see a case.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import BooleanField, F, Func, Q
from django.db.models.expressions import RawSQL, Subquery
from django.utils import timezone

from agents.directory import Directory
from agents.roles import ADMIN_ROLES, Role
from petitions import identity
from petitions.codes import GROUP_SIZE
from petitions.models.order import CityOrder
from petitions.models.petition_indexes import classified
from petitions.models.petitioner import Petitioner, id_index, name_index, phone_index
from petitions.models.representative import Representative
from petitions.numbering import read_number
from workflow.actors import Actor
from workflow.calendar import ZONE, day_of
from workflow.codes import Completion
from workflow.models import Call, CoAgent
from workflow.permissions import OVERSEERS as SCOPE_ROLES
from workflow.steps import OPEN_STATES, State

if TYPE_CHECKING:
    from petitions.models import Petition  # noqa: F401

HOLDER_ROLES = frozenset({Role.HANDLER, Role.AGENT})
"""Who sees the cases they, or those they stand in for today, hold."""
CALLABLE_ROLES = HOLDER_ROLES | {Role.UNIT_HEAD}
"""Who may be called into a case that another unit leads."""
NONE = Q(pk__in=())
"""What no row fulfils."""
IS_OPEN = Q(state__in=[RawSQL(f"'{state.value}'", ()) for state in OPEN_STATES])  # noqa: S611
IS_GROUP = Q(head_count__gte=RawSQL(str(GROUP_SIZE), ()))  # noqa: S611 - our own constants
WAS_RETURNED = Q(hops__gte=RawSQL("1", ()))
TWICE_RETURNED = Q(hops__gte=RawSQL("2", ()))
_IS_REGISTERED = Q(state=RawSQL(f"'{State.REGISTERED.value}'", ()))  # noqa: S611
_CLASSIFIED = classified(lambda value: RawSQL(f"{value!r}", ()))  # noqa: S611
IS_READY = _IS_REGISTERED & _CLASSIFIED
IS_INCOMPLETE = _IS_REGISTERED & ~_CLASSIFIED
IS_REPORTED = Q(completion=RawSQL(f"'{Completion.REPORTED.value}'", ()))  # noqa: S611
IS_SUPERVISED = Q(supervision__gt=RawSQL("''", ()))
IS_HEARD = Q(state=RawSQL(f"'{State.FOLLOW_UP.value}'", ())) & (  # noqa: S611
    Q(explained_close=True)
    | Q(unreachable=True)
    | Q(rating__gt=RawSQL("''", ()))
    | Q(visit_satisfaction__gt=RawSQL("''", ()))
    | Q(resolved__gt=RawSQL("''", ()))
    | Q(failed_days__gte=RawSQL("3", ()))
)
"""Written out, not handed over as values: only so does a prepared plan use the indexes of the open
cases, and of the few that are groups, have come back by an objection or by two, can be dispatched
or are to be classified first, wait with a completion report, are under a supervision order, or of
whose petitioner, in follow-up, something is known."""
SOON = timedelta(days=3)
"""What lists and figures call "due within three days"; lamps go by the rule of each term."""
MOST_PEOPLE = 2000
"""People of one name whose petitions are looked up, those registered last; there is hardly a
district in which more bear the same."""


class AmongThese(Func):
    """`key IN (SELECT ...)` of few rows, which a database may take as an index condition beside
    others joined by OR: PostgreSQL does so only when the rows are an array made beforehand.
    """

    output_field = BooleanField()
    conditional = True

    def __init__(self, key: Any, rows: models.QuerySet[Any]) -> None:
        super().__init__(key, Subquery(rows))

    def as_sql(  # type: ignore[override]
        self, compiler: Any, connection: Any, **_context: Any
    ) -> tuple[str, Any]:
        """Any database that has no arrays."""
        return self._written(compiler, "{} IN {}")

    def as_postgresql(self, compiler: Any, connection: Any, **_context: Any) -> tuple[str, Any]:
        """As an array, which is read once."""
        return self._written(compiler, "{} = ANY (ARRAY{})")

    def _written(self, compiler: Any, template: str) -> tuple[str, Any]:
        key, rows = (compiler.compile(one) for one in self.get_source_expressions())
        return template.format(key[0], rows[0]), (*key[1], *rows[1])


class PetitionQuerySet(models.QuerySet["Petition"]):
    """Petitions, narrowed step by step."""

    def visible_to(
        self, user: Any, now: datetime | None = None, directory: Directory | None = None
    ) -> Self:
        """THE read rule: what `user` may see at `now`. Nothing, when in doubt.

        `directory`: the one of this moment, if the caller has read it already.

        - Administrators and the auditor see no case (三员, GB/T 22239 level 3).
        - The liaison sees sealed accusations only, and never one against themselves, their
          unit or a unit above it; nobody else sees a sealed case.
        - Those who oversee see what lies within their office's scope: one equality on the
          column of its level, which the indexes of every list begin with.
        - Handlers and agents see what they or those they stand in for hold; agents as long as
          their mandate, where there is one, is neither ended nor over; further agents of a joint
          mandate from its signing on.
        - Who answers for a unit that was called into a case, and its head, see that case until it
          ends or goes back to the office (`Call.is_over`).
        - Who makes decisions in the place of an absent sees, as long as that lasts, what lies
          within the absent's scope.
        - Nobody sees a case in which they are the accused.
        """
        rows, arms = self.visible_in_arms(user, now, directory)
        return rows.filter(any_of(arms))

    def visible_in_arms(
        self, user: Any, now: datetime | None = None, directory: Directory | None = None
    ) -> tuple[Self, list[Q]]:
        """The same rule in two parts: rows, and the alternatives of which each must fulfil one.

        Each alternative begins an index of its own: lists read them apart (`branches`).
        """
        if not getattr(user, "is_active", False) or user.pk is None:
            return self.none(), []
        directory = directory or Directory.current()
        now = now or timezone.now()
        day = day_of(now)
        return self.seen_by(Actor.of(user, now, directory), directory, day)

    def seen_by(self, actor: Actor, directory: Directory, day: date) -> tuple[Self, list[Q]]:
        """The same for an actor of that day, who has no roles when no longer active."""
        if not actor.roles or actor.has(*ADMIN_ROLES):
            return self.none(), []
        allowed = self.exclude(accused_cadre_id__in=sorted(actor.selves))
        if sees_sealed(actor):
            own = [unit for unit in actor.path if unit]
            return allowed.filter(sealed=True).exclude(accused_unit_id__in=own), []
        return allowed.filter(sealed=False), _arms(actor, directory, day)

    def with_document_facts(self) -> Self:
        """Read along what `Petition.document_facts` tells every paper."""
        return self.select_related("petitioner")

    # Where they stand ----------------------------------------------------------------------

    def open(self) -> Self:
        """Not ended."""
        return self.filter(state__in=OPEN_STATES)

    def in_state(self, *states: str) -> Self:
        """In one of these states."""
        return self.filter(state__in=states)

    def overdue(self, now: datetime) -> Self:
        """A clock has run out. Cases without a running clock are due in the year 9999."""
        return self.filter(due_at__lt=now)

    def due_within(self, now: datetime, span: timedelta) -> Self:
        """Not overdue, but due before `span` has passed."""
        return self.filter(due_at__gte=now, due_at__lt=now + span)

    def current(self) -> Self:
        """Without records taken over from earlier years: what today's measures count."""
        return self.filter(is_history=False)

    # What they are -------------------------------------------------------------------------

    def of_class(self, petition_class: str) -> Self:
        """Suggestions, accusations or appeals."""
        return self.filter(petition_class=petition_class)

    def through(self, channel: str) -> Self:
        """Filed through this channel."""
        return self.filter(channel=channel)

    def of_urgency(self, urgency: str) -> Self:
        """Of this level of urgency."""
        return self.filter(urgency=urgency)

    def repeat(self, wanted: bool = True) -> Self:
        """Repeat petitions, or first ones."""
        return self.filter(is_repeat=wanted)

    def group(self, wanted: bool = True) -> Self:
        """Group petitions (five people or more), or the others."""
        return self.filter(IS_GROUP if wanted else ~IS_GROUP)

    def received_between(self, first: date | None, last: date | None) -> Self:
        """Received from the day `first` to the day `last`, both included, in the office's zone."""
        found = self
        if first is not None:
            found = found.filter(received_at__gte=datetime.combine(first, time.min, ZONE))
        if last is not None:
            end = datetime.combine(last + timedelta(days=1), time.min, ZONE)
            found = found.filter(received_at__lt=end)
        return found

    def imported_in(self, run_id: int) -> Self:
        """Made by this import."""
        return self.filter(import_run_id=run_id)

    # Whose they are ------------------------------------------------------------------------

    def handled_by(self, cadre_id: int) -> Self:
        """Whose handler is this cadre."""
        return self.filter(handler_id=cadre_id)

    def agent_is(self, cadre_id: int) -> Self:
        """Whose agent is this cadre."""
        return self.filter(agent_id=cadre_id)

    def with_cadre(self, cadre_id: int) -> Self:
        """Held by this cadre as handler or as agent."""
        return self.filter(any_of(held_arms([cadre_id])))

    def held_by(self, user: Any, now: datetime) -> Self:
        """ "Mine": held as handler, agent or further agent, own or as a stand-in today."""
        return self.filter(any_of(own_arms(Actor.of(user, now), now)))

    def at_unit(self, unit_id: int) -> Self:
        """For which this unit or one below it is responsible."""
        unit = Directory.current().units.get(unit_id)
        if unit is None:
            return self.none()
        return self.filter(**{f"unit_l{unit.depth}": unit.id})

    # Looked up -----------------------------------------------------------------------------

    def by_number(self, text: str) -> Self:
        """The petition with this number, however it is typed; none if the check digit is wrong."""
        number = read_number(text)
        return self.filter(number=number) if number else self.none()

    def by_person(self, text: str) -> Self:
        """Of the main petitioner or a representative with exactly this name, telephone or paper."""
        called = people_called(text).order_by("-pk").values_list("pk", flat=True)
        people = list(called[:MOST_PEOPLE])
        represented = Representative.objects.filter(petitioner__in=people)
        cases = list(represented.values_list("petition_id", flat=True))
        own = Q(petitioner__in=people)
        # An OR only where it is needed: most people represent nobody.
        return self.filter(own | Q(pk__in=cases)) if cases else self.filter(own)

    def search(self, text: str) -> Self:
        """By number if `text` reads as one, by the city's order number, else by person."""
        number = read_number(text)
        # An order number of digits only may pass for one of ours; ours is written with hyphens.
        orders = [] if number and number == text.strip() else orders_numbered(text)
        if orders:
            return self.filter(Q(pk__in=orders) | Q(number=number or ""))
        return self.filter(number=number) if number else self.by_person(text)


def orders_numbered(text: str) -> list[int]:
    """The ids of the petitions that came as the city's order of this number, by its own index."""
    if not any(c.isdigit() for c in text):
        return []
    if identity.looks_like_phone(text) or identity.looks_like_resident_id(text):
        return []
    number = identity.fold_line(text)
    orders = CityOrder.objects.filter(number__in={number, number.upper(), number.lower()})
    return list(orders.values_list("petition_id", flat=True)[:MOST_PEOPLE])


def people_called(text: str) -> models.QuerySet[Petitioner]:
    """Petitioners whose identity number, telephone or name is exactly `text`, by its form."""
    if identity.looks_like_resident_id(text):
        return Petitioner.objects.filter(id_index=id_index(text))
    if identity.looks_like_phone(text):
        return Petitioner.objects.filter(phone_index=phone_index(text))
    if any(c.isdigit() for c in text):
        return Petitioner.objects.filter(id_index=id_index(text)).exclude(id_index="")
    return Petitioner.objects.filter(name_index=name_index(text)).exclude(name_index="")


def sees_sealed(actor: Actor) -> bool:
    """Whether the actor sees sealed accusations, and nothing else."""
    return actor.has(Role.LIAISON)


def _arms(actor: Actor, directory: Directory, day: date) -> list[Q]:
    """The alternatives by which an actor who isn't the liaison sees the register."""
    scopes = _scopes(actor, directory)
    if not scopes:
        return [*_acting_arms(actor, day), *called_arms(actor)]
    arms = [Q(**{f"unit_l{depth}": scope_id}) for depth, scope_id in scopes]
    # An OR across columns costs three times the equality, so only those pay for it who can hold
    # a case outside their scope, or be called into one: nobody who oversees the whole district,
    # and no mere clerk.
    if scopes[0][0] == 1:
        return arms
    held = _acting_arms(actor, day) if _may_hold(actor, directory) else []
    return [*arms, *held, *called_arms(actor)]


def _scopes(actor: Actor, directory: Directory) -> list[tuple[int, int]]:
    """Depth and id of what the actor oversees, in their own right and in others' place: the
    widest first, and none that lies within another.
    """
    overseers = [one for one in (actor, *actor.in_place) if one.has(*SCOPE_ROLES)]
    found = {one.scope_id for one in overseers if one.scope_depth}
    units = [directory.units[unit_id] for unit_id in found]
    return sorted(
        (unit.depth, unit.id) for unit in units if found.isdisjoint({*unit.path} - {unit.id})
    )


def any_of(arms: Iterable[Q]) -> Q:
    """The alternatives as one condition."""
    return reduce(or_, arms, Q())


def holders(actor: Actor) -> list[int]:
    """The actor and those they stand in for today."""
    return sorted(actor.covers | {actor.id or 0})


def held_arms(cadre_ids: Iterable[int]) -> list[Q]:
    """Held by one of them, as handler or as agent."""
    ids = list(cadre_ids)
    return [Q(handler_id=one) for one in ids] + [Q(agent_id=one) for one in ids]


def joint_arm(cadre_ids: Iterable[int], day: date) -> Q:
    """Whose further agent one of them is, by a joint mandate in force on that day."""
    joint = CoAgent.objects.filter(cadre__in=cadre_ids, ended_at=None, began_at__isnull=False)
    running = joint.filter(Q(until=None) | Q(until__gte=day))
    return Q(AmongThese(F("id"), running.values("case")))


def own_arms(actor: Actor, now: datetime) -> list[Q]:
    """ "Mine": held by the actor or those they stand in for, or theirs as a further agent."""
    ids = holders(actor)
    return [*held_arms(ids), joint_arm(ids, day_of(now))]


def _acting_arms(actor: Actor, day: date) -> list[Q]:
    """What handlers and agents see: held, with a mandate only until its last day; and as a further
    agent of a joint mandate in force.
    """
    ids = holders(actor)
    running = Q(mandate_until=None) | Q(mandate_until__gte=day)
    return [
        *(Q(handler_id=one) for one in ids),
        *(Q(agent_id=one) & running for one in ids),
        joint_arm(ids, day),
    ]


def called_arms(actor: Actor) -> list[Q]:
    """Called into it: as the cadre named for the unit, or as its head. Nothing for others."""
    able = [one for one in (actor, *actor.in_place) if one.has(*CALLABLE_ROLES)]
    if not able:
        return []
    units = sorted({one.unit_id for one in able if one.has(Role.UNIT_HEAD)})
    calls = Call.seen_by(holders(actor), units)
    return [Q(AmongThese(F("id"), calls.values("case")))]


def _may_hold(actor: Actor, directory: Directory) -> bool:
    known = directory.cadres
    return any(known[one].roles & HOLDER_ROLES for one in actor.covers if one in known)
