"""Factories of rows for tests, in the order of the apps. Names are invented."""

from datetime import date
from typing import Any

import factory
from factory.django import DjangoModelFactory

from agents.models import Absence, Area, Cadre, Category, Charge, Unit

# --- agents -----------------------------------------------------------------------------------


class AreaFactory(DjangoModelFactory):
    """A province; give `parent` for what lies below."""

    class Meta:
        model = Area

    code = factory.Sequence(lambda n: f"{n + 1:012d}")
    name = factory.Sequence(lambda n: f"地区{n}")
    parent = None


class CategoryFactory(DjangoModelFactory):
    """A first-level category; give `parent` for what lies below."""

    class Meta:
        model = Category

    code = factory.Sequence(lambda n: f"T{n}")
    name = factory.Sequence(lambda n: f"类别{n}")
    parent = None


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


class AbsenceFactory(DjangoModelFactory):
    """Away in the last week of November 2026."""

    class Meta:
        model = Absence

    cadre = factory.SubFactory(CadreFactory)
    stand_in = factory.SubFactory(CadreFactory)
    starts_on = date(2026, 11, 23)
    ends_on = date(2026, 11, 29)
