"""The cast: a small district with one person for every part. What they do: `tests/driving.py`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.contrib.auth.hashers import make_password

from agents.models import Area, Cadre, Category, RoleGrant, Stamp, Unit
from agents.roles import Role
from workflow.actors import SYSTEM, Actor
from workflow.models import Holiday
from workflow.reference import loading
from workflow.reference.holidays import SHIPPED, read_holidays
from workflow.terms import CALENDAR

KIND = Unit.Kind
#: key -> kind, key of the parent, whether it oversees the whole district.
UNITS: dict[str, tuple[str, str, bool]] = {
    "root": (KIND.DISTRICT, "", False),
    "office": (KIND.OFFICE, "root", True),
    "street": (KIND.STREET, "root", False),
    "community": (KIND.COMMUNITY, "street", False),
    "department": (KIND.DEPARTMENT, "root", False),
    "discipline": (KIND.DISCIPLINE, "root", False),
    "sampling": (KIND.SAMPLING, "root", True),
    "review": (KIND.REVIEW, "root", True),
}

#: key -> name, key of the unit, roles. The case of a test goes to the community, unless it says
#: otherwise, and names `accused` as the accused, who could do nearly everything but for that.
PEOPLE: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "clerk": ("陈窗口", "office", (Role.CLERK,)),
    "street_clerk": ("街道窗口", "street", (Role.CLERK,)),
    "dispatcher": ("派单员", "office", (Role.DISPATCHER,)),
    "handler": ("承办人", "community", (Role.HANDLER,)),
    "stand_in": ("代班人", "community", (Role.HANDLER,)),
    "agent": ("代理员", "community", (Role.AGENT,)),
    "head": ("社区书记", "community", (Role.UNIT_HEAD,)),
    "parent_head": ("街道主任", "street", (Role.UNIT_HEAD,)),
    "office_head": ("信访办主任", "office", (Role.UNIT_HEAD,)),
    "caller": ("回访员", "sampling", (Role.CALLER,)),
    "near_caller": ("社区回访员", "community", (Role.CALLER,)),
    "supervisor": ("督查员", "office", (Role.SUPERVISOR,)),
    "reviewer": ("复查员", "review", (Role.REVIEW_OFFICER,)),
    "leader": ("区领导", "root", (Role.LEADER,)),
    "liaison": ("纪检联络员", "discipline", (Role.LIAISON,)),
    "sysadmin": ("系统管理员", "office", (Role.SYSTEM_ADMIN,)),
    "secadmin": ("安全管理员", "office", (Role.SECURITY_ADMIN,)),
    "auditor": ("审计员", "office", (Role.AUDITOR,)),
    "stranger": ("外单位承办人", "department", (Role.HANDLER,)),
    "accused": (
        "被反映人",
        "sampling",
        (Role.CLERK, Role.DISPATCHER, Role.CALLER, Role.SUPERVISOR, Role.LEADER, Role.UNIT_HEAD),
    ),
}


class Cast:
    """The people (`cast.clerk`), the units (`cast.unit["office"]`), a place and a category."""

    def __init__(
        self, people: Mapping[str, Cadre], unit: Mapping[str, Unit], area: Area, category: Category
    ) -> None:
        self.people, self.unit, self.area, self.category = people, unit, area, category

    def __getattr__(self, name: str) -> Cadre:
        try:
            return self.people[name]
        except KeyError:
            raise AttributeError(name) from None

    def actor(self, name: str, now: datetime) -> Actor:
        """The actor of that name; "petitioner" and "system" act too."""
        if name == "system":
            return SYSTEM
        return Actor.petitioner() if name == "petitioner" else Actor.of(self.people[name], now)


#: The official days of the tests' own year; a test that counts in another loads the calendar.
HOLIDAYS = [row for row in read_holidays(SHIPPED) if row[3] == 2026]


def build_cast() -> Cast:
    """Store the district, the rule table and this year's calendar. The password is "demo"."""
    loading.load_rules({})
    loading.load_triggers()
    Holiday.objects.bulk_create(
        Holiday(day=day, name=name, is_off=off, year_file=year) for day, name, off, year in HOLIDAYS
    )
    Stamp.bump(CALENDAR)
    unit, password = _store_units(), make_password("demo")
    people = {
        key: Cadre(username=key, name=name, unit=unit[place], password=password)
        for key, (name, place, _roles) in PEOPLE.items()
    }
    Cadre.objects.bulk_create(people.values())
    RoleGrant.objects.bulk_create(
        RoleGrant(cadre=people[key], role=role)
        for key, (_name, _place, roles) in PEOPLE.items()
        for role in roles
    )
    area = Area.objects.create(code="110107001000", name="八宝山街道")
    category = Category.objects.create(code="T1", name="城乡建设")
    return Cast(people, unit, area, category)


def _store_units() -> dict[str, Unit]:
    """The units with the paths that `Unit.save` would give them, in a quarter of its queries."""
    unit: dict[str, Unit] = {}
    for depth in (1, 2, 3):
        level = {
            key: Unit(code=key, name=f"{key}甲", kind=kind, parent=unit.get(parent), depth=depth)
            for key, (kind, parent, _oversees) in UNITS.items()
            if key not in unit and (not parent or parent in unit)
        }
        Unit.objects.bulk_create(level.values())
        for one in level.values():
            path = list(one.parent.path if one.parent else (0, 0, 0))
            path[depth - 1] = one.pk
            one.l1, one.l2, one.l3 = path
        unit |= level
    for key, (_kind, _parent, oversees) in UNITS.items():
        unit[key].oversees = unit["root"] if oversees else None
    unit["office"].is_last_resort = True
    Unit.objects.bulk_update(unit.values(), ["l1", "l2", "l3", "oversees", "is_last_resort"])
    return unit
