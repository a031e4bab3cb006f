"""Factories of rows for tests, in the order of the apps. Names are invented."""

from datetime import date, datetime
from typing import Any

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from agents.models import (
    Absence,
    Area,
    Cadre,
    Category,
    Charge,
    Correspondence,
    Station,
    Team,
    TeamMember,
    Unit,
)
from agents.roles import Role
from petitions.codes import Channel
from petitions.intake import CaseData, register_petition
from petitions.models import Petition, Petitioner
from petitions.people import PersonData
from workflow.actors import Actor
from workflow.models import SameCauseGroup
from workflow.reference import loading

# --- agents -----------------------------------------------------------------------------------


class AreaFactory(DjangoModelFactory):
    """A province; give `parent` for what lies below."""

    class Meta:
        model = Area

    code = factory.Sequence(lambda n: f"{n + 1:012d}")
    name = factory.Sequence(lambda n: f"地区{n}")
    parent = None


def make_street(name: str = "古城街道") -> Area:
    """A street, four levels down as in the official table."""
    area = AreaFactory(name="北京市")
    for below in ("市辖区", "石景山区", name):
        area = AreaFactory(name=below, parent=area)
    return area


class CategoryFactory(DjangoModelFactory):
    """A first-level category; give `parent` for what lies below."""

    class Meta:
        model = Category

    code = factory.Sequence(lambda n: f"K{n}")
    name = factory.Sequence(lambda n: f"类别{n}")
    parent = None


class CorrespondenceFactory(DjangoModelFactory):
    """A category of another scheme, which the office does not file under, proposed as its own."""

    class Meta:
        model = Correspondence

    foreign = factory.SubFactory(CategoryFactory, scheme="foreign", is_active=False)
    own = factory.SubFactory(CategoryFactory)


class UnitFactory(DjangoModelFactory):
    """A unit without a parent; give `parent` for what lies below, at most three deep."""

    class Meta:
        model = Unit

    code = factory.Sequence(lambda n: f"U{n}")
    name = factory.Sequence(lambda n: f"单位{n}")
    kind = Unit.Kind.DEPARTMENT
    parent = None


class CadreFactory(DjangoModelFactory):
    """A cadre of a unit of their own, with password "demo"; `roles=[Role.CLERK]` grants."""

    class Meta:
        model = Cadre
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"cadre{n}")
    name = factory.Sequence(lambda n: f"干部{n}")
    unit = factory.SubFactory(UnitFactory)
    password = factory.django.Password("demo")

    @factory.post_generation
    def roles(self, create: bool, extracted: Any, **kwargs: Any) -> None:
        if create and extracted:
            self.grant(*extracted)  # type: ignore[attr-defined]


class ChargeFactory(DjangoModelFactory):
    """A charge over everything, everywhere, since 2024, taken by the unit's head."""

    class Meta:
        model = Charge

    unit = factory.SubFactory(UnitFactory)
    valid_from = date(2024, 1, 1)


class TeamFactory(DjangoModelFactory):
    """A block of a unit of its own, without members."""

    class Meta:
        model = Team

    unit = factory.SubFactory(UnitFactory)
    name = factory.Sequence(lambda n: f"街区{n}")
    kind = Team.Kind.BLOCK


class MemberFactory(DjangoModelFactory):
    """A member since 2024, of the team's unit."""

    class Meta:
        model = TeamMember

    team = factory.SubFactory(TeamFactory)
    cadre = factory.SubFactory(CadreFactory, unit=factory.SelfAttribute("..team.unit"))
    valid_from = date(2024, 1, 1)


class AbsenceFactory(DjangoModelFactory):
    """Away in the last week of November 2026."""

    class Meta:
        model = Absence

    cadre = factory.SubFactory(CadreFactory)
    stand_in = factory.SubFactory(CadreFactory)
    starts_on = date(2026, 11, 23)
    ends_on = date(2026, 11, 29)


class StationFactory(DjangoModelFactory):
    """A station of a street; give the `area`, a street."""

    class Meta:
        model = Station

    kind = Station.Kind.STATION
    name = factory.Sequence(lambda n: f"代理站{n}")
    unit = factory.SubFactory(UnitFactory)
    address = "古城南路1号"
    phone = "010-88600000"
    hours = "工作日 9:00-17:00"


# --- petitions --------------------------------------------------------------------------------


class PetitionerFactory(DjangoModelFactory):
    """A person with a name and a telephone of their own; no identity paper."""

    class Meta:
        model = Petitioner

    name = "王建国"
    phone = factory.Sequence(lambda n: f"138{n:08d}")


class SameCauseGroupFactory(DjangoModelFactory):
    """A same-cause group without cases."""

    class Meta:
        model = SameCauseGroup

    name = "八号楼停暖"
    created_by = factory.SubFactory(CadreFactory)
    created_at = factory.LazyFunction(timezone.now)


def make_case(
    now: datetime,
    *,
    clerk: Cadre | None = None,
    person: PersonData | None = None,
    representatives: tuple[PersonData, ...] = (),
    points: tuple[str, ...] = ("修好路灯",),
    **facts: Any,
) -> Petition:
    """A case registered at `now` by a clerk, through intake. Later states: perform the steps."""
    loading.load_rules({})
    loading.load_triggers()
    clerk = clerk or CadreFactory(roles=[Role.CLERK])
    given: dict[str, Any] = {
        "channel": Channel.VISIT,
        "received_at": now,
        "demand": "楼前的路灯坏了三个月，请尽快修好。",
        **facts,
        "problem_area": facts.get("problem_area") or AreaFactory(),
    }
    return register_petition(
        person=person
        or PersonData(name="王建国", phone="13812345678", address="古城街道南路社区1号"),
        facts=CaseData(**given),
        representatives=representatives,
        points=points,
        actor=Actor.of(clerk, now),
        now=now,
    )
